from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.calibration.rules.calibrating import (
    FEWEST_DECIDED,
    Chance,
    Entry,
    Judged,
    Outcome,
    brier,
    chance_of,
    judge,
)

BEGUN = date(2026, 1, 1)


def test_the_chance_is_won_and_one_of_decided_and_two() -> None:
    outcomes = [Outcome(4, True, BEGUN, 3), Outcome(2, False, BEGUN, 4), Outcome(1, False, BEGUN, 1)]

    chances = [chance_of(outcomes, order) for order in (1, 2, 3, 5)]

    assert [(chance.decided, chance.won) for chance in chances] == [(8, 3), (7, 3), (3, 3), (0, 0)]
    assert [chance.probability for chance in chances] == [
        Decimal(each) for each in ("0.4000", "0.4444", "0.8000", "0.5")
    ]
    assert chances[3].interval is None


def test_below_twenty_decided_it_is_told_and_not_used() -> None:
    assert [Chance(decided, 1).is_used for decided in (0, 19, 20)] == [False, False, True]


def test_nothing_judged_has_no_score() -> None:
    assert brier(Decimal(0), 0) is None
    assert judge([], [], 1) == Judged()


def test_what_was_decided_on_the_day_of_the_entry_is_not_known_yet() -> None:
    known = [Outcome(3, True, BEGUN, FEWEST_DECIDED)]

    def judged_on(day: date) -> Judged:
        return judge(known, [Entry(2, Decimal("0.5"), day, True, 1)], 2)

    assert judged_on(BEGUN).compared == 0
    after = judged_on(BEGUN + timedelta(days=1))
    assert after.compared == 1
    assert after.calibrated == (Chance(20, 20).probability - 1) ** 2
    assert after.configured == Decimal("0.25")


def some_days(seed: int) -> tuple[list[Outcome], list[Entry]]:
    """Return outcomes and entries of a month; the seed is what shrinks."""
    random = Random(seed)  # noqa: S311 (a test that can be repeated)

    def day() -> date:
        return BEGUN + timedelta(days=random.randint(0, 30))

    def yes() -> bool:
        return random.random() < 0.5

    decided = [Outcome(random.randint(1, 4), yes(), day(), random.randint(1, 12)) for _ in range(random.randint(0, 12))]
    entered = [
        Entry(random.randint(1, 4), Decimal(random.randint(0, 100)) / 100, day(), yes(), random.randint(1, 3))
        for _ in range(random.randint(0, 12))
    ]
    return decided, entered


@given(st.integers(0, 1_000_000), st.integers(1, 4))
def test_judging_says_what_a_plain_reading_says(seed: int, order: int) -> None:
    decided, entered = some_days(seed)
    expected = Judged()
    for entry in entered:
        if entry.order != order:
            continue
        before = [one for one in decided if one.reached >= order and one.day < entry.day]
        known = Chance(sum(one.count for one in before), sum(one.count for one in before if one.is_won))
        for _ in range(entry.count):
            off = (entry.probability - int(entry.is_won)) ** 2
            if known.decided < FEWEST_DECIDED:
                expected += Judged(1, off)
            else:
                expected += Judged(1, off, 1, off, (known.probability - int(entry.is_won)) ** 2)

    assert judge(decided, entered, order) == expected


@given(st.integers(0, 1_000_000), st.integers(1, 4))
def test_a_chance_is_never_certain_and_lies_in_its_interval(seed: int, order: int) -> None:
    chance = chance_of(some_days(seed)[0], order)

    assert 0 < chance.probability < 1
    assert abs(Fraction(chance.probability) - Fraction(chance.won + 1, chance.decided + 2)) <= Fraction(1, 20_000)
    if chance.interval is not None:
        assert chance.interval.low <= chance.probability + Decimal("0.0001")
        assert chance.interval.high >= chance.probability - Decimal("0.0001")
