"""Jobs under way all the time, whatever is killed meanwhile: imports, and exports of what was acknowledged before."""

import asyncio
import json
import random
from collections.abc import Callable

from tests.faults.calling import Ask, Caller
from tests.faults.history import Call
from tests.faults.traffic import Record

LATER = {"prefer": "respond-async"}
ITEMS = 200


class JobGiver:
    """Asks for one job after the other, and waits for each."""

    def __init__(self, caller: Caller, rng: random.Random, size: int = ITEMS) -> None:
        """Each import has `size` opportunities."""
        self._caller = caller
        self._rng = rng
        self._size = size
        self._line = caller.line()

    async def run(self, going: Callable[[], bool], pause: float) -> None:
        """Import and export in turn as long as it goes on."""
        while going():
            await self._import()
            await asyncio.sleep(pause)
            if going():
                await self._export()
        self._line.close()

    async def _import(self) -> None:
        items = [self._opportunity() for _ in range(self._size)]
        ask = Ask("import_job", "/v1/opportunities/batches", {"items": items}, self._word())
        await self._caller.job(self._line, self._caller.company.operations, ask, LATER, _outcomes)

    async def _export(self) -> None:
        ask = Ask("export_job", "/v1/customers/exports", {"format": "jsonl"}, self._word())
        await self._caller.job(self._line, self._caller.company.admin, ask, {}, _ids)

    def _opportunity(self) -> Record:
        word, seller = self._word(), self._rng.choice(self._caller.company.sellers)
        reference = {"system": "faults", "id": word}
        item = {"name": f"Import {word}", "currency": "USD", "principal_id": seller.id}
        return item | {
            "amount": f"{self._rng.randrange(10**5, 10**9) / 100:.2f}",
            "external_reference": reference,
        }

    def _word(self) -> str:
        return f"{self._rng.getrandbits(48):012x}"


def _outcomes(call: Call, result: bytes) -> None:
    """Keep what became of each item, in the order of the result."""
    call.answer["items"] = [
        {name: told[name] for name in ("index", "outcome", "id", "problem") if name in told}
        for told in map(json.loads, result.splitlines())
    ]


def _ids(call: Call, result: bytes) -> None:
    """Keep which rows the file has."""
    call.answer["rows"] = [json.loads(line)["id"] for line in result.splitlines()]
