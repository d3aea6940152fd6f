"""What a source forecasts for a cycle: figures by product line, month and place, in the cycle's currency.

A figure that was not stated is None and stays so; a stated 0 is 0. Months are dates, so that years stay apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from servicekit.values.dates import add_months
from servicekit.values.errors import Conflict, KeyaccountError, RuleViolated
from servicekit.values.money import exact_money
from services.forecast.confirmation.rules.lines import Item, first_of_month
from services.forecast.confirmation.rules.quantities import QUANTITY_SCALE
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.rules.rates import converted_parts, has_rate, rate_into

MOST_LINES = 5000
"""Of one forecast: product lines × months × places."""

MOST_FAULTS = 100
"""Told of at once."""

MONTHS_AFTER = 12
"""What is sold in the period may be delivered so many months after it."""

LARGEST_QUANTITY = Decimal(10) ** 16


@dataclass(frozen=True, slots=True)
class StatedLine:
    """What was entered: quantity and amount are None where nothing was said of them."""

    product_line_id: UUID
    month: date
    place: str | None = None
    unit: str | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """A stated line as it counts: `amount` in the cycle's currency, `item` says how it is counted."""

    stated: StatedLine
    item: Item
    month: date
    amount: Decimal | None

    @property
    def said(self) -> tuple[Any, ...]:
        """What it comes to, to be compared with what was said before."""
        quantity = None if self.stated.quantity is None else self.stated.quantity.normalize()
        amount = None if self.stated.amount is None else self.stated.amount.normalize()
        return (self.item, self.month, self.stated.place, quantity, amount, self.stated.currency)


@dataclass(frozen=True, slots=True)
class ChannelForecast:
    """What a source said for a cycle, once; the latest number stands, those before it are superseded."""

    id: UUID
    source_id: UUID
    source_name: str
    business_unit_id: UUID
    cycle_id: UUID
    number: int
    currency: str
    total: Decimal
    note: str | None
    submitted_by: UUID
    on_behalf_of: UUID | None
    submitted_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line: its place in the list (from 0), the field, and the way out."""

    place: int
    field: str
    message: str


class LinesRefused(RuleViolated):
    """Lines cannot be taken; nothing was. `lines` names each with its field."""

    code = "channel_forecast_lines_refused"
    members: ClassVar[tuple[str, ...]] = ("lines",)

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(
            f"Line {first.place + 1}, {first.field}: {first.message} ({len(faults)} in all; nothing was taken in.)",
            field=f"/lines/{first.place}/{first.field}",
        )
        self.lines = [
            {
                "pointer": f"/lines/{fault.place}/{fault.field}",
                "field": fault.field,
                "message": fault.message,
            }
            for fault in faults[:MOST_FAULTS]
        ]


class UnitNotInCycle(RuleViolated):
    """No line of the source's business unit takes part in the cycle: there is nothing to compare with."""

    code = "unit_not_in_cycle"

    def __init__(self) -> None:
        super().__init__("No top of a reporting line of this source's unit takes part in the cycle.", field="/cycle_id")


class ForecastUnchanged(Conflict):
    """The source's latest forecast says this already; `number` is that one."""

    code = "channel_forecast_unchanged"
    members: ClassVar[tuple[str, ...]] = ("number", "channel_forecast_id")

    def __init__(self, number: int, channel_forecast_id: UUID) -> None:
        super().__init__(f"Number {number} of this source says the same already.")
        self.number = number
        self.channel_forecast_id = str(channel_forecast_id)


def counted(
    stated: Sequence[StatedLine],
    items: Mapping[UUID, Sequence[Item]],
    cycle: Cycle,
    rates: Mapping[str, Decimal],
) -> list[ForecastLine]:
    """Return the lines as they count, or refuse them all with everything that is wrong.

    `items` are the ways in which each product line that is known is counted. The amounts of one currency are
    converted together and rounded once, so that they add up to what their sum comes to.
    """
    faults = list(_faults(stated, items, cycle, rates))
    if faults:
        raise LinesRefused(sorted(faults, key=lambda one: one.place))
    amounts = _converted(stated, cycle, rates)
    return [
        ForecastLine(line, _item(line, items[line.product_line_id]), first_of_month(line.month), amounts.get(place))
        for place, line in enumerate(stated)
    ]


