"""What was imported before, by the other system's id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.rules.values import Reference
from services.customer.customers.store.identity import survivor
from services.customer.customers.tables import customer, import_record


@dataclass(frozen=True, slots=True)
class Known:
    """A customer of another system, whom it stands for, and the digests of what was last imported for it."""

    id: UUID
    stands_for: UUID
    external_system: str
    external_id: str
    digests: dict[str, str] | None


_asked = (
    func.unnest(bindparam("systems", type_=ARRAY(Text())), bindparam("ids", type_=ARRAY(Text())))
    .table_valued("system", "id")
    .render_derived()
)
KNOWN = prepared(
    select(
        *(customer.c.id, survivor().label("stands_for"), customer.c.external_system, customer.c.external_id),
        import_record.c.digests,
    )
    .select_from(customer.outerjoin(import_record, import_record.c.record_id == customer.c.id))
    .where(tuple_(customer.c.external_system, customer.c.external_id).in_(select(_asked.c.system, _asked.c.id))),
    into=Known,
)
_record = insert(import_record)
KEEP = prepared(
    _record.on_conflict_do_update(
        index_elements=["record_id"], set_={"digests": _record.excluded.digests, "at": _record.excluded.at}
    )
)


async def known(tx: Questions, references: Sequence[Reference]) -> dict[Reference, Known]:
    """Return those customers that the base has, by reference."""
    systems, ids = [one.system for one in references], [one.id for one in references]
    rows = await tx.all(KNOWN, systems=systems, ids=ids)
    return {Reference(row.external_system, row.external_id): row for row in rows}


def record_values(tx: Writing, record_id: UUID, digests: Mapping[str, str]) -> dict[str, Any]:
    """Return the row that remembers what was imported."""
    return {"record_id": record_id, "digests": dict(digests), "at": tx.now}
