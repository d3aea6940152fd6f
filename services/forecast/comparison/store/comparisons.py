"""Questions about comparisons: a unit's head sees the unit's, and the roles that work on forecasts see them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Uuid, any_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.forecast.channels.store.sources import SourceScope, headed_units
from services.forecast.comparison.rules.comparing import DEFAULT_TOLERANCE
from services.forecast.comparison.tables import comparison_line, comparison_tolerance, forecast_comparison


@dataclass(frozen=True, slots=True)
class Comparison:
    """A unit's comparison in a cycle."""

    id: UUID
    version: int
    cycle_id: UUID
    business_unit_id: UUID
    tolerance: Decimal
    top_ids: list[UUID]
    channel_forecast_ids: list[UUID]
    gathered_at: datetime
    gathered_by: UUID


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines a comparison has, and how many of them wait for what."""

    lines: int
    beyond_tolerance: int
    need_decision: int
    stale_decisions: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A comparison, how far it is decided, and whether something has changed since it was gathered."""

    comparison: Comparison
    counts: Counts
    is_stale: bool


c, line = forecast_comparison.c, comparison_line.c
_ID = bindparam("the_id", type_=Uuid())
_in_scope = or_(bindparam("sees_all", type_=Boolean()), c.business_unit_id.in_(headed_units()))
_comparisons = select(*(c[name] for name in Comparison.__dataclass_fields__))
GET = prepared(_comparisons.where(c.id == _ID, _in_scope), into=Comparison)
LOCK = prepared(_comparisons.where(c.id == _ID, _in_scope).with_for_update(), into=Comparison)
LOCK_OF_UNIT = prepared(
    _comparisons.where(
        c.cycle_id == bindparam("cycle_id"), c.business_unit_id == bindparam("business_unit_id")
    ).with_for_update(),
    into=Comparison,
)
LOCK_OF_UNITS = prepared(
    _comparisons.where(
        c.cycle_id == bindparam("cycle_id"), c.business_unit_id == any_(bindparam("unit_ids", type_=ARRAY(Uuid())))
    )
    .order_by(c.id)
    .with_for_update(),
    into=Comparison,
)
BEGIN = prepared(
    insert_or(forecast_comparison).on_conflict_do_nothing(
        index_elements=[c.cycle_id, c.business_unit_id],
    )
)
GATHERED = prepared(
    update(forecast_comparison)
    .where(c.id == _ID)
    .values(
        version=c.version + 1,
        tolerance=bindparam("to_tolerance"),
        top_ids=bindparam("to_tops", type_=ARRAY(Uuid())),
        channel_forecast_ids=bindparam("to_forecasts", type_=ARRAY(Uuid())),
        gathered_at=bindparam("at"),
        gathered_by=bindparam("by", type_=Uuid()),
    )
)
TOUCH = prepared(
    update(forecast_comparison).where(c.id == _ID).values(version=c.version + 1, tolerance=bindparam("to_tolerance"))
)
COUNTS = prepared(
    select(
        func.count(),
        func.count().filter(line.is_beyond),
        func.count().filter(line.needs_decision),
        func.count().filter(line.decision_is_stale),
    ).where(line.comparison_id == _ID)
)
TOLERANCE = prepared(
    select(comparison_tolerance.c.tolerance)
    .where(
        comparison_tolerance.c.business_unit_id == bindparam("business_unit_id"),
        or_(
            comparison_tolerance.c.cycle_id.is_(None),
            comparison_tolerance.c.cycle_id == bindparam("cycle_id", type_=Uuid()),
        ),
    )
    .order_by(comparison_tolerance.c.cycle_id.is_(None), comparison_tolerance.c.set_at.desc())
    .limit(1)
)
ADD_TOLERANCE = prepared(insert(comparison_tolerance))
COMPARISONS = Listing(
    _comparisons.where(_in_scope),
    into=Comparison,
    filters={
        "cycle_id": c.cycle_id == bindparam("cycle_id", type_=Uuid()),
        "business_unit_id": c.business_unit_id == bindparam("business_unit_id", type_=Uuid()),
    },
    keys={"gathered_at": SortKey(c.gathered_at)},
    identifier=c.id,
    default="-gathered_at",
)


async def get(tx: Questions, viewer: Viewer, comparison_id: UUID) -> Comparison:
    """Return a comparison, or raise `NotVisible`."""
    return await tx.visible(GET, "comparison", comparison_id, viewer=SourceScope(viewer), the_id=comparison_id)


async def lock(tx: Writing, viewer: Viewer, comparison_id: UUID) -> Comparison:
    """Return a comparison, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "comparison", comparison_id, viewer=SourceScope(viewer), the_id=comparison_id)


async def begin(tx: Writing, cycle_id: UUID, business_unit_id: UUID, gathered_by: UUID) -> Comparison:
    """Return the comparison of a unit in a cycle, locked until commit; it is made if there is none yet."""
    await tx.execute(
        BEGIN,
        id=new_id(),
        version=0,
        cycle_id=cycle_id,
        business_unit_id=business_unit_id,
        tolerance=DEFAULT_TOLERANCE,
        top_ids=[],
        channel_forecast_ids=[],
        gathered_at=tx.now,
        gathered_by=gathered_by,
    )
    return (await tx.all(LOCK_OF_UNIT, cycle_id=cycle_id, business_unit_id=business_unit_id))[0]


async def lock_of_units(tx: Writing, cycle_id: UUID, unit_ids: Sequence[UUID]) -> list[Comparison]:
    """Return the comparisons of units in a cycle, locked until commit in the order of their ids."""
    return await tx.all(LOCK_OF_UNITS, cycle_id=cycle_id, unit_ids=list(unit_ids))


async def set_gathered(
    tx: Writing,
    comparison: Comparison,
    *,
    tolerance: Decimal,
    tops: Sequence[UUID],
    forecasts: Sequence[UUID],
    by: UUID,
) -> None:
    """Say what a comparison has gathered."""
    await tx.execute(
        GATHERED,
        the_id=comparison.id,
        to_tolerance=tolerance,
        to_tops=list(tops),
        to_forecasts=list(forecasts),
        at=tx.now,
        by=by,
    )


async def touch(tx: Writing, comparison: Comparison, tolerance: Decimal) -> None:
    """Give a comparison its next version, with a tolerance."""
    await tx.execute(TOUCH, the_id=comparison.id, to_tolerance=tolerance)


async def counts_of(tx: Questions, comparison_id: UUID) -> Counts:
    """Count the lines of a comparison."""
    row = (await tx.all(COUNTS, the_id=comparison_id))[0]
    return Counts(*row)


async def tolerance_of(tx: Questions, cycle_id: UUID, business_unit_id: UUID) -> Decimal:
    """Return the tolerance in force: the cycle's, else the unit's, else a fifth."""
    found: Decimal | None = await tx.value(TOLERANCE, cycle_id=cycle_id, business_unit_id=business_unit_id)
    return DEFAULT_TOLERANCE if found is None else found


async def add_tolerance(tx: Writing, values: Mapping[str, Any]) -> None:
    """Keep a tolerance that somebody set."""
    await tx.execute(ADD_TOLERANCE, id=new_id(), set_at=tx.now, **values)


async def list_comparisons(
    tx: Questions, viewer: Viewer, window: Window, filters: Mapping[str, Any]
) -> Slice[Comparison]:
    """Return a page of the comparisons that the viewer may see."""
    return await COMPARISONS.page(tx, window, filters, viewer=SourceScope(viewer))
