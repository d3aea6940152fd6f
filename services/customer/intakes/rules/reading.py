"""The company that an intake tells of, read from what was sent (and checked when it came)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from servicekit.values.money import Money
from services.customer.customers.rules.values import (
    AddressKind,
    CustomerKind,
    NameKind,
    Origin,
    TypedAddress,
    TypedCustomer,
    TypedIdentifier,
    TypedName,
)
from services.customer.intakes.rules.values import Source
from services.customer.matching.rules.identifiers import Scheme

PLAIN = ("city", "phone", "website", "industry", "employees", "founded")


def company_of(content: Mapping[str, Any], source: Source) -> TypedCustomer:
    """Return the company as a customer would be typed; nobody looks after it yet."""
    revenue = content.get("annual_revenue")
    return TypedCustomer(
        kind=CustomerKind(content.get("kind") or CustomerKind.CUSTOMER),
        legal_name=content["legal_name"],
        country=content["country"],
        **{name: content.get(name) for name in PLAIN},
        annual_revenue=Money(Decimal(revenue["amount"]), revenue["currency"]) if revenue else None,
        manager_given=True,
        origin=Origin.IMPORTED if source is Source.IMPORT else Origin.ENTERED,
        attributes=dict(content.get("attributes") or {}),
        other_names=tuple(_name(each) for each in content.get("other_names") or ()),
        identifiers=tuple(_identifier(each) for each in content.get("identifiers") or ()),
        addresses=tuple(_address(each) for each in content.get("addresses") or ()),
    )


def _name(sent: Mapping[str, Any]) -> TypedName:
    return TypedName(NameKind(sent["kind"]), sent["name"], _day(sent.get("from")), _day(sent.get("until")))


def _day(sent: str | None) -> date | None:
    return date.fromisoformat(sent) if sent else None


def _identifier(sent: Mapping[str, Any]) -> TypedIdentifier:
    return TypedIdentifier(Scheme(sent["scheme"]), sent["value"], sent.get("country"))


def _address(sent: Mapping[str, Any]) -> TypedAddress:
    return TypedAddress(
        kind=AddressKind(sent["kind"]),
        line_1=sent["line_1"],
        line_2=sent.get("line_2"),
        city=sent.get("city"),
        region=sent.get("region"),
        postal_code=sent.get("postal_code"),
        country=sent["country"],
    )
