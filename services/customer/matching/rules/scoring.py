"""The match score of two companies: points for each field, explained, and their sum as a probability."""

from dataclasses import dataclass
from enum import StrEnum
from math import exp, log2

from services.customer.matching.rules.agreements import (
    AddressAgreement,
    AddressLevel,
    NameAgreement,
    PhoneAgreement,
    PhoneLevel,
)
from services.customer.matching.rules.comparing_addresses import compare_addresses
from services.customer.matching.rules.comparing_names import nearest_names
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.matching.rules.phones import compare_phones
from services.customer.matching.rules.profiles import Profile
from services.customer.matching.rules.statistics import Statistics
from services.customer.matching.rules.weights import WEIGHTS, Weights

_MOST_POINTS = 30.0


class IdentifierLevel(StrEnum):
    """What the verified identifiers of two companies say."""

    SAME = "same"
    CONTRADICTED = "contradicted"
    BOTH = "both"
    """One is equal and another contradicts."""
    SILENT = "silent"


class PlaceLevel(StrEnum):
    """Whether two companies are in the same country and city, as far as it is known."""

    SAME_CITY = "same_city"
    NO_CITY = "no_city"
    """The same country, and the city is known on neither side."""
    SAME_COUNTRY = "same_country"
    OTHER_CITY = "other_city"
    OTHER_COUNTRY = "other_country"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """What one field says: how far it agrees, its points, and the same in words fit for an answer."""

    field: str
    agreement: str
    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """How sure it is that two companies are one. `value` is in [0, 1] and says the same as `points`, their log odds."""

    value: float
    points: float
    parts: tuple[Part, ...]
    identifiers: IdentifierLevel
    name: NameAgreement
    address: AddressAgreement
    phone: PhoneAgreement
    place: PlaceLevel


def score(probe: Profile, candidate: Profile, statistics: Statistics, weights: Weights = WEIGHTS) -> Score:
    """Compare two companies; the same both ways."""
    identifiers = compare_identifiers(probe.identifiers, candidate.identifiers)
    name = nearest_names(probe.names, candidate.names, statistics)
    address = compare_addresses(probe.addresses, candidate.addresses)
    phone = compare_phones(probe.phones, candidate.phones)
    place = compare_places(probe, candidate)
    parts = (
        _identifier_part(identifiers),
        _name_part(name, weights),
        _address_part(address, statistics, weights),
        _phone_part(phone, statistics, weights),
        _place_part(place, address, weights),
    )
    points = weights.prior + sum(part.points for part in parts)
    points = min(max(points, -_MOST_POINTS), _MOST_POINTS)
    return Score(1 / (1 + exp(-points)), points, parts, identifiers, name, address, phone, place)


def compare_identifiers(probe: frozenset[Identifier], candidate: frozenset[Identifier]) -> IdentifierLevel:
    """Say what verified identifiers say. Several domains and D-U-N-S of one company do not contradict."""
    if not probe or not candidate:
        return IdentifierLevel.SILENT
    same = not probe.isdisjoint(candidate)
    contradicted = any(_contradicts(one, candidate) for one in probe - candidate)
    if same:
        return IdentifierLevel.BOTH if contradicted else IdentifierLevel.SAME
    return IdentifierLevel.CONTRADICTED if contradicted else IdentifierLevel.SILENT


def _contradicts(one: Identifier, others: frozenset[Identifier]) -> bool:
    """A company has one LEI, one credit code, and one tax number in each country."""
    kept = [other for other in others if other.scheme is one.scheme]
    if one.scheme is Scheme.VAT:
        kept = [other for other in kept if other.value[:2] == one.value[:2]]
    elif one.scheme not in (Scheme.LEI, Scheme.USCC):
        return False
    return bool(kept) and one not in kept


def compare_places(probe: Profile, candidate: Profile) -> PlaceLevel:
    """Say whether two companies are in one city; a city is known to be another only if all known ones are."""
    if probe.country and candidate.country and probe.country != candidate.country:
        return PlaceLevel.OTHER_COUNTRY
    if probe.cities and candidate.cities:
        return PlaceLevel.OTHER_CITY if probe.cities.isdisjoint(candidate.cities) else PlaceLevel.SAME_CITY
    if not (probe.country and candidate.country):
        return PlaceLevel.UNKNOWN
    return PlaceLevel.SAME_COUNTRY if probe.cities or candidate.cities else PlaceLevel.NO_CITY


_IDENTIFIER_WORDS = {
    IdentifierLevel.SAME: ("a verified identifier is equal", 20.0),
    IdentifierLevel.CONTRADICTED: ("verified identifiers differ", -20.0),
    IdentifierLevel.BOTH: ("one verified identifier is equal, another differs", 0.0),
    IdentifierLevel.SILENT: ("no verified identifier on both sides", 0.0),
}


def _identifier_part(level: IdentifierLevel) -> Part:
    words, points = _IDENTIFIER_WORDS[level]
    return Part("identifiers", level.value, points, words)


def _name_part(name: NameAgreement, weights: Weights) -> Part:
    points = weights.names[name.level] + weights.bits.get(name.level, 0.0) * min(name.bits, weights.most_bits)
    return Part("name", name.level.name.lower(), points, name.words)


def _crowded(points: float, key: str, statistics: Statistics, weights: Weights) -> float:
    holders = statistics.holders(key)
    if points <= 0 or holders <= weights.crowd_from:
        return points
    return max(points - weights.crowd * log2(holders / weights.crowd_from), 0.0)


def _address_part(address: AddressAgreement, statistics: Statistics, weights: Weights) -> Part:
    points = weights.addresses[address.level]
    if address.level in (AddressLevel.SAME, AddressLevel.SAME_BUILDING):
        points = _crowded(points, address.key, statistics, weights)
    return Part("address", address.level.value, points, address.words)


def _phone_part(phone: PhoneAgreement, statistics: Statistics, weights: Weights) -> Part:
    points = weights.phones[phone.level]
    if phone.level is PhoneLevel.SAME:
        points = _crowded(points, phone.key, statistics, weights)
    return Part("phone", phone.level.value, points, phone.words)


def _place_part(place: PlaceLevel, address: AddressAgreement, weights: Weights) -> Part:
    """A city counts only where the addresses are silent: they hold it already."""
    silent = address.level is AddressLevel.UNKNOWN
    points, words = {
        PlaceLevel.OTHER_COUNTRY: (weights.other_country, "country differs"),
        PlaceLevel.OTHER_CITY: (weights.other_city if silent else 0.0, "city differs"),
        PlaceLevel.SAME_CITY: (weights.same_city if silent else 0.0, "city equal"),
        PlaceLevel.NO_CITY: (0.0, "country equal, city not known"),
        PlaceLevel.SAME_COUNTRY: (0.0, "country equal, city not known on both sides"),
        PlaceLevel.UNKNOWN: (0.0, "country and city not known on both sides"),
    }[place]
    return Part("place", place.value, points, words)
