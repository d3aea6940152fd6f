"""What comes in by batches, each item a write of its own, drawn from a seed."""

import asyncio
import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count, permutations

from tests.faults.calling import Ask, Caller
from tests.faults.traffic import Record

MOST_ITEMS = 500
PAIRS = list(permutations(("CHF", "CNY", "EUR", "GBP", "JPY", "SEK", "INR", "BRL", "KRW"), 2))


class Importer:
    """Brings in many at a time: opportunities new and told again, customers, exchange rates."""

    def __init__(self, caller: Caller, rng: random.Random, size: int, rates: int) -> None:
        """Each batch of opportunities has `size` items, and `rates` exchange rates come after it."""
        self._caller = caller
        self._rng = rng
        self._size = size
        self._rates = rates
        self._days = count()
        self._line = caller.line()
        self._sent: list[Record] = []

    async def run(self, going: Callable[[], bool], pause: float) -> None:
        """Send batch after batch as long as it goes on."""
        while going():
            await self._send("import_opportunities", "/v1/opportunities/batches", self._opportunities())
            if self._rng.random() < 0.15:
                await self._send("import_customers", "/v1/customers/batches", self._customers())
            for start in range(0, self._rates, MOST_ITEMS):
                rates = [self._rate() for _ in range(min(MOST_ITEMS, self._rates - start))]
                await self._send("import_rates", "/v1/exchange-rates/batches", rates)
            await asyncio.sleep(pause)
        self._line.close()

    async def _send(self, operation: str, path: str, items: list[Record]) -> None:
        mark = f"{self._rng.getrandbits(48):012x}"
        operations = self._caller.company.operations
        await self._caller.post(self._line, operations, Ask(operation, path, {"items": items}, mark))

    def _opportunities(self) -> list[Record]:
        """Some that are new, and some that came before with another amount now."""
        again = [item | {"amount": self._amount()} for item in self._rng.sample(self._sent, len(self._sent) // 10)]
        new = [self._opportunity() for _ in range(self._size - len(again))]
        self._sent = new
        return new + again

    def _opportunity(self) -> Record:
        word = f"{self._rng.getrandbits(48):012x}"
        seller = self._rng.choice(self._caller.company.sellers)
        reference = {"system": "faults", "id": word}
        item = {"name": f"Import {word}", "currency": "USD", "amount": self._amount(), "principal_id": seller.id}
        return item | {"external_reference": reference}

    def _customers(self) -> list[Record]:
        words = [f"{self._rng.getrandbits(48):012x}" for _ in range(50)]
        return [
            {
                "kind": "customer",
                "legal_name": f"Customer {word}",
                "country": "DE",
                "external_reference": {"system": "faults", "id": word},
            }
            for word in words
        ]

    def _rate(self) -> Record:
        """A rate for a pair and day that no other one is for."""
        number = next(self._days)
        day = date(2000, 1, 1) + timedelta(days=number // len(PAIRS))
        source, target = PAIRS[number % len(PAIRS)]
        rate = f"{self._rng.randrange(10**6, 10**9) / 10**6:.6f}"
        return {"from_currency": source, "to_currency": target, "date": str(day), "rate": rate}

    def _amount(self) -> str:
        return f"{self._rng.randrange(10**5, 10**9) / 100:.2f}"
