"""Did every event come to the webhook that asked for its type, and those about one thing in order?"""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.history import Delivered, History
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final

SERVICES = ("opportunity", "customer")


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Compare what was received with what was planned and with the feed; repeats are allowed, and only repeats."""
    received: dict[str, list[Delivered]] = defaultdict(list)
    for each in history.delivered:
        received[each.service].append(each)
    hooked = {call.mark: call.body["event_types"] for call in history.calls if call.operation == "register_webhook"}
    for service in SERVICES:
        if service in hooked:
            yield from _complete(service, hooked[service], received[service], final)
            yield from _ordered(service, received[service])
        elif received[service]:
            yield Verdict(Broken.EVENT_DOUBLED, service, "came to a webhook that nobody registered")


def _complete(service: str, types: list[str], received: list[Delivered], final: Final) -> Iterator[Verdict]:
    wanted = {row["event_id"]: row for row in final.of(service, "feed") if row["type"] in types}
    seen = {each.id for each in received}
    for event in wanted.keys() - seen:
        yield Verdict(Broken.EVENT_LOST, f"{service} {event}", "no webhook got it")
    for event in seen - wanted.keys():
        yield Verdict(Broken.EVENT_DOUBLED, f"{service} {event}", "a webhook got what is not in the feed")
    for row in final.of(service, "hooked"):
        if row["state"] != "delivered":
            yield Verdict(Broken.UNRESOLVED, f"{service} {row['event_id']}", f"its delivery is {row['state']}")


def _ordered(service: str, received: list[Delivered]) -> Iterator[Verdict]:
    """An event comes for the first time after all earlier ones about the same thing have."""
    last: dict[str, int] = {}
    seen: set[str] = set()
    for each in received:
        if each.id in seen:
            continue
        seen.add(each.id)
        if each.position < last.get(each.aggregate, 0):
            about = f"{service} {each.aggregate}"
            yield Verdict(Broken.EVENT_ORDER, about, f"position {each.position} came late to a webhook")
        last[each.aggregate] = max(each.position, last.get(each.aggregate, 0))
