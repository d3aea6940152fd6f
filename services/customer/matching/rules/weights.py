"""Weights and thresholds of matching, as data with a version: an answer says by which it was reached.

Points are natural logarithms of odds. They were set from general knowledge and checked against measured precision
(`make bench-matching`, docs/matching.md); nothing of the sets it measures on is in here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from services.customer.matching.rules.agreements import AddressLevel, NameLevel, PhoneLevel

_NAMES = {
    NameLevel.CONTRADICTED: -8.0,
    NameLevel.UNKNOWN: 0.0,
    NameLevel.DIFFERENT: -3.0,
    NameLevel.WEAK: 0.5,
    NameLevel.SIMILAR: 1.5,
    NameLevel.CONTAINED: 1.8,
    NameLevel.SAME_WORDS: 2.5,
    NameLevel.EQUAL: 3.0,
}
_BITS = {
    NameLevel.WEAK: 0.2,
    NameLevel.SIMILAR: 0.17,
    NameLevel.CONTAINED: 0.165,
    NameLevel.SAME_WORDS: 0.17,
    NameLevel.EQUAL: 0.18,
}
_ADDRESSES = {
    AddressLevel.SAME: 6.5,
    AddressLevel.SAME_BUILDING: 3.5,
    AddressLevel.NEAR: 4.5,
    AddressLevel.PARTLY: 2.0,
    AddressLevel.SAME_STREET: 0.5,
    AddressLevel.SAME_POSTAL_CODE: 0.0,
    AddressLevel.DIFFERENT: -4.0,
    AddressLevel.UNKNOWN: 0.0,
}
_PHONES = {PhoneLevel.SAME: 6.0, PhoneLevel.NEAR: 3.5, PhoneLevel.DIFFERENT: -1.0, PhoneLevel.UNKNOWN: 0.0}


@dataclass(frozen=True, slots=True)
class Weights:
    """What each agreement counts, in points, and from how many points on it decides.

    `prior` is what speaks against any two companies being one. An address or a phone that many companies share
    loses `crowd` points for each doubling beyond `crowd_from` of them. From `matched` points on a candidate is the
    company, below `review` it is not; between them a person decides. Who leads by less than `lead` is not alone. A name
    of at least `rare_name` bits is enough where no city is known.
    """

    version: int = 1
    prior: float = -6.0
    names: Mapping[NameLevel, float] = field(default_factory=lambda: MappingProxyType(_NAMES))
    bits: Mapping[NameLevel, float] = field(default_factory=lambda: MappingProxyType(_BITS))
    most_bits: float = 30.0
    addresses: Mapping[AddressLevel, float] = field(default_factory=lambda: MappingProxyType(_ADDRESSES))
    phones: Mapping[PhoneLevel, float] = field(default_factory=lambda: MappingProxyType(_PHONES))
    same_city: float = 0.5
    other_city: float = -2.0
    other_country: float = -4.0
    domain: float = 6.0
    rare_name: float = 12.0
    crowd: float = 1.0
    crowd_from: int = 8
    matched: float = 1.7
    review: float = 0.0
    lead: float = 1.0


WEIGHTS = Weights()
