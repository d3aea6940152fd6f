"""When it is tried again, and what an attempt leads to."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from servicekit.events.webhooks.rules import DeliveryState, judge, next_try, pause_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
chances = st.floats(0, 1, exclude_max=True)


def test_the_schedule_is_the_documented_one() -> None:
    pauses = [pause_after(tries, 0.5).total_seconds() for tries in range(1, 10)]
    assert pauses == [5, 15, 45, 135, 405, 1215, 3600, 3600, 3600]


@given(st.integers(1, 10**6), chances)
def test_chance_moves_a_pause_by_a_fifth(tries: int, chance: float) -> None:
    middle = pause_after(tries, 0.5)
    assert 0.8 * middle <= pause_after(tries, chance) <= 1.2 * middle


@given(st.randoms(use_true_random=False))
def test_the_last_try_is_after_exactly_a_day(chance: random.Random) -> None:
    until, at, tries = NOW + timedelta(days=1), NOW, 1
    while (following := next_try(at, tries, until, chance.random())) is not None:
        assert at < following <= until
        at, tries = following, tries + 1
    assert at == until
    assert 25 <= tries <= 45


@given(st.one_of(st.none(), st.integers(100, 599)), chances)
def test_only_2xx_is_success(status: int | None, chance: float) -> None:
    verdict = judge(status, now=NOW, tries=1, give_up_at=NOW + timedelta(days=1), failing_since=None, chance=chance)
    assert (verdict.state is DeliveryState.DELIVERED) == (status is not None and 200 <= status <= 299)
    assert (verdict.disabled is not None) == (status == 410)
