"""The breaker's states, by a clock that the test moves."""

from collections.abc import Awaitable, Callable

from servicekit.peers.breaker import FAILURES, PAUSE_SECONDS, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def saying(well: bool) -> Callable[[], Awaitable[bool]]:
    async def is_well() -> bool:
        return well

    return is_well


async def test_it_opens_on_failures_in_a_row_and_an_answer_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES - 1):
        breaker.failed()
    breaker.heard()
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.state == "closed"
    breaker.failed()
    assert breaker.state == "open"
    assert not await breaker.lets_through(saying(True)), "before the pause is over nobody asks"
    clock.now += PAUSE_SECONDS
    assert not await breaker.lets_through(saying(False))
    assert not await breaker.lets_through(saying(True)), "each question is followed by a pause"
    clock.now += PAUSE_SECONDS
    assert await breaker.lets_through(saying(True))
    assert (breaker.state, breaker.times_opened, breaker.refused) == ("closed", 1, 3)


async def test_half_open_one_asks_and_the_others_are_refused_at_once() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.open()
    clock.now += PAUSE_SECONDS

    async def is_well() -> bool:
        assert breaker.state == "half_open"
        assert not await breaker.lets_through(saying(True))
        return True

    assert await breaker.lets_through(is_well)
    assert breaker.state == "closed"


def test_who_is_slow_and_answers_others_is_not_taken_for_frozen() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    asked_at = clock.now
    clock.now += 1
    breaker.heard()
    clock.now += 2
    breaker.waited_in_vain(asked_at)
    assert breaker.state == "closed"
    breaker.waited_in_vain(clock.now)
    assert breaker.state == "open"
