"""Writing newcomers in bulk, and asking what was imported already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, column, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.opportunity.entry.newcomers import Newcomer
from services.opportunity.entry.tables import import_record
from services.opportunity.opportunities.rules import search_form
from services.opportunity.opportunities.store.appending import StageChangeRow, TermsRow
from services.opportunity.opportunities.store.changes import change, changing, tell_new
from services.opportunity.opportunities.store.rows import Opportunity, columns
from services.opportunity.opportunities.tables import opportunity, principal_history, stage_change, terms_change


def _insert_all(table: Any, names: Sequence[str]) -> Any:
    return prepared(insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in names}))


_KEPT = [column.name for column in opportunity.c]
INSERT = _insert_all(opportunity, _KEPT)
INSERT_TERMS = _insert_all(terms_change, list(TermsRow.__dataclass_fields__))
INSERT_STAGES = _insert_all(stage_change, list(StageChangeRow.__dataclass_fields__))
INSERT_PRINCIPALS = _insert_all(
    principal_history,
    [
        "id",
        "opportunity_id",
        "principal_id",
        "from_at",
        "until_at",
        "recorded_at",
        "authority",
        "reason",
        "decided_by",
        "on_behalf_of",
    ],
)
TERMS_AT = prepared(
    select(*(terms_change.c[name] for name in TermsRow.__dataclass_fields__))
    .where(
        terms_change.c.opportunity_id == bindparam("opportunity_id"),
        terms_change.c.at <= bindparam("at"),
    )
    .order_by(terms_change.c.at.desc(), terms_change.c.id.desc())
    .limit(1),
    into=TermsRow,
)
LATE_TERMS = changing({}, terms_change, list(TermsRow.__dataclass_fields__))
_remember = upsert(import_record).values(
    {name: bindparam(name) for name in ("opportunity_id", "digest", "history", "at")}
)
REMEMBER = prepared(
    _remember.on_conflict_do_update(
        index_elements=["opportunity_id"],
        set_={name: _remember.excluded[name] for name in ("digest", "history", "at")},
    )
)
_wanted = (
    func.unnest(bindparam("systems", type_=ARRAY(Text())), bindparam("external_ids", type_=ARRAY(Text())))
    .table_valued(column("system", Text()), column("external", Text()))
    .render_derived(name="wanted")
)


@dataclass(frozen=True, slots=True)
class Imported(Opportunity):
    """An opportunity with what was last told of it."""

    digest: bytes | None
    history: bytes | None


PRESENT = prepared(
    columns()
    .add_columns(import_record.c.digest, import_record.c.history)
    .outerjoin(import_record, import_record.c.opportunity_id == opportunity.c.id)
    .join(
        _wanted,
        (opportunity.c.external_system == _wanted.c.system) & (opportunity.c.external_id == _wanted.c.external),
    )
    .order_by(opportunity.c.id)
    .with_for_update(of=opportunity),
    into=Imported,
)


async def lock_imported(tx: Writing, references: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Imported]:
    """Return those of the references that there are, locked until commit (for whoever may see everything)."""
    rows = await tx.all(
        PRESENT, systems=[system for system, _ in references], external_ids=[external for _, external in references]
    )
    return {(row.external_system or "", row.external_id or ""): row for row in rows}


async def insert_newcomers(tx: Writing, viewer: Viewer, newcomers: Sequence[Newcomer], authority: str) -> None:
    """Write newcomers with everything that they begin with."""
    rows = [one.opportunity for one in newcomers]
    await tx.execute_many(INSERT, [_values(row, _KEPT) | {"search_name": search_form(row.name)} for row in rows])
    await tx.execute_many(INSERT_PRINCIPALS, [p for one in newcomers for p in _principals(tx, viewer, one, authority)])
    await tx.execute_many(INSERT_TERMS, [_values(t, _TERMS) for one in newcomers for t in one.terms])
    await tx.execute_many(INSERT_STAGES, [_values(s, _STAGES) for one in newcomers for s in one.stages])
    await tell_new(tx, [row.id for row in rows])
    told = [(one.opportunity.id, one.told) for one in newcomers if one.told is not None]
    await tx.execute_many(
        REMEMBER,
        [
            {"opportunity_id": identifier, "digest": one.digest, "history": one.history_digest, "at": tx.now}
            for identifier, one in told
        ],
    )


async def terms_at(tx: Writing, opportunity_id: UUID, at: datetime) -> TermsRow:
    """Return the terms that held at an instant, not before the beginning."""
    return await tx.one(TERMS_AT, opportunity_id=opportunity_id, at=at)


async def append_late_terms(tx: Writing, row: TermsRow) -> int:
    """Keep terms that held before the present ones, which stand; return the new version."""
    return await change(tx, LATE_TERMS, _values(row, _TERMS))


async def remember(tx: Writing, opportunity_id: UUID, digest: bytes, history: bytes) -> None:
    """Keep what was told of an opportunity, so that the same again changes nothing."""
    await tx.execute(REMEMBER, opportunity_id=opportunity_id, digest=digest, history=history, at=tx.now)


_TERMS = list(TermsRow.__dataclass_fields__)
_STAGES = list(StageChangeRow.__dataclass_fields__)


def _values(row: object, names: Sequence[str]) -> dict[str, object]:
    return {name: getattr(row, name, None) for name in names}


def _principals(tx: Writing, viewer: Viewer, newcomer: Newcomer, authority: str) -> Iterator[dict[str, object]]:
    """Yield a row for each principal owner, from and until; the last one's has no end."""
    ends: list[datetime | None] = [each.from_at for each in newcomer.principals[1:]]
    for owned, until_at in zip(newcomer.principals, [*ends, None], strict=True):
        yield {
            "id": new_id(),
            "opportunity_id": newcomer.opportunity.id,
            "principal_id": owned.principal_id,
            "from_at": owned.from_at,
            "until_at": until_at,
            "recorded_at": tx.now,
            "authority": authority,
            "reason": owned.reason,
            "decided_by": viewer.person_id,
            "on_behalf_of": viewer.on_behalf_of,
        }
