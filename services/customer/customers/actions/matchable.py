"""A customer as the uniqueness check compares it."""

from collections.abc import Iterable
from typing import Any

from services.customer.customers.store.records import CustomerDetail
from services.customer.matching.actions.deriving import Findable
from services.customer.matching.rules.company import LEGAL, Address, Company, Name
from services.customer.matching.rules.identifiers import Identifier, Scheme


def findable(detail: CustomerDetail) -> Findable:
    """Return a customer as it is to be found."""
    return Findable(company_of(detail), tuple(one["value"] for one in detail.identifiers))


def company_of(detail: CustomerDetail) -> Company:
    """Return the company that a customer is: with all names, former ones too, and what of the rest has not ended."""
    return Company(
        names=(Name(detail.legal_name, LEGAL), *(Name(one["name"], one["kind"]) for one in detail.other_names)),
        country=detail.country,
        city=detail.city,
        addresses=tuple(
            Address(one["line_1"], one["line_2"], one["city"], one["region"], one["postal_code"])
            for one in _living(detail.addresses)
        ),
        phones=(detail.phone,) if detail.phone else (),
        websites=(detail.website,) if detail.website else (),
        identifiers=tuple(
            Identifier(Scheme(one["scheme"]), one["value"], one["verified"]) for one in _living(detail.identifiers)
        ),
    )


def _living(parts: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (one for one in parts if one["ended_on"] is None)
