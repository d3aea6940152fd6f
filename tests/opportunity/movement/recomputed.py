"""What a movement must say, recomputed in plain Python: each opportunity's state at both dates, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from tests.opportunity.oracle import Oracle, State, Whose

ADDED, TAKEN = ("new", "entered", "moved_in", "raised"), ("lowered", "won", "lost", "left", "moved_out")
PARTS = ("opening", *ADDED, *TAKEN, "closing")
SIDE = ("advanced", "slipped")


@dataclass
class Told:
    """A part: which opportunities, the exact sum, of how many the amount is unknown, what has no rate."""

    ids: set[UUID] = field(default_factory=set)
    amount: Fraction = Fraction(0)
    unknown: int = 0
    unconverted: dict[str, Decimal] = field(default_factory=dict)


Movement = dict[str, Told]
Period = tuple[date | None, date | None]


def movement(
    oracle: Oracle, days: tuple[date, date], whose: Whose, period: Period, rates: Mapping[str, Decimal]
) -> Movement:
    """Return the parts of a scope between the ends of two days."""
    ends = [{one.id: one for one in oracle.standing_on(day, whose)} for day in days]
    everywhere = [{one.id: one for one in oracle.standing_on(day)} for day in days]
    found: Movement = {part: Told() for part in (*PARTS, *SIDE)}
    for each in everywhere[0].keys() | everywhere[1].keys():
        _compare(
            found,
            each,
            [_at(end.get(each), everywhere[place].get(each)) for place, end in enumerate(ends)],
            period=period,
            oracle=oracle,
            rates=rates,
        )
    return found


def _at(inside: State | None, anywhere: State | None) -> tuple[State | None, bool]:
    return inside or anywhere, inside is not None


def _compare(
    found: Movement,
    each: UUID,
    ends: Sequence[tuple[State | None, bool]],
    *,
    period: Period,
    oracle: Oracle,
    rates: Mapping[str, Decimal],
) -> None:
    (before, was_within), (after, is_within) = ends
    assert after is not None
    was_open = before is not None and before.state == "open"
    start = before if was_open and was_within and before and _closes_in(before, period) else None
    end = after if after.state == "open" and is_within and _closes_in(after, period) else None
    if start:
        _put(found["opening"], start, rates)
    if end:
        _put(found["closing"], end, rates)
    if start and end:
        _stayed(found, each, start, end, rates)
        before_it, after_it = (oracle.keys.index(oracle.stage_of(one)) for one in (start, end))
        step = after_it - before_it
        if step:
            _put(found["advanced" if step > 0 else "slipped"], end, rates)
    elif start:
        cause = after.state if after.state != "open" else "moved_out" if is_within else "left"
        _put(found[cause], start, rates)
    elif end:
        _put(found["new" if not was_open else "moved_in" if was_within else "entered"], end, rates)


def _put(told: Told, one: State, rates: Mapping[str, Decimal]) -> None:
    told.ids.add(one.id)
    if one.amount is None:
        told.unknown += 1
    elif one.currency in rates:
        told.amount += Fraction(one.amount) * Fraction(rates[one.currency])
    elif one.amount:
        told.unconverted[one.currency] = told.unconverted.get(one.currency, Decimal(0)) + one.amount


def _stayed(found: Movement, each: UUID, before: State, after: State, rates: Mapping[str, Decimal]) -> None:
    def worth(one: State, currency: str | None) -> Fraction:
        if one.amount is None:
            return Fraction(0)
        if currency is None:
            return Fraction(one.amount) * Fraction(rates.get(one.currency, Decimal(0)))
        return Fraction(one.amount) if one.currency == currency else Fraction(0)

    change = worth(after, None) - worth(before, None)
    same = before.currency == after.currency
    for currency in {before.currency, after.currency} - rates.keys():
        apart = worth(after, currency) - worth(before, currency)
        if apart:
            told = found["raised" if apart > 0 else "lowered"]
            told.unconverted[currency] = (
                told.unconverted.get(currency, Decimal(0)) + Decimal(abs(apart).numerator) / abs(apart).denominator
            )
            if same:
                change = apart
    if change:
        part = found["raised" if change > 0 else "lowered"]
        part.ids.add(each)
        part.unknown += (before if change > 0 else after).amount is None
        if not same or before.currency in rates:
            part.amount += abs(change)


def _closes_in(one: State, period: Period) -> bool:
    if period == (None, None):
        return True
    first, last = period
    close = one.expected_close
    return close is not None and (first is None or close >= first) and (last is None or close < last)


def compare(answer: Mapping[str, Any], found: Movement) -> None:
    """Fail where an answer says anything but what was recomputed."""
    for part in (*PARTS, *SIDE):
        told, shown = found[part], answer[part]
        assert (shown["count"], shown["unknown_amount"]) == (len(told.ids), told.unknown), part
        assert abs(Fraction(shown["amount"]) - told.amount) < Fraction(1, 100), part
        assert {code: Decimal(amount) for code, amount in shown["unconverted"].items()} == told.unconverted, part
    for end in ("opening", "closing", *SIDE):
        assert Decimal(answer[end]["amount"]) == _cents(found[end].amount), end
    assert adds_up(answer)


def adds_up(line: Mapping[str, Any], shifted: str = "shifted") -> bool:
    """Whether the parts of a line add up, amounts and counts, to the last cent."""
    signs = {"opening": 1, shifted: 1} | dict.fromkeys(ADDED, 1) | dict.fromkeys(TAKEN, -1)
    shown = {part: line[part] for part in signs if part in line}
    amount = sum(signs[part] * Decimal(one["amount"]) for part, one in shown.items())
    count = sum(signs[part] * one["count"] for part, one in shown.items() if part not in {"raised", "lowered"})
    return (amount, count) == (Decimal(line["closing"]["amount"]), line["closing"]["count"])


def sums(lines: Sequence[Mapping[str, Any]], part: str) -> tuple[int, Decimal]:
    """Return the count and amount of a part over lines."""
    return sum(line[part]["count"] for line in lines), sum(
        (Decimal(line[part]["amount"]) for line in lines), Decimal(0)
    )


def _cents(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
