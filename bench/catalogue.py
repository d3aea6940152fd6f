"""What opportunities refer to: product lines, products, customers, exchange rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from bench.people import Worker

RATES = {"EUR": Decimal("1.08"), "CNY": Decimal("0.14")}
"""What one unit is worth in USD, about."""
_LINES = 10
_PRODUCTS_PER_LINE = 20
_MANAGED = 0.8


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its list price in USD."""

    id: UUID
    line_id: UUID
    price: Decimal


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the service keeps a copy of it."""

    id: UUID
    name: str
    manager_id: UUID | None


@dataclass(frozen=True)
class Catalogue:
    """Everything that opportunities refer to."""

    lines: Sequence[UUID]
    products: Sequence[Product]
    customers: Sequence[Customer]


def catalogue(sellers: Sequence[Worker], customers: int, seed: int) -> Catalogue:
    """Return ten product lines of twenty products each, and so many customers, most of them looked after."""
    random = Random(seed)
    lines = [_id(random) for _ in range(_LINES)]
    products = [
        Product(_id(random), line, Decimal(random.randrange(500, 50_000)) / 100)
        for line in lines
        for _ in range(_PRODUCTS_PER_LINE)
    ]
    return Catalogue(lines, products, [_customer(random, number, sellers) for number in range(1, customers + 1)])


def catalogue_rows(made: Catalogue, at: datetime) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of the catalogue, by table."""
    rates: list[tuple[object, ...]] = [
        (UUID(int=place << 32 | days), currency, "USD", at.date() - timedelta(days=days), rate, at)
        for place, (currency, rate) in enumerate(RATES.items(), start=1)
        for days in range(0, 730, 7)
    ]
    return {
        "product_line": [(line, f"Line {number}", at) for number, line in enumerate(made.lines, start=1)],
        "product": [
            (one.id, f"P-{number:05}", f"Product {number}", one.line_id, "piece", True, one.price, "USD", at)
            for number, one in enumerate(made.products, start=1)
        ],
        "exchange_rate": rates,
        "customer_copy": [(one.id, 1, one.name, "customer", "standard", one.manager_id, at) for one in made.customers],
    }


CATALOGUE_COLUMNS = {
    "product_line": ("id", "name", "created_at"),
    "product": (
        "id",
        "code",
        "name",
        "product_line_id",
        "unit",
        "unit_is_whole",
        "list_price",
        "list_price_currency",
        "created_at",
    ),
    "exchange_rate": ("id", "from_currency", "to_currency", "date", "rate", "recorded_at"),
    "customer_copy": ("id", "version", "name", "kind", "tier", "account_manager_id", "known_at"),
}


def _customer(random: Random, number: int, sellers: Sequence[Worker]) -> Customer:
    manager = random.choice(sellers).id if random.random() < _MANAGED else None
    return Customer(_id(random), f"Customer {number}", manager)


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
