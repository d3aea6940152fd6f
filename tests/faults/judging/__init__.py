"""Judges a history: a pure function of what was recorded and of what there is in the end."""

from tests.faults.history import History
from tests.faults.judging import calls, effects, events, forecasts, jobs, principals, scope, sums, webhooks
from tests.faults.judging.verdicts import Verdict
from tests.faults.state import Final

JUDGES = (
    calls.judge,
    effects.judge,
    principals.judge,
    events.judge,
    sums.judge,
    forecasts.judge,
    scope.judge,
    jobs.judge,
    webhooks.judge,
)


def judge(history: History, final: Final) -> list[Verdict]:
    """Return everything that must not be; nothing, if all is well."""
    return [verdict for each in JUDGES for verdict in each(history, final)]


__all__ = ["Verdict", "judge"]
