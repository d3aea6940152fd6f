"""How far the addresses of two companies agree."""

from rapidfuzz.distance import JaroWinkler

from services.customer.matching.rules.addresses import AddressProfile
from services.customer.matching.rules.agreements import AddressAgreement, AddressLevel

_STREET_ALIKE = 0.9
_NEXT_DOOR = 4
_MODIFIERS = frozenset({"city", "town", "shi", "municipality"})
_ORDER = {level: place for place, level in enumerate(reversed(AddressLevel))}
_WORDS = {
    AddressLevel.SAME: "address equal",
    AddressLevel.SAME_BUILDING: "same building, another unit",
    AddressLevel.NEAR: "address nearly equal",
    AddressLevel.PARTLY: "street equal, number or city not",
    AddressLevel.SAME_STREET: "same street, another number",
    AddressLevel.SAME_POSTAL_CODE: "same postal code only",
    AddressLevel.DIFFERENT: "address differs",
    AddressLevel.UNKNOWN: "address not known on both sides",
}
UNKNOWN = AddressAgreement(AddressLevel.UNKNOWN, _WORDS[AddressLevel.UNKNOWN])


def compare_addresses(probe: tuple[AddressProfile, ...], candidate: tuple[AddressProfile, ...]) -> AddressAgreement:
    """Return how far the nearest two addresses agree; the same both ways."""
    best, key = AddressLevel.UNKNOWN, ""
    for one in probe:
        for other in candidate:
            level = _level(one, other)
            if best is AddressLevel.UNKNOWN or _ORDER[level] > _ORDER[best]:
                best, key = level, min(one.key, other.key)
    return AddressAgreement(best, _WORDS[best], key) if best is not AddressLevel.UNKNOWN else UNKNOWN


def _level(one: AddressProfile, other: AddressProfile) -> AddressLevel:
    if not (one.joined and other.joined):
        return AddressLevel.UNKNOWN
    if not same_street(one, other):
        return _other_street(one, other)
    here = _same_city(one, other) and not _other_area(one, other)
    if not (one.low and other.low):
        return AddressLevel.PARTLY if here else AddressLevel.UNKNOWN
    number = one.low <= other.high and other.low <= one.high
    near = number or _slip(one.low, other.low) or abs(one.low - other.low) <= _NEXT_DOOR
    if not here:
        return AddressLevel.PARTLY if near else AddressLevel.DIFFERENT
    if number and not _opposed(one, other):
        return _within(one, other)
    return AddressLevel.NEAR if near else AddressLevel.SAME_STREET


def _other_street(one: AddressProfile, other: AddressProfile) -> AddressLevel:
    """Without a house number on both sides a street that is not the same says little."""
    if one.postal_code and one.postal_code == other.postal_code:
        return AddressLevel.SAME_POSTAL_CODE
    return AddressLevel.DIFFERENT if one.low and other.low else AddressLevel.UNKNOWN


def _within(one: AddressProfile, other: AddressProfile) -> AddressLevel:
    letters = one.letter and other.letter and one.letter != other.letter
    units = one.unit and other.unit and one.unit != other.unit
    return AddressLevel.SAME_BUILDING if letters or units else AddressLevel.SAME


def _opposed(one: AddressProfile, other: AddressProfile) -> bool:
    directions = one.direction and other.direction and one.direction != other.direction
    kinds = one.kind and other.kind and one.kind != other.kind
    return bool(directions or kinds)


def _other_area(one: AddressProfile, other: AddressProfile) -> bool:
    """Two towns have a Main Street: postal codes that begin differently tell them apart."""
    return bool(one.postal_code and other.postal_code) and one.postal_code[:3] != other.postal_code[:3]


def _same_city(one: AddressProfile, other: AddressProfile) -> bool:
    """A postal code stands above the city: the same place has several names (New York City, Manhattan)."""
    if one.postal_code and one.postal_code == other.postal_code:
        return True
    if not (one.city and other.city) or one.city == other.city:
        return True
    return _MODIFIERS.issuperset(set(one.city.split()) ^ set(other.city.split()))


def same_street(one: AddressProfile, other: AddressProfile) -> bool:
    """Say whether two streets are one by name: equal, misspelled, or one with a city behind it."""
    if one.joined == other.joined or one.whole == other.whole:
        return True
    shorter, longer = sorted((one.street, other.street), key=lambda street: (len(street), street))
    if longer[: len(shorter)] == shorter:
        return True
    if one.joined[0].isdigit() or other.joined[0].isdigit():
        return False
    if one.low == other.low and set(shorter) <= set(longer):  # S King Drive, S Martin Luther King Drive
        return True
    likeness: float = JaroWinkler.similarity(one.joined, other.joined)
    return likeness >= _STREET_ALIKE


def _slip(one: int, other: int) -> bool:
    """Say whether two house numbers are one digit or one swap apart."""
    left, right = str(one), str(other)
    if len(left) != len(right):
        return False
    differing = [place for place in range(len(left)) if left[place] != right[place]]
    swapped = len(differing) == 2 and sorted(left) == sorted(right)  # noqa: PLR2004
    return len(left) > 2 and (len(differing) == 1 or swapped)  # noqa: PLR2004
