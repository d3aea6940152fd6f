"""Did every committed change come as an event, once and in order, to whoever follows?"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.history import Followed, History
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Compare the feed with the followers and with the versions that there are."""
    followed: dict[str, list[Followed]] = defaultdict(list)
    for event in history.followed:
        followed[event.service].append(event)
    for service in final.rows:
        yield from _feed(service, final)
        yield from _follower(service, followed[service], final)
    yield from _complete(final)
    yield from _known(final)


def _feed(service: str, final: Final) -> Iterator[Verdict]:
    feed = final.of(service, "feed")
    for event, count in Counter(row["event_id"] for row in feed).items():
        if count > 1:
            yield Verdict(Broken.EVENT_DOUBLED, f"{service} {event}", f"{count} times in the feed")
    if [row["position"] for row in feed] != list(range(1, len(feed) + 1)):
        yield Verdict(Broken.EVENT_ORDER, service, "positions have gaps")
    if waiting := final.count(service, "outbox"):
        yield Verdict(Broken.EVENT_LOST, service, f"{waiting} events are still in the outbox")
    last: dict[str, int] = {}
    for row in feed:
        version = row["version"]
        if version is not None:
            if version < last.get(row["aggregate_id"], 0):
                yield Verdict(Broken.EVENT_ORDER, f"{service} {row['aggregate_id']}", f"version {version} came late")
            last[row["aggregate_id"]] = version


def _follower(service: str, met: list[Followed], final: Final) -> Iterator[Verdict]:
    """Who read the feed from the beginning has met every event once, in the order in which it is."""
    seen = Counter(event.id for event in met)
    lost = [row for row in final.of(service, "feed") if not seen[row["event_id"]]]
    for row in lost[:20]:
        yield Verdict(Broken.EVENT_LOST, f"{service} {row['type']} {row['event_id']}", "no follower met it")
    for event, count in seen.items():
        if count > 1:
            yield Verdict(Broken.EVENT_DOUBLED, f"{service} {event}", f"met {count} times")
    positions = [event.position for event in met]
    if positions != sorted(positions):
        yield Verdict(Broken.EVENT_ORDER, service, "a follower met positions out of order")


def _complete(final: Final) -> Iterator[Verdict]:
    """Each version of an opportunity and of a customer has its event."""
    for service, name in (("opportunity", "opportunities"), ("customer", "customers")):
        told: dict[str, set[int]] = defaultdict(set)
        for row in final.of(service, "feed"):
            if row["version"] is not None:
                told[row["aggregate_id"]].add(row["version"])
        for row in final.of(service, name):
            missing = set(range(1, row["version"] + 1)) - told[row["id"]]
            if missing:
                yield Verdict(Broken.EVENT_LOST, f"{service} {row['id']}", f"versions {sorted(missing)} have none")


def _known(final: Final) -> Iterator[Verdict]:
    """The forecast's copy has come to the same version."""
    known = {row["id"]: row["version"] for row in final.of("forecast", "known")}
    for row in final.of("opportunity", "opportunities"):
        if known.get(row["id"]) != row["version"]:
            detail = f"forecast knows {known.get(row['id'])} of {row['version']}"
            yield Verdict(Broken.EVENT_LOST, f"opportunity {row['id']}", detail)
