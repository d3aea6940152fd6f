"""Are the funnel's counters what the opportunities themselves add up to?"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from tests.faults.history import History
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final

EVERYTHING = "00000000-0000-0000-0000-000000000000"
Key = tuple[str, str, str]
Sums = dict[Key, tuple[int, Decimal]]


def judge(_: History, final: Final) -> Iterator[Verdict]:
    """Add up anew and compare; `effects` has compared the opportunities with what was acknowledged."""
    if waiting := final.count("opportunity", "deltas"):
        yield Verdict(Broken.SUM, "funnel", f"{waiting} deltas are not folded")
    right, counted = _rebuilt(final), _counted(final)
    for key in sorted(right.keys() | counted.keys()):
        wanted, found = right.get(key, (0, Decimal(0))), counted.get(key, (0, Decimal(0)))
        if wanted != found:
            detail = f"counted {found[0]} for {found[1]}, there are {wanted[0]} for {wanted[1]}"
            yield Verdict(Broken.SUM, f"funnel of {key[0]} ({key[1]}), {key[2]}", detail)
    for person, places in final.funnels.items():
        for place, told in places.items():
            wanted = _expected(right, person, place)
            if told != wanted:
                yield Verdict(Broken.SUM, f"funnel told to {person}, {place}", f"told {told}, there are {wanted}")


def _rebuilt(final: Final) -> Sums:
    sums: defaultdict[Key, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for row in final.of("opportunity", "opportunities"):
        place = row["stage"] if row["state"] == "open" else row["state"]
        principal, amount = row["principal_id"], row["amount"] or Decimal(0)
        reached = [principal, *final.superiors.get(principal, ())]
        for person, reach in [(principal, "own"), *((each, "subtree") for each in reached), (EVERYTHING, "subtree")]:
            count, total = sums[person, reach, place]
            sums[person, reach, place] = count + 1, total + amount
    return dict(sums)


def _counted(final: Final) -> Sums:
    rows = final.of("opportunity", "counters")
    return {
        (row["person_id"], row["reach"], row["place"]): (row["count"], row["amount"])
        for row in rows
        if row["count"] or row["amount"]
    }


def _expected(right: Sums, person: str, place: str) -> tuple[int, Decimal]:
    place = "won" if place == "close" else place
    chosen = [
        sums
        for (whose, reach, where), sums in right.items()
        if whose == person and reach == "subtree" and (where == place or (place == "open" and where not in CLOSED))
    ]
    return sum(count for count, _ in chosen), sum((amount for _, amount in chosen), Decimal(0))


CLOSED = frozenset({"won", "lost"})
