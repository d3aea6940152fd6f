"""A cycle for each month: the suggested figures from what was sold before it, rolled up, beside two naive forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bench.accuracy.sales import Sales
from services.forecast.suggestion.process import forecast
from services.forecast.suggestion.rules.suggesting import Part, Suggested
from services.forecast.suggestion.rules.wire import History, Wanted

CENT = Decimal("0.01")
FORECASTS = ("forecast", "naive_year", "naive_three")
PERSON, MANAGER, COMPANY = "person", "manager", "company"
LEVELS = (PERSON, MANAGER, COMPANY)


@dataclass(frozen=True)
class Row:
    """What was forecast of somebody's month, and what was sold; a figure that could not be suggested counts as 0."""

    level: str
    person: str
    month: str
    forecast: Decimal
    actual: Decimal
    naive_year: Decimal
    naive_three: Decimal
    lacking: str | None = None


@dataclass(frozen=True)
class PartRow:
    """What was suggested of a customer group and product line of somebody's month."""

    person: str
    month: str
    part: Part
    amount: Decimal | None
    actual: Decimal


@dataclass(frozen=True)
class Cycle:
    """What came out of the cycle of a month."""

    month: int
    rows: Sequence[Row]
    parts: Sequence[PartRow]


async def run_cycles(sales: Sales, months: Sequence[int]) -> list[Cycle]:
    """Forecast months of the data, each from the months before it, by the product's own process; roll them up."""
    histories = [history for month in months for history in known_then(sales, month)]
    suggested = [figures[0] async for _, figures in forecast(Wanted([1], 2), histories)]
    people, many = [each.id for each in sales.sellers], len(sales.sellers)
    return [
        _cycle(sales, month, dict(zip(people, suggested[many * place : many * (place + 1)], strict=True)))
        for place, month in enumerate(months)
    ]


def known_then(sales: Sales, month: int) -> list[History]:
    """Return what each person had sold before a month, by the parts there were."""
    return [
        History(
            each.id,
            {
                part: [float(amount) for amount in amounts[:month]]
                for part, amounts in sales.amounts[each.id].items()
                if any(amounts[:month])
            },
        )
        for each in sales.sellers
    ]


def _cycle(sales: Sales, month: int, suggested: Mapping[str, Suggested]) -> Cycle:
    named = f"{sales.months[month]:%Y-%m}"
    own = {each.id: _own_row(sales, each.id, month, suggested[each.id]) for each in sales.sellers}
    tops = [each.id for each in sales.sellers if each.superior is None]
    rows = list(own.values())
    for seller in sales.sellers:
        below = sales.line(seller.id)
        if len(below) > 1 and seller.id not in tops:
            rows.append(_summed(MANAGER, seller.name, named, [own[each] for each in below]))
    rows.append(_summed(COMPANY, "everybody", named, list(own.values())))
    parts = [
        PartRow(person, named, part, figure.amount, sales.amounts[person][part][month])
        for person, one in suggested.items()
        for part, figure in one.parts.items()
    ]
    return Cycle(month, rows, [*parts, *_unforeseen(sales, suggested, month)])


def _unforeseen(sales: Sales, suggested: Mapping[str, Suggested], month: int) -> list[PartRow]:
    """Return what was sold in parts that nobody could know of."""
    named = f"{sales.months[month]:%Y-%m}"
    return [
        PartRow(person, named, part, None, amounts[month])
        for person, by_part in sales.amounts.items()
        for part, amounts in by_part.items()
        if part not in suggested[person].parts
    ]


def _own_row(sales: Sales, person: str, month: int, suggested: Suggested) -> Row:
    three = [sales.total(person, month - before) for before in (1, 2, 3)]
    name = next(each.name for each in sales.sellers if each.id == person)
    return Row(
        PERSON,
        name,
        f"{sales.months[month]:%Y-%m}",
        suggested.total.amount or Decimal(0),
        sales.total(person, month).quantize(CENT, ROUND_HALF_UP),
        sales.total(person, month - 12).quantize(CENT, ROUND_HALF_UP),
        (sum(three, Decimal(0)) / 3).quantize(CENT, ROUND_HALF_UP),
        suggested.total.lacking,
    )


def _summed(level: str, person: str, month: str, rows: Sequence[Row]) -> Row:
    return Row(
        level,
        person,
        month,
        forecast=sum((row.forecast for row in rows), Decimal(0)),
        actual=sum((row.actual for row in rows), Decimal(0)),
        naive_year=sum((row.naive_year for row in rows), Decimal(0)),
        naive_three=sum((row.naive_three for row in rows), Decimal(0)),
    )
