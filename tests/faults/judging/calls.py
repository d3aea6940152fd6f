"""Is it known of every call what became of it, and was it answered in one way?"""

from collections.abc import Iterator

from tests.faults.history import History, Outcome
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Name what never became known, what was answered in two ways, and keys that nobody holds any more."""
    for call in history.calls:
        about = f"{call.operation} {call.key}"
        if call.outcome is Outcome.UNRESOLVED:
            yield Verdict(Broken.UNRESOLVED, about, ", ".join(call.tries[-3:]))
        if any(tried.startswith("answered twice") for tried in call.tries):
            yield Verdict(Broken.DOUBLED, about, call.tries[-1])
    for service in final.rows:
        if broken := final.count(service, "broken_links"):
            yield Verdict(Broken.AUDIT, service, f"{broken} links")
        if unfinished := final.count(service, "unfinished_keys"):
            yield Verdict(Broken.UNRESOLVED, service, f"{unfinished} keys have no answer")
