"""A bench from end to end on a tiny instance: every cell is there, and nothing is said that was not measured."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bench import results
from bench.__main__ import arguments, plan_of, run
from bench.measuring import Plan

KEYS = {
    "operation",
    "path",
    "connections",
    "opportunities",
    "rate",
    "rate_min",
    "rate_max",
    "p50_ms",
    "p99_ms",
    "cpu_ms",
    "floor",
    "ratio",
}
TINY = Plan(sizes=(600,), people=60, connections=(2,), rounds=1, seconds=0.05, durable=False)


def test_the_command_line_changes_only_what_it_names() -> None:
    assert plan_of(arguments([])) == Plan()
    assert plan_of(arguments(["first", "--quick", "--sizes", "500"])).sizes == (500,)
    assert plan_of(arguments(["--quick"])).rounds == 1
    assert max(plan_of(arguments(["growth"]), "growth").sizes) == 1_000_000
    assert plan_of(arguments(["--sizes", "500"]), "growth").sizes == (500,)


@pytest.mark.long
@pytest.mark.parametrize("name", ["first", "lists", "import", "search", "gathering"])
async def test_every_operation_is_measured_by_each_path(name: str, tmp_path: Path) -> None:
    plan = replace(TINY, connections=(1,)) if name == "gathering" else TINY
    found = await run(name, plan, Console(quiet=True))
    assert found.skipped == {}
    written = json.loads(results.write(name, TINY, found, tmp_path).read_text())
    operations = {row["operation"] for row in written["rows"]}
    assert len(operations) >= {"import": 1, "gathering": 4}.get(name, 6)
    assert len(written["rows"]) == 2 * len(operations)
    for row in written["rows"]:
        assert row.keys() >= KEYS
        assert row["ratio"] > 0
    assert {(one["operation"], one["floor"]) for one in written["floors"]} == {
        (operation, floor) for operation in operations for floor in ("bare", "pgbench")
    }
    assert written["filling_seconds"]["600"] > 0
    table = {"search": "customer", "gathering": "submission_cell"}.get(name, "opportunity")
    assert written["conditions"]["rows"]["600"][table] >= 600
    results.show(name, TINY, found, Console(quiet=True))
