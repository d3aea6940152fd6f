"""Every pair by itself: what is decided of it, by the candidates that keys find."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from bench.matching.base import Base
from bench.matching.gold import Labelled, Row
from services.customer.matching.rules.agreements import AddressLevel, NameLevel, PhoneLevel
from services.customer.matching.rules.deciding import Verdict, judge
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.scoring import Score, score
from services.customer.matching.rules.weights import WEIGHTS

Pair = tuple[int, int]
_ANY_POINTS = replace(WEIGHTS, matched=-100.0)


@dataclass
class Measured:
    """What came out of a set: pairs by what was said of them, with the figures that follow."""

    name: str
    true: set[Pair]
    matched: set[Pair] = field(default_factory=set)
    reviewed: set[Pair] = field(default_factory=set)
    found: set[Pair] = field(default_factory=set)
    suspects: int = 0
    rows: int = 0
    rows_in_review: int = 0
    labelled: bool = False
    compared: int = 0
    seconds: float = 0.0
    points: list[tuple[float, bool]] = field(default_factory=list)

    def missed(self) -> set[Pair]:
        """Return the true pairs that are neither automatic, also after closure, nor in review."""
        return self.true - self.matched - closure(self.matched) - self.reviewed

    def figures(self) -> dict[str, Any]:
        """Return a row of the table."""
        precision, recall, f1 = quality(self.matched, self.true)
        missed = self.missed()
        return {
            "set": self.name,
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "review_share": _share(self.rows_in_review, self.rows),
            "blocking_recall": _share(len(self.true & self.found), len(self.true)),
            "true_pairs": len(self.true),
            "missed_share": _share(len(missed) - self.suspects, len(self.true)),
            "missed_pairs": len(missed),
            "suspected_labels": self.suspects,
            "wrong_pairs": len(self.matched - self.true),
            "candidates": round(self.compared / self.rows, 1) if self.rows else None,
            "microseconds": round(self.seconds / self.compared * 1e6, 1) if self.compared else None,
        } | ({} if self.labelled else self._closed())

    def _closed(self) -> dict[str, Any]:
        precision, recall, f1 = quality(closure(self.matched), self.true)
        return {"closed_precision": precision, "closed_recall": recall, "closed_f1": f1}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def quality(found: Collection[Pair], true: set[Pair]) -> tuple[float | None, float | None, float | None]:
    """Return precision, recall and their harmonic mean."""
    right = sum(pair in true for pair in found)
    f1 = 2 * right / (len(found) + len(true)) if found or true else None
    return _share(right, len(found)), _share(right, len(true)), round(f1, 4) if f1 is not None else None


def true_pairs(entities: Sequence[str]) -> set[Pair]:
    """Return all pairs of rows that are one entity."""
    rows: dict[str, list[int]] = defaultdict(list)
    for number, entity in enumerate(entities):
        rows[entity].append(number)
    return {pair for numbers in rows.values() for pair in combinations(numbers, 2)}


def closure(pairs: Iterable[Pair]) -> set[Pair]:
    """Return the pairs that follow when whoever is one with the same is one."""
    leader: dict[int, int] = {}

    def lead(number: int) -> int:
        while leader.setdefault(number, number) != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for left, right in pairs:
        leader[lead(left)] = lead(right)
    groups: dict[int, list[int]] = defaultdict(list)
    for number in leader:
        groups[lead(number)].append(number)
    return {pair for numbers in groups.values() for pair in combinations(sorted(numbers), 2)}


def may_match(found: Score) -> bool:
    """Say whether the rules let a pair match at all, however many points it needs."""
    return judge(found, _ANY_POINTS)[0] >= Verdict.MATCHED


def nothing_agrees(found: Score) -> bool:
    """Say whether a pair that should be one has neither name, address nor phone in common: a wrong label, likely."""
    return (
        found.name.level <= NameLevel.DIFFERENT
        and found.address.level in (AddressLevel.DIFFERENT, AddressLevel.SAME_POSTAL_CODE)
        and found.phone.level is not PhoneLevel.SAME
    )


def measure_list(name: str, rows: Sequence[Row]) -> Measured:
    """Compare each row of a list with the candidates that its keys find among all the others."""
    profiles = [profile_of(row.company) for row in rows]
    base = Base.filled(profiles)
    measured = Measured(name, true_pairs([row.entity for row in rows]), rows=len(rows))
    for number, profile in enumerate(profiles):
        others = [other for other in base.candidates(profile) if other != number]
        began = time.process_time()
        scores = [score(profile, profiles[other], base.statistics) for other in others]
        measured.seconds += time.process_time() - began
        measured.compared += len(others)
        verdicts = [judge(found)[0] for found in scores]
        for other, verdict, found in zip(others, verdicts, scores, strict=True):
            pair = (min(number, other), max(number, other))
            measured.found.add(pair)
            if may_match(found):
                measured.points.append((found.points, pair in measured.true))
            if verdict >= Verdict.MATCHED:
                measured.matched.add(pair)
            elif verdict:
                measured.reviewed.add(pair)
    measured.suspects = sum(
        nothing_agrees(score(profiles[left], profiles[right], base.statistics)) for left, right in measured.missed()
    )
    return measured


def measure_labelled(name: str, pairs: Sequence[Labelled]) -> Measured:
    """Compare labelled pairs; the base that they are looked up in holds the right sides."""
    lefts = [profile_of(pair.left) for pair in pairs]
    rights = [profile_of(pair.right) for pair in pairs]
    base = Base.filled(rights)
    true = {(number, number) for number, pair in enumerate(pairs) if pair.same}
    measured = Measured(name, true, rows=len(pairs), labelled=True)
    for number, (left, right) in enumerate(zip(lefts, rights, strict=True)):
        began = time.process_time()
        found = score(left, right, base.statistics)
        measured.seconds += time.process_time() - began
        measured.compared += 1
        if may_match(found):
            measured.points.append((found.points, pairs[number].same))
        verdict, _ = judge(found)
        if verdict >= Verdict.MATCHED:
            measured.matched.add((number, number))
        elif verdict:
            measured.reviewed.add((number, number))
            measured.rows_in_review += 1
        if pairs[number].same and any(rights[other] == right for other in base.candidates(left)):
            measured.found.add((number, number))
    return measured
