"""How healthy a stage is, against a recomputation by plain sums over the days that NUMBERS names."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.baselines.rules import Basis
from services.opportunity.definitions.rules import Definitions
from services.opportunity.definitions.rules.standard import VERSION_1
from services.opportunity.funnel.rules.figures import Group
from services.opportunity.funnel.rules.health import HealthState, Trend, days_compared, days_read
from services.opportunity.funnel.rules.measures import BaselineKind, Past
from services.opportunity.funnel.rules.report import Funnel, funnel_of
from services.opportunity.funnel.rules.standing import Standing, standing_of

STAGE = "shortlist"
AMOUNT = Decimal("12.50")
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


def months_before(start: date, months: int) -> date:
    index = start.year * 12 + start.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def same_day_before(day: date, quarters: int) -> date:
    """Return the same relative day so many quarters before, capped at the quarter's end."""
    start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    first, after = months_before(start, 3 * quarters), months_before(start, 3 * quarters - 3)
    return min(first + (day - start), after - timedelta(days=1))


def standing(day: date, count: int) -> Standing:
    return standing_of(day, [(date(1, 1, 1), Group(STAGE, "USD", count, AMOUNT * count, 0))] if count else [])


def funnel(as_of: date, counts: dict[date, int], first: date, basis: Basis) -> Funnel:
    now, previous = [
        None
        if each is None
        else Past(
            standing(each.day, counts.get(each.day, 0)),
            [(one, standing(one.day, counts.get(one.day, 0))) for one in each.before],
        )
        for each in days_compared(as_of, first)
    ]
    assert now is not None
    return funnel_of(Definitions({1: VERSION_1}), now, previous, rates={"USD": Decimal(1)}, currency="USD", basis=basis)


@given(DAYS, st.lists(st.integers(0, 9), min_size=12, max_size=12), st.integers(0, 500), st.sampled_from(Basis))
def test_health_change_and_trend_are_those_of_a_plain_recomputation(
    as_of: date, stood: list[int], known_for: int, basis: Basis
) -> None:
    first = as_of - timedelta(days=known_for)
    days = days_read(days_compared(as_of, date.min))
    counts = dict(zip(days, stood, strict=False))

    line = next(line for line in funnel(as_of, counts, first, basis).stages if line.stage == STAGE)

    def plain(day: date) -> tuple[list[date], Fraction | None]:
        before = [one for one in (same_day_before(day, count) for count in range(1, 5)) if one >= first]
        total = sum(counts[one] for one in before)
        return before, Fraction(100 * counts[day] * len(before), total) if total else None

    before, expected = plain(as_of)
    assert [period.day for period in line.measure.periods] == before
    assert line.measure.is_partial == (len(before) < 4)
    assert line.measure.kind == (BaselineKind.HISTORY if before else BaselineKind.NONE)
    unit = AMOUNT if basis is Basis.AMOUNT else 1
    assert [period.value for period in line.measure.periods] == [counts[day] * unit for day in before]
    assert line.health.ratio == expected
    assert (line.health.state is HealthState.UNKNOWN) == (expected is None)
    if not before:
        assert (line.change, line.before.ratio, line.trend) == (None, None, Trend.UNKNOWN)
        return
    assert line.change == (counts[as_of] - counts[before[0]]) * unit
    _, earlier = plain(before[0])
    assert line.before.ratio == earlier
    if expected is None or earlier is None:
        assert line.trend is Trend.UNKNOWN
    else:
        assert line.trend == (
            Trend.RISING if expected > earlier else Trend.FALLING if expected < earlier else Trend.LEVEL
        )
