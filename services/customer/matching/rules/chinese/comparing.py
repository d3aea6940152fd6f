"""Comparing names of which at least one is in Chinese characters.

`compare_names` (in `comparing_names`) comes here whenever `has_han` of either name is set, and takes the answer as it
is. A name alone says that two companies are one only if it is the full registered one on both sides; short, former and
English names come before a person at best.
"""

from itertools import pairwise

from services.customer.matching.rules.agreements import NameAgreement, NameLevel
from services.customer.matching.rules.chinese.across import across
from services.customer.matching.rules.chinese.alignment import aligned
from services.customer.matching.rules.chinese.conflicts import conflict
from services.customer.matching.rules.chinese.english import english_name
from services.customer.matching.rules.chinese.names import chinese_name
from services.customer.matching.rules.name_profiles import NameProfile
from services.customer.matching.rules.numerals import numbers_contradict
from services.customer.matching.rules.text import fold

_MOST_BITS = 30.0
_SAME = 24.0
"""From here on a person sees it, though nothing but the name is known."""
_SAME = 0.65
_SIMILAR = 0.55
_WEAK = 0.35
_WEAK_ACROSS = 0.2
_BITS_BY_VALUE = ((0.0, 0.0), (_SIMILAR, 14.0), (_SAME, 24.0), (1.0, _MOST_BITS))
"""From 24 bits of the same words on a person sees it, though nothing but the name is known."""
_SHORTEST_REGISTERED = 4
_SHORTEST_RARE = 6
_REGISTERED = "公司"


def compare_chinese(probe: NameProfile, candidate: NameProfile) -> NameAgreement:
    """Return how far two names agree of which at least one is in Chinese characters; the same both ways."""
    if probe.key == candidate.key:
        if _is_registered(probe) and fold(probe.text) == fold(candidate.text):
            return NameAgreement(NameLevel.EQUAL, 1.0, _MOST_BITS, "full registered name equal", registered=True)
        return NameAgreement(NameLevel.EQUAL, 1.0, _MOST_BITS, "name equal", usual=_is_usual(probe))
    if probe.has_han and candidate.has_han:
        return _within_chinese(probe, candidate)
    chinese, latin = (probe, candidate) if probe.has_han else (candidate, probe)
    value, agreed = across(chinese_name(chinese.text), english_name(latin.text))
    words = f"the names in both languages share {', '.join(agreed)}"
    if value < _WEAK_ACROSS:
        return NameAgreement(NameLevel.UNKNOWN, value, _bits(value), "names in different scripts")
    return NameAgreement(max(_level(value), NameLevel.WEAK), value, _bits(value), words)


def _is_usual(name: NameProfile) -> bool:
    """Say whether several companies may have the name: it is short and says no place (华联超市)."""
    return len(name.key) < _SHORTEST_RARE and not chinese_name(name.key).places


def _is_registered(name: NameProfile) -> bool:
    """Say whether it is a full name as a register has it: there it is the only one, 分公司 are within another."""
    return len(name.key) >= _SHORTEST_REGISTERED and fold(name.text).endswith(_REGISTERED)


def _bits(value: float) -> float:
    """Return the bits of a value: they rise with it within each level, and its points from level to level."""
    for (least, bits), (most, more) in pairwise(_BITS_BY_VALUE):
        if value <= most:
            return bits + (more - bits) * (value - least) / (most - least)
    return _MOST_BITS


def _within_chinese(probe: NameProfile, candidate: NameProfile) -> NameAgreement:
    if numbers_contradict(probe.numbers, candidate.numbers):
        return NameAgreement(NameLevel.CONTRADICTED, 0.0, 0.0, "numbers in the names differ")
    found = aligned(chinese_name(probe.text), chinese_name(candidate.text))
    level = _level(found.value)
    bits = _bits(found.value)
    left_out = _MOST_BITS - bits
    against = conflict(found)
    if against is not None and level >= NameLevel.SIMILAR:
        words = f"names similar, but {against.words}"
        return NameAgreement(against.at_most, found.value, bits, words, left_out)
    return NameAgreement(level, found.value, bits, _WORDS[level], left_out)


_WORDS = {
    NameLevel.SAME_WORDS: "one name is short for the other, as it seems",
    NameLevel.SIMILAR: "names similar",
    NameLevel.WEAK: "names share something",
    NameLevel.DIFFERENT: "names differ",
}


def _level(value: float) -> NameLevel:
    if value >= _SAME:
        return NameLevel.SAME_WORDS
    if value >= _SIMILAR:
        return NameLevel.SIMILAR
    return NameLevel.WEAK if value >= _WEAK else NameLevel.DIFFERENT
