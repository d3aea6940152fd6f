"""Batches: many items in one request, one outcome each, in order.

Items run in chunks of at most 50, each in its own transaction with its own key (beyond 64 savepoints in one
transaction PostgreSQL slows everybody down), or `atomic`: all in one transaction, or none. Asked from inside a job,
the one chunk commits with the job's progress.
"""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Request
from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from servicekit.data.chunks import Chunk, ChunkResult, Done, Result
from servicekit.data.idempotency import ClaimTaken, KeptAnswer
from servicekit.data.transactions import Writing, writing
from servicekit.data.violations import Busy
from servicekit.jobs.turns import Turn
from servicekit.values.errors import KeyaccountError, Malformed, NotAllowed, Recorded, RuleViolated
from servicekit.web.jobs.inside import TURN
from servicekit.web.jobs.outcomes import keep_outcomes
from servicekit.web.jobs.trying import is_dry_run
from servicekit.web.problems import pointer_of, problem_of
from servicekit.web.schemas import Input, Output
from servicekit.web.unit import Unit, record_refusal

T = TypeVar("T")
MOST_ITEMS = 500
CHUNK = 50


class ItemMalformed(Malformed):
    """One item of a batch cannot be understood."""

    code = "item_malformed"


class BatchRefused(RuleViolated):
    """An atomic batch has an item that is refused: nothing of it was done."""

    code = "batch_refused"
    members: ClassVar[tuple[str, ...]] = ("items",)

    def __init__(self, items: Sequence[dict[str, Any]]) -> None:
        super().__init__("Nothing was done, because some items were refused; `items` says which and why.")
        self.items = items


def _lenient(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError as error:
        fault = error.errors()[0]
        listed = "; ".join(f"{pointer_of(('body', *f['loc']))}: {f['msg']}" for f in error.errors()[:5])
        return ItemMalformed(listed, field=pointer_of(("body", *fault["loc"])))


Lenient = Annotated[T, WrapValidator(_lenient)]
"""An item that, where it is malformed, becomes the error that says so: the others are still done."""


class Batch(Input, Generic[T]):
    """Up to 500 items."""

    items: list[Lenient[T]] = Field(min_length=1, max_length=MOST_ITEMS)
    atomic: bool = Field(default=False, description="Do all or nothing.")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return a name that can be that of a type in any language."""
        return f"BatchOf{params[0].__name__}"


class BatchOutcome(Output):
    """What became of one item."""

    index: int
    outcome: Result
    id: UUID | None
    problem: dict[str, Any] | None


class BatchAnswer(Output):
    """One outcome per item, in order."""

    items: list[BatchOutcome]


class Batches:
    """Runs a request's batch."""

    def __init__(self, unit: Unit, turn: Turn | None = None, *, is_dry: bool = False) -> None:
        self._unit = unit
        self._turn = turn
        self._is_dry = is_dry

    async def run(self, batch: Batch[T], apply: Chunk[T], *, chunk: int = CHUNK) -> BatchAnswer:
        """Apply every item and answer for each.

        `apply` gets the items that could be understood, at most `chunk` at a time; set-based ones may take more.

        Raises:
            BatchRefused: the batch is atomic and an item was refused.
        """
        size = MOST_ITEMS if batch.atomic else chunk
        outcomes: list[dict[str, Any]] = []
        for number, start in enumerate(range(0, len(batch.items), size)):
            items = batch.items[start : start + size]
            outcomes += await self._run_chunk(number, start, items, apply, atomic=batch.atomic)
        return BatchAnswer(items=[BatchOutcome.model_validate(outcome) for outcome in outcomes])

    async def _run_chunk(
        self, number: int, start: int, items: Sequence[Any], apply: Chunk[Any], *, atomic: bool
    ) -> list[dict[str, Any]]:
        unit = self._unit
        claim = unit.claim.part(number) if unit.claim and not self._is_dry else None
        if claim and (kept := await claim.find(unit.service.database.pool)):
            return _decoded(kept)
        tx = Writing(unit.service.database, unit.actor(), claim)
        try:
            return await self._apply(tx, start, items, apply, atomic=atomic)
        except ClaimTaken:
            await tx.release()
            kept = await claim.find(unit.service.database.pool) if claim else None
            if kept is None:
                raise Busy from None
            return _decoded(kept)
        finally:
            await tx.release()

    async def _apply(
        self, tx: Writing, start: int, items: Sequence[Any], apply: Chunk[Any], *, atomic: bool
    ) -> list[dict[str, Any]]:
        understood = [item for item in items if not isinstance(item, KeyaccountError)]
        try:
            applied = iter(await apply(tx, understood) if understood else [])
            results = [item if isinstance(item, KeyaccountError) else next(applied) for item in items]
            outcomes = [_outcome(start + place, result) for place, result in enumerate(results)]
            if self._is_dry:
                return await self._take_back(tx, outcomes)
            rejected = [outcome for outcome in outcomes if outcome["outcome"] == "rejected"]
            if atomic and rejected:
                await self._give_up(tx, results)
                raise BatchRefused(rejected)
            for refusal in _recorded(results):
                await record_refusal(tx, refusal)
            await self._finish(tx, outcomes)
        except KeyaccountError as error:
            if atomic or self._is_for_later(error):
                raise
            await self._give_up(tx, [] if self._is_dry else [error])
            outcomes = [_outcome(start + place, error) for place in range(len(items))]
            await self._keep_apart(outcomes)
        return outcomes

    async def _take_back(self, tx: Writing, outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Roll back, and say what would have become of the items; what would be made has no id."""
        await tx.release()
        told = [one | {"id": None} if one["outcome"] == "created" else one for one in outcomes]
        await self._keep_apart(told)
        return told

    async def _keep_apart(self, outcomes: Sequence[dict[str, Any]]) -> None:
        if self._turn:
            async with writing(self._unit.service.database, self._unit.actor()) as tx:
                await keep_outcomes(self._turn, tx, outcomes)

    def _is_for_later(self, error: KeyaccountError) -> bool:
        """Whether the whole chunk is to be done again: sent again with its key the batch continues where it was."""
        if self._turn:
            return isinstance(error, Busy | NotAllowed)
        return self._unit.claim is not None and isinstance(error, Busy)

    async def _give_up(self, tx: Writing, results: ChunkResult) -> None:
        """Roll back, and remember the refusals that must be."""
        await tx.release()
        for refusal in _recorded(results):
            await self._unit.record(refusal)

    async def _finish(self, tx: Writing, outcomes: Sequence[dict[str, Any]]) -> None:
        if self._turn:
            await keep_outcomes(self._turn, tx, outcomes)
        if await tx.finish(KeptAnswer(200, {}, orjson.dumps(outcomes, default=str))):
            self._unit.service.relay.published.set()


def _recorded(results: ChunkResult) -> list[Recorded]:
    return [result for result in results if isinstance(result, Recorded)]


def _outcome(index: int, result: Done | KeyaccountError) -> dict[str, Any]:
    if isinstance(result, KeyaccountError):
        return {"index": index, "outcome": "rejected", "id": None, "problem": problem_of(result)}
    return {"index": index, "outcome": result.outcome, "id": result.id, "problem": None}


def _decoded(kept: KeptAnswer) -> list[dict[str, Any]]:
    outcomes: list[dict[str, Any]] = orjson.loads(kept.body)
    return outcomes


async def _batches(request: Request) -> Batches:
    unit: Unit = request.state.unit
    return Batches(unit, request.scope.get(TURN), is_dry=is_dry_run(request))


CurrentBatches = Annotated[Batches, Depends(_batches)]
