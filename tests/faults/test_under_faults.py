"""The instance under traffic while its processes are killed and frozen and its connections cut: nothing may be lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from tests.faults.history import Outcome
from tests.faults.report import percentile, told
from tests.faults.running import Plan, Result, run
from tests.faults.schedule import Schedule
from tests.telling import TOLD

SERVICE_BACK_SECONDS, DATABASE_BACK_SECONDS = 1.5, 4.0
SAID_WITHIN_SECONDS = 0.3


def check(result: Result, *, writes: int, kills: int) -> None:
    """Require that everything held, and that there was enough of it."""
    said, history = told(result), result.history
    assert not result.verdicts, said
    assert history.writes >= writes, said
    assert history.kills >= kills, said
    assert not [call for call in history.calls if call.outcome is Outcome.UNRESOLVED]
    assert any(call.was_unknown for call in history.calls), "nothing was ever unknown: the faults struck nothing"


def check_times(result: Result) -> str:
    """Require of a free machine that whatever was killed was back in time and that nobody waited; say what was judged.

    The promise is judged as it is made, by the longest time of all; only what does not need the killed one is judged by
    its middle. Where others take more than half of the cores, each process waits for its turn and the times are theirs
    as much as ours: then they are only told.
    """
    if not result.crowd.is_free:
        return f"Times were not judged, the machine was busy: {result.crowd}."
    said = told(result)
    faults = [fault for fault in result.history.faults if fault.back_seconds is not None]
    services = [fault.back_seconds or 0.0 for fault in faults if fault.target != "postgresql"]
    database = [fault.back_seconds or 0.0 for fault in faults if fault.target == "postgresql"]
    waited = [each for each in result.history.waited if each.status != 0]
    told_so = [each.seconds for each in waited if each.asked == each.down]
    others = [each.seconds for each in waited if each.asked != each.down]
    assert services, said
    assert database, said
    assert told_so, said
    assert max(services) <= SERVICE_BACK_SECONDS, said
    assert max(database) <= DATABASE_BACK_SECONDS, said
    assert max(told_so) <= SAID_WITHIN_SECONDS, said
    assert percentile(others, 0.5) <= SAID_WITHIN_SECONDS, said
    return f"Times were judged and held: {result.crowd}."


def run_and_judge(plan: Plan, file: Path, record_property: Callable[[str, object], None], *, kills: int) -> None:
    """Run a plan, tell its figures, and require that everything held, with so many kills at least."""
    result = uvloop.run(run(plan, file))
    record_property(TOLD, told(result))
    check(result, writes=plan.writes, kills=kills)
    record_property(TOLD, check_times(result))


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    plan = Plan(
        seed=4,
        writes=20_000,
        workers=8,
        batch=60,
        rates=200,
        batch_pause=0.2,
        job_pause=2.0,
        schedule=Schedule(count=11),
        most_seconds=300.0,
    )
    run_and_judge(plan, tmp_path / "history.jsonl", record_property, kills=10)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_or_doubled_for_long(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    plan = Plan(
        seed=5,
        writes=300_000,
        workers=4,
        batch=100,
        rates=2000,
        batch_pause=0.2,
        job_pause=10.0,
        schedule=Schedule(count=100),
        most_seconds=3000.0,
    )
    run_and_judge(plan, tmp_path / "history.jsonl", record_property, kills=100)
