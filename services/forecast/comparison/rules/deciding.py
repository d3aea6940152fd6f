"""Decisions on lines: whose figure counts, or which mixture, or which figure by hand; and what that comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.money import spread
from services.forecast.comparison.rules.comparing import ZERO, ComparedLine, Figure, Key
from services.forecast.confirmation.rules.quantities import PRECISION, QUANTITY_SCALE


class Choice(StrEnum):
    """Whose figure a line gets."""

    SALES = "sales"
    SOURCE = "source"
    BLEND = "blend"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Weight:
    """The exact share of a side in a blend; without a source it is that of sales."""

    source_id: UUID | None
    share: Fraction


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody decides on a line, and why."""

    key: Key
    choice: Choice
    reason: str
    source_id: UUID | None = None
    weights: Sequence[Weight] = ()
    amount: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DecidedFigure:
    """What a line comes to; without a quantity the quantities follow the amounts. `parts` add up to the amount."""

    amount: Decimal
    quantity: Decimal | None = None
    unit: str | None = None
    unit_is_whole: bool = False
    parts: tuple[tuple[UUID | None, Decimal], ...] = ()


class DecisionUnclear(RuleViolated):
    """A decision says too little, too much, or what cannot be."""

    code = "decision_unclear"


class WeightsNotWhole(RuleViolated):
    """The weights of a blend do not add up to 1; `sum` is what they come to."""

    code = "weights_not_whole"
    members: ClassVar[tuple[str, ...]] = ("sum",)

    def __init__(self, whole: Fraction, field: str) -> None:
        super().__init__(f"The weights add up to {whole}, not to 1; thirds are written as 1/3.", field=field)
        self.sum = str(whole)


class FigureMissing(RuleViolated):
    """A side that a decision takes says nothing of the line, or no amount that can be derived."""

    code = "figure_missing"


class ComparedLineUnknown(RuleViolated):
    """The comparison has no such line."""

    code = "compared_line_unknown"


class MayNotDecide(NotAllowed):
    """A unit's comparison is gathered and decided by marketing, sales operations or its head."""

    code = "may_not_decide_comparison"

    def __init__(self) -> None:
        super().__init__("Marketing, sales operations or the head of the business unit gathers and decides this.")


class ComparisonStale(Conflict):
    """The sales forecast or a source has changed since the comparison was gathered."""

    code = "comparison_stale"

    def __init__(self) -> None:
        super().__init__("Sales or a source has changed since: gather again (POST /v1/forecast-comparisons).")


class SalesForecastNotReady(Conflict):
    """A top record of the unit is missing, in the making or stale; `seats` says whose."""

    code = "sales_forecast_not_ready"
    members: ClassVar[tuple[str, ...]] = ("seats",)

    def __init__(self, seats: Mapping[UUID, str]) -> None:
        super().__init__("Not every forecast at the top of the unit's lines is submitted and up to date.")
        self.seats = [{"person_id": str(person_id), "state": state} for person_id, state in seats.items()]


