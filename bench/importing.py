"""Batch import: a hundred new opportunities in one request, so that rows per second are a hundred times the rate."""

from itertools import islice
from typing import Any

from bench.catalogue import Customer, Product
from bench.data import Data
from bench.load import FRESH_KEY
from bench.operations import SLOTS, Operation, Request, Token
from bench.people import Worker

ROWS = 100
"""Opportunities of one batch."""
_DIFFERENT = 8


async def import_operations(data: Data, token: Token) -> list[Operation]:
    """Return batches of new opportunities, which sales operations send; all of a batch or nothing.

    A larger one has more values that must be fresh each time than a statement of pgbench may have.
    """
    mine = token(data.staff.operations.id)
    requests = [
        Request("POST", "/v1/opportunities/batches", mine, {"items": _items(data, number), "atomic": True})
        for number in range(_DIFFERENT)
    ]
    return [Operation(f"import_{ROWS}", [requests] * SLOTS, requests[:2])]


def _items(data: Data, number: int) -> list[dict[str, Any]]:
    customers, products, sellers = (
        data.pipeline.catalogue.customers,
        data.pipeline.catalogue.products,
        data.staff.sellers,
    )
    return [
        _item(
            data,
            f"{FRESH_KEY.decode()}-{row}",
            customers[(number * ROWS + row) % len(customers)],
            list(islice(products, row % (len(products) - 2), row % (len(products) - 2) + 2)),
            sellers[(number * ROWS + row) % len(sellers)],
        )
        for row in range(ROWS)
    ]


def _item(data: Data, reference: str, customer: Customer, products: list[Product], seller: Worker) -> dict[str, Any]:
    return {
        "external_reference": {"system": "bench", "id": reference},
        "name": "Imported opportunity",
        "customer_id": str(customer.id),
        "principal_id": str(seller.id),
        "currency": "USD",
        "amount": "48000.00",
        "expected_close": data.pipeline.now.date().isoformat(),
        "lines": [{"product_id": str(one.id), "quantity": "120", "unit_price": str(one.price)} for one in products],
    }
