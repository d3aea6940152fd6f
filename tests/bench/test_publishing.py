"""What working a cycle to its end takes: medians, the most that is held, and a verdict on each promise."""

import os

import pytest
from rich.console import Console

from bench.__main__ import run_other
from bench.held import watched
from bench.measuring import Plan
from bench.publishing import READ, Taken, Worked


def taken(ms: float, service_mb: float = 0.0) -> Taken:
    return Taken(ms, 1.0, 1.0, service_mb, 0.0, 1.0)


def test_a_step_is_its_median_and_the_most_that_was_held() -> None:
    found = Worked()
    found.steps[READ, 1000] = [taken(2.0), taken(2.0)]
    found.steps["publish", 1000] = [taken(9000, 31.0), taken(12_000, 32.5), taken(8000, 1.0)]
    row = next(one for one in found.rows() if one["step"] == "publish")
    assert (row["ms"], row["times_read"], row["service_mb"]) == (9000, 4500, 32.5)
    verdicts = {(one["promise"], one["unit"]): one["kept"] for one in found.verdicts()}
    assert verdicts == {("publish", "ms"): True, ("publish", "service_mb"): False}


def test_the_most_that_a_process_held_is_seen() -> None:
    with watched([os.getpid()], [0]) as (ours, nobody):
        before = ours.before
        content = bytearray(os.urandom(64_000_000))
        while ours.most - before < 50_000_000:
            assert content
    assert ours.growth_mb >= 50
    assert nobody.growth_mb == 0


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_cycle_is_worked_to_its_end() -> None:
    plan = Plan(sizes=(200, 600), people=60, rounds=2, durable=False)
    found = await run_other("publication", plan, Console(quiet=True))
    rows = {(row["step"], row["opportunities"]): row for row in found.content()["rows"]}
    for step in ("confirm", "submit of seller", "submit of head", "publish", "page of the plan", "the whole plan"):
        assert rows[step, 600]["ms"] > 0
    assert rows["publish", 600]["rounds"] == 2
    found.show(Console(quiet=True))
