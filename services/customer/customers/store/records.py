"""One customer: found, read in full, locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, Uuid, any_, bindparam, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import BindsViewer, Questions, Writing
from servicekit.data.violations import Busy
from servicekit.values.errors import NotVisible
from servicekit.values.money import Money, round_money
from services.customer.customers.rules.values import NameKind, Reference
from services.customer.customers.store.identity import group_array, member, members_of, survivor, survivor_of
from services.customer.customers.store.scope import is_visible
from services.customer.customers.tables import customer, customer_address, customer_identifier, customer_name

_c = customer.c
MOST_MERGES_MET = 5
"""How many merges and undoings of one customer in a row a single caller waits for."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer without its parts.

    `own_parent_id` is the parent as it was set; `parent_id` is whom that one stands for, should it have been merged.
    """

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
    own_parent_id: UUID | None
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
    """A customer with its names, identifiers and addresses, ended ones included, and those of whom it survived."""

    other_names: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]
    addresses: list[dict[str, Any]]
    merged_ids: list[UUID]
    merged_into_id: UUID | None


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
    survivor_of(_c.parent_id).label("parent_id"),
    _c.parent_id.label("own_parent_id"),
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
        .where(table.c.customer_id == any_(group_array(_c.id)))
        .scalar_subquery()
        .label(name)
    )


_merged = customer.alias("merged")


def _legal_names_of_merged() -> Any:
    """Return the legal names of those that were merged into the customer: it is known by them too."""
    pairs = ("id", _merged.c.id, "kind", NameKind.OTHER.value, "name", _merged.c.legal_name)
    told = [literal_column(f"'{each}'") if isinstance(each, str) else each for each in pairs]
    undated: list[ColumnElement[Any]] = [
        literal_column(each) for each in ("'from_date'", "NULL", "'until_date'", "NULL")
    ]
    objects = func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*told, *undated), _merged.c.id))
    return (
        select(func.coalesce(objects, func.jsonb_build_array()))
        .where(survivor(_merged) == _c.id, _merged.c.id != _c.id)  # so that the index on survivors answers
        .correlate_except(_merged)
    )


def _detail() -> Select[Any]:
    return select(
        *ROW_COLUMNS,
        _parts(customer_name, "other_names", "id", "kind", "name", "from_date", "until_date")
        .element.op("||")(_legal_names_of_merged().scalar_subquery())
        .label("other_names"),
        _parts(customer_identifier, "identifiers", "id", "scheme", "value", "verified", "ended_on"),
        _parts(
            customer_address,
            "addresses",
            *("id", "customer_id", "kind", "line_1", "line_2", "city", "region", "postal_code", "country", "ended_on"),
        ),
        func.array(members_of(_c.id).where(member.c.id != _c.id).order_by(member.c.id).scalar_subquery()).label(
            "merged_ids"
        ),
        _c.merged_into_id,
    )


_ID = bindparam("id", type_=Uuid())
_IDS = bindparam("ids", type_=ARRAY(Uuid()))

_SURVIVOR = survivor_of(_ID)

GET = prepared(_detail().where(_c.id == _SURVIVOR, is_visible()), into=CustomerDetail)
READ = prepared(_detail().where(_c.id == _ID), into=CustomerDetail)
READ_MANY = prepared(_detail().where(_c.id == any_(_IDS)), into=CustomerDetail)
LOCK = prepared(
    select(*ROW_COLUMNS)
    .where(_c.id == _SURVIVOR, _c.merged_into_id.is_(None), is_visible())
    .with_for_update(of=customer),
    into=CustomerRow,
)
IS_VISIBLE = prepared(select(_c.id).where(_c.id == _SURVIVOR, is_visible()))
_asked = customer.alias("asked")
VISIBLE_OF = prepared(
    select(_asked.c.id)
    .select_from(_asked)
    .join(customer, _c.id == survivor(_asked))
    .where(_asked.c.id == any_(_IDS), is_visible())
)
HOLD_UNMERGED = prepared(
    select(_c.id)
    .where(_c.id == any_(_IDS), _c.merged_into_id.is_(None), ~members_of(_c.id).where(member.c.id != _c.id).exists())
    .order_by(_c.id)
    .with_for_update(of=customer, key_share=True, read=True)
)
BY_KEY = prepared(
    select(survivor()).where(
        tuple_(_c.name_key, _c.country, _c.city_key)
        == tuple_(
            bindparam("name_key", type_=Text()), bindparam("country", type_=Text()), bindparam("city_key", type_=Text())
        ),
        _c.discriminator == "",
    )
)
BY_REFERENCE = prepared(
    select(survivor()).where(_c.external_system == bindparam("system"), _c.external_id == bindparam("external_id"))
)


async def get(tx: Questions, viewer: Viewer, customer_id: UUID) -> CustomerDetail:
    """Return a customer in full, the survivor if it was merged, or raise `NotVisible`."""
    return await tx.visible(GET, "customer", customer_id, viewer=viewer, id=customer_id)


async def read(tx: Questions, customer_id: UUID) -> CustomerDetail:
    """Return a customer that an action has just written or locked, itself also if it was merged."""
    return await tx.one(READ, id=customer_id)


async def lock(tx: Writing, viewer: Viewer, customer_id: UUID) -> CustomerRow:
    """Return the customer, the survivor if it was merged, locked until commit, or raise `NotVisible`.

    Whoever waited for a merge finds the row to stand for another one, and asks again whom the id stands for now.
    """
    for _ in range(MOST_MERGES_MET):
        found = await tx.first(LOCK, viewer=viewer, id=customer_id)
        if found is not None:
            return found
        await check_visible(tx, viewer, customer_id)
    raise Busy


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


async def hold_unmerged(tx: Writing, ids: Sequence[UUID]) -> bool:
    """Let none of the customers be merged until commit; return whether each stands for itself and no other for it."""
    return len(await tx.all(HOLD_UNMERGED, ids=sorted(ids))) == len(ids)


async def find_by_reference(tx: Questions, reference: Reference) -> UUID | None:
    """Return the customer of another system's id, seen or not."""
    found: UUID | None = await tx.value(BY_REFERENCE, system=reference.system, external_id=reference.id)
    return found
