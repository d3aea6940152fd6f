"""How much of two Chinese names agrees when the shorter one is read as an abbreviation of the longer one."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from services.customer.matching.rules.chinese.lexicon import Kind, place_signs, places
from services.customer.matching.rules.chinese.names import ChineseName

_GAP_WITHIN_A_PART = 0.35
_GAP_BETWEEN_PARTS = 0.1
_LATE_START = 0.2
_OUT_OF_ORDER = 0.75
_ALONE_AND_LATE = 0.5
_ALONE_IN_FULL_NAMES = 0.3
_BY_SIGN = 0.8
_MISSED_BY_THE_SHORTER = {**dict.fromkeys(Kind, 1.0), Kind.INDUSTRY: 0.5}
"""What the shorter name has and the longer one lacks counts in full, but companies change their trade."""
_MISSED_BY_THE_LONGER = {**dict.fromkeys(Kind, 0.3), Kind.PLACE: 0.05}
"""Short names leave out the place first of all."""
_MISSED_BY_THE_LONGER_OF_TWO_FULL = {**dict.fromkeys(Kind, 0.3), Kind.PLACE: 0.4}
_MOST_MISSED = 1.5
"""What one part left out of a short name counts at most: a long one is a trade that no list knows."""
_FORM_OF_A_FULL_NAME = "公司"


@dataclass(frozen=True, slots=True)
class Alignment:
    """How far two names agree, in [0, 1], and the positions in each (the shorter first) that do."""

    value: float
    names: tuple[ChineseName, ChineseName]
    agreeing: tuple[frozenset[int], frozenset[int]]


Pair = tuple[int, int, float]
"""A position in the shorter name, one in the longer, and what it is worth that they agree."""


def aligned(one: ChineseName, other: ChineseName) -> Alignment:
    """Align the shorter name with the longer one; the order of the two does not matter."""
    shorter, longer = sorted((one, other), key=lambda name: (len(name.text), name.text))
    pairs = _pairs(shorter, longer)
    chain, gained = _best_chain(pairs, longer)
    used_shorter, used_longer = {pair[0] for pair in chain}, {pair[1] for pair in chain}
    for left, right, gain in pairs:
        if left not in used_shorter and right not in used_longer:
            used_shorter.add(left)
            used_longer.add(right)
            gained += _OUT_OF_ORDER * gain
    said = sum(shorter.weights[at] for at in used_shorter)
    lost = _missed(shorter, used_shorter, _MISSED_BY_THE_SHORTER, inf)
    if _both_full(shorter, longer):
        lost += _missed(longer, used_longer, _MISSED_BY_THE_LONGER_OF_TWO_FULL, inf)
    else:
        lost += _missed(longer, used_longer, _MISSED_BY_THE_LONGER, _MOST_MISSED)
    total = said + lost
    value = max(0.0, min(1.0, gained / total)) if total else 0.0
    return Alignment(value, (shorter, longer), (frozenset(used_shorter), frozenset(used_longer)))


def _missed(name: ChineseName, used: set[int], costs: Mapping[Kind, float], most: float) -> float:
    missed = 0.0
    for segment in name.segments:
        rest = sum(name.weights[at] for at in range(segment.start, segment.end) if at not in used)
        missed += costs[segment.kind] * min(rest, most)
    return missed


def _both_full(one: ChineseName, other: ChineseName) -> bool:
    return one.text.endswith(_FORM_OF_A_FULL_NAME) and other.text.endswith(_FORM_OF_A_FULL_NAME)


def _pairs(shorter: ChineseName, longer: ChineseName) -> list[Pair]:
    """Return positions of equal characters, and of a place's sign and the place."""
    positions: dict[str, list[int]] = {}
    for at, character in enumerate(longer.text):
        positions.setdefault(character, []).append(at)
    equal = {(left, right) for left, character in enumerate(shorter.text) for right in positions.get(character, ())}
    both_full = _both_full(shorter, longer)
    found = []
    for left, right in sorted(equal):
        gain = min(shorter.weights[left], longer.weights[right] * 3)
        if (left - 1, right - 1) not in equal and (left + 1, right + 1) not in equal:
            if both_full:
                gain *= _ALONE_IN_FULL_NAMES
            elif right not in longer.starts:
                gain *= _ALONE_AND_LATE
        found.append((left, right, gain))
    for left, character in enumerate(shorter.text):
        found += [(left, right, shorter.weights[left] * _BY_SIGN) for right in _place_meant(character, longer)]
    return sorted(found)


def _place_meant(character: str, name: ChineseName) -> list[int]:
    meant = place_signs().get(character)
    if meant is None:
        return []
    return [
        segment.start
        for segment in name.segments
        if segment.kind is Kind.PLACE
        and name.text[segment.start] != character
        and (segment.word in meant or places()[segment.word].within in meant)
    ]


def _best_chain(pairs: list[Pair], longer: ChineseName) -> tuple[list[Pair], float]:
    """Return the pairs, in order in both names, that are worth most together, and what they are worth."""
    best: list[tuple[float, int]] = []
    for index, (left, right, gain) in enumerate(pairs):
        value = gain * (1.0 if right in longer.starts else 1.0 - _LATE_START)
        came_from = -1
        for earlier in range(index):
            before_left, before_right, _ = pairs[earlier]
            if before_left < left and before_right < right:
                reached = best[earlier][0] + gain * _continuing(left - before_left, right, before_right, longer)
                if reached > value:
                    value, came_from = reached, earlier
        best.append((value, came_from))
    if not best:
        return [], 0.0
    at = max(range(len(best)), key=lambda index: best[index][0])
    gained, chain = best[at][0], []
    while at >= 0:
        chain.append(pairs[at])
        at = best[at][1]
    return chain, gained


def _continuing(step: int, right: int, before_right: int, longer: ChineseName) -> float:
    if step == 1 and right == before_right + 1:
        return 1.0
    return 1.0 - (_GAP_BETWEEN_PARTS if right in longer.starts else _GAP_WITHIN_A_PART)
