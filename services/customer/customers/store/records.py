"""One customer: found, read in full, locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import BindsViewer, Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.money import Money, round_money
from services.customer.customers.rules.values import Reference
from services.customer.customers.store.scope import is_visible
from services.customer.customers.tables import customer, customer_address, customer_identifier, customer_name

_c = customer.c


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer without its parts."""

    id: UUID
    version: int
    kind: str
    legal_name: str
    name_key: str
    country: str
    city: str | None
    city_key: str
    phone: str | None
    website: str | None
    industry: str | None
    revenue_amount: Decimal | None
    revenue_currency: str | None
    employees: int | None
    founded: int | None
    parent_id: UUID | None
    account_manager_id: UUID | None
    tier: str | None
    origin: str
    attributes: dict[str, str]
    external_system: str | None
    external_id: str | None
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def annual_revenue(self) -> Money | None:
        """The revenue, rounded as its currency is written."""
        if self.revenue_amount is None or self.revenue_currency is None:
            return None
        return Money(round_money(self.revenue_amount, self.revenue_currency), self.revenue_currency)

    @property
    def external_reference(self) -> Reference | None:
        """The id that another system knows it by."""
        if self.external_system is None or self.external_id is None:
            return None
        return Reference(self.external_system, self.external_id)

    @property
    def responsible_id(self) -> UUID | None:
        """Who keeps it up: the account manager, or who entered it as long as it has none."""
        return self.account_manager_id or self.created_by


@dataclass(frozen=True, slots=True)
class CustomerDetail(CustomerRow):
    """A customer with its names, identifiers and addresses, ended ones included."""

    other_names: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]
    addresses: list[dict[str, Any]]


ROW_COLUMNS = (
    _c.id,
    _c.version,
    _c.kind,
    _c.legal_name,
    _c.name_key,
    _c.country,
    _c.city,
    _c.city_key,
    _c.phone,
    _c.website,
    _c.industry,
    _c.annual_revenue.label("revenue_amount"),
    _c.annual_revenue_currency.label("revenue_currency"),
    _c.employees,
    _c.founded,
    _c.parent_id,
    _c.account_manager_id,
    _c.tier,
    _c.origin,
    _c.attributes,
    _c.external_system,
    _c.external_id,
    _c.created_by,
    _c.created_at,
    _c.updated_at,
)


def _parts(table: Any, name: str, *columns: str) -> Any:
    pairs: list[Any] = []
    for column in columns:
        pairs += [literal_column(f"'{column}'"), table.c[column]]
    objects = func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), table.c.id))
    return (
        select(func.coalesce(objects, func.jsonb_build_array()))
        .where(table.c.customer_id == _c.id)
        .scalar_subquery()
        .label(name)
    )


def _detail() -> Select[Any]:
    return select(
        *ROW_COLUMNS,
        _parts(customer_name, "other_names", "id", "kind", "name", "from_date", "until_date"),
        _parts(customer_identifier, "identifiers", "id", "scheme", "value", "verified", "ended_on"),
        _parts(
            customer_address,
            "addresses",
            *("id", "kind", "line_1", "line_2", "city", "region", "postal_code", "country", "ended_on"),
        ),
    )


_ID = bindparam("id", type_=Uuid())
_IDS = bindparam("ids", type_=ARRAY(Uuid()))

GET = prepared(_detail().where(_c.id == _ID, is_visible()), into=CustomerDetail)
READ = prepared(_detail().where(_c.id == _ID), into=CustomerDetail)
READ_MANY = prepared(_detail().where(_c.id == any_(_IDS)), into=CustomerDetail)
LOCK = prepared(select(*ROW_COLUMNS).where(_c.id == _ID, is_visible()).with_for_update(of=customer), into=CustomerRow)
IS_VISIBLE = prepared(select(_c.id).where(_c.id == _ID, is_visible()))
VISIBLE_OF = prepared(select(_c.id).where(_c.id == any_(_IDS), is_visible()))
BY_KEY = prepared(
    select(_c.id).where(
        tuple_(_c.name_key, _c.country, _c.city_key)
        == tuple_(
            bindparam("name_key", type_=Text()), bindparam("country", type_=Text()), bindparam("city_key", type_=Text())
        ),
        _c.discriminator == "",
    )
)
BY_REFERENCE = prepared(
    select(_c.id).where(_c.external_system == bindparam("system"), _c.external_id == bindparam("external_id"))
)


async def get(tx: Questions, viewer: Viewer, customer_id: UUID) -> CustomerDetail:
    """Return a customer in full, or raise `NotVisible`."""
    found = await tx.first(GET, viewer=viewer, id=customer_id)
    if found is None:
        raise NotVisible("customer", customer_id)
    return found


async def read(tx: Questions, customer_id: UUID) -> CustomerDetail:
    """Return a customer that an action has just written or locked."""
    return await tx.one(READ, id=customer_id)


async def lock(tx: Writing, viewer: Viewer, customer_id: UUID) -> CustomerRow:
    """Return the customer, locked until commit, or raise `NotVisible`."""
    found = await tx.first(LOCK, viewer=viewer, id=customer_id)
    if found is None:
        raise NotVisible("customer", customer_id)
    return found


async def is_visible_to(tx: Questions, viewer: BindsViewer, customer_id: UUID) -> bool:
    """Whether somebody, who need not be asking, sees the customer."""
    return await tx.value(IS_VISIBLE, viewer=viewer, id=customer_id) is not None


async def check_visible(tx: Questions, viewer: Viewer, customer_id: UUID) -> None:
    """Raise `NotVisible` unless the viewer sees the customer."""
    if not await is_visible_to(tx, viewer, customer_id):
        raise NotVisible("customer", customer_id)


async def visible_of(tx: Questions, viewer: Viewer, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the ids that the viewer sees."""
    return {row[0] for row in await tx.all(VISIBLE_OF, viewer=viewer, ids=list(ids))} if ids else set()


async def seen_of(tx: Questions, viewer: Viewer, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of customers that there are that the viewer sees."""
    return set(ids) if viewer.sees_all else await visible_of(tx, viewer, ids)


async def find_by_reference(tx: Questions, reference: Reference) -> UUID | None:
    """Return the customer of another system's id, seen or not."""
    found: UUID | None = await tx.value(BY_REFERENCE, system=reference.system, external_id=reference.id)
    return found
