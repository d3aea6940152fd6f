"""What is added up of memory, and what is PostgreSQL's shared memory."""

from types import SimpleNamespace

import pytest
from rich.console import Console

from bench.__main__ import run_other
from bench.measuring import Plan
from bench.memory import MB, Held, Moment, kept, private_of, totals

HELD = [Held("team", 190 * MB, 110 * MB, 99 * MB), Held("gateway", 120 * MB, 40 * MB, 21 * MB)]


def test_totals_are_what_is_held_together_and_what_is_added_up() -> None:
    found = dict(totals(Moment("now", HELD, 230 * MB, 42)))
    assert [total // MB for total in found.values()] == [150, 380, 310, 540]
    assert kept(700 * MB)
    assert not kept(700 * MB + 1)


def test_shared_memory_of_the_database_is_left_out() -> None:
    maps = [
        SimpleNamespace(path="[heap]", pss=5),
        SimpleNamespace(path="/dev/zero (deleted)", pss=1000),
        SimpleNamespace(path="/dev/shm/PostgreSQL.1804289383", pss=100),  # noqa: S108
        SimpleNamespace(path="/usr/lib/libc.so", pss=2),
    ]
    assert private_of(maps) == 7


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_every_process_is_measured_idle_and_after_a_load() -> None:
    found = await run_other("memory", Plan(connections=(4,), seconds=0.05), Console(quiet=True))
    content = found.content()
    for moment in content["moments"]:
        names = {one["name"] for one in moment["processes"]}
        assert names >= {"supervisor", "gateway", "customer", "opportunity", "forecast", "team"}
        assert all(one["rss_mb"] >= one["pss_mb"] >= one["uss_mb"] > 0 for one in moment["processes"])
        assert moment["database_processes"] > 0
    assert content["requests_of_the_load"] >= 200
    found.show(Console(quiet=True))
