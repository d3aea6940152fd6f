"""The instance under traffic while its processes are killed and frozen and its connections cut: nothing may be lost."""

import os
from pathlib import Path

import pytest
import uvloop

from tests.faults.history import Outcome
from tests.faults.report import percentile, told
from tests.faults.running import Plan, Result, run
from tests.faults.schedule import Schedule

SERVICE_BACK_SECONDS, DATABASE_BACK_SECONDS = 1.5, 4.0
SAID_WITHIN_SECONDS = 0.3


def check(result: Result, *, writes: int, kills: int) -> None:
    """Require that everything held, and that there was enough of it."""
    said, history = told(result), result.history
    print(said)  # noqa: T201 (the figures are to be seen)
    assert not result.verdicts, said
    assert history.writes >= writes, said
    assert history.kills >= kills, said
    assert not [call for call in history.calls if call.outcome is Outcome.UNRESOLVED]
    assert any(call.was_unknown for call in history.calls), "nothing was ever unknown: the faults struck nothing"


def check_times(result: Result) -> None:
    """Require that what was killed is back in time and that others did not wait for it: in the middle of all kills.

    The limits are those of free cores: where more processes are ready to run than there are cores, each waits for its
    turn, and they grow by as much. The single figures are printed: on a shared machine each of them is up to chance.
    """
    crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    said = told(result)
    faults = [fault for fault in result.history.faults if fault.back_seconds is not None]
    services = [fault.back_seconds or 0.0 for fault in faults if fault.target != "postgresql"]
    database = [fault.back_seconds or 0.0 for fault in faults if fault.target == "postgresql"]
    waited = [each.seconds for each in result.history.waited if each.status != 0]
    assert percentile(services, 0.5) <= SERVICE_BACK_SECONDS * crowd, said
    assert percentile(database, 0.5) <= DATABASE_BACK_SECONDS * crowd, said
    assert percentile(waited, 0.5) <= SAID_WITHIN_SECONDS * crowd, said


@pytest.mark.long
@pytest.mark.timeout(240)
def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    plan = Plan(seed=4, writes=20_000, workers=8, batch=100, rates=400, batch_pause=0.3, schedule=Schedule(count=12))
    result = uvloop.run(run(plan, tmp_path / "history.jsonl"))
    check(result, writes=20_000, kills=10)
    check_times(result)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_or_doubled_for_long(tmp_path: Path) -> None:
    plan = Plan(
        seed=5,
        writes=300_000,
        workers=4,
        batch=100,
        rates=4000,
        batch_pause=0.2,
        schedule=Schedule(count=100),
        most_seconds=3000.0,
    )
    result = uvloop.run(run(plan, tmp_path / "history.jsonl"))
    check(result, writes=300_000, kills=100)
    check_times(result)
