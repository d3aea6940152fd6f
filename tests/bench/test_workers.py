"""Two processes beside one: what they bring, and what held them back."""

import pytest
from rich.console import Console

from bench.__main__ import run_other
from bench.loading import Measured
from bench.measuring import Plan
from bench.workers import Comparison, Round


def compared(one: float, two: float, *, cores: int = 2, elsewhere: float = 0.0, share: float = 0.5) -> Comparison:
    alone = Round(one, {"opportunity": 0.9, "postgres": 0.5, "load generator": 0.1, "elsewhere": elsewhere})
    work = 1.8 * two / (2 * one)
    both = {"opportunity": work * share, "opportunity-2": work * (1 - share), "postgres": 0.4, "load generator": 0.1}
    return Comparison("get", [alone] * 3, [Round(two, both | {"elsewhere": elsewhere})] * 3, cores)


def test_what_is_promised_is_held_back_by_nothing() -> None:
    kept = compared(1000.0, 1700.0, cores=8)
    assert kept.held_back == ""
    assert kept.as_row()["kept"]


def test_a_machine_without_room_is_named_with_who_kept_it_busy() -> None:
    row = compared(1000.0, 1300.0).as_row()
    assert (row["times"], row["room_for_times"], row["kept"]) == (1.3, 1.33, False)
    assert row["held_back_by"].startswith("2 cores, of which")
    assert "service 1.17, postgres 0.40" in row["held_back_by"]


def test_what_runs_elsewhere_leaves_less_room() -> None:
    assert compared(1000.0, 1000.0, elsewhere=1.0).most_times == 1.0


def test_where_there_is_room_it_was_uneven_or_they_waited() -> None:
    assert "unevenly: one process did 80%" in compared(1000.0, 1300.0, cores=8, share=0.8).held_back
    assert "waiting, not CPU" in compared(1000.0, 1300.0, cores=8).held_back


def test_cores_are_those_of_each_party_and_of_nobody_else() -> None:
    measured = Measured(500, 1000.0, 1.0, 2.0, {"opportunity": 0.8, "postgres": 0.4}, busy_cores=1.5, load_cores=0.2)
    assert Round.of(measured).cores == {
        "opportunity": pytest.approx(0.8),
        "postgres": pytest.approx(0.4),
        "load generator": 0.2,
        "elsewhere": pytest.approx(0.1),
    }


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_one_and_two_are_measured_in_turn() -> None:
    plan = Plan(sizes=(600,), people=60, connections=(4,), rounds=2, seconds=0.1, durable=False)
    found = await run_other("workers", plan, Console(quiet=True))
    rows = found.content()["rows"]
    assert [row["operation"] for row in rows] == ["get", "list", "create", "stage_change"]
    for row in rows:
        assert len(row["rate_of_one"]) == len(row["rate_of_two"]) == 2
        assert min(*row["rate_of_one"], *row["rate_of_two"]) > 0
        assert row["cores_of_two"]["service"] > 0
    found.show(Console(quiet=True))
