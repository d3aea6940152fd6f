"""What is derived from what people type, and how a change is laid over what is there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.customer.customers.rules.refusals import (
    FieldNotEmptied,
    NameTooLong,
    QueryEmpty,
    SpanEmpty,
    TooManyAttributes,
)
from services.customer.customers.rules.values import TypedIdentifier
from services.customer.matching.rules.identifiers import Identifier, check_identifier, keep_identifier
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_city, normalise_country
from services.customer.matching.rules.text import fold, spaced

MOST_ATTRIBUTES = 50
"""Free attributes of one customer; more belongs into a field of its own."""


LONGEST_NAME_KEY, LONGEST_CITY_KEY = 1800, 700
"""Bytes of UTF-8; together with the rest of the key below the 2,704 that an index row holds."""


@dataclass(frozen=True, slots=True)
class Key:
    """What no two customers have in common, unless a review decision has told them apart."""

    name_key: str
    country: str
    city_key: str


def key_of(legal_name: str, country: str, city: str | None) -> Key:
    """Return the key of a company of this name in this place.

    Raises:
        NameTooLong: name or city is longer than a unique index holds (some characters are written out as many).
    """
    key = Key(normalise_name(legal_name, "/legal_name"), normalise_country(country), normalise_city(city))
    if len(key.name_key.encode()) > LONGEST_NAME_KEY:
        raise NameTooLong("/legal_name")
    if len(key.city_key.encode()) > LONGEST_CITY_KEY:
        raise NameTooLong("/city")
    return key


def checked_identifiers(
    typed: Iterable[TypedIdentifier], country: str | None, *, keeps_unverified: bool, at: str = ""
) -> tuple[Identifier, ...]:
    """Return each identifier once, in its one spelling; a tax number without a country is of the customer's.

    `at` is where in the body the company stands.
    """
    check = keep_identifier if keeps_unverified else check_identifier
    found = [
        check(one.scheme, one.value, one.country or country, f"{at}/identifiers/{place}/value")
        for place, one in enumerate(typed)
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.scheme, one.value)))


def search_text(names: Iterable[str], identifiers: Iterable[str]) -> str:
    """Return what a customer is found by: all names, present and former, and identifiers, folded."""
    words = dict.fromkeys(spaced(fold(text)) for text in (*names, *identifiers))
    return "|".join(words)


def search_query(typed: str) -> str:
    """Return a query as `search_text` spells it, without blanks around and without any sign, so no `%` or `_` either.

    Raises:
        QueryEmpty: there is nothing but signs in it.
    """
    folded = fold(typed)
    if not folded:
        raise QueryEmpty
    return spaced(folded).strip()


def merged_attributes(present: Mapping[str, str], patch: Mapping[str, str | None] | None) -> dict[str, str]:
    """Apply a JSON merge patch (RFC 7396) to free attributes: null takes one away, null for all takes all away."""
    if patch is None:
        return {}
    merged = {**present, **patch}
    kept = {name: value for name, value in merged.items() if value is not None}
    if len(kept) > MOST_ATTRIBUTES:
        raise TooManyAttributes(f"A customer has at most {MOST_ATTRIBUTES} attributes.", field="/attributes")
    return kept


def check_not_emptied(patch: Mapping[str, object], required: Collection[str]) -> None:
    """Refuse null for a field that must have a value."""
    for name in patch:
        if name in required and patch[name] is None:
            raise FieldNotEmptied(f"{name} must have a value.", field=f"/{name}")


def check_span(start: date | None, end: date | None, field: str = "/until") -> None:
    """Refuse a half-open span without a day in it."""
    if start is not None and end is not None and end <= start:
        raise SpanEmpty("The end has to lie after the beginning.", field=field)
