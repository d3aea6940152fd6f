"""What the simulation knows of the company: its stores, who looks after them, what it sells at which price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from keyaccount.importing.catalogue import Catalogue, Planned, Reference

_CURRENCIES = {"AU": "AUD", "CA": "CAD", "DE": "EUR", "FR": "EUR", "GB": "GBP"}


@dataclass(frozen=True)
class Store:
    """A customer, its account manager, the currency it buys in, and where goods go."""

    customer: Reference
    name: str
    account_manager: str
    currency: str
    place: str


@dataclass(frozen=True)
class Goods:
    """A product for sale, its price list in US dollars, and what its line is called."""

    product: Reference
    line_name: str
    list_price: Decimal


@dataclass(frozen=True)
class Market:
    """Everything the simulation draws from, in a fixed order."""

    system: str
    stores: tuple[Store, ...]
    goods: tuple[Goods, ...]
    superiors: Mapping[str, str]
    rates: Mapping[str, Decimal]


def market_of(catalogue: Catalogue) -> Market:
    """Read the market from the records that an import of AdventureWorks planned."""
    planned = catalogue.planned
    lines = planned["product-lines"]
    return Market(
        catalogue.system,
        tuple(_store(catalogue.system, record) for record in planned["customers"].values()),
        tuple(
            Goods(
                Reference("products", catalogue.system, record.id),
                lines[record.item["product_line_id"].target.id].item["name"],
                Decimal(record.item["list_price"]["amount"]),
            )
            for record in planned["products"].values()
            if "list_price" in record.item
        ),
        {
            record.id: record.item["superior_id"].target.id
            for record in planned["people"].values()
            if "superior_id" in record.item
        },
        _latest_rates(planned["exchange-rates"].values()),
    )


def _store(system: str, record: Planned) -> Store:
    return Store(
        Reference("customers", system, record.id),
        record.item["legal_name"],
        record.item["account_manager_id"].target.id,
        _CURRENCIES.get(record.item["country"], "USD"),
        f"{record.item['city']}, {record.item['country']}",
    )


def _latest_rates(records: Iterable[Planned]) -> dict[str, Decimal]:
    """Return how much of each currency a US dollar was worth at last."""
    rates = {"USD": (Decimal(1), "")}
    for record in records:
        item = record.item
        if item["date"] > rates.get(item["to_currency"], (Decimal(0), ""))[1]:
            rates[item["to_currency"]] = (Decimal(item["rate"]), item["date"])
    return {currency: rate for currency, (rate, _) in rates.items()}
