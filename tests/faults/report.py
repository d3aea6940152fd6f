"""The figures of a run, as lines to print."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.faults.history import Outcome
from tests.faults.running import Result


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values does not exceed, 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def told(result: Result) -> str:
    """Return what to print of a run."""
    history = result.history
    outcomes = Counter(call.outcome for call in history.calls)
    unknown = sum(call.was_unknown for call in history.calls)
    lines = [
        f"seed {result.plan.seed}, {result.seconds:.0f} s of traffic, {result.crowd}",
        f"{history.writes} acknowledged writes: {history.singles} single requests, {history.items} items of batches",
        _items(result),
        f"{history.kills} kills, {len(history.faults) - history.kills} freezes and cuts",
        f"{unknown} calls had an unknown outcome at first, {outcomes[Outcome.UNRESOLVED]} in the end",
        f"{len(history.reads)} reads judged, {len(history.followed)} events followed",
        f"{_jobs(result)} jobs judged, {_deliveries(result)}",
        *_refusals(result),
        *_back(result),
        *_waited(result),
        f"{len(result.verdicts)} violations",
        *(f"  {count} × {broken}" for broken, count in Counter(each.broken for each in result.verdicts).items()),
        *(f"  {verdict}" for verdict in result.verdicts[:20]),
    ]
    return "\n".join(lines) + "\n"


def _items(result: Result) -> str:
    items: Counter[str] = Counter()
    for call in result.history.calls:
        if "items" in call.answer:
            items[call.operation] += len(call.answer["items"])
    return "items: " + ", ".join(f"{operation} {count}" for operation, count in items.most_common())


def _jobs(result: Result) -> int:
    return sum(call.operation in {"import_job", "export_job"} for call in result.history.calls)


def _deliveries(result: Result) -> str:
    delivered = Counter(each.id for each in result.history.delivered)
    return f"{len(delivered)} events delivered to webhooks, {delivered.total() - len(delivered)} repeats"


def _refusals(result: Result) -> list[str]:
    codes = Counter(
        f"{call.operation} {call.answer['code']}" for call in result.history.calls if call.outcome is Outcome.REFUSED
    )
    tries = Counter(tried for call in result.history.calls for tried in call.tries[:-1])
    return [
        "refused: " + ", ".join(f"{code} {count}" for code, count in codes.most_common(12)),
        "tried again after: " + ", ".join(f"{tried} {count}" for tried, count in tries.most_common()),
    ]


def _back(result: Result) -> list[str]:
    back: dict[str, list[float]] = defaultdict(list)
    for fault in result.history.faults:
        if fault.back_seconds is not None:
            back["PostgreSQL" if fault.target == "postgresql" else fault.target].append(fault.back_seconds)
    return [
        f"{target} back after {percentile(values, 0.5):.2f} s in the middle, {max(values):.2f} s at most"
        for target, values in sorted(back.items())
    ]


def _waited(result: Result) -> list[str]:
    others = [each.seconds for each in result.history.waited if each.asked != each.down and each.status == 200]
    said = [each.seconds for each in result.history.waited if each.asked == each.down and each.status >= 500]
    return [
        f"while a service was down: {len(values)} {what} within {percentile(values, 0.5) * 1000:.0f} ms in the middle, "
        f"{percentile(values, 0.95) * 1000:.0f} ms for 95 %, {max(values, default=0) * 1000:.0f} ms at most"
        for what, values in (("others answered", others), ("were told so", said))
    ]
