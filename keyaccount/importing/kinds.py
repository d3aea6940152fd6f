"""The kinds of record the batch API takes, and what each of their fields holds.

A test compares this with the services' own schemas.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Holds(Enum):
    """What a field holds, and so how a cell of text becomes its value."""

    TEXT = "text"
    TEXTS = "list of texts"
    NAMED_TEXTS = "texts by name"
    INTEGER = "whole number"
    DECIMAL = "number"
    MONEY = "money"
    BOOLEAN = "true or false"
    DATE = "date"
    INSTANT = "instant"


@dataclass(frozen=True)
class Refers:
    """The field refers to a record of another (or the same) kind by that record's external id."""

    kind: str


@dataclass(frozen=True)
class Many:
    """The field holds a list of entries."""

    fields: Mapping[str, "FieldType"]


FieldType = Holds | Refers | Many


@dataclass(frozen=True)
class Kind:
    """A kind of record: its collection in the API, its fields, and which of them must not be missing."""

    fields: Mapping[str, FieldType]
    required: frozenset[str] = field(default_factory=frozenset)
    has_reference: bool = True


_NAME: dict[str, FieldType] = {"kind": Holds.TEXT, "name": Holds.TEXT, "from": Holds.DATE, "until": Holds.DATE}
_IDENTIFIER: dict[str, FieldType] = {"scheme": Holds.TEXT, "value": Holds.TEXT, "country": Holds.TEXT}
_ADDRESS: dict[str, FieldType] = dict.fromkeys(
    ("kind", "line_1", "line_2", "city", "region", "postal_code", "country"), Holds.TEXT
)
_LINE: dict[str, FieldType] = {
    "product_id": Refers("products"),
    "quantity": Holds.DECIMAL,
    "unit_price": Holds.DECIMAL,
    "delivery_date": Holds.DATE,
    "delivery_place": Holds.TEXT,
}
_CHANGE: dict[str, FieldType] = {
    "at": Holds.INSTANT,
    "to_stage": Holds.TEXT,
    "outcome": Holds.TEXT,
    "loss_reason": Holds.TEXT,
    "win_reason": Holds.TEXT,
    "reason": Holds.TEXT,
    "recorded_reason": Holds.TEXT,
    "amount": Holds.DECIMAL,
    "principal_id": Refers("people"),
    "expected_close": Holds.DATE,
    "customer_id": Refers("customers"),
    "lines": Many(_LINE),
}
_FORECAST_LINE: dict[str, FieldType] = {
    "product_line_id": Refers("product-lines"),
    "month": Holds.DATE,
    "territory_id": Holds.TEXT,  # nothing but empty, until territories are kept
    "place": Holds.TEXT,
    "unit": Holds.TEXT,
    "quantity": Holds.DECIMAL,
    "amount": Holds.DECIMAL,
    "currency": Holds.TEXT,
}

