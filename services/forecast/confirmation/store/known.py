"""What is known of opportunities, products and customers, by event or by asking: always the highest version seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.forecast.confirmation.rules.confirming import Opportunity, OpportunityState
from services.forecast.confirmation.rules.lines import NOTHING_KNOWN, Item, OfferedLine
from services.forecast.confirmation.tables import known_customer, known_opportunity, known_product, live_line
from services.forecast.cycles.rules.definition import Cycle


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """An opportunity as it was last told of."""

    id: UUID
    version: int
    name: str
    principal_id: UUID
    customer_id: UUID | None
    stage: str
    state: str
    amount: Decimal | None
    currency: str
    expected_close: date | None
    decided_on: date | None
    probability: Decimal | None
    is_simulated: bool
    lines: list[dict[str, Any]]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class KnownProduct:
    """A product of the catalogue as it was last told of."""

    id: UUID
    code: str
    name: str
    product_line_id: UUID | None
    unit: str
    unit_is_whole: bool
    version: int

    @property
    def item(self) -> Item:
        """The product as what a line is about."""
        return Item(self.id, self.product_line_id, self.unit, self.unit_is_whole)


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer as it was last told of, its tier, where it is delivered to, and whom it stands for."""

    customer_id: UUID
    name: str
    tier: str | None
    place: str | None
    merged_into_id: UUID | None
    version: int


def _keeping_the_highest(table: Table, key: str) -> Any:
    adding = insert(table)
    newer = {column.name: adding.excluded[column.name] for column in table.c if column.name != key}
    return prepared(
        adding.on_conflict_do_update(
            index_elements=[key], set_=newer, where=table.c.version < adding.excluded.version
        ).returning(literal_column("xmax = 0").label("is_new"))
    )


c = known_opportunity.c
_IDS = any_(bindparam("ids", type_=ARRAY(Uuid())))
KEEP_OPPORTUNITY = _keeping_the_highest(known_opportunity, "id")
KEEP_PRODUCT = _keeping_the_highest(known_product, "id")
KEEP_CUSTOMER = _keeping_the_highest(known_customer, "customer_id")
VERSION = prepared(select(c.version).where(c.id == bindparam("id")))
LOCK = prepared(select(known_opportunity).where(c.id == bindparam("id")).with_for_update(), into=KnownOpportunity)
_won_without_line = (
    select(known_opportunity)
    .where(
        c.state == "won",
        c.decided_on >= bindparam("start"),
        c.decided_on < bindparam("end"),
        ~exists(
            select(live_line.c.opportunity_id).where(
                live_line.c.opportunity_id == c.id, live_line.c.cycle_id == bindparam("cycle_id", type_=Uuid())
            )
        ),
    )
    .order_by(c.id)
)
WON = prepared(_won_without_line, into=KnownOpportunity)
WON_BY = prepared(_won_without_line.where(c.principal_id == bindparam("principal_id")), into=KnownOpportunity)
PRINCIPALS = prepared(select(c.principal_id).distinct())
CURRENCIES = prepared(select(c.currency).distinct().order_by(c.currency))
PRODUCTS = prepared(select(known_product).where(known_product.c.id == _IDS), into=KnownProduct)


_each_line = func.jsonb_array_elements(c.lines).table_valued(column("value", JSONB), name="line")
_named = func.jsonb_extract_path_text(_each_line.c.value, "product_id")
NEVER_TOLD_OF = prepared(
    select(_named)
    .select_from(known_opportunity.join(_each_line, true()))
    .where(_named.isnot(None), ~exists(select(known_product.c.id).where(cast(known_product.c.id, Text) == _named)))
    .distinct()
)


async def keep_opportunity(tx: Writing, told: Mapping[str, Any]) -> bool | None:
    """Keep what was told of an opportunity, unless that or something newer is known; then return None.

    Otherwise return whether nothing was known of it before.
    """
    is_new: bool | None = await tx.value(KEEP_OPPORTUNITY, **told, seen_at=tx.now)
    return is_new


