"""Opening a cycle: seats and rates are frozen, and what is won already enters."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.forecast.confirmation.actions.following import enter_won
from services.forecast.confirmation.store import known
from services.forecast.cycles import actions as cycles
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store.definitions import FrozenRate


async def open_cycle(
    tx: Writing,
    viewer: Viewer,
    cycle_id: UUID,
    *,
    on: date,
    rates: Sequence[FrozenRate],
    products: Sequence[Mapping[str, Any]],
) -> Cycle:
    """Open a cycle with today's reporting lines and rates; `products` are those not known here before."""
    await known.keep_products(tx, products)
    principals = await known.principals(tx)
    cycle = await cycles.open_cycle(tx, viewer, cycle_id, on=on, rates=rates, principals=principals)
    await enter_won(tx, cycle)
    return cycle