class LinesUndecided(Conflict):
    """Lines beyond the tolerance lack a decision that holds; `comparisons` says where, and how many.

    A comparison that was not gathered, or is stale, counts too: nobody knows what it would show.
    """

    code = "lines_undecided"
    members: ClassVar[tuple[str, ...]] = ("comparisons",)

    def __init__(self, comparisons: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("Gather the comparison of each unit with sources, and decide the lines beyond its tolerance.")
        self.comparisons = [dict(each) for each in comparisons]


def decided_figure(wish: Wish, line: ComparedLine, scale: int, field: str) -> DecidedFigure:
    """Return what a decision comes to, exact until it is rounded once; `field` points at the decision."""
    _check_shape(wish, field)
    match wish.choice:
        case Choice.SALES:
            return _alone(None, line.sales or Figure(ZERO), line, scale, field)
        case Choice.SOURCE:
            return _alone(wish.source_id, _of_source(line, wish.source_id, field), line, scale, field)
        case Choice.BLEND:
            return _blended(wish.weights, line, scale, field)
        case Choice.BY_HAND:
            return _by_hand(wish, line, scale, field)


def is_stale(basis: Mapping[str, Any], line: ComparedLine) -> bool:
    """Tell whether sales or a source says something else of the line than when a decision was taken on it."""
    return dict(basis) != line.basis


def counting(line: ComparedLine) -> Figure | None:
    """Return how the line is counted: as sales do, else as its sources do if they agree."""
    if line.sales is not None and line.sales.unit is not None:
        return line.sales
    units = {figure.unit: figure for figure in line.sources.values()}
    return next(iter(units.values())) if len(units) == 1 and None not in units else None


def _check_shape(wish: Wish, field: str) -> None:
    given = {
        "source_id": wish.source_id is not None,
        "weights": bool(wish.weights),
        "amount": wish.amount is not None,
    }
    wanted = {Choice.SOURCE: "source_id", Choice.BLEND: "weights", Choice.BY_HAND: "amount"}.get(wish.choice)
    for name, is_given in given.items():
        if is_given != (name == wanted):
            verb = "needs" if name == wanted else "takes no"
            raise DecisionUnclear(f"`{wish.choice}` {verb} `{name}`.", field=f"{field}/{name}")
    if wish.quantity is not None and wish.choice is not Choice.BY_HAND:
        raise DecisionUnclear(f"`{wish.choice}` takes no `quantity`.", field=f"{field}/quantity")


def _of_source(line: ComparedLine, source_id: UUID | None, field: str) -> Figure:
    found = line.sources.get(source_id) if source_id else None
    if found is None:
        raise FigureMissing("This source says nothing of the line.", field=f"{field}/source_id")
    return found


def _amount_of(figure: Figure, sales: Figure | None, field: str) -> Fraction:
    """Return a side's amount; of one that was said in units alone, at the price at which sales count them."""
    if figure.amount is not None:
        return Fraction(figure.amount)
    can_be_derived = sales is not None and sales.unit == figure.unit and sales.amount is not None and sales.quantity
    if not can_be_derived or sales is None or figure.quantity is None:
        raise FigureMissing("It says no amount, and sales no price for its units: decide by hand.", field=field)
    return Fraction(figure.quantity) * Fraction(sales.amount or ZERO) / Fraction(sales.quantity or 1)


def _alone(source_id: UUID | None, figure: Figure, line: ComparedLine, scale: int, field: str) -> DecidedFigure:
    amount = _rounded(_amount_of(figure, line.sales, field), scale)
    return DecidedFigure(amount, figure.quantity, figure.unit, figure.unit_is_whole, ((source_id, amount),))


def _blended(weights: Sequence[Weight], line: ComparedLine, scale: int, field: str) -> DecidedFigure:
    whole = sum((weight.share for weight in weights), Fraction(0))
    if whole != 1:
        raise WeightsNotWhole(whole, f"{field}/weights")
    sides = [weight.source_id for weight in weights]
    if len(set(sides)) < len(sides) or any(weight.share < 0 for weight in weights):
        raise DecisionUnclear("Each side has one weight, of 0 or more.", field=f"{field}/weights")
    figures = [_side(line, weight, f"{field}/weights/{place}") for place, weight in enumerate(weights)]
    exact = [
        weight.share * _amount_of(figure, line.sales, f"{field}/weights/{place}")
        for place, (weight, figure) in enumerate(zip(weights, figures, strict=True))
    ]
    amount = _rounded(sum(exact, Fraction(0)), scale)
    parts = spread(amount, _in_whole_numbers(exact), scale)
    quantity, counted = _blended_quantity(weights, figures)
    return DecidedFigure(amount, quantity, counted.unit, counted.unit_is_whole, tuple(zip(sides, parts, strict=True)))


def _side(line: ComparedLine, weight: Weight, field: str) -> Figure:
    if weight.source_id is not None:
        return _of_source(line, weight.source_id, field)
    if line.sales is None:
        raise FigureMissing("Sales say nothing of the line.", field=f"{field}/source_id")
    return line.sales


def _blended_quantity(weights: Sequence[Weight], figures: Sequence[Figure]) -> tuple[Decimal | None, Figure]:
    units = {(figure.unit, figure.quantity is None) for figure in figures}
    if len(units) != 1 or (figures[0].unit is None or figures[0].quantity is None):
        return None, Figure(None)
    exact = sum(
        (weight.share * Fraction(figure.quantity or ZERO) for weight, figure in zip(weights, figures, strict=True)),
        Fraction(0),
    )
    is_whole = all(figure.unit_is_whole for figure in figures)
    return _rounded(exact, 0 if is_whole else QUANTITY_SCALE), Figure(None, None, figures[0].unit, is_whole)


def _by_hand(wish: Wish, line: ComparedLine, scale: int, field: str) -> DecidedFigure:
    amount = wish.amount if wish.amount is not None else ZERO
    if amount < 0 or amount != round(amount, scale):
        raise DecisionUnclear(f"An amount is 0 or more, with {scale} decimals.", field=f"{field}/amount")
    if wish.quantity is None:
        return DecidedFigure(amount)
    counted = counting(line)
    if counted is None:
        raise DecisionUnclear("The line is not counted in one unit: leave the quantity out.", field=f"{field}/quantity")
    decimals = 0 if counted.unit_is_whole else QUANTITY_SCALE
    if wish.quantity < 0 or wish.quantity != round(wish.quantity, decimals):
        message = f"{counted.unit} is counted from 0 on with {decimals} decimals."
        raise DecisionUnclear(message, field=f"{field}/quantity")
    return DecidedFigure(amount, wish.quantity, counted.unit, counted.unit_is_whole)


def _rounded(exact: Fraction, scale: int) -> Decimal:
    """Round once, half away from zero."""
    with localcontext(prec=PRECISION * 3):
        unit = Decimal(1).scaleb(-scale)
        whole, rest = divmod(exact * 10**scale, 1)
        return (Decimal(int(whole) + (1 if rest >= Fraction(1, 2) else 0)) * unit).quantize(unit, ROUND_HALF_UP)


def _in_whole_numbers(exact: Sequence[Fraction]) -> list[Decimal]:
    """Return numbers in the same proportion, without fractions."""
    common = 1
    for each in exact:
        common *= each.denominator
    with localcontext(prec=PRECISION * 20):
        return [Decimal(int(each * common)) for each in exact]
