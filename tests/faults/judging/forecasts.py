"""Does every total of a forecast equal its parts, and is no opportunity in it twice?"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from tests.faults.history import History
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final, Row

ZERO = (Decimal(0), Decimal(0), Decimal(0))


def judge(_: History, final: Final) -> Iterator[Verdict]:
    """Add up each record that was handed in, and look at the live lines."""
    yield from _cells(final)
    yield from _levels(final)
    yield from _lines(final)


def _figures(row: Row) -> tuple[Decimal, Decimal, Decimal]:
    return row["own"], row["gathered"], row["adjustment"]


def _cells(final: Final) -> Iterator[Verdict]:
    totals = {(row["forecast_id"], row["category"]): _figures(row) for row in final.of("forecast", "totals")}
    cells = {(row["forecast_id"], row["category"]): _figures(row) for row in final.of("forecast", "cells")}
    for key in totals.keys() | cells.keys():
        if totals.get(key, ZERO) != cells.get(key, ZERO):
            detail = f"total {totals.get(key)}, parts {cells.get(key)}"
            yield Verdict(Broken.SUM, f"forecast {key[0]}, {key[1]}", detail)


def _levels(final: Final) -> Iterator[Verdict]:
    """What a record gathered is what those below handed in, and its own is what was confirmed, each once."""
    results: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in final.of("forecast", "totals"):
        results[row["forecast_id"]][row["category"]] += sum(_figures(row))
    parts, own = _listed(final, "parts", "from_forecast_id"), _listed(final, "own", "confirmation_id")
    said = {row["id"]: row for row in final.of("forecast", "confirmations")}
    for row in final.of("forecast", "totals"):
        forecast, category = row["forecast_id"], row["category"]
        gathered = sum((results[part][category] for part in parts[forecast]), Decimal(0))
        mine = [said[each] for each in own[forecast] if said[each]["category"] == category]
        confirmed = sum((each["amount"] for each in mine), Decimal(0))
        if (gathered, confirmed) != (row["gathered"], row["own"]):
            detail = f"gathered {row['gathered']} of {gathered}, own {row['own']} of {confirmed}"
            yield Verdict(Broken.SUM, f"forecast {forecast}, {category}", detail)
    for row in final.of("forecast", "submissions"):
        yield from _twice(row["forecast_id"], parts, own, said)


def _listed(final: Final, name: str, column: str) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in final.of("forecast", name):
        found[row["forecast_id"]].append(row[column])
    return found


def _twice(
    forecast: str, parts: defaultdict[str, list[str]], own: defaultdict[str, list[str]], said: dict[str, Row]
) -> Iterator[Verdict]:
    waiting, counted = [forecast], Counter[str]()
    while waiting:
        record = waiting.pop()
        counted.update(said[each]["opportunity_id"] for each in own[record])
        waiting += parts[record]
    for opportunity, count in counted.items():
        if count > 1:
            yield Verdict(Broken.DOUBLED, f"forecast {forecast}", f"opportunity {opportunity} is in it {count} times")


def _lines(final: Final) -> Iterator[Verdict]:
    lines = final.of("forecast", "live_lines")
    for (cycle, opportunity), count in Counter((row["cycle_id"], row["opportunity_id"]) for row in lines).items():
        if count > 1:
            yield Verdict(Broken.DOUBLED, f"cycle {cycle}", f"opportunity {opportunity} is in {count} live forecasts")
    there = {row["id"]: row for row in final.of("opportunity", "opportunities")}
    for row in lines:
        opportunity = there.get(row["opportunity_id"])
        about = f"live line of {row['opportunity_id']}"
        if opportunity is None or opportunity["principal_id"] != row["principal_id"]:
            yield Verdict(Broken.SUM, about, "it is somebody's who is not principal")
        elif opportunity["state"] == "lost":
            yield Verdict(Broken.SUM, about, "the opportunity was lost")
