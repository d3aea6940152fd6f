"""What is done with the catalogue: sales operations keep it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import ADMIN, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.money import Money
from servicekit.values.versions import check_version
from services.opportunity import events
from services.opportunity.products import rules, store
from services.opportunity.products.store import Product, ProductLine
from services.opportunity.refusals import MayNotDo, NegativeAmount


@dataclass(frozen=True, slots=True)
class Reference:
    """The id that something has in another system."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class LineFields:
    """What can be said of a product line."""

    name: str
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class ProductFields:
    """What can be said of a product."""

    code: str
    name: str
    product_line_id: UUID
    unit: str
    unit_is_whole: bool
    list_price: Decimal | None
    list_price_currency: str | None


def price_of(money: Money | None) -> tuple[Decimal | None, str | None]:
    """Return a list price's amount and currency, which is not below 0."""
    if money is None:
        return None, None
    if money.amount < 0:
        raise NegativeAmount("/list_price")
    return money.amount, money.currency


def check_may_keep_catalogue(viewer: Viewer) -> None:
    """Refuse whoever does not keep the catalogue and the rates."""
    if not viewer.has_role(SALES_OPERATIONS, ADMIN):
        raise MayNotDo("Sales operations keep the catalogue and the exchange rates.")


async def add_line(tx: Writing, viewer: Viewer, fields: LineFields, reference: Reference | None = None) -> ProductLine:
    """Add a product line."""
    check_may_keep_catalogue(viewer)
    line = ProductLine(
        new_id(),
        1,
        fields.name,
        fields.parent_id,
        reference.system if reference else None,
        reference.id if reference else None,
        tx.now,
    )
    await tx.execute(
        store.INSERT_LINE,
        id=line.id,
        version=1,
        name=line.name,
        parent_id=line.parent_id,
        external_system=line.external_system,
        external_id=line.external_id,
        created_at=line.created_at,
    )
    events.publish_product_line(tx, line)
    return line


async def change_line(
    tx: Writing, viewer: Viewer, line_id: UUID, fields: LineFields, expected: int | None = None
) -> ProductLine:
    """Rename a product line or move it in the tree."""
    check_may_keep_catalogue(viewer)
    parents = await store.lock_parents(tx)
    present = await store.get_line(tx, line_id)
    if expected is not None:
        check_version(present.version, expected)
    rules.check_parent(line_id, fields.parent_id, parents)
    if LineFields(present.name, present.parent_id) == fields:
        return present
    await tx.execute(store.UPDATE_LINE, line_id=line_id, name=fields.name, parent_id=fields.parent_id)
    line = await store.get_line(tx, line_id)
    events.publish_product_line(tx, line)
    return line


async def add_product(
    tx: Writing, viewer: Viewer, fields: ProductFields, reference: Reference | None = None
) -> Product:
    """Add a product to a product line."""
    check_may_keep_catalogue(viewer)
    made = new_id()
    await tx.execute(
        store.INSERT_PRODUCT,
        id=made,
        version=1,
        code=fields.code,
        name=fields.name,
        product_line_id=fields.product_line_id,
        unit=fields.unit,
        unit_is_whole=fields.unit_is_whole,
        list_price=fields.list_price,
        list_price_currency=fields.list_price_currency,
        external_system=reference.system if reference else None,
        external_id=reference.id if reference else None,
        created_at=tx.now,
    )
    product = await store.get_product(tx, made)
    events.publish_product(tx, product)
    return product


async def change_product(
    tx: Writing, viewer: Viewer, product_id: UUID, fields: ProductFields, expected: int | None = None
) -> Product:
    """Change what is said of a product."""
    check_may_keep_catalogue(viewer)
    present = await store.lock_product(tx, product_id)
    if expected is not None:
        check_version(present.version, expected)
    if fields_of(present) == fields:
        return present
    await tx.execute(
        store.UPDATE_PRODUCT,
        product_id=product_id,
        code=fields.code,
        name=fields.name,
        product_line_id=fields.product_line_id,
        unit=fields.unit,
        unit_is_whole=fields.unit_is_whole,
        list_price=fields.list_price,
        list_price_currency=fields.list_price_currency,
    )
    product = await store.get_product(tx, product_id)
    events.publish_product(tx, product)
    return product


def fields_of(product: Product) -> ProductFields:
    """Return what is said of a product now."""
    return ProductFields(
        product.code,
        product.name,
        product.product_line_id,
        product.unit,
        product.unit_is_whole,
        product.list_price,
        product.list_price_currency,
    )