def check_news(lines: Sequence[ForecastLine], latest: ChannelForecast | None, said: Sequence[ForecastLine]) -> None:
    """Refuse a forecast that says what the source's latest says, line by line in any order."""
    if latest is None:
        return
    if sorted(map(repr, (line.said for line in lines))) == sorted(map(repr, (line.said for line in said))):
        raise ForecastUnchanged(latest.number, latest.id)


def _converted(stated: Sequence[StatedLine], cycle: Cycle, rates: Mapping[str, Decimal]) -> dict[int, Decimal]:
    by_currency: dict[str, list[int]] = {}
    for place, line in enumerate(stated):
        if line.amount is not None and line.currency is not None:
            by_currency.setdefault(line.currency, []).append(place)
    amounts: dict[int, Decimal] = {}
    for currency, places in by_currency.items():
        rate = rate_into(currency, cycle.currency, rates)
        parts = [stated[place].amount or Decimal(0) for place in places]
        _, converted = converted_parts(parts, (rate,), cycle.currency)
        amounts |= dict(zip(places, converted, strict=True))
    return amounts


def _faults(
    stated: Sequence[StatedLine],
    items: Mapping[UUID, Sequence[Item]],
    cycle: Cycle,
    rates: Mapping[str, Decimal],
) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[tuple[UUID, date, str | None, str | None], int] = {}
    for place, line in enumerate(stated):
        faults += [Fault(place, field, said) for field, said in _faults_of(line, items, cycle, rates)]
        known = items.get(line.product_line_id, ())
        unit = line.unit or (known[0].unit if len(known) == 1 else None)
        key = (line.product_line_id, first_of_month(line.month), line.place, unit)
        if key in seen:
            faults.append(Fault(place, "month", f"line {seen[key] + 1} is of the same month and place: add them up."))
        seen.setdefault(key, place)
    return faults


def _faults_of(
    line: StatedLine, items: Mapping[UUID, Sequence[Item]], cycle: Cycle, rates: Mapping[str, Decimal]
) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    end = add_months(cycle.period_end, MONTHS_AFTER)
    if not cycle.period_start <= first_of_month(line.month) < end:
        faults.append(("month", f"{line.month} lies outside: the cycle takes {cycle.period_start} up to before {end}."))
    if line.quantity is None and line.amount is None:
        faults.append(("amount", "say a quantity, an amount, or both; 0 is said as 0."))
    faults += _faults_of_count(line, items.get(line.product_line_id, ()))
    return faults + _faults_of_money(line, cycle, rates)


def _faults_of_count(line: StatedLine, known: Sequence[Item]) -> list[tuple[str, str]]:
    if not known:
        return [("product_line_id", "no product of such a product line is known here.")]
    units = ", ".join(sorted(item.unit or "" for item in known))
    if line.unit is None and len(known) > 1 and line.quantity is not None:
        return [("unit", f"the product line is counted in several units, say which: {units}.")]
    if line.unit is not None and all(item.unit != line.unit for item in known):
        return [("unit", f"no product of the line is counted in {line.unit!r}, but in {units}.")]
    return _faults_of_quantity(line, _item(line, known))


def _faults_of_quantity(line: StatedLine, item: Item) -> list[tuple[str, str]]:
    quantity = line.quantity
    if quantity is None:
        return []
    scale = 0 if item.unit_is_whole else QUANTITY_SCALE
    if not 0 <= quantity < LARGEST_QUANTITY:
        return [("quantity", "a quantity is 0 or more, and below 10^16.")]
    if quantity != round(quantity, scale):
        return [("quantity", f"{item.unit} is counted with {scale} decimals; {quantity} has more.")]
    return []


def _faults_of_money(line: StatedLine, cycle: Cycle, rates: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    if line.amount is None:
        return []
    if line.currency is None:
        return [("currency", "an amount needs its currency, such as CNY.")]
    if line.amount < 0:
        return [("amount", "an amount is 0 or more.")]
    try:
        exact_money(line.amount, line.currency)
    except KeyaccountError as error:
        return [("amount", error.message)]
    if not has_rate(line.currency, cycle.currency, rates):
        return [("currency", f"no exchange rate from {line.currency} was frozen with this cycle.")]
    return []


def _item(line: StatedLine, known: Sequence[Item]) -> Item:
    """Return how a line is counted: in the unit that it names, else in the only one there is."""
    named = [item for item in known if item.unit == line.unit] if line.unit else []
    if named:
        return named[0]
    return known[0] if len(known) == 1 else Item(None, line.product_line_id, None, unit_is_whole=False)
