"""What is known of a company when it is asked whether the base has it already: from an intake or from the base."""

from dataclasses import dataclass

from services.customer.matching.rules.identifiers import Identifier

LEGAL = "legal"
"""The kind of the present legal name; the other kinds are those of `customer_name` (short, english, former …)."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name of the company as it was written, and what it is used for."""

    text: str
    kind: str = LEGAL


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it was written; every part may hold more than its own (a city in the line is usual)."""

    line_1: str = ""
    line_2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A company as somebody described it; a country is an ISO 3166-1 code, `None` where nobody said."""

    names: tuple[Name, ...]
    country: str | None = None
    city: str | None = None
    addresses: tuple[Address, ...] = ()
    phones: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
