"""Questions about the catalogue, which everybody may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, insert, select, update

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.products.rules import Goods
from services.opportunity.products.tables import product, product_line


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A branch of the catalogue."""

    id: UUID
    version: int
    name: str
    parent_id: UUID | None
    external_system: str | None
    external_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """Something that can be sold."""

    id: UUID
    version: int
    code: str
    name: str
    product_line_id: UUID
    unit: str
    unit_is_whole: bool
    list_price: Decimal | None
    list_price_currency: str | None
    external_system: str | None
    external_id: str | None
    created_at: datetime


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
LINE = prepared(select(product_line).where(product_line.c.id == bindparam("id")), into=ProductLine)
LINE_BY_REFERENCE = prepared(
    select(product_line)
    .where(product_line.c.external_system == bindparam("system"), product_line.c.external_id == bindparam("external"))
    .with_for_update(),
    into=ProductLine,
)
PARENTS = prepared(select(product_line.c.id, product_line.c.parent_id).order_by(product_line.c.id).with_for_update())
INSERT_LINE = prepared(insert(product_line))
UPDATE_LINE = prepared(
    update(product_line)
    .where(product_line.c.id == bindparam("line_id"))
    .values(name=bindparam("name"), parent_id=bindparam("parent_id"), version=product_line.c.version + 1)
)
PRODUCT = prepared(select(product).where(product.c.id == bindparam("id")), into=Product)
LOCK_PRODUCT = prepared(select(product).where(product.c.id == bindparam("id")).with_for_update(), into=Product)
PRODUCT_BY_REFERENCE = prepared(
    select(product)
    .where(product.c.external_system == bindparam("system"), product.c.external_id == bindparam("external"))
    .with_for_update(),
    into=Product,
)
INSERT_PRODUCT = prepared(insert(product))
UPDATE_PRODUCT = prepared(
    update(product)
    .where(product.c.id == bindparam("product_id"))
    .values(
        {name: bindparam(name) for name in ("code", "name", "product_line_id", "unit", "unit_is_whole")}
        | {name: bindparam(name) for name in ("list_price", "list_price_currency")}
        | {"version": product.c.version + 1}
    )
)
CATALOGUE = prepared(
    select(
        product.c.id,
        product.c.product_line_id,
        product.c.unit_is_whole,
        product.c.list_price,
        product.c.list_price_currency,
    ).where(product.c.id == any_(_IDS)),
    into=Goods,
)
_below = (
    select(product_line.c.id)
    .where(product_line.c.id == bindparam("line_id", type_=Uuid()))
    .cte("below", recursive=True)
)
_below = _below.union(select(product_line.c.id).join(_below, product_line.c.parent_id == _below.c.id))
PRODUCTS_BELOW = prepared(select(product.c.id).where(product.c.product_line_id.in_(select(_below.c.id))))

LINES = Listing(
    select(product_line),
    into=ProductLine,
    filters={
        "parent_id": product_line.c.parent_id == bindparam("parent_id"),
        "external_system": product_line.c.external_system == bindparam("external_system"),
        "external_id": product_line.c.external_id == bindparam("external_id"),
    },
    keys={"name": SortKey(product_line.c.name), "created_at": SortKey(product_line.c.created_at)},
    identifier=product_line.c.id,
    default="name",
)
PRODUCTS = Listing(
    select(product),
    into=Product,
    filters={
        "product_line_id": product.c.product_line_id == bindparam("product_line_id"),
        "code": product.c.code == bindparam("code"),
        "search": func.strpos(func.lower(product.c.name), func.lower(bindparam("search", type_=Text()))) > 0,
        "external_system": product.c.external_system == bindparam("external_system"),
        "external_id": product.c.external_id == bindparam("external_id"),
    },
    keys={name: SortKey(product.c[name]) for name in ("code", "name", "created_at")},
    identifier=product.c.id,
    default="code",
)


async def get_line(tx: Questions, line_id: UUID) -> ProductLine:
    """Return a product line, or raise `NotVisible`."""
    return await tx.visible(LINE, "product line", line_id, id=line_id)


async def get_product(tx: Questions, product_id: UUID) -> Product:
    """Return a product, or raise `NotVisible`."""
    return await tx.visible(PRODUCT, "product", product_id, id=product_id)


async def lock_product(tx: Writing, product_id: UUID) -> Product:
    """Return a product, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK_PRODUCT, "product", product_id, id=product_id)


async def line_by_reference(tx: Writing, system: str, external_id: str) -> ProductLine | None:
    """Return the product line with an external reference, locked until commit, or None."""
    return await tx.first(LINE_BY_REFERENCE, system=system, external=external_id)


async def product_by_reference(tx: Writing, system: str, external_id: str) -> Product | None:
    """Return the product with an external reference, locked until commit, or None."""
    return await tx.first(PRODUCT_BY_REFERENCE, system=system, external=external_id)


async def lock_parents(tx: Writing) -> dict[UUID, UUID | None]:
    """Return each line's parent; no line moves until commit."""
    return {row[0]: row[1] for row in await tx.all(PARENTS)}


async def catalogue_of(tx: Questions, product_ids: Sequence[UUID]) -> dict[UUID, Goods]:
    """Return what the catalogue says of those of the products that it has."""
    if not product_ids:
        return {}
    return {goods.id: goods for goods in await tx.all(CATALOGUE, ids=list(product_ids))}


async def products_below(tx: Questions, line_id: UUID) -> list[UUID]:
    """Return the products of a line and of every line below it."""
    return [row[0] for row in await tx.all(PRODUCTS_BELOW, line_id=line_id)]
