"""Did everybody see what they may, and nothing else? A plain second telling of who may see an opportunity.

One may see it who is its principal, above the principal, or in its sales team. Each stood so from one instant to
another; an answer may speak of any instant between question and answer, and a change counts from when it was asked
for until it was acknowledged as before or after.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from tests.faults.history import Call, History, Outcome, Read
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final, Row

FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class Span:
    """When somebody may have seen something (`earliest` to `latest`), and when surely (`since` to `until`)."""

    earliest: float
    since: float
    until: float
    latest: float


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Judge each read."""
    spans = _spans(history, final)
    for read in history.reads:
        seen = set(read.seen)
        for each in seen:
            if not any(span.earliest <= read.ended and read.began <= span.latest for span in spans[read.person, each]):
                yield Verdict(Broken.LEAK, f"{read.person} saw {each}", f"{read.kind} at {read.began:.3f}")
        if _is_hidden(read, spans):
            yield Verdict(
                Broken.HIDDEN, f"{read.person} did not find {read.sought}", f"{read.kind} at {read.began:.3f}"
            )


def _is_hidden(read: Read, spans: Mapping[tuple[str, str], list[Span]]) -> bool:
    if read.sought is None or read.sought in read.seen:
        return False
    surely = spans.get((read.person, read.sought), ())
    return any(span.since <= read.began and read.ended <= span.until for span in surely)


def _spans(history: History, final: Final) -> defaultdict[tuple[str, str], list[Span]]:
    spans: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
    calls = _Calls(history)
    held: defaultdict[str, list[Row]] = defaultdict(list)
    for row in final.of("opportunity", "principals"):
        held[row["opportunity_id"]].append(row)
    for opportunity, rows in held.items():
        for row, following in zip_longest(rows, rows[1:]):
            begun = calls.around("replace_principal", opportunity, row["reason"], row["from_at"])
            since = begun.ended if begun else calls.created.get(opportunity, FOREVER)
            ending = (
                calls.around("replace_principal", opportunity, following["reason"], row["until_at"])
                if following
                else None
            )
            span = Span(row["from_at"], since, row["until_at"] or FOREVER, ending.ended if ending else FOREVER)
            for person in (row["principal_id"], *final.superiors.get(row["principal_id"], ())):
                spans[person, opportunity].append(span)
    for row in final.of("opportunity", "members"):
        opportunity, person = row["opportunity_id"], row["person_id"]
        begun = calls.around("join_team", opportunity, person, row["from_at"])
        ending = calls.around("leave_team", opportunity, person, row["until_at"]) if row["until_at"] else None
        since = begun.ended if begun else FOREVER
        span = Span(row["from_at"], since, row["until_at"] or FOREVER, ending.ended if ending else FOREVER)
        spans[person, opportunity].append(span)
    return spans


class _Calls:
    """Finds the acknowledged call that made a change, by what it is recognised by and when it happened."""

    def __init__(self, history: History) -> None:
        self.created: dict[str, float] = {}
        self._by_mark: defaultdict[tuple[str, str | None, str], list[Call]] = defaultdict(list)
        for call in history.calls:
            if call.outcome is Outcome.ACKNOWLEDGED:
                self._by_mark[call.operation, call.subject, call.mark].append(call)
                if call.operation == "create_opportunity":
                    self.created[call.answer["id"]] = call.ended

    def around(self, operation: str, subject: str, mark: str | None, at: float) -> Call | None:
        """Return the call during which something happened."""
        found = self._by_mark.get((operation, subject, mark or ""), ())
        return next((call for call in found if call.began <= at <= call.ended), None)