async def keep_products(tx: Writing, told: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was told of products, unless something newer is known."""
    await tx.execute_many(KEEP_PRODUCT, [dict(each) for each in told])


async def keep_customer(tx: Writing, told: Mapping[str, Any]) -> None:
    """Keep what was told of a customer, unless something newer is known."""
    await tx.execute(KEEP_CUSTOMER, **told)


async def find_version(tx: Questions, opportunity_id: UUID) -> int | None:
    """Return the version of an opportunity that is known, or None."""
    found: int | None = await tx.value(VERSION, id=opportunity_id)
    return found


async def lock(tx: Writing, opportunity_id: UUID) -> Opportunity | None:
    """Return what is known of an opportunity, locked until commit, or None."""
    found = await tx.first(LOCK, id=opportunity_id)
    return None if found is None else (await opportunities_of(tx, [found]))[0]


async def won_without_line(tx: Questions, cycle: Cycle, principal_id: UUID | None) -> list[Opportunity]:
    """Return the opportunities (of a principal, or all) won in the period of a cycle that do not stand in it."""
    statement = WON if principal_id is None else WON_BY
    start, end = cycle.period_start, cycle.period_end
    rows = await tx.all(statement, start=start, end=end, cycle_id=cycle.id, principal_id=principal_id)
    return await opportunities_of(tx, rows)


async def principals(tx: Questions) -> list[UUID]:
    """Return everybody who is the principal owner of an opportunity."""
    return [row[0] for row in await tx.all(PRINCIPALS)]


async def currencies(tx: Questions) -> list[str]:
    """Return the currencies that opportunities are in."""
    return [row[0] for row in await tx.all(CURRENCIES)]


async def missing_products(tx: Questions, ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the products that are not known."""
    there = await products(tx, ids)
    return sorted({product_id for product_id in ids if product_id not in there})


async def products_never_told_of(tx: Questions) -> list[UUID]:
    """Return the products that lines of opportunities name and nothing else was told of."""
    return [UUID(row[0]) for row in await tx.all(NEVER_TOLD_OF)]


async def products(tx: Questions, ids: Sequence[UUID]) -> dict[UUID, KnownProduct]:
    """Return those of the products that are known."""
    return {found.id: found for found in await tx.all(PRODUCTS, ids=list(ids))} if ids else {}


async def opportunities_of(tx: Questions, rows: Sequence[KnownOpportunity]) -> list[Opportunity]:
    """Return opportunities with their lines, each with the item that its product is."""
    ids = {UUID(line["product_id"]) for row in rows for line in row.lines if line.get("product_id")}
    items = {found.id: found.item for found in (await products(tx, sorted(ids))).values()}
    return [_opportunity(row, items) for row in rows]


def _opportunity(row: KnownOpportunity, items: Mapping[UUID, Item]) -> Opportunity:
    return Opportunity(
        id=row.id,
        version=row.version,
        name=row.name,
        principal_id=row.principal_id,
        customer_id=row.customer_id,
        stage=row.stage,
        state=OpportunityState(row.state),
        amount=row.amount,
        currency=row.currency,
        expected_close=row.expected_close,
        decided_on=row.decided_on,
        probability=row.probability,
        is_simulated=row.is_simulated,
        lines=tuple(_line(line, items) for line in row.lines),
    )


def _line(line: Mapping[str, Any], items: Mapping[UUID, Item]) -> OfferedLine:
    """Return a line as it was offered; a product that is not known yet counts for its amount alone."""
    item = items.get(UUID(line["product_id"]), NOTHING_KNOWN) if line.get("product_id") else NOTHING_KNOWN
    price, delivered = line.get("unit_price"), line.get("delivery_date")
    return OfferedLine(
        item=item,
        quantity=Decimal(line["quantity"]),
        unit_price=None if price is None else Decimal(price),
        delivery_date=None if delivered is None else date.fromisoformat(delivered),
        delivery_place=line.get("delivery_place"),
    )
