"""What candidates and results are told by: to who sees them in full, to others name, tier and who looks after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, func, select, text

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.customers.store.identity import group_array, survivor
from services.customer.customers.store.scope import is_visible
from services.customer.customers.tables import customer, customer_identifier, customer_name
from services.customer.finding.rules.telling import Told
from services.customer.matching.rules.search_words import after

_c = customer.c
_merged = customer.alias("merged")
_IDS = bindparam("ids", type_=ARRAY(Uuid()))


@dataclass(frozen=True, slots=True)
class Spelled:
    """All names of a customer, the legal one first, and its identifiers: what a query is compared with."""

    id: UUID
    legal_name: str
    other_names: list[str]
    identifiers: list[str]


SPELLED = prepared(
    select(
        _c.id,
        _c.legal_name,
        func.array(
            select(customer_name.c.name)
            .where(customer_name.c.customer_id == any_(group_array(_c.id)))
            .union_all(
                select(_merged.c.legal_name)
                .where(survivor(_merged) == _c.id, _merged.c.id != _c.id)
                .correlate_except(_merged)
            )
            .scalar_subquery()
        ).label("other_names"),
        func.array(
            select(customer_identifier.c.value)
            .where(customer_identifier.c.customer_id == any_(group_array(_c.id)))
            .scalar_subquery()
        ).label("identifiers"),
    ).where(_c.id == any_(_IDS)),
    into=Spelled,
)
TOLD = prepared(
    select(
        _c.id,
        is_visible().label("visible"),
        *(_c.legal_name, _c.tier, _c.account_manager_id, _c.kind, _c.country, _c.city),
    ).where(_c.id == any_(_IDS)),
    into=Told,
)
BEGINNING = prepared(
    text(
        """
SELECT DISTINCT coalesce(customer.merged_into_id, customer.id) AS id FROM customer WHERE id IN (
    (SELECT id FROM customer WHERE name_key >= :low AND name_key < :high ORDER BY name_key LIMIT :best)
    UNION
    (SELECT customer_id FROM customer_name WHERE name_key >= :low AND name_key < :high ORDER BY name_key LIMIT :best)
)
"""
    ).bindparams(bindparam("low", type_=Text()), bindparam("high", type_=Text()), bindparam("best", type_=Integer()))
)


async def beginning(tx: Questions, key: str, best: int) -> list[UUID]:
    """Return customers of which a name begins so."""
    return [row[0] for row in await tx.all(BEGINNING, low=key, high=after(key), best=best)]


async def spelled(tx: Questions, ids: Sequence[UUID]) -> list[Spelled]:
    """Return names and identifiers of customers, seen or not: for comparing, not for telling."""
    return await tx.all(SPELLED, ids=list(ids)) if ids else []


async def told(tx: Questions, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, Told]:
    """Return what may be told of customers."""
    rows = await tx.all(TOLD, viewer=viewer, ids=list(ids)) if ids else []
    return {row.id: row for row in rows}
