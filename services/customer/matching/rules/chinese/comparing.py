"""Comparing names of which at least one is in Chinese characters.

`compare_names` (in `comparing_names`) comes here whenever `has_han` of either name is set, and takes the answer as it
is. A name alone never says that two companies are one: the best agreement brings it before a person.
"""

from services.customer.matching.rules.agreements import NameAgreement, NameLevel
from services.customer.matching.rules.chinese.across import across
from services.customer.matching.rules.chinese.alignment import aligned
from services.customer.matching.rules.chinese.conflicts import conflict
from services.customer.matching.rules.chinese.english import english_name
from services.customer.matching.rules.chinese.names import chinese_name
from services.customer.matching.rules.name_profiles import NameProfile
from services.customer.matching.rules.numerals import numbers_contradict

_MOST_BITS = 30.0
_SAME = 0.78
_SIMILAR = 0.6
_WEAK = 0.35
_SAME_ACROSS = 0.8
_SIMILAR_ACROSS = 0.55
_WEAK_ACROSS = 0.2


def compare_chinese(probe: NameProfile, candidate: NameProfile) -> NameAgreement:
    """Return how far two names agree of which at least one is in Chinese characters; the same both ways."""
    if probe.key == candidate.key:
        return NameAgreement(NameLevel.EQUAL, 1.0, _MOST_BITS, "name equal")
    if probe.has_han and candidate.has_han:
        return _within_chinese(probe, candidate)
    chinese, latin = (probe, candidate) if probe.has_han else (candidate, probe)
    value, agreed = across(chinese_name(chinese.text), english_name(latin.text))
    bits = value * _MOST_BITS
    words = f"the names in both languages share {', '.join(agreed)}"
    if value >= _SAME_ACROSS:
        return NameAgreement(NameLevel.SAME_WORDS, value, bits, words)
    if value >= _SIMILAR_ACROSS:
        return NameAgreement(NameLevel.SIMILAR, value, bits, words)
    if value >= _WEAK_ACROSS:
        return NameAgreement(NameLevel.WEAK, value, bits, words)
    return NameAgreement(NameLevel.UNKNOWN, value, bits, "names in different scripts")


def _within_chinese(probe: NameProfile, candidate: NameProfile) -> NameAgreement:
    if numbers_contradict(probe.numbers, candidate.numbers):
        return NameAgreement(NameLevel.CONTRADICTED, 0.0, 0.0, "numbers in the names differ")
    one, other = chinese_name(probe.text), chinese_name(candidate.text)
    found = aligned(one, other)
    level = _level(found.value)
    bits = found.value * _MOST_BITS
    left_out = (1 - found.value) * _MOST_BITS
    against = conflict(one, other)
    if against is not None and level >= NameLevel.SIMILAR:
        return NameAgreement(against.at_most, found.value, bits, f"names similar, but {against.words}", left_out)
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
