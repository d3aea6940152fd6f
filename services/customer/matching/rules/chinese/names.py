"""A Chinese company name taken apart, ready to be compared."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from services.customer.matching.rules.chinese.lexicon import (
    Kind,
    end_of_place,
    lengths_by_beginning,
    places,
    words,
)
from services.customer.matching.rules.text import HAN, fold

_MARK_BEFORE = re.compile(f"^(?:s?st|pt|xd|xr|dr|[cnu]|退市)(?=[{HAN}])")
_MARK_BEHIND = re.compile(f"(?<=[{HAN}])(?:a|b|h|u|w|d|v|uw|退|[ab]股)$")
_LATIN_BESIDE = re.compile(f"(?<=公司|集团)[a-z][a-z0-9 ]{{3,}}$|^[a-z0-9]+ [a-z0-9 ]+(?=[{HAN}]+公司$)")
"""The same name in Latin letters, before or behind the full one: 华为技术有限公司 Huawei Technologies Co., Ltd."""
_HAN = re.compile(f"[{HAN}]")

WEIGHTS = {
    Kind.FORM: 0.04,
    Kind.PLAIN: 0.25,
    Kind.INDUSTRY: 0.45,
    Kind.PLACE: 0.4,
    Kind.WORD: 0.8,
    Kind.NAME: 1.0,
}
"""What a character of each kind says, relative to one of the name itself."""
_COST_OF_WORD = 0.7
_COST_OF_CHARACTER = 1.0
_COST_OF_RUN = 0.5
_COMMON = frozenset("中国华新大金东南北西天海江山科电光通联信安美达德力龙泰丰宝永兴瑞隆盛恒正和利")
_OF_COMMON = 0.7


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a name: its characters are `name.text[start:end]`; `word` is what it says (`深圳` for `深圳市`)."""

    word: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ChineseName:
    """A name without marks of the exchange, in simplified characters, cut into parts and weighed."""

    text: str
    segments: tuple[Segment, ...]
    weights: tuple[float, ...]
    starts: frozenset[int]

    @property
    def places(self) -> tuple[str, ...]:
        """Places in it, in their order."""
        return tuple(segment.word for segment in self.segments if segment.kind is Kind.PLACE)


def without_marks(folded: str) -> str:
    """Take off what an exchange puts before or behind a listed company's short name: `*ST`, `XD`, `Ａ`, `-U`."""
    text = _MARK_BEFORE.sub("", folded)
    shorter = _MARK_BEHIND.sub("", text)
    return shorter or text


@lru_cache(maxsize=1024)
def chinese_name(name: str) -> ChineseName:
    """Return the name taken apart."""
    text = without_marks(_LATIN_BESIDE.sub("", fold(name))).replace(" ", "")
    segments = segmented(text)
    weights = [0.0] * len(text)
    for segment in segments:
        for at in range(segment.start, segment.end):
            weights[at] = _weight(text[at], segment, at - segment.start)
    return ChineseName(text, segments, tuple(weights), frozenset(segment.start for segment in segments))


def _weight(character: str, segment: Segment, position: int) -> float:
    if segment.kind is Kind.PLACE and position >= len(segment.word):
        return WEIGHTS[Kind.FORM]
    weight = WEIGHTS[segment.kind]
    if segment.kind is not Kind.NAME:
        return weight
    return weight * (_OF_COMMON if character in _COMMON else 1.0)


def segmented(text: str) -> tuple[Segment, ...]:
    """Cut a name so that known words cover most of it; what lies between them is the name itself."""
    size = len(text)
    behind_word: list[tuple[float, Segment | None]] = [(inf, None)] * (size + 1)
    behind_word[0] = (0.0, None)
    behind_run: list[tuple[float, int]] = [(inf, 0)] * (size + 1)
    for at in range(size):
        behind = min(behind_word[at][0], behind_run[at][0])
        for known in _known_from(text, at):
            if behind + _COST_OF_WORD < behind_word[known.end][0]:
                behind_word[known.end] = (behind + _COST_OF_WORD, known)
        begun = (behind_word[at][0] + _COST_OF_RUN + _COST_OF_CHARACTER, at)
        behind_run[at + 1] = min(begun, (behind_run[at][0] + _COST_OF_CHARACTER, behind_run[at][1]))
    found: list[Segment] = []
    end = size
    while end:
        word = behind_word[end]
        start = behind_run[end][1]
        ending = word[1] if word[1] is not None and word[0] <= behind_run[end][0] else None
        found.append(ending or Segment(text[start:end], Kind.NAME, start, end))
        end = found[-1].start
    return tuple(reversed(found))


def _known_from(text: str, start: int) -> list[Segment]:
    lengths = lengths_by_beginning().get(text[start])
    if lengths is None:
        return []
    found = []
    for length in lengths[: bisect_right(lengths, len(text) - start)]:
        word = text[start : start + length]
        if word in words():
            found.append(Segment(word, words()[word][0], start, start + length))
        elif word in places():
            ending = end_of_place(text, start + length)
            found.append(Segment(word, Kind.PLACE, start, ending))
            if ending != start + length:
                found.append(Segment(word, Kind.PLACE, start, start + length))
    return found
