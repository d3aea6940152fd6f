"""Products that this service has not been told of yet are asked for, before anything is written."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from servicekit.data.transactions import Questions, Writing
from services.forecast.clients.opportunity import Opportunities
from services.forecast.confirmation.store import known


class Learned:
    """What the catalogue said of products that nothing was known of."""

    def __init__(self, told: Iterable[dict[str, Any]]) -> None:
        self._told = {each["id"]: each for each in told}

    async def keep(self, tx: Writing, product_id: UUID | None) -> None:
        """Keep what was said of a product, if it was asked for."""
        if product_id in self._told:
            await known.keep_products(tx, [self._told[product_id]])


async def learned(reading: Questions, opportunities: Opportunities, ids: Iterable[UUID | None]) -> Learned:
    """Ask for those of the products that are not known here."""
    missing = await known.missing_products(reading, [each for each in ids if each is not None])
    return Learned(await opportunities.products(missing) if missing else [])
