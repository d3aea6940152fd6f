"""What somebody says of a customer, beside what is known: to be added, confirmed, or proposed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from servicekit.values.money import Money
from services.customer.customers.rules.values import TypedAddress, TypedName
from services.customer.matching.rules.agreements import PhoneLevel
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.phones import compare_phones, phones_of
from services.customer.matching.rules.text import fold

FIELDS = ("legal_name", "city", "phone", "website", "industry", "annual_revenue", "employees", "founded")
"""Plain fields of a customer that a supplement may speak of, and beside them its free attributes."""
ATTRIBUTE = "attributes."
"""A free attribute is named by this and its own name."""
IDENTIFIER = "identifiers."
"""An identifier of which a company has one is named by this and its scheme."""
ONE_EACH = frozenset({Scheme.USCC, Scheme.LEI, Scheme.DUNS, Scheme.VAT})

Value = Any
"""A value as JSON has it: text, a whole number, or an amount with its currency."""


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as far as supplements compare it: `fields` by name, the others as the base spells them."""

    country: str
    fields: Mapping[str, Value]
    name_keys: frozenset[str]
    identifiers: frozenset[Identifier]
    addresses: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says: `fields` by name, and parts that may be new."""

    fields: Mapping[str, Value] = field(default_factory=dict)
    names: tuple[TypedName, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[TypedAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that contradicts the present one."""

    field: str
    present: Value
    proposed: Value


@dataclass(frozen=True, slots=True)
class Finding:
    """What follows of a supplement: `added` fields with their values, `confirmed` ones, and what contradicts."""

    added: Mapping[str, Value] = field(default_factory=dict)
    confirmed: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    names: tuple[TypedName, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[TypedAddress, ...] = ()

    @property
    def adds(self) -> bool:
        """Whether the customer is changed by it."""
        return bool(self.added or self.names or self.identifiers or self.addresses)


def compare(known: Known, told: Told) -> Finding:
    """Say what is new, what is known, and what contradicts it. Nothing that is known is ever overwritten."""
    added: dict[str, Value] = {}
    confirmed, differences = [], []
    for name, value in told.fields.items():
        present = known.fields.get(name)
        if value in (None, ""):
            continue
        if present in (None, ""):
            added[name] = value
        elif is_same(name, present, value, known.country):
            confirmed.append(name)
        else:
            differences.append(Difference(name, present, value))
    identifiers, opposed = _identifiers(known, told)
    return Finding(
        added,
        tuple(confirmed),
        (*differences, *opposed),
        _names(known, told),
        identifiers,
        tuple(dict.fromkeys(one for one in told.addresses if spelled(one) not in known.addresses)),
    )


def is_same(name: str, present: Value, value: Value, country: str) -> bool:
    """Whether two values of a field say the same, however they are spelled."""
    if name == "phone":
        level = compare_phones(phones_of(present, country), phones_of(value, country)).level
        return level is PhoneLevel.SAME or fold(present) == fold(value)
    if name == "website":
        return _address_of_page(present) == _address_of_page(value)
    if isinstance(present, str) and isinstance(value, str):
        return fold(present) == fold(value)
    return bool(present == value)


def _address_of_page(text: str) -> str:
    bare = text.strip().casefold().partition("://")[2] or text.strip().casefold()
    return bare.removeprefix("www.").rstrip("/")


def spelled(address: TypedAddress | Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes two addresses one, however they are spelled."""
    parts = ("kind", "line_1", "line_2", "city", "region", "postal_code", "country")
    read = address.get if isinstance(address, Mapping) else lambda part: getattr(address, part)
    return tuple(fold(str(read(part) or "")) for part in parts)


def _names(known: Known, told: Told) -> tuple[TypedName, ...]:
    found: dict[str, TypedName] = {}
    for one in told.names:
        key = normalise_name(one.name)
        if key not in known.name_keys:
            found.setdefault(key, one)
    return tuple(found.values())


def _identifiers(known: Known, told: Told) -> tuple[tuple[Identifier, ...], tuple[Difference, ...]]:
    added, differences = [], []
    have = {(one.scheme, one.value): one for one in known.identifiers}
    for one in told.identifiers:
        if (one.scheme, one.value) in have:
            continue
        rival = next((each for each in sorted(known.identifiers, key=_order) if _excludes(each, one)), None)
        if rival is None or not one.verified:
            added.append(one)
        else:
            differences.append(Difference(f"{IDENTIFIER}{one.scheme}", rival.value, one.value))
    return tuple(added), tuple(differences)


def _order(one: Identifier) -> tuple[str, str]:
    return (one.scheme.value, one.value)


def _excludes(one: Identifier, other: Identifier) -> bool:
    """Whether no company has both: one number of each register (a tax number begins with its country)."""
    if not one.verified or one.scheme is not other.scheme or one.scheme not in ONE_EACH:
        return False
    return one.scheme is not Scheme.VAT or one.value[:2] == other.value[:2]


def as_value(value: object) -> Value:
    """Return a value as JSON has it."""
    if isinstance(value, Money):
        return {"amount": format(value.amount, "f"), "currency": value.currency}
    return value
