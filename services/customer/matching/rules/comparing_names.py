"""How far two names agree: by the words that both have, each weighed by how rare it is."""

from dataclasses import replace

from rapidfuzz.distance import OSA, JaroWinkler

from services.customer.matching.rules.agreements import NameAgreement, NameLevel
from services.customer.matching.rules.chinese.comparing import compare_chinese
from services.customer.matching.rules.name_profiles import NameProfile
from services.customer.matching.rules.numerals import numbers_contradict
from services.customer.matching.rules.statistics import Statistics
from services.customer.matching.rules.words import OUTLETS

_SPELLED_ALIKE = 0.88
_ABBREVIATION = 0.8
_SHORTEST_ABBREVIATION = 3
_SHORTEST_MISSPELLED = 4
_SHORTEST_INITIALS = 3
_SAME_WORDS = 0.93
_SIMILAR = 0.6
_WEAK_BITS = 5.0
_RARE_BITS = 6.5
_MANY_BITS = 13.0
_INITIALS_BITS = 9.0
_PLACE_BITS = 1.5
_SITE_BITS = 6.0
_CONTAINED = 0.9
_CONTAINED_BITS = 5.0

UNKNOWN = NameAgreement(NameLevel.UNKNOWN, 0.0, 0.0, "no name to compare")
CONTRADICTED = NameAgreement(NameLevel.CONTRADICTED, 0.0, 0.0, "numbers in the names differ")


def compare_names(probe: NameProfile, candidate: NameProfile, statistics: Statistics) -> NameAgreement:
    """Return how far two names agree; the same both ways."""
    if probe.has_han != candidate.has_han:
        return compare_chinese(probe, candidate)
    found = compare_chinese(probe, candidate) if probe.has_han else compare_spaced(probe, candidate, statistics)
    return replace(found, apart=True) if _apart(probe, candidate, found) else found


def _apart(probe: NameProfile, candidate: NameProfile, found: NameAgreement) -> bool:
    """Say whether both may well be true names of two companies: of one group, or of one row (fund, fund II)."""
    if not NameLevel.UNKNOWN < found.level < NameLevel.EQUAL:
        return found.apart
    if probe.numbers != candidate.numbers and (probe.series or candidate.series):
        return True
    if found.level >= NameLevel.SAME_WORDS:
        return found.apart
    if probe.formal and candidate.formal:
        return True
    return found.apart


def compare_spaced(probe: NameProfile, candidate: NameProfile, statistics: Statistics) -> NameAgreement:
    """Compare names of scripts that put blanks between words."""
    rarity = statistics.rarity
    if probe.key == candidate.key:
        return NameAgreement(NameLevel.EQUAL, 1.0, sum(map(rarity, probe.words)), "name equal")
    if numbers_contradict(probe.numbers, candidate.numbers):
        return CONTRADICTED
    ours, theirs = set(probe.words), set(candidate.words)
    both = ours & theirs
    places = _bits_of_places(both & (probe.local | candidate.local), statistics)
    shared = sum(map(rarity, both)) - places
    left, right = sorted(ours - both), sorted(theirs - both)
    if probe.joined == candidate.joined:
        return NameAgreement(
            NameLevel.SAME_WORDS, 0.98, max(shared, sum(map(rarity, ours))), "name equal but for blanks"
        )
    alike = _alike(left, right, statistics) if left and right else 0.0
    shared += alike
    own = shared + sum(map(rarity, left))
    other = shared + sum(map(rarity, right))
    judged = _judged(shared, own, other, numbers_equal=probe.numbers == candidate.numbers)
    if judged.level is NameLevel.DIFFERENT and shared + places >= _WEAK_BITS:
        judged = replace(judged, level=NameLevel.WEAK, words="names share a word of the address")
    if judged.level is NameLevel.WEAK and shared < _MANY_BITS and max(alike, *map(rarity, both), 0.0) < _RARE_BITS:
        judged = replace(judged, level=NameLevel.DIFFERENT, words="names share common words only")
    return _told_apart(judged, probe, candidate, (left, right), statistics)


def _told_apart(
    judged: NameAgreement,
    probe: NameProfile,
    candidate: NameProfile,
    own: tuple[list[str], list[str]],
    statistics: Statistics,
) -> NameAgreement:
    """Look at the words that each name has of its own: they may tell two places of one owner apart."""
    left, right = own
    if is_acronym(probe, candidate):
        return NameAgreement(NameLevel.CONTAINED, 0.7, _INITIALS_BITS, "one name is the other's initials")
    if _outlets(left, right):
        return replace(judged, apart=True, words="names of two kinds of outlets in one house")
    if judged.level is NameLevel.WEAK and left and right and _of_a_group(probe, candidate):
        return replace(judged, apart=True, words="names begin alike, as those of two companies of a group do")
    if judged.level in (NameLevel.WEAK, NameLevel.SIMILAR) and _branches(probe, candidate, left, right, statistics):
        return replace(judged, branches=True, words="names begin alike and end differently, as those of two sites do")
    return judged


