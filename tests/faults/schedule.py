"""When what is broken: drawn from the seed, at shares of the writes, so that a seed breaks the same things again."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.breaking import GATEWAY, Breaker
from tests.faults.points import Point
from tests.faults.proxy import Cut

Step = Callable[[Breaker, random.Random], Awaitable[None]]
LONGEST_FREEZE = 1.0


def killed(name: str) -> Step:
    """Kill a process as it is."""
    return lambda breaker, _: breaker.kill(name)


def killed_at(service: str, point: Point, most_passes: int = 20) -> Step:
    """Kill a service at a point."""
    return lambda breaker, rng: breaker.kill_at(service, point, rng.randint(1, most_passes))


def frozen(name: str) -> Step:
    """Freeze a process for a while."""
    return lambda breaker, rng: breaker.freeze(name, rng.uniform(0.1, LONGEST_FREEZE))


def cut(proxy: str, where: Cut) -> Step:
    """Cut a connection."""
    return lambda breaker, _: breaker.cut(proxy, where)


KILLS: tuple[Step, ...] = (
    killed_at("opportunity", Point.BEFORE_COMMIT),
    killed_at("forecast", Point.CONSUMER_BEFORE_COMMIT, 3),
    killed_at("opportunity", Point.AFTER_COMMIT),
    killed(GATEWAY),
    killed_at("opportunity", Point.AFTER_ANSWER),
    killed_at("opportunity", Point.RELAY_BEFORE_COMMIT, 5),
    lambda breaker, _: breaker.kill_postmaster(),
    killed_at("customer", Point.AFTER_ANSWER, 5),
    killed_at("opportunity", Point.RELAY_AFTER_COMMIT, 5),
    killed("team"),
    killed_at("forecast", Point.CONSUMER_AFTER_COMMIT, 3),
    lambda breaker, _: breaker.kill_backend(),
    killed_at("opportunity", Point.FOLD_BEFORE_COMMIT, 5),
    killed_at("forecast", Point.AFTER_COMMIT, 3),
    lambda breaker, _: breaker.kill_database(),
    killed_at("customer", Point.BEFORE_COMMIT, 5),
)
FREEZES = tuple(frozen(name) for name in ("opportunity", "forecast", GATEWAY, "customer", "postgresql", "team"))
CUTS = tuple(
    cut(proxy, where)
    for proxy in ("client", "opportunity", "forecast database", "customer", "customer database", "forecast")
    for where in Cut
)


@dataclass(frozen=True)
class Schedule:
    """Every step of `kills` in turn, `count` times in all, each followed by cuts and, now and then, a freeze."""

    count: int = 12
    kills: Sequence[Step] = KILLS
    freezes: Sequence[Step] = FREEZES
    cuts: Sequence[Step] = CUTS
    done: list[str] = field(default_factory=list)

    async def run(self, breaker: Breaker, seed: int, writes: int) -> None:
        """Break one thing after the other, spread over the writes."""
        rng = random.Random(f"{seed} schedule")  # noqa: S311 (a seed is the point)
        history = breaker.caller.history
        for number in range(self.count):
            due = writes * (number + 0.5) / (self.count + 0.5)
            await history.reaches(due)
            for step in self.cuts[number * 2 % max(1, len(self.cuts)) :][:2]:
                await step(breaker, rng)
            if self.freezes and number % 2:
                await self.freezes[number // 2 % len(self.freezes)](breaker, rng)
            await self.kills[number % len(self.kills)](breaker, rng)
