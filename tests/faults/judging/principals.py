"""Has every opportunity exactly one principal at every instant, put there by who may?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.faults.history import History, Outcome
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final, Row


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Walk the history of each opportunity's principals."""
    spans: dict[str, list[Row]] = defaultdict(list)
    for row in final.of("opportunity", "principals"):
        spans[row["opportunity_id"]].append(row)
    for opportunity in final.of("opportunity", "opportunities"):
        held = spans.get(opportunity["id"], [])
        about = f"opportunity {opportunity['id']}"
        if problem := _gap(held):
            yield Verdict(Broken.PRINCIPAL, about, problem)
        elif held[-1]["principal_id"] != opportunity["principal_id"]:
            yield Verdict(Broken.PRINCIPAL, about, "its history ends with somebody else")
        for before, after in pairwise(held):
            if after["decided_by"] not in final.superiors.get(before["principal_id"], ()):
                yield Verdict(Broken.PRINCIPAL, about, f"replaced by {after['decided_by']}, who is no superior")
    yield from _refusals(history, final)


def _gap(held: Sequence[Row]) -> str | None:
    if not held:
        return "it never had one"
    if held[-1]["until_at"] is not None:
        return "it has none now"
    for before, after in pairwise(held):
        if before["until_at"] != after["from_at"]:
            return f"one ends at {before['until_at']}, the next begins at {after['from_at']}"
    return None


def _refusals(history: History, final: Final) -> Iterator[Verdict]:
    """Each attempt by who may not is remembered."""
    kept = Counter((row["aggregate_id"], row["actor"]) for row in final.of("opportunity", "refusals"))
    asked: Counter[tuple[str | None, str]] = Counter()
    for call in history.calls:
        if call.operation == "replace_principal" and call.outcome is Outcome.REFUSED and call.answer["status"] == 403:
            asked[call.subject, call.person] += 1
    for (subject, person), count in asked.items():
        if kept[subject or "", person] < count:
            yield Verdict(Broken.LOST, f"refusal of {person} at {subject}", f"{kept[subject or '', person]} of {count}")