KINDS: dict[str, Kind] = {
    "business-units": Kind(
        {"name": Holds.TEXT, "parent_id": Refers("business-units"), "head_id": Refers("people")}, frozenset({"name"})
    ),
    "people": Kind(
        {
            "name": Holds.TEXT,
            "email": Holds.TEXT,
            "title": Holds.TEXT,
            "username": Holds.TEXT,
            "business_unit_id": Refers("business-units"),
            "superior_id": Refers("people"),
            "superior_from": Holds.DATE,
            "joined_on": Holds.DATE,
            "left_on": Holds.DATE,
            "roles": Holds.TEXTS,
        },
        frozenset({"name"}),
    ),
    "customers": Kind(
        {
            "kind": Holds.TEXT,
            "legal_name": Holds.TEXT,
            "country": Holds.TEXT,
            "city": Holds.TEXT,
            "other_names": Many(_NAME),
            "identifiers": Many(_IDENTIFIER),
            "addresses": Many(_ADDRESS),
            "phone": Holds.TEXT,
            "website": Holds.TEXT,
            "industry": Holds.TEXT,
            "annual_revenue": Holds.MONEY,
            "employees": Holds.INTEGER,
            "founded": Holds.INTEGER,
            "parent_id": Refers("customers"),
            "account_manager_id": Refers("people"),
            "tier": Holds.TEXT,
            "origin": Holds.TEXT,
            "attributes": Holds.NAMED_TEXTS,
        },
        frozenset({"legal_name", "country"}),
    ),
    "contacts": Kind(
        {
            "customer_id": Refers("customers"),
            "name": Holds.TEXT,
            "email": Holds.TEXT,
            "phone": Holds.TEXT,
            "department": Holds.TEXT,
            "title": Holds.TEXT,
            "reports_to_id": Refers("contacts"),
            "decision_role": Holds.TEXT,
            "attitude": Holds.TEXT,
            "closeness": Holds.TEXT,
            "influences_ids": Holds.TEXTS,
            "known_by_ids": Holds.TEXTS,
        },
        frozenset({"customer_id", "name"}),
    ),
    "product-lines": Kind({"name": Holds.TEXT, "parent_id": Refers("product-lines")}, frozenset({"name"})),
    "products": Kind(
        {
            "code": Holds.TEXT,
            "name": Holds.TEXT,
            "product_line_id": Refers("product-lines"),
            "unit": Holds.TEXT,
            "unit_is_whole": Holds.BOOLEAN,
            "list_price": Holds.MONEY,
        },
        frozenset({"code", "name", "product_line_id", "unit", "unit_is_whole"}),
    ),
    "exchange-rates": Kind(
        {"from_currency": Holds.TEXT, "to_currency": Holds.TEXT, "date": Holds.DATE, "rate": Holds.DECIMAL},
        frozenset({"from_currency", "to_currency", "date", "rate"}),
        has_reference=False,
    ),
    "opportunities": Kind(
        {
            "name": Holds.TEXT,
            "customer_id": Refers("customers"),
            "principal_id": Refers("people"),
            "currency": Holds.TEXT,
            "amount": Holds.DECIMAL,
            "amount_is_estimate": Holds.BOOLEAN,
            "amount_from_list_price": Holds.BOOLEAN,
            "expected_close": Holds.DATE,
            "opened_on": Holds.DATE,
            "lines": Many(_LINE),
            "origin": Holds.TEXT,
            "history": Many(_CHANGE),
            "contract_until": Holds.DATE,
            "funnel_version": Holds.INTEGER,
        },
        frozenset({"name", "principal_id", "currency"}),
    ),
    "assessments": Kind(
        {
            "opportunity_id": Refers("opportunities"),
            "assessed_at": Holds.INSTANT,
            "assessed_by_id": Refers("people"),
            "answers": Holds.NAMED_TEXTS,
            "notes": Holds.NAMED_TEXTS,
            "evidence": Holds.NAMED_TEXTS,
            "links": Holds.NAMED_TEXTS,
            "note": Holds.TEXT,
            "model": Holds.INTEGER,
        },
        frozenset({"opportunity_id", "answers"}),
    ),
    "erp-references": Kind(
        {
            "system": Holds.TEXT,
            "code": Holds.TEXT,
            "product_id": Refers("products"),
            "product_line_id": Refers("product-lines"),
            "place": Holds.TEXT,
            "unit": Holds.TEXT,
        },
        frozenset({"system", "code"}),
        has_reference=False,
    ),
    "confirmed-orders": Kind(
        {
            "order_number": Holds.TEXT,
            "line_number": Holds.TEXT,
            "product_id": Refers("products"),
            "item_code": Holds.TEXT,
            "place": Holds.TEXT,
            "location_code": Holds.TEXT,
            "due_on": Holds.DATE,
            "quantity": Holds.DECIMAL,
            "unit": Holds.TEXT,
            "amount": Holds.MONEY,
            "opportunity_id": Refers("opportunities"),
            "state": Holds.TEXT,
        },
        frozenset({"order_number", "due_on", "quantity"}),
    ),
    "forecast-sources": Kind(
        {
            "business_unit_id": Refers("business-units"),
            "name": Holds.TEXT,
            "kind": Holds.TEXT,
            "responsible_id": Refers("people"),
        },
        frozenset({"business_unit_id", "name", "kind"}),
    ),
    "channel-forecasts": Kind(
        {
            "source_id": Refers("forecast-sources"),
            "cycle_id": Holds.TEXT,
            "note": Holds.TEXT,
            "lines": Many(_FORECAST_LINE),
        },
        frozenset({"source_id", "cycle_id", "lines"}),
        has_reference=False,
    ),
}
