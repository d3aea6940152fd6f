"""Handing a promised lead over to `opportunity`, exactly once whatever fails in between.

The promise is committed first, then `opportunity` is asked (which makes one opportunity per lead, however often it is
asked), then what became of it is kept. Whoever dies or is not answered on the way leaves a promised lead behind, which
`complete_hand_overs` takes up, in the name of whoever promised it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import structlog
from asyncpg.exceptions import PostgresError
from fastapi import Depends, Request

from servicekit.data.actors import Actor
from servicekit.data.transactions import Writing, writing
from servicekit.peers.client import PeerRefused, calling_for
from servicekit.run.tracing import current_trace_id
from servicekit.values.errors import DeadlinePassed, PeerUnavailable
from servicekit.web.service import Service, service_of
from servicekit.web.unit import current_unit
from services.customer.clients.taking_over import HandedOver, Opportunities
from services.customer.leads import actions, store
from services.customer.leads.rules import HandOverRefused, LeadState
from services.customer.leads.store import Lead

EVERY_SECONDS = 5.0
NOT_NOW = frozenset({429})
BUSY = "busy"


class HandingOver:
    """Hands leads over, for one service process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._opportunities = Opportunities(service.peers["opportunity"])

    async def promise(self, promising: Callable[[Writing], Awaitable[Lead]]) -> Lead:
        """Commit the promise before `opportunity` is asked: nobody can lose it any more."""
        async with writing(self._service.database, current_unit.get().actor()) as tx:
            promised = await promising(tx)
        self._service.relay.published.set()
        return promised

    async def keep(self, tx: Writing, promised: Lead) -> Lead:
        """Return what became of a promised lead; one that `opportunity` cannot be asked for just now stays promised.

        Raises:
            HandOverRefused: it refuses; the lead is open again.
        """
        if promised.state == LeadState.CONVERTED:
            return promised
        try:
            made = await self._ask(promised)
        except (PeerUnavailable, DeadlinePassed):
            return promised
        except PeerRefused as refusal:
            if _is_for_later(refusal):
                return promised
            raise await self._take_back(promised, refusal) from refusal
        return await actions.conclude(tx, promised.id, made.id)

    async def step(self) -> bool:
        """Complete one hand-over that is due; return whether there was one that could be completed."""
        async with writing(self._service.database) as tx:
            due = await store.take_due(tx, tx.now + actions.ATTEMPT)
        if due is None:
            return False
        async with writing(self._service.database, self._actor(due)) as tx:
            try:
                kept = await self.keep(tx, due)
            except HandOverRefused:
                return True
        self._service.relay.published.set()
        return kept.state == LeadState.CONVERTED

    async def _ask(self, promised: Lead) -> HandedOver:
        given = promised.hand_over or {}
        subject = "~".join(filter(None, (given["person_id"], given["on_behalf_of"])))
        mark = calling_for.set(subject)
        try:
            return await self._opportunities.take_over(promised.id, given["terms"])
        finally:
            calling_for.reset(mark)

    async def _take_back(self, promised: Lead, refusal: PeerRefused) -> HandOverRefused:
        code, detail = str(refusal.problem.get("code", "")), str(refusal.problem.get("detail", refusal.status))
        async with writing(self._service.database, self._actor(promised)) as tx:
            await actions.take_back(tx, promised.id, detail)
        return HandOverRefused(code, detail)

    def _actor(self, promised: Lead) -> Actor:
        given = promised.hand_over or {}
        behalf = given["on_behalf_of"]
        return Actor(UUID(given["person_id"]), UUID(behalf) if behalf else None, current_trace_id(), self._service.name)


def _is_for_later(refusal: PeerRefused) -> bool:
    return refusal.status in NOT_NOW or refusal.problem.get("code") == BUSY


async def complete_hand_overs(service: Service) -> None:
    """Complete what was promised and not kept, as long as the process lives."""
    handing_over = HandingOver(service)
    while True:
        try:
            while await handing_over.step():
                pass
        except (PostgresError, OSError) as error:
            structlog.get_logger().warning("hand_overs_wait", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def _handing_over(request: Request) -> HandingOver:
    return HandingOver(service_of(request))


async def _request_key(request: Request) -> bytes | None:
    key = request.headers.get("idempotency-key")
    who = request.state.caller.subject
    return hashlib.blake2b(f"{who}\n{request.url.path}\n{key}".encode(), digest_size=16).digest() if key else None


CurrentHandingOver = Annotated[HandingOver, Depends(_handing_over)]
RequestKey = Annotated[bytes | None, Depends(_request_key)]
"""What tells a request that comes again, where it named an Idempotency-Key."""
