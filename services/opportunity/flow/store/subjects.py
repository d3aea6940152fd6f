"""Which opportunities a figure is about, as the part of a query that every figure begins with.

Whose they are (owner, customer, product lines) counts as it was at `:owned`, the end of the window; where they stand
as it was at `:until`. What did not change since is read from the opportunity itself, the rest from its histories.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Text, Uuid, bindparam

from orgchart.questions import check_known, subtree
from servicekit.data.transactions import Questions
from services.opportunity.opportunities.store.stood import (
    EVER_OF_CUSTOMERS,
    EVER_OF_PRODUCTS,
    amount_of_products,
    asked_before,
    columns_at,
)
from services.opportunity.products.store import products_below
from services.opportunity.scopes.rules import Scope, ScopeKind

_MOVED = ("funnel_version", "stage", "state", "decided_on")
_TERMS = ("terms_since", "currency", "amount", "customer_id", "product_ids", "lines")
_STOOD = f"""
SELECT one.id, one.origin, one.opened_at, one.created_at, one.age_known, one.last_activity_on,
    {columns_at(":until", _MOVED)},
    CASE WHEN one.stage_since < :until THEN one.stage_since ELSE (
        SELECT max(at) FROM stage_change
        WHERE opportunity_id = one.id AND at < :until AND from_version IS NULL
    ) END AS stage_since,
    terms.terms_since, terms.currency, {{amount}} AS amount
FROM opportunity AS one{asked_before(":until", _MOVED)}{asked_before(":owned", _TERMS)}
CROSS JOIN LATERAL (SELECT {columns_at(":owned", _TERMS)}) AS terms
WHERE one.opened_at < :owned
"""  # noqa: S608 (constants of this package)
_OWNED_BY = """
AND one.id IN (
    SELECT opportunity_id FROM principal_history
    WHERE principal_id = ANY(:people) AND from_at < :owned AND (until_at IS NULL OR until_at >= :owned)
)
"""
_OF_CUSTOMERS = f"AND {EVER_OF_CUSTOMERS} AND terms.customer_id = ANY(:customer_ids)"
_OF_PRODUCTS = f"AND {EVER_OF_PRODUCTS} AND terms.product_ids && :product_ids"
_AMOUNT_OF_PRODUCTS = amount_of_products("terms.")
_KINDS: Mapping[str, Any] = {
    "owned": DateTime(timezone=True),
    "until": DateTime(timezone=True),
    "people": ARRAY(Uuid()),
    "customer_ids": ARRAY(Uuid()),
    "product_ids": ARRAY(Uuid()),
    "product_texts": ARRAY(Text()),
    "from_day": Date(),
    "until_day": Date(),
    "from_at": DateTime(timezone=True),
    "until_at": DateTime(timezone=True),
}


def binds_for(sql: str) -> list[Any]:
    """Return the typed binds of this part, and of windows, that a query names."""
    named = set(re.findall(r"(?<!:):(\w+)", sql))
    return [bindparam(name, type_=kind) for name, kind in _KINDS.items() if name in named]


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whose opportunities: the form of the query, and the values that it binds."""

    form: str
    binds: Mapping[str, Any]


FORMS: Mapping[str, str] = {
    "everything": _STOOD.format(amount="terms.amount"),
    "people": _STOOD.format(amount="terms.amount") + _OWNED_BY,
    "customers": _STOOD.format(amount="terms.amount") + _OF_CUSTOMERS,
    "products": _STOOD.format(amount=_AMOUNT_OF_PRODUCTS) + _OF_PRODUCTS,
    "products_of_people": _STOOD.format(amount=_AMOUNT_OF_PRODUCTS) + _OF_PRODUCTS + _OWNED_BY,
}


async def subjects_of(tx: Questions, scope: Scope, day: date) -> Subjects:
    """Return which opportunities a scope means, by the reporting line of a day.

    Raises:
        NotVisible: there is no such person.
    """
    if scope.kind is ScopeKind.EVERYTHING:
        return Subjects("everything", {})
    if scope.kind is ScopeKind.CUSTOMER:
        return Subjects("customers", {"customer_ids": list(scope.customer_ids)})
    binds: dict[str, object] = {}
    if scope.person_id is not None:
        binds["people"] = await _people(tx, scope.kind, scope.person_id, day)
    if scope.kind is not ScopeKind.PRODUCT_LINE or scope.product_line_id is None:
        return Subjects("people", binds)
    products = await products_below(tx, scope.product_line_id)
    binds |= {"product_ids": products, "product_texts": [str(product_id) for product_id in products]}
    return Subjects("products_of_people" if "people" in binds else "products", binds)


async def _people(tx: Questions, kind: ScopeKind, person_id: UUID, day: date) -> list[UUID]:
    await check_known(tx, person_id)
    return [person_id] if kind is ScopeKind.PERSON else await subtree(tx, person_id, day)
