"""Comparing names of which at least one is in Chinese characters.

The place for what is particular to Chinese: `compare_names` (in `comparing_names`) comes here whenever `has_han` of
either name is set, and takes the answer as it is.
"""

from services.customer.matching.rules.agreements import NameAgreement, NameLevel
from services.customer.matching.rules.name_profiles import NameProfile
from services.customer.matching.rules.statistics import Statistics

_BITS_OF_A_CHARACTER = 4.0
_SIMILAR = 0.75
_WEAK = 0.5


def compare_chinese(probe: NameProfile, candidate: NameProfile, statistics: Statistics) -> NameAgreement:
    """Return how far two names agree of which at least one is in Chinese characters; the same both ways."""
    del statistics
    if probe.key == candidate.key:
        return NameAgreement(NameLevel.EQUAL, 1.0, len(probe.key) * _BITS_OF_A_CHARACTER, "name equal")
    if probe.has_han != candidate.has_han:
        return NameAgreement(NameLevel.UNKNOWN, 0.0, 0.0, "names in different scripts")
    if probe.numbers and candidate.numbers and probe.numbers != candidate.numbers:
        return NameAgreement(NameLevel.CONTRADICTED, 0.0, 0.0, "numbers in the names differ")
    shorter, longer = sorted((probe.key, candidate.key), key=lambda key: (len(key), key))
    shared = sum(1 for character in set(shorter) if character in longer)
    similarity = shared / len(set(shorter) | set(longer))
    bits = shared * _BITS_OF_A_CHARACTER
    left_out = (len(longer) - len(shorter)) * _BITS_OF_A_CHARACTER
    if shorter in longer:
        return NameAgreement(NameLevel.CONTAINED, similarity, bits, "one name is part of the other", left_out)
    return _by_similarity(similarity, bits, left_out)


def _by_similarity(similarity: float, bits: float, left_out: float) -> NameAgreement:
    if similarity >= _SIMILAR:
        return NameAgreement(NameLevel.SIMILAR, similarity, bits, "names similar", left_out)
    if similarity >= _WEAK:
        return NameAgreement(NameLevel.WEAK, similarity, bits, "names share something", left_out)
    return NameAgreement(NameLevel.DIFFERENT, similarity, bits, "names differ", left_out)
