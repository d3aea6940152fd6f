"""What this service asks `opportunity` live: what it has not heard of yet, and exchange rates."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from servicekit.peers.client import Peer, PeerRefused
from servicekit.web.service import service_of
from services.forecast.cycles.store.definitions import FrozenRate

NOT_FOUND = 404
MOST_QUOTES = 500
RATE_DECIMALS = Decimal("1e-15")


def told_of_opportunity(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an opportunity, as its events and answers carry it."""
    amount = data["amount"]
    expected, decided = data["expected_close"], data["decided_on"]
    probability = data.get("probability")
    return {
        "id": UUID(data["id"]),
        "version": int(data["version"]),
        "name": data["name"],
        "principal_id": UUID(data["principal_id"]),
        "customer_id": UUID(data["customer_id"]) if data["customer_id"] else None,
        "stage": data["stage"],
        "state": data["state"],
        "amount": None if amount is None else Decimal(amount["amount"] if isinstance(amount, Mapping) else amount),
        "currency": data["currency"],
        "expected_close": date.fromisoformat(expected) if expected else None,
        "decided_on": date.fromisoformat(decided) if decided else None,
        "probability": None if probability is None else Decimal(probability),
        "is_simulated": data["origin"] == "simulated",
        "lines": [_line(line) for line in data["lines"]],
    }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    names = ("product_id", "quantity", "unit_price", "delivery_date")
    return {name: line[name] for name in names} | {"delivery_place": line.get("delivery_place") or line.get("place")}


def told_of_product(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a product, as its events and answers carry it."""
    return {
        "id": UUID(data["id"]),
        "code": data["code"],
        "name": data["name"],
        "product_line_id": UUID(data["product_line_id"]) if data["product_line_id"] else None,
        "unit": data["unit"],
        "unit_is_whole": bool(data["unit_is_whole"]),
        "version": int(data["version"]),
    }


class Opportunities:
    """The service `opportunity`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def find_newer(self, opportunity_id: UUID, version: int, known_version: int | None) -> dict[str, Any] | None:
        """Return what an opportunity is now, unless the version asked about is known already."""
        if known_version is not None and known_version >= version:
            return None
        found = await self._find(f"/v1/opportunities/{opportunity_id}")
        return told_of_opportunity(found) if found else None

    async def products(self, ids: Sequence[UUID]) -> list[dict[str, Any]]:
        """Return those of the products that there are."""
        found = [await self._find(f"/v1/products/{product_id}") for product_id in ids]
        return [told_of_product(each) for each in found if each]

    async def rates_into(self, currency: str, used: Sequence[str], on: date) -> list[FrozenRate]:
        """Return the latest rate into a currency of each that is quoted or used, as of the end of a day."""
        rates: dict[str, FrozenRate] = {}
        self._keep_latest(rates, currency, await self._quotes(on, currency=currency))
        for other in used:
            if other != currency and other not in rates:
                self._keep_latest(rates, currency, await self._quotes(on, from_currency=other, to_currency=currency))
                self._keep_latest(rates, currency, await self._quotes(on, from_currency=currency, to_currency=other))
        return sorted(rates.values(), key=lambda rate: rate.currency)

    async def _quotes(self, on: date, **sides: str) -> list[dict[str, Any]]:
        until = (on + timedelta(days=1)).isoformat()
        asked = {"date_lt": until, "sort": "-date", "limit": MOST_QUOTES, **sides}
        answer = await self._peer.get("/v1/exchange-rates", asked)
        items: list[dict[str, Any]] = answer["items"]
        return items

    def _keep_latest(self, rates: dict[str, FrozenRate], into: str, quotes: Sequence[Mapping[str, Any]]) -> None:
        """Keep the latest quote of each currency; of one day, the quote that needs no inversion."""
        for quote in quotes:
            direct = quote["to_currency"] == into
            other = quote["from_currency"] if direct else quote["to_currency"]
            day, rate = date.fromisoformat(quote["date"]), Decimal(quote["rate"])
            known = rates.get(other)
            if known is None or day > known.rate_date or (day == known.rate_date and direct):
                factor = rate if direct else (1 / rate).quantize(RATE_DECIMALS)
                rates[other] = FrozenRate(other, factor, day)

    async def _find(self, path: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = await self._peer.get(path)
        except PeerRefused as refusal:
            if refusal.status == NOT_FOUND:
                return None
            raise
        return found


async def _opportunities(request: Request) -> Opportunities:
    return Opportunities(service_of(request).peers["opportunity"])


CurrentOpportunities = Annotated[Opportunities, Depends(_opportunities)]
