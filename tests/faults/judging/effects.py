"""Is every acknowledged change there once, and nothing else?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.faults.history import Call, History, Outcome
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final

BY_REASON = {"change_stage": "stage_changes", "decide": "stage_changes", "replace_principal": "principals"}


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Compare acknowledged and refused calls with what was written."""
    yield from _created(history, final)
    yield from _recognised(history, final)
    yield from _versions(history, final)
    yield from _imported(history, final)
    yield from _rates(history, final)


def _created(history: History, final: Final) -> Iterator[Verdict]:
    """Everything that has a name of its own."""
    names = Counter(row["name"] for row in final.of("opportunity", "opportunities"))
    names.update(row["legal_name"] for row in final.of("customer", "customers"))
    for call in history.calls:
        if call.operation in {"create_opportunity", "create_customer"}:
            yield from _once(call, names[call.mark])


def _recognised(history: History, final: Final) -> Iterator[Verdict]:
    """Changes with a reason or an amount of their own, in the histories that are kept of them."""
    kept = {name: Counter(row["reason"] for row in final.of("opportunity", name)) for name in set(BY_REASON.values())}
    amounts = Counter((row["opportunity_id"], row["amount"]) for row in final.of("opportunity", "terms"))
    reasons = Counter(row["reason"] for row in final.of("forecast", "adjustments"))
    confirmed = Counter(row["id"] for row in final.of("forecast", "confirmations"))
    submitted = Counter(row["forecast_id"] for row in final.of("forecast", "submissions"))
    for call in history.calls:
        if call.operation in BY_REASON:
            yield from _once(call, kept[BY_REASON[call.operation]][call.mark])
        elif call.operation == "patch":
            yield from _once(call, amounts[call.subject, Decimal(call.mark)])
        elif call.operation == "adjust":
            yield from _once(call, reasons[call.mark])
        elif call.operation == "confirm" and call.outcome is Outcome.ACKNOWLEDGED:
            yield from _once(call, confirmed[call.answer["id"]])
        elif call.operation == "submit" and call.outcome is Outcome.ACKNOWLEDGED:
            yield from _once(call, submitted[call.answer["id"]])
    told = {call.answer["id"] for call in _acknowledged(history, "confirm")}
    said = {row["id"] for row in final.of("forecast", "confirmations") if row["category"] != "closed"}
    for each in said - told:
        yield Verdict(Broken.DOUBLED, f"confirmation {each}", "nobody was told of it")
    for each in submitted.keys() - {call.answer["id"] for call in _acknowledged(history, "submit")}:
        yield Verdict(Broken.DOUBLED, f"submission {each}", "nobody was told of it")


def _once(call: Call, found: int) -> Iterator[Verdict]:
    wanted = int(call.outcome is Outcome.ACKNOWLEDGED)
    about = f"{call.operation} {call.mark} by key {call.key}"
    if found < wanted:
        yield Verdict(Broken.LOST, about, f"tries: {', '.join(call.tries)}")
    elif found > wanted and call.outcome is not Outcome.UNRESOLVED:
        yield Verdict(Broken.DOUBLED, about, f"{found} times; {call.outcome} after {', '.join(call.tries)}")


def _versions(history: History, final: Final) -> Iterator[Verdict]:
    """Each version of an opportunity is somebody's acknowledged change, and the last one is what stands."""
    answered: dict[str, list[Call]] = defaultdict(list)
    for call in history.calls:
        if call.outcome is Outcome.ACKNOWLEDGED and {"id", "version"} <= call.answer.keys():
            answered[call.answer["id"]].append(call)
    for row in final.of("opportunity", "opportunities"):
        calls = answered.get(row["id"], [])
        if row["name"].startswith("Import "):
            continue
        versions = sorted(call.answer["version"] for call in calls)
        about = f"opportunity {row['id']}"
        if versions and versions[-1] > row["version"]:
            yield Verdict(Broken.LOST, about, f"version {versions[-1]} was acknowledged, {row['version']} is there")
        elif versions != list(range(1, row["version"] + 1)):
            yield Verdict(Broken.DOUBLED, about, f"versions {versions} were acknowledged, {row['version']} is there")
        else:
            yield from _stands(about, max(calls, key=lambda call: call.answer["version"]).answer, row)


def _stands(about: str, told: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Verdict]:
    for name in ("principal_id", "stage", "state"):
        if name in told and told[name] != row[name]:
            yield Verdict(Broken.LOST, about, f"{name} was {told[name]} when acknowledged, and is {row[name]}")
    if "amount" in told and told["amount"] and Decimal(told["amount"]["amount"]) != row["amount"]:
        yield Verdict(Broken.LOST, about, f"amount was {told['amount']} when acknowledged, and is {row['amount']}")


def _imported(history: History, final: Final) -> Iterator[Verdict]:
    """Every item of a batch that was taken is there once, with the amount that came last."""
    there = Counter(row["name"] for row in final.of("opportunity", "opportunities"))
    there.update(row["legal_name"] for row in final.of("customer", "customers"))
    terms = Counter((row["opportunity_id"], row["amount"]) for row in final.of("opportunity", "terms"))
    for call in history.calls:
        if "items" not in call.answer or call.operation == "import_rates":
            continue
        if call.operation == "import_job" and len(call.answer["items"]) != len(call.body["items"]):
            continue  # the judge of jobs says so
        for item, outcome in zip(call.body["items"], call.answer["items"], strict=True):
            name = item.get("name") or item["legal_name"]
            about = f"{call.operation}, {name}"
            if outcome["outcome"] == "rejected":
                yield Verdict(Broken.LOST, about, f"rejected: {outcome['problem']['code']}")
            elif there[name] != 1:
                yield Verdict(Broken.DOUBLED if there[name] else Broken.LOST, about, f"{there[name]} times there")
            elif "amount" in item and terms[outcome["id"], Decimal(item["amount"])] != 1:
                found = terms[outcome["id"], Decimal(item["amount"])]
                yield Verdict(Broken.DOUBLED if found else Broken.LOST, about, f"amount {found} times there")


def _rates(history: History, final: Final) -> Iterator[Verdict]:
    """Every exchange rate of a batch is there as it was said, and none that nobody said."""
    there = {_pair(row): row["rate"] for row in final.of("opportunity", "rates")}
    said: set[tuple[str, str, str]] = set()
    for call in history.calls:
        if call.operation == "import_rates":
            for item in call.body["items"] if call.outcome is Outcome.ACKNOWLEDGED else ():
                said.add(_pair(item))
                if there.get(_pair(item)) != Decimal(item["rate"]):
                    yield Verdict(
                        Broken.LOST, f"rate {_pair(item)}", f"{item['rate']}, there is {there.get(_pair(item))}"
                    )
    for pair in there.keys() - said:
        yield Verdict(Broken.DOUBLED, f"rate {pair}", "nobody was told that it is there")


def _pair(rate: Mapping[str, Any]) -> tuple[str, str, str]:
    return rate["from_currency"], rate["to_currency"], rate["date"]


def _acknowledged(history: History, operation: str) -> Iterator[Call]:
    return (call for call in history.calls if call.operation == operation and call.outcome is Outcome.ACKNOWLEDGED)
