from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.funnel.rules.health import NO_HEALTH, health
from services.opportunity.health_notices.rules import (
    UNSEEN,
    Condition,
    State,
    condition_of,
    is_worth_telling,
    last_told,
    with_everybody_below,
)


@pytest.mark.parametrize(
    ("now", "before", "condition"),
    [
        (100, 120, "fine"),
        (99, 99, "fine"),
        (99, 100, "falling"),
        (70, 71, "falling"),
        (80, 75, "fine"),
        (69, 60, "warning"),
        (69, 100, "warning"),
    ],
)
def test_good_and_falling_or_a_warning_is_worth_a_word(now: int, before: int, condition: str) -> None:
    assert condition_of(health(now, [100]), health(before, [100])) == condition


def test_without_a_baseline_nothing_is_said() -> None:
    assert condition_of(NO_HEALTH, health(1, [1])) is Condition.FINE
    assert condition_of(health(80, [100]), NO_HEALTH) is Condition.FINE
    assert condition_of(health(60, [100]), NO_HEALTH) is Condition.WARNING


def test_only_what_turns_worse_is_told() -> None:
    told = {(before, now) for before in Condition for now in Condition if is_worth_telling(before, now)}
    assert told == {
        (Condition.FINE, Condition.FALLING),
        (Condition.FINE, Condition.WARNING),
        (Condition.FALLING, Condition.WARNING),
    }


PEOPLE = [uuid4() for _ in range(8)]


@given(st.integers(0, 8**8 - 1), st.integers(0, 6**8 - 1))
def test_everybody_below_is_added_up_as_a_plain_walk_upwards_does(lines: int, standing: int) -> None:
    above, counts = [lines // 8**place % 8 for place in range(8)], [standing // 6**place % 6 for place in range(8)]
    superiors = {PEOPLE[place]: PEOPLE[above[place] % place] for place in range(1, 8) if above[place] % 3}
    own = {person: [count, 1] for person, count in zip(PEOPLE, counts, strict=True) if count}
    expected: dict[UUID, list[int]] = {}
    for person, stands in own.items():
        at: UUID | None = person
        while at is not None:
            total = expected.setdefault(at, [0, 0])
            expected[at] = [total[0] + stands[0], total[1] + stands[1]]
            at = superiors.get(at)
    assert with_everybody_below(own, superiors) == expected


def test_of_several_stages_that_became_one_the_worst_was_told() -> None:
    warned, falling = State("warning", Condition.WARNING), State("good", Condition.FALLING)
    assert last_told([None]) == UNSEEN
    assert last_told([falling, None, warned]) == warned
    assert last_told([None, falling]) == falling