def _of_a_group(probe: NameProfile, candidate: NameProfile) -> bool:
    return probe.words[0] == candidate.words[0] and (probe.formal or candidate.formal)


def _branches(
    probe: NameProfile, candidate: NameProfile, left: list[str], right: list[str], statistics: Statistics
) -> bool:
    """Say whether the same words begin both names, and each has a rare word of its own behind them."""
    if probe.words[0] != candidate.words[0]:
        return False
    return _ends_apart(probe.words, left, statistics) and _ends_apart(candidate.words, right, statistics)


def _ends_apart(words: tuple[str, ...], own: list[str], statistics: Statistics) -> bool:
    """Say whether a name shares no less before its first rare word of its own than behind it."""
    before = behind = 0.0
    rare = False
    for word in words:
        bits = statistics.rarity(word)
        if word in own:
            rare = rare or bits >= _SITE_BITS
        elif rare:
            behind += bits
        else:
            before += bits
    return rare and before >= behind


def _outlets(left: list[str], right: list[str]) -> bool:
    """Say whether each name has a kind of outlet that the other lacks: the cafe and the bar of one hotel."""
    return not (OUTLETS.isdisjoint(left) or OUTLETS.isdisjoint(right))


def _bits_of_places(words: set[str], statistics: Statistics) -> float:
    """Return what words say too much that are in an address of either: those are compared there."""
    return sum(max(statistics.rarity(word) - _PLACE_BITS, 0.0) for word in words)


def _judged(shared: float, own: float, other: float, *, numbers_equal: bool) -> NameAgreement:
    whole = own + other - shared
    similarity = shared / whole if whole else 0.0
    shorter, longer = min(own, other), max(own, other)
    left_out = longer - shared
    if similarity >= _SAME_WORDS and numbers_equal:
        return NameAgreement(NameLevel.SAME_WORDS, similarity, shared, "name equal but for spelling or order")
    if shorter and shared / shorter >= _CONTAINED and shared >= _CONTAINED_BITS:
        return NameAgreement(NameLevel.CONTAINED, similarity, shared, "one name is part of the other", left_out)
    if similarity >= _SIMILAR:
        return NameAgreement(NameLevel.SIMILAR, similarity, shared, "names similar", left_out)
    if shared >= _WEAK_BITS:
        return NameAgreement(NameLevel.WEAK, similarity, shared, "names share something rare", left_out)
    return NameAgreement(NameLevel.DIFFERENT, similarity, shared, "names differ", left_out)


def _alike(left: list[str], right: list[str], statistics: Statistics) -> float:
    """Take out of both lists the words that are one word spelled differently; return the bits that they share."""
    pairs: list[tuple[float, str, str, str, str]] = []
    for one in left:
        for other in right:
            likeness = word_likeness(one, other)
            if likeness:
                pairs.append((-likeness, min(one, other), max(one, other), one, other))
    shared = 0.0
    for likeness, _, _, one, other in sorted(pairs):
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            shared -= likeness * min(statistics.rarity(one), statistics.rarity(other))
    return shared


def word_likeness(one: str, other: str) -> float:
    """Return how sure it is that two words are one, in [0, 1]: a misspelling, an abbreviation, a beginning."""
    if one[0] != other[0] or one[0].isdigit() or one[-1].isdigit() or other[-1].isdigit():
        return 0.0
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    if len(shorter) == 1 or (len(shorter) >= _SHORTEST_ABBREVIATION and longer.startswith(shorter)):
        return _ABBREVIATION
    if len(shorter) < _SHORTEST_MISSPELLED:
        return 0.0
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return 0.95
    likeness: float = JaroWinkler.similarity(one, other)
    return likeness if likeness >= _SPELLED_ALIKE and len(longer) - len(shorter) <= 2 else 0.0  # noqa: PLR2004


def is_acronym(probe: NameProfile, candidate: NameProfile) -> bool:
    """Say whether one name begins with the initials of the other (CCC Learning Center)."""
    return any(
        len(long.initials) >= _SHORTEST_INITIALS and short.words and short.words[0] == long.initials
        for short, long in ((probe, candidate), (candidate, probe))
    )


def nearest_names(
    probe: tuple[NameProfile, ...], candidate: tuple[NameProfile, ...], statistics: Statistics
) -> NameAgreement:
    """Return the best agreement between any name of the one and any of the other; a contradiction only if all do."""
    best = UNKNOWN
    for one in probe:
        for other in candidate:
            found = compare_names(one, other, statistics)
            if (found.level, found.similarity, found.bits) > (
                best.level,
                best.similarity,
                best.bits,
            ) or best is UNKNOWN:
                best = found
    return best
