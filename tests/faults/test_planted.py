"""Faults as they are really made, each put into an instance: the judge has to name it."""

import pytest
import uvloop

from tests.faults.judging.verdicts import Broken
from tests.faults.planted import Planted
from tests.faults.points import Point
from tests.faults.report import told
from tests.faults.running import Plan, run
from tests.faults.schedule import Schedule, killed_at

UNDISTURBED = Schedule(count=0)
ONCE_AFTER_AN_ANSWER = Schedule(1, (killed_at("opportunity", Point.AFTER_ANSWER, 5),), (), ())
TWICE_WITHOUT_WARNING = Schedule(2, (lambda breaker, _: breaker.kill_database(),), (), ())


def plan(planted: Planted, schedule: Schedule = UNDISTURBED, *, writes: int = 400, batch: int = 20) -> Plan:
    """Return a small run: mostly single requests, and no forecasts."""
    pause = 0.1 if batch > 100 else 1.0
    return Plan(
        7,
        writes,
        workers=8,
        batch=batch,
        batch_pause=pause,
        schedule=schedule,
        planted=planted,
        most_seconds=60.0,
        forecasting=False,
        jobs=False,
        webhooks=False,
    )


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("planned", "named"),
    [
        pytest.param(plan(Planted.COMMIT_AFTER_ANSWER, ONCE_AFTER_AN_ANSWER, writes=100), Broken.LOST),
        pytest.param(
            plan(Planted.NAIVE_FEED_CURSOR, writes=1500, batch=200), Broken.EVENT_LOST, marks=pytest.mark.long
        ),
        pytest.param(plan(Planted.MISSING_SCOPE_LEG), Broken.HIDDEN, marks=pytest.mark.long),
        pytest.param(plan(Planted.FORGOTTEN_DELTA, writes=250), Broken.SUM),
        pytest.param(plan(Planted.OPEN_DOOR), Broken.LEAK, marks=pytest.mark.long),
        pytest.param(plan(Planted.LOOK_THEN_INSERT), Broken.DOUBLED, marks=pytest.mark.long),
        pytest.param(plan(Planted.ASYNCHRONOUS_COMMIT, TWICE_WITHOUT_WARNING), Broken.LOST, marks=pytest.mark.long),
    ],
    ids=lambda value: value.planted if isinstance(value, Plan) else "",
)
def test_it_is_caught(planned: Plan, named: Broken) -> None:
    result = uvloop.run(run(planned))
    assert named in {verdict.broken for verdict in result.verdicts}, told(result)
