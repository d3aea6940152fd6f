"""Candidates: the opportunities of a seat's holder that are expected in a cycle's period, and what was said of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, bindparam, func, or_, select, true

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.transactions import Questions
from services.forecast.confirmation.store.customers import survivor, with_customer
from services.forecast.confirmation.tables import confirmation, known_opportunity, live_line
from services.forecast.cycles.rules.definition import Cycle


@dataclass(frozen=True, slots=True)
class Candidate:
    """An opportunity that may be confirmed, or is; `said_…` is what was last said of it in the cycle."""

    id: UUID
    version: int
    name: str
    customer_id: UUID | None
    customer_name: str | None
    stage: str
    state: str
    amount: Decimal | None
    currency: str
    expected_close: date | None
    is_simulated: bool
    is_live: bool
    said_id: UUID | None
    said_category: str | None
    said_version: int | None
    said_amount: Decimal | None
    said_closes_on: date | None
    said_at: datetime | None


_CYCLE = bindparam("cycle_id", type_=Uuid())
_known = known_opportunity.c
_said = (
    select(confirmation)
    .where(confirmation.c.cycle_id == _CYCLE, confirmation.c.opportunity_id == _known.id)
    .order_by(confirmation.c.at.desc(), confirmation.c.id.desc())
    .limit(1)
    .lateral("said")
)
_expected = and_(
    _known.state == "open",
    _known.expected_close >= bindparam("start", type_=Date()),
    _known.expected_close < bindparam("end", type_=Date()),
)
_query = (
    select(
        *(_known[name] for name in ("id", "version", "name", "stage", "state", "amount", "currency")),
        func.coalesce(survivor.c.customer_id, _known.customer_id).label("customer_id"),
        *(_known[name] for name in ("expected_close", "is_simulated")),
        survivor.c.name.label("customer_name"),
        live_line.c.opportunity_id.isnot(None).label("is_live"),
        _said.c.id.label("said_id"),
        _said.c.category.label("said_category"),
        _said.c.opportunity_version.label("said_version"),
        _said.c.amount.label("said_amount"),
        _said.c.closes_on.label("said_closes_on"),
        _said.c.at.label("said_at"),
    )
    .select_from(
        with_customer(
            known_opportunity.outerjoin(
                live_line, and_(live_line.c.opportunity_id == _known.id, live_line.c.cycle_id == _CYCLE)
            ),
            _known.customer_id,
        ).outerjoin(_said, true())
    )
    .where(
        _known.principal_id == bindparam("principal_id", type_=Uuid()),
        or_(_expected, live_line.c.opportunity_id.isnot(None)),
    )
)
CANDIDATES = Listing(
    _query,
    into=Candidate,
    filters={"stage": _known.stage == bindparam("stage"), "category": _said.c.category == bindparam("category")},
    keys={
        "name": SortKey(_known.name),
        "expected_close": SortKey(_known.expected_close, filler=date(1, 1, 1)),
        "amount": SortKey(_known.amount, filler=Decimal(0)),
    },
    identifier=_known.id,
    default="expected_close",
)


@dataclass(frozen=True, slots=True)
class _Of:
    cycle: Cycle
    principal_id: UUID

    @property
    def binds(self) -> dict[str, object]:
        period = self.cycle.period
        return {
            "cycle_id": self.cycle.id,
            "principal_id": self.principal_id,
            "start": period.start,
            "end": period.end,
        }


async def list_candidates(
    tx: Questions, cycle: Cycle, principal_id: UUID, window: Window, filters: dict[str, Any]
) -> Slice[Candidate]:
    """Return a page of somebody's candidates in a cycle."""
    return await CANDIDATES.page(tx, window, filters, viewer=_Of(cycle, principal_id))
