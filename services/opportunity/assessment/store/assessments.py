"""Assessments of an opportunity: a chain, the last of which is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, case, func, insert, select, text, update

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.assessment.tables import assessment
from services.opportunity.opportunities.tables import opportunity
from services.opportunity.vocabulary import DIMENSIONS

_a, _o = assessment.c, opportunity.c


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """An assessment to be kept."""

    id: UUID
    opportunity_id: UUID
    supersedes_id: UUID | None
    model_number: int
    assessed_at: datetime
    recorded_at: datetime
    yes: list[str]
    no: list[str]
    remarks: dict[str, Any]
    note: str | None
    score: int
    score_most: int
    dimension_scores: list[int]
    dimension_mosts: list[int]
    value: str
    assessed_by: UUID | None
    recorded_by: UUID | None
    on_behalf_of: UUID | None
    external_system: str | None
    external_id: str | None
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment as it is kept; `stage_since` is when the opportunity's stage last changed, None where untold."""

    id: UUID
    opportunity_id: UUID
    sequence: int
    supersedes_id: UUID | None
    model_number: int
    assessed_at: datetime
    recorded_at: datetime
    yes: list[str]
    no: list[str]
    remarks: dict[str, Any]
    note: str | None
    score: int
    score_most: int
    value: str
    assessed_by: UUID | None
    recorded_by: UUID | None
    on_behalf_of: UUID | None
    external_system: str | None
    external_id: str | None
    is_current: bool
    stage_since: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an import said under a reference before."""

    id: UUID
    opportunity_id: UUID
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Known:
    """An opportunity that an import names."""

    id: UUID
    external_system: str | None
    external_id: str | None


_OWN = ("is_current", "stage_since")
_kept = select(
    *(_a[name] for name in Assessment.__dataclass_fields__ if name not in _OWN),
    (_a.id == _o.assessment_id).label("is_current"),
    case((_o.age_known, _o.stage_since)).label("stage_since"),
).select_from(assessment.join(opportunity, _o.id == _a.opportunity_id))
_of_opportunity = _a.opportunity_id == bindparam("opportunity_id", type_=Uuid())
GET = prepared(_kept.where(_of_opportunity, _a.id == bindparam("id")), into=Assessment)
CURRENT = prepared(_kept.where(_of_opportunity, _a.id == _o.assessment_id), into=Assessment)
HISTORY = Listing(
    _kept,
    into=Assessment,
    filters={"opportunity_id": _of_opportunity},
    keys={"sequence": SortKey(_a.sequence)},
    identifier=_a.id,
    default="-sequence",
)
EARLIER = prepared(
    select(_a.id, _a.opportunity_id, _a.digest).where(
        _a.external_system == bindparam("system"), _a.external_id == bindparam("external")
    ),
    into=Earlier,
)
LOCK_OPPORTUNITIES = prepared(
    text(
        """
SELECT one.id, one.external_system, one.external_id FROM opportunity AS one
WHERE one.id IN (
    SELECT unnest(:ids) UNION
    SELECT named.id FROM unnest(:systems, :external_ids) AS wanted(system, external)
    JOIN opportunity AS named ON named.external_system = wanted.system AND named.external_id = wanted.external)
ORDER BY one.id FOR UPDATE OF one
"""
    )
    .bindparams(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("systems", type_=ARRAY(Text())),
        bindparam("external_ids", type_=ARRAY(Text())),
    )
    .columns(id=Uuid(), external_system=Text(), external_id=Text()),
    into=Known,
)
_CARRIED = (*("assessed_at", "score", "score_most"), *DIMENSIONS)


def _append() -> Any:
    kept_names = list(AssessmentRow.__dataclass_fields__)
    changed: dict[str, Any] = {name: bindparam(name, type_=_o[name].type) for name in _CARRIED}
    changed |= {"assessment_id": bindparam("id", type_=Uuid()), "assessed_value": bindparam("value", type_=Text())}
    updated = (
        update(opportunity)
        .where(_o.id == bindparam("opportunity_id", type_=Uuid()))
        .values(changed | {"version": _o.version + 1})
        .returning(_o.version)
        .cte("updated")
    )
    earlier = assessment.alias("earlier").c
    count = select(func.coalesce(func.max(earlier.sequence), 0) + 1)
    sequence = count.where(earlier.opportunity_id == bindparam("opportunity_id", type_=Uuid())).scalar_subquery()
    values = {name: bindparam(name, type_=_a[name].type) for name in kept_names} | {"sequence": sequence}
    return prepared(select(updated.c.version).add_cte(insert(assessment).values(values).cte("kept")))


APPEND = _append()


async def get(tx: Questions, opportunity_id: UUID, assessment_id: UUID) -> Assessment:
    """Return an assessment of an opportunity that the viewer sees, or raise `NotVisible`."""
    return await tx.visible(GET, "assessment", assessment_id, opportunity_id=opportunity_id, id=assessment_id)


async def current(tx: Questions, opportunity_id: UUID) -> Assessment:
    """Return the assessment in force of an opportunity that the viewer sees, or raise `NotVisible`."""
    return await tx.visible(CURRENT, "current assessment of opportunity", opportunity_id, opportunity_id=opportunity_id)


async def earlier(tx: Questions, system: str, external_id: str) -> Earlier | None:
    """Return what was imported under a reference, if anything was."""
    return await tx.first(EARLIER, system=system, external=external_id)


async def lock_opportunities(tx: Writing, ids: Sequence[UUID], references: Sequence[tuple[str, str]]) -> list[Known]:
    """Return the opportunities of some ids and references, locked until commit in the order of their ids.

    For whoever may see everything: two imports of the same opportunities would else wait for each other.
    """
    systems, external_ids = [one[0] for one in references], [one[1] for one in references]
    return await tx.all(LOCK_OPPORTUNITIES, ids=list(ids), systems=systems, external_ids=external_ids)


async def append(tx: Writing, row: AssessmentRow, carried: Mapping[str, Any]) -> int:
    """Keep an assessment of a locked opportunity, which carries its result from now on; return its new version."""
    values = {name: getattr(row, name) for name in AssessmentRow.__dataclass_fields__}
    return int(await tx.value(APPEND, viewer=None, **values, **carried))
