"""What becomes of a company that is checked against the base: matched, new, or for a person to decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Generic, TypeVar

from services.customer.matching.rules.agreements import AddressLevel, NameLevel, PhoneLevel
from services.customer.matching.rules.scoring import IdentifierLevel, PlaceLevel, Score
from services.customer.matching.rules.weights import WEIGHTS, Weights

T = TypeVar("T")


class Outcome(StrEnum):
    """The answer of a uniqueness check."""

    MATCHED = "matched"
    NEW = "new"
    REVIEW = "review"


class Verdict(IntEnum):
    """What is said of one candidate, from the least to the most."""

    OTHER = 0
    REVIEW = 1
    SITE = 2
    """Another site of the same organisation, as it seems: a person decides and may put it below in the hierarchy."""
    MATCHED = 3
    """The score says so."""
    NAMED = 4
    """It has the same name in the same place, or the same registered one, and nothing contradicts."""
    IDENTIFIED = 5
    """A strong identifier says so."""


@dataclass(frozen=True, slots=True)
class Judged(Generic[T]):
    """A candidate with its score, and what is said of it and why."""

    candidate: T
    score: Score
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    """The outcome, the customer that it is if `matched`, the one it seems to be a site of, and all worth showing."""

    outcome: Outcome
    reason: str
    matched: T | None
    site_of: T | None
    candidates: tuple[Judged[T], ...]
    weights_version: int


_ELSEWHERE = frozenset({AddressLevel.DIFFERENT, AddressLevel.SAME_POSTAL_CODE, AddressLevel.SAME_STREET})
_UNSURE_ADDRESS = frozenset({AddressLevel.UNKNOWN, AddressLevel.PARTLY})
_SECOND_ADDRESS = frozenset({AddressLevel.SAME, AddressLevel.SAME_BUILDING, AddressLevel.NEAR})


def decide(candidates: Iterable[tuple[T, Score]], weights: Weights = WEIGHTS) -> Decision[T]:
    """Decide over all candidates. Only what is worth showing is in the answer, the likeliest first."""
    judged = [Judged(candidate, found, *judge(found, weights)) for candidate, found in candidates]
    shown = sorted((one for one in judged if one.verdict), key=lambda one: (-one.verdict, -one.score.points))
    if not shown:
        return Decision(Outcome.NEW, "nothing in the base is like it", None, None, (), weights.version)
    best = shown[0]
    if best.verdict >= Verdict.MATCHED:
        rivals = [one for one in shown[1:] if _rivals(best, one, weights)]
        if rivals:
            reason = f"{len(rivals) + 1} customers fit equally well"
            return Decision(Outcome.REVIEW, reason, None, None, tuple(shown), weights.version)
        return Decision(Outcome.MATCHED, best.reason, best.candidate, None, tuple(shown), weights.version)
    site_of = best.candidate if best.verdict is Verdict.SITE else None
    return Decision(Outcome.REVIEW, best.reason, None, site_of, tuple(shown), weights.version)


def _rivals(best: Judged[T], other: Judged[T], weights: Weights) -> bool:
    """An identifier stands above a name, and that above every score; two that are identified contradict each other."""
    if best.verdict is not other.verdict:
        return False
    return best.verdict is Verdict.IDENTIFIED or best.score.points - other.score.points < weights.lead


def judge(found: Score, weights: Weights = WEIGHTS) -> tuple[Verdict, str]:
    """Say what a score means for one candidate, by itself."""
    here = _same_key(found, weights)
    if found.identifiers is not IdentifierLevel.SILENT:
        return _judge_identifiers(found.identifiers, here=here)
    if found.name.level is NameLevel.CONTRADICTED:
        return _OTHER
    if found.address.level in _ELSEWHERE:
        return _judge_elsewhere(found)
    if here:
        return Verdict.NAMED, "name, country and city are equal, and nothing contradicts"
    if found.name.registered and found.place is not PlaceLevel.OTHER_COUNTRY:
        return _judge_registered(found.place)
    return _judge_score(found, weights)


_OTHER = (Verdict.OTHER, "")


def _same_key(found: Score, weights: Weights) -> bool:
    """Say whether name, country and city are equal, as the unique key of the base has them.

    Where the city is known on neither side, the name must be a rare one and the phones must not differ.
    """
    if found.name.level is not NameLevel.EQUAL:
        return False
    if found.place is PlaceLevel.NO_CITY:
        rare = found.name.bits >= weights.rare_name and not found.name.usual
        return rare and found.phone.level is not PhoneLevel.DIFFERENT
    return found.place is PlaceLevel.SAME_CITY


def _judge_registered(place: PlaceLevel) -> tuple[Verdict, str]:
    """A full Chinese name is registered once, but where its city is said to be another a person looks at it."""
    if place is PlaceLevel.OTHER_CITY:
        return Verdict.REVIEW, "full registered name equal, city differs"
    return Verdict.NAMED, "full registered name equal"


def _judge_identifiers(level: IdentifierLevel, *, here: bool) -> tuple[Verdict, str]:
    if level is IdentifierLevel.SAME:
        return Verdict.IDENTIFIED, "a verified identifier is equal"
    if level is IdentifierLevel.BOTH:
        return Verdict.REVIEW, "one verified identifier is equal, another differs"
    return (Verdict.REVIEW, "name and city are equal, verified identifiers differ") if here else _OTHER


def _judge_elsewhere(found: Score) -> tuple[Verdict, str]:
    """At another address it is not the same, whatever else agrees: a site of it at most."""
    near_by = found.address.level is AddressLevel.SAME_STREET
    same_name = found.name.level >= (NameLevel.CONTAINED if near_by else NameLevel.SAME_WORDS)
    if same_name and found.phone.level is PhoneLevel.SAME:
        return Verdict.SITE, "same name and phone at another address: a site of the same organisation, as it seems"
    if found.name.level is NameLevel.EQUAL and found.place is PlaceLevel.SAME_CITY:
        return Verdict.SITE, "same name at another address in the same city"
    return _OTHER


def _agrees(found: Score) -> str:
    """Say what agrees so well that it is the same company, if the points say so too; empty if it is not enough."""
    if found.name.apart:
        return ""
    phone = found.phone.level in (PhoneLevel.SAME, PhoneLevel.NEAR)
    if found.address.level in _UNSURE_ADDRESS and (found.name.branches or not phone):
        return ""
    if found.name.level >= NameLevel.SIMILAR and (phone or found.address.level in _SECOND_ADDRESS):
        return "name and a second field agree"
    return _part_agrees(found)


def _part_agrees(found: Score) -> str:
    """Say what is enough where the names share but a part."""
    address, phone = found.address.level, found.phone.level
    if found.name.level is not NameLevel.WEAK:
        return ""
    if address is AddressLevel.SAME:
        return "address and part of the name agree"
    if phone is PhoneLevel.NEAR and address is AddressLevel.NEAR:
        return "part of the name, address and phone nearly agree"
    if phone is PhoneLevel.SAME and address in _SECOND_ADDRESS | _UNSURE_ADDRESS:
        return "phone and part of the name agree"
    return ""


def _name_says_too_little(found: Score) -> bool:
    """Say whether nothing agrees but a part of the name, or the beginning of two whole legal names."""
    if found.phone.level in (PhoneLevel.SAME, PhoneLevel.NEAR) or found.address.level in _SECOND_ADDRESS:
        return False
    return found.name.level < NameLevel.SIMILAR or (found.name.apart and not found.name.registered)


def _judge_score(found: Score, weights: Weights) -> tuple[Verdict, str]:
    agreed = _agrees(found)
    if agreed and found.points >= weights.matched:
        return Verdict.MATCHED, agreed
    if found.points >= weights.review and not _name_says_too_little(found):
        return Verdict.REVIEW, "much agrees, but not enough to be sure"
    if found.name.level is NameLevel.EQUAL and found.place is PlaceLevel.SAME_COUNTRY:
        return Verdict.REVIEW, "name and country are equal, and the city of one is not known"
    return _OTHER
