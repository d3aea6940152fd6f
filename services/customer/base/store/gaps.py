"""What nobody sells to, and how well the base is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Select,
    Uuid,
    bindparam,
    func,
    or_,
    select,
)

from orgchart.scope import VIEWER_SEES_ALL
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Questions, Reading
from servicekit.values.errors import NotVisible
from services.customer.base.store.figures import FILTERS, Form, customers_seen, form_of
from services.customer.customers.rules.values import CustomerKind
from services.customer.customers.store.identity import named, survivor
from services.customer.customers.store.scope import legs
from services.customer.customers.tables import customer, customer_identifier
from services.customer.opportunity_facts.tables import opportunity_fact, product_line_copy
from services.customer.relationships.tables import contact

_c, _f, _line = customer.c, opportunity_fact.c, product_line_copy.c


@dataclass(frozen=True, slots=True)
class Unsold:
    """A customer without an open opportunity, or that never bought of a line; `last_won_on` is of any line."""

    id: UUID
    name: str
    legal_name: str
    tier: str | None
    country: str
    industry: str | None
    account_manager_id: UUID | None
    last_won_on: date | None


@dataclass(frozen=True, slots=True)
class SoldLine:
    """How many customers bought of a product line, or of a line below it."""

    product_line_id: UUID
    name: str
    parent_id: UUID | None
    bought: int


_LINES = bindparam("lines", type_=ARRAY(Uuid()))
_of_customer = _f.customer_id == _c.id
_OPEN = select(_f.opportunity_id).where(_of_customer, _f.state == "open").exists()
_BOUGHT = select(_f.opportunity_id).where(_of_customer, _f.state == "won", _f.product_line_ids.overlap(_LINES)).exists()
_last = select(func.max(_f.decided_on)).where(_of_customer, _f.state == "won").scalar_subquery()
_LOOKED_AFTER = legs()[:2]
"""Who only takes part in an opportunity of a customer does not learn what else is sold to it, or is not."""


def _whitespace(condition: Any) -> Listing[Unsold]:
    columns = (_c.id, _c.name_key.label("name"), _c.legal_name, _c.tier, _c.country, _c.industry, _c.account_manager_id)
    base = select(*columns, _last.label("last_won_on")).where(_c.kind == CustomerKind.CUSTOMER.value, ~condition)
    return Listing(
        base.where(VIEWER_SEES_ALL),
        *(base.where(~VIEWER_SEES_ALL, leg) for leg in _LOOKED_AFTER),
        into=Unsold,
        filters={name: condition for name, condition in FILTERS.items() if name != "kind"},
        keys={"name": SortKey(_c.name_key)},
        identifier=_c.id,
        default="name",
    )


WITHOUT_OPPORTUNITY = _whitespace(_OPEN)
NEVER_BOUGHT = _whitespace(_BOUGHT)

_top = select(_line.id.label("top"), _line.id).cte("below", recursive=True)
_below = _top.union(select(_top.c.top, _line.id).join(_top, _line.parent_id == _top.c.id))
LINES_BELOW = prepared(select(_below.c.id).where(_below.c.top == bindparam("line_id", type_=Uuid())))


def _sold(*conditions: Any) -> Select[Any]:
    """Return how many customers bought of each line, those of a line counted for every line above it too, once."""
    lines: Select[Any] = select(_f.customer_id, func.unnest(_f.product_line_ids).label("line")).where(_f.state == "won")
    lines = lines.join_from(opportunity_fact, customer, _of_customer)
    bought = lines.where(_c.kind == CustomerKind.CUSTOMER.value, *conditions).distinct().subquery("bought")
    counts = select(_below.c.top, func.count(bought.c.customer_id.distinct()).label("bought"))
    counts = counts.join(bought, bought.c.line == _below.c.id).group_by(_below.c.top)
    counted = counts.subquery("counted")
    lines_sold: Any = select(
        _line.id.label("product_line_id"), _line.name, _line.parent_id, func.coalesce(counted.c.bought, 0)
    )
    whole: Select[Any] = (
        lines_sold.outerjoin(counted, counted.c.top == _line.id)
        .order_by(_line.name, _line.id)
        .limit(bindparam("limit"))
    )
    return whole


_OF_LOOKED_AFTER = or_(*_LOOKED_AFTER)
"""For what passes all rows anyway."""
SOLD_LINES = prepared(_sold())
SOLD_LINES_SEEN = prepared(_sold(_OF_LOOKED_AFTER))
CUSTOMERS = prepared(
    select(func.count())
    .select_from(customer)
    .where(_c.kind == CustomerKind.CUSTOMER.value, _c.merged_into_id.is_(None))
)
CUSTOMERS_SEEN = prepared(
    select(func.count())
    .select_from(customer)
    .where(_c.kind == CustomerKind.CUSTOMER.value, _c.merged_into_id.is_(None), _OF_LOOKED_AFTER)
)


async def lines_below(tx: Questions, line_id: UUID) -> list[UUID]:
    """Return a product line and those below it, or raise `NotVisible`."""
    found = [row[0] for row in await tx.all(LINES_BELOW, line_id=line_id)]
    if not found:
        raise NotVisible("product line", line_id)
    return found


async def sold_lines(tx: Reading, viewer: Viewer, people: Sequence[UUID], most: int) -> tuple[int, list[SoldLine]]:
    """Return how many customers the viewer looks after, and how many of them bought of each product line."""
    binds: Mapping[str, object] = {"viewer_people": list(people)}
    counting, lines = (CUSTOMERS, SOLD_LINES) if viewer.sees_all else (CUSTOMERS_SEEN, SOLD_LINES_SEEN)
    customers = (await tx.all_planned(counting, viewer=viewer, **binds))[0][0]
    rows = await tx.all_planned(lines, viewer=viewer, **binds, limit=most)
    return customers, [SoldLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """How many customers of a kind and source there are, of how many each thing is known, and how old it is."""

    kind: str
    origin: str
    customers: int
    city: int
    phone: int
    website: int
    industry: int
    annual_revenue: int
    employees: int
    identifier: int
    contact: int
    account_manager: int
    tier: int
    under_90_days: int
    under_365_days: int


FIELDS = (*("city", "phone", "website", "industry", "annual_revenue", "employees"), "identifier", "contact")
"""What a customer is to be known by."""
_identified = (
    select(survivor(named).label("customer_id"))
    .join(customer_identifier, customer_identifier.c.customer_id == named.c.id)
    .where(customer_identifier.c.verified, customer_identifier.c.ended_on.is_(None))
    .distinct()
    .subquery("identified")
)
_contacted = (
    select(survivor(named).label("customer_id"))
    .join(contact, contact.c.customer_id == named.c.id)
    .where(~contact.c.has_left, contact.c.erased_at.is_(None))
    .distinct()
    .subquery("contacted")
)


def _known(form: Form) -> Statement[Known]:
    columns = ("city", "phone", "website", "industry", "annual_revenue", "employees")
    young = {days: bindparam(f"since_{days}", type_=DateTime(timezone=True)) for days in (90, 365)}
    query = select(
        _c.kind,
        _c.origin,
        func.count().label("customers"),
        *(func.count(_c[name]).label(name) for name in columns),
        func.count(_identified.c.customer_id).label("identifier"),
        func.count(_contacted.c.customer_id).label("contact"),
        func.count(_c.account_manager_id).label("account_manager"),
        func.count(_c.tier).label("tier"),
        *(func.count().filter(_c.updated_at >= bound).label(f"under_{days}_days") for days, bound in young.items()),
    )
    whole = customer.outerjoin(_identified, _identified.c.customer_id == _c.id)
    whole = whole.outerjoin(_contacted, _contacted.c.customer_id == _c.id)
    query = customers_seen(query, form, whole).group_by(_c.kind, _c.origin).order_by(_c.kind, _c.origin)
    return prepared(query, into=Known)


KNOWN = {form: _known(form) for form in Form}


async def how_known(
    tx: Reading, viewer: Viewer, people: Sequence[UUID], since_90: datetime, since_365: datetime
) -> list[Known]:
    """Return what is known of the customers that the viewer sees, by kind and source."""
    binds = {"viewer_people": list(people), "since_90": since_90, "since_365": since_365}
    return await tx.all_planned(KNOWN[form_of(viewer, people)], viewer=viewer, **binds)
