"""A movement over the wire."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.values.dates import quarter_of
from servicekit.values.rates import oldest_date
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, MoneyAnswer, Output
from services.opportunity.movement.rules.figures import BETWEEN, SHIFTED
from services.opportunity.movement.rules.kinds import Kind
from services.opportunity.movement.rules.parts import Part
from services.opportunity.movement.rules.report import Breakdown, Line, Movement
from services.opportunity.movement.store import MovedOpportunity
from services.opportunity.vocabulary import State
from services.opportunity.wire import RateAnswer, ScopeAnswer, ScopeQuery, shown_money


class MovementScopeQuery(ScopeQuery):
    """Whose movement, between the ends of which two days, and of what is expected to close when."""

    from_date: date | None = Field(
        default=None, description="The start is the end of this day; the last one of the quarter before, unless given."
    )
    to_date: date | None = Field(default=None, description="The end is the end of this day; today unless given.")
    expected_close_gte: date | None = Field(
        default=None, description="In is only what is expected to close from this day on: what is put off moves out."
    )
    expected_close_lt: date | None = Field(default=None, description="In is only what is to close before this day.")

    def days(self, today: date) -> tuple[date, date]:
        """Return the two days."""
        last = self.to_date or today
        return self.from_date or quarter_of(last).start - timedelta(days=1), last


class MovementQuery(MovementScopeQuery):
    """A movement, perhaps with its parts by person below or by stage."""

    by: Breakdown | None = Field(default=None, description="Tell the parts by person directly below, or by stage.")


class MovedOpportunityQuery(ListQuery, MovementScopeQuery):
    """Which opportunities are behind a part."""

    part: Kind


class MovementFigureAnswer(Output):
    """How many, the sum of the known amounts, of how many the amount is unknown.

    `unconverted` holds, by currency, what no rate could bring into the reporting currency: it is in no sum.
    """

    count: int
    amount: DecimalString
    unknown_amount: int
    unconverted: dict[str, DecimalString]


class MovementPartsAnswer(Output):
    """opening + new + entered + moved_in + raised − lowered − won − lost − left − moved_out = closing, exactly.

    The counts add up too, without raised and lowered, which are in at both dates.
    """

    opening: MovementFigureAnswer
    new: MovementFigureAnswer = Field(description="Not open at the start: opened or reopened since.")
    entered: MovementFigureAnswer = Field(description="Open at the start, outside the scope.")
    moved_in: MovementFigureAnswer = Field(description="Expected to close outside the period at the start.")
    raised: MovementFigureAnswer = Field(description="`unknown_amount` counts whose amount was unknown at the start.")
    lowered: MovementFigureAnswer = Field(description="`unknown_amount` counts whose amount has become unknown.")
    won: MovementFigureAnswer
    lost: MovementFigureAnswer
    left: MovementFigureAnswer = Field(description="Open still, outside the scope.")
    moved_out: MovementFigureAnswer = Field(description="Expected to close outside the period now.")
    closing: MovementFigureAnswer


class MovementBelowAnswer(MovementPartsAnswer):
    """The parts of a person directly below with everybody below them, or (`is_own`) of what is the person's own."""

    person_id: UUID
    is_own: bool


class MovementStageAnswer(MovementPartsAnswer):
    """The parts of a stage; `shifted` is what it gained by moves from and to other stages, negative where it lost."""

    stage: str
    shifted: MovementFigureAnswer


class FunnelMovementAnswer(MovementPartsAnswer):
    """What moved in a scope's pipeline; amounts are in `currency` at the rates of `to_date`, at both ends.

    `advanced` and `slipped` stand beside the sum: of those in at both dates, what is in a later or an earlier stage.
    With `below`, `between` takes out what only went from one of them to another: with it they add up to the scope.
    """

    scope: ScopeAnswer
    from_date: date
    to_date: date
    expected_close_gte: date | None
    expected_close_lt: date | None
    currency: str
    rate_date: date | None = Field(description="Of the oldest rate in use; null where nothing was converted.")
    rates: list[RateAnswer]
    reopened_count: int = Field(description="How many of the new ones had been closed at the start.")
    advanced: MovementFigureAnswer
    slipped: MovementFigureAnswer
    by: Breakdown | None
    below: list[MovementBelowAnswer]
    between: MovementPartsAnswer | None
    stages: list[MovementStageAnswer]
    simulated_count: int


class MovedOpportunityAnswer(Output):
    """An opportunity at both ends; nothing is told of a start at which it was not there yet."""

    id: UUID
    name: str
    start_principal_id: UUID | None
    end_principal_id: UUID
    start_stage: str | None
    end_stage: str
    start_state: State | None
    end_state: State
    start_amount: MoneyAnswer | None = Field(description="Null where unknown; for a product line that of its lines.")
    end_amount: MoneyAnswer | None
    start_expected_close: date | None
    end_expected_close: date | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not isinstance(value, MovedOpportunity):
            return value
        same = {name: getattr(value, name) for name in cls.model_fields}
        if not value.existed:
            same |= {name: None for name in same if name.startswith("start_")}
        for end, currency in (("start", value.start_currency), ("end", value.end_currency)):
            amount = same[f"{end}_amount"]
            same[f"{end}_amount"] = None if amount is None or currency is None else shown_money(amount, currency)
        return same


def movement_answer(found: Movement, query: MovementQuery) -> FunnelMovementAnswer:
    """Return the answer that tells of a movement."""
    return FunnelMovementAnswer.model_validate(
        {
            **_parts(found.whole),
            "scope": ScopeAnswer.model_validate(found.scope),
            "from_date": found.from_date,
            "to_date": found.to_date,
            "expected_close_gte": query.expected_close_gte,
            "expected_close_lt": query.expected_close_lt,
            "currency": found.currency,
            "rate_date": oldest_date(found.rates),
            "rates": found.rates,
            "reopened_count": found.reopened,
            "advanced": found.advanced,
            "slipped": found.slipped,
            "by": found.by,
            "below": [_below(line, found) for line in found.lines if isinstance(line.row, UUID)],
            "between": next((_parts(line) for line in found.lines if line.row == BETWEEN), None),
            "stages": [_stage(line) for line in found.lines] if found.by is Breakdown.STAGE else [],
            "simulated_count": found.simulated,
        }
    )


def _parts(line: Line) -> dict[str, Any]:
    return {part.value: line[part] for part in Part}


def _below(line: Line, found: Movement) -> dict[str, Any]:
    return _parts(line) | {"person_id": line.row, "is_own": line.row == found.scope.person_id}


def _stage(line: Line) -> dict[str, Any]:
    return _parts(line) | {"stage": line.row, "shifted": line[SHIFTED]}
