"""The seats of a version that a viewer may see, each with its forecast and what was won."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Integer,
    Label,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    distinct,
    exists,
    func,
    or_,
    select,
)

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules.parts import HandedIn, SeatResult
from services.forecast.accuracy.rules.versions import Basis
from services.forecast.accuracy.store.measured import Measured, measured, won_below
from services.forecast.confirmation.tables import confirmation, known_opportunity, live_line
from services.forecast.cycles.store.seats import CYCLE_ID, SeatScope, visible_seats
from services.forecast.cycles.tables import forecast_cycle, seat


@dataclass(frozen=True, slots=True)
class SeatAccuracyRow:
    """A seat as it is listed; `depth` is how many seats are above it, `error` how far off it was, without a sign."""

    id: UUID
    currency: str
    person_id: UUID
    holder_id: UUID
    name: str
    superior_seat_id: UUID | None
    business_unit_id: UUID | None
    depth: int
    handed_in: str
    forecast_id: UUID | None
    submitted_at: datetime | None
    due_at: datetime | None
    forecast: Decimal | None
    actual: Decimal
    error: Decimal | None


_UNDER = bindparam("under", type_=Uuid())
_in_part = visible_seats().where(or_(_UNDER.is_(None), any_(seat.c.line) == _UNDER))
_seen = _in_part.subquery("seen")
_depth = func.cardinality(_seen.c.line, type_=Integer()) - 1


def _measured(*, months: bool) -> Measured:
    return measured(_seen, won_below(live_line.c.cycle_id == CYCLE_ID, months=months), months=months)


def _results(found: Measured) -> Select[Any]:
    return select(
        _seen.c.id.label("seat_id"),
        *(_seen.c[name] for name in ("line", "business_unit_id")),
        found.handed_in.label("handed_in"),
        found.forecast_id.label("forecast_id"),
        found.forecast.label("forecast"),
        found.actual.label("actual"),
    ).select_from(found.rows)


def _listing(found: Measured) -> Listing[SeatAccuracyRow]:
    error: Label[Any] = func.abs(found.forecast - found.actual, type_=Numeric()).label("error")
    handed_in = cast(found.handed_in, Text)
    names = ("id", "person_id", "holder_id", "name", "superior_seat_id", "business_unit_id")
    currency = select(forecast_cycle.c.currency).where(forecast_cycle.c.id == CYCLE_ID).scalar_subquery()
    return Listing(
        select(
            *(_seen.c[name] for name in names),
            currency.label("currency"),
            _depth.label("depth"),
            handed_in.label("handed_in"),
            found.forecast_id.label("forecast_id"),
            found.submitted_at.label("submitted_at"),
            found.due_at.label("due_at"),
            found.forecast.label("forecast"),
            found.actual.label("actual"),
            error,
        ).select_from(found.rows),
        into=SeatAccuracyRow,
        filters={
            "depth": _depth == bindparam("depth", type_=Integer()),
            "handed_in": handed_in == bindparam("handed_in", type_=Text()),
        },
        keys={
            "name": SortKey(cast(_seen.c.name, Text)),
            "depth": SortKey(_depth),
            "error": SortKey(error.element, filler=Decimal(0)),
        },
        identifier=_seen.c.id,
        default="depth",
    )


_WHOLE, _MONTHS = _measured(months=False), _measured(months=True)
RESULTS = {False: prepared(_results(_WHOLE)), True: prepared(_results(_MONTHS))}
LISTS = {False: _listing(_WHOLE), True: _listing(_MONTHS)}
SEAT_OF = prepared(
    _in_part.with_only_columns(seat.c.id).where(seat.c.person_id == bindparam("person_id", type_=Uuid()))
)
UNCOUNTED = prepared(
    select(func.count(distinct(known_opportunity.c.id)))
    .join(_seen, _seen.c.holder_id == known_opportunity.c.principal_id)
    .where(
        known_opportunity.c.state == "won",
        known_opportunity.c.decided_on >= bindparam("start", type_=Date()),
        known_opportunity.c.decided_on < bindparam("end", type_=Date()),
        ~exists(
            select(live_line.c.opportunity_id)
            .join(confirmation, confirmation.c.id == live_line.c.confirmation_id)
            .where(
                and_(live_line.c.cycle_id == CYCLE_ID, live_line.c.opportunity_id == known_opportunity.c.id),
                confirmation.c.category == "closed",
            )
        ),
    )
)


@dataclass(frozen=True, slots=True)
class SeatPart:
    """Which seats: of which version, as far as who asks may see them, below which seat (None: all of them)."""

    basis: Basis
    viewer: Viewer
    under: UUID | None
    zone: str

    @property
    def binds(self) -> dict[str, object]:
        """What the statements on it bind."""
        months = self.basis.months or self.basis.cycle.period
        scope = SeatScope(self.viewer, self.basis.cycle.id).binds
        return scope | {
            "under": self.under,
            "zone": self.zone,
            "months_start": months.start,
            "months_end": months.end,
        }

    @property
    def is_of_months(self) -> bool:
        """Whether only some months of the cycle count."""
        return self.basis.months is not None


async def results(tx: Questions, part: SeatPart) -> list[SeatResult]:
    """Return what each seat had forecast and won."""
    rows = await tx.all(RESULTS[part.is_of_months], viewer=part)
    return [
        SeatResult(
            seat_id=row["seat_id"],
            line=row["line"],
            business_unit_id=row["business_unit_id"],
            handed_in=HandedIn(row["handed_in"]),
            forecast_id=row["forecast_id"],
            forecast=row["forecast"],
            actual=row["actual"],
        )
        for row in rows
    ]


def listing_of(part: SeatPart) -> Listing[SeatAccuracyRow]:
    """Return the list of seats that a part of a version is told by."""
    return LISTS[part.is_of_months]


async def list_seats(
    tx: Questions, part: SeatPart, window: Window, filters: Mapping[str, Any]
) -> Slice[SeatAccuracyRow]:
    """Return a page of what each seat had forecast and won."""
    return await listing_of(part).page(tx, window, filters, viewer=part)


async def find_seat_of(tx: Questions, part: SeatPart, person_id: UUID) -> UUID | None:
    """Return the seat that was frozen for somebody, if the viewer may see it, or None."""
    found: UUID | None = await tx.value(SEAT_OF, viewer=part, person_id=person_id)
    return found


async def uncounted(tx: Questions, part: SeatPart) -> int:
    """Return how many opportunities were won in the period and count nowhere.

    Their amount is not known, no rate was frozen for their currency, or they have not entered yet: what somebody who
    joined the cycle later had won enters when they gather.
    """
    period = part.basis.cycle.period
    found: int = await tx.value(UNCOUNTED, viewer=part, start=period.start, end=period.end)
    return found
