"""Claiming deliveries and recording what became of them.

A claim is a lease: whoever has it must record before `due_at`; afterwards, or when a process starts in the place of the
one that claimed, another may try. So a process that is killed between sending and recording leads to a repeat under the
same `webhook-id`, never to a loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from servicekit.data.database import Database
from servicekit.data.transactions import writing
from servicekit.events.webhooks import actions, store
from servicekit.events.webhooks.rules import DeliveryState, Verdict, is_success
from servicekit.events.webhooks.sending import Outcome
from servicekit.events.webhooks.store import Keeper

LEASE = timedelta(seconds=45)
NOBODY = UUID(int=0)

CLAIM = """
WITH busy AS (
    SELECT webhook_id, number FROM unnest($3::uuid[], $4::int[]) AS busy (webhook_id, number)
), due AS (
    SELECT head.id, webhook.owner_id, webhook.url
    FROM webhook JOIN webhook_progress progress ON progress.webhook_id = webhook.id
    LEFT JOIN busy ON busy.webhook_id = webhook.id CROSS JOIN LATERAL (
        SELECT delivery.id, delivery.due_at FROM webhook_delivery delivery
        WHERE delivery.webhook_id = webhook.id AND delivery.state = 'waiting' AND delivery.due_at <= $1
            AND NOT EXISTS (
                SELECT FROM webhook_delivery earlier
                WHERE earlier.webhook_id = delivery.webhook_id AND earlier.aggregate_id = delivery.aggregate_id
                    AND earlier.state = 'waiting' AND earlier.sequence < delivery.sequence
            )
        ORDER BY delivery.due_at LIMIT greatest($6 - coalesce(busy.number, 0), 0)
        FOR UPDATE OF delivery SKIP LOCKED
    ) head
    WHERE webhook.state = 'enabled' AND (progress.failing_since IS NOT NULL) = $8
    ORDER BY head.due_at LIMIT $5
), claimed AS (
    UPDATE webhook_delivery delivery
    SET claim = $7, due_at = $2, tries = tries + 1, attempts = attempts + 1
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.*, due.owner_id, due.url
), noted AS (
    INSERT INTO webhook_attempt (delivery_id, number, at) SELECT id, attempts, $1 FROM claimed
)
SELECT claimed.id, claimed.webhook_id, claimed.sequence, claimed.event_id, claimed.event_type, claimed.aggregate_id,
    claimed.attempts, claimed.tries, claimed.give_up_at, claimed.claim, claimed.owner_id, claimed.url,
    coalesce(feed.position, 0) AS position, coalesce(feed.at, claimed.planned_at) AS at, feed.actor,
    coalesce(feed.data, claimed.data) AS data,
    ARRAY(
        SELECT sealed FROM webhook_secret secret
        WHERE secret.webhook_id = claimed.webhook_id AND (secret.expires_at IS NULL OR secret.expires_at > $1)
        ORDER BY secret.created_at DESC, secret.id DESC
    ) AS secrets
FROM claimed LEFT JOIN feed ON feed.position = claimed.position
"""
NOTE_ATTEMPT = """
UPDATE webhook_attempt SET status = $3, milliseconds = $4, error = $5, excerpt = $6
WHERE delivery_id = $1 AND number = $2
"""
SETTLE = """
UPDATE webhook_delivery SET state = $3, due_at = $4, ended_at = $5, claim = NULL, last_status = $6, last_error = $7
WHERE id = $1 AND claim = $2 RETURNING true
"""
PUT_OFF_LINE = """
UPDATE webhook_delivery SET due_at = $4
WHERE webhook_id = $1 AND aggregate_id = $2 AND sequence > $3 AND state = 'waiting' AND due_at < $4
"""
WAKE_LINE = """
UPDATE webhook_delivery SET due_at = $3 WHERE due_at > $3 AND tries = 0 AND claim IS NULL AND id = (
    SELECT id FROM webhook_delivery
    WHERE webhook_id = $1 AND aggregate_id = $2 AND state = 'waiting' ORDER BY sequence LIMIT 1
)
"""
HAS_DELIVERED = "UPDATE webhook_progress SET failing_since = NULL, last_delivered_at = $2 WHERE webhook_id = $1"
HAS_FAILED = "UPDATE webhook_progress SET failing_since = coalesce(failing_since, $2) WHERE webhook_id = $1"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process is to try, with all that is sent; `attempts` is the number of this try."""

    id: UUID
    webhook_id: UUID
    sequence: int
    event_id: UUID
    event_type: str
    aggregate_id: UUID
    attempts: int
    tries: int
    give_up_at: datetime
    claim: UUID
    owner_id: UUID
    url: str
    position: int
    at: datetime
    actor: str | None
    data: dict[str, Any]
    secrets: list[bytes]


async def claim_due(
    database: Database, now: datetime, *, failing: bool, most: int, most_of_one: int, busy: Mapping[UUID, int]
) -> list[Claimed]:
    """Claim what is due: of each aggregate's line the first, of each webhook so many beside those under way.

    Webhooks of which everything has failed lately are asked for apart (`failing`), and so cannot crowd out others.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(
            CLAIM, now, now + LEASE, list(busy), list(busy.values()), most, most_of_one, database.leases.new(), failing
        )
    return sorted((Claimed(*row) for row in rows), key=lambda one: one.sequence)


TAKE_OVER = """
UPDATE webhook_delivery SET due_at = $3 WHERE state = 'waiting' AND claim BETWEEN $1 AND $2 AND due_at > $3
"""


async def take_over(database: Database, now: datetime) -> None:
    """Let the deliveries be claimed at once that a process of this one's name had claimed when it died."""
    if own := database.leases.own:
        await database.pool.execute(TAKE_OVER, *own, now)


async def record(database: Database, one: Claimed, outcome: Outcome, verdict: Verdict) -> None:
    """Write down an attempt and what it leads to; where the claim was lost meanwhile, the attempt only."""
    async with writing(database) as tx:
        webhook = await tx.first(store.LOCK, viewer=Keeper(NOBODY, sees_all=True), id=one.webhook_id)
        if webhook is None:
            return  # deleted meanwhile
        connection = await tx.raw_connection()
        await connection.execute(
            NOTE_ATTEMPT, one.id, one.attempts, outcome.status, outcome.milliseconds, outcome.error, outcome.excerpt
        )
        now = tx.now
        ended_at = None if verdict.state is DeliveryState.WAITING else now
        due_at = verdict.due_at or now
        settling = (one.id, one.claim, verdict.state, due_at, ended_at, outcome.status, outcome.error)
        if not await connection.fetchval(SETTLE, *settling):
            return
        if verdict.due_at is not None:
            await connection.execute(PUT_OFF_LINE, one.webhook_id, one.aggregate_id, one.sequence, verdict.due_at)
        else:
            await connection.execute(WAKE_LINE, one.webhook_id, one.aggregate_id, now)
        await connection.execute(HAS_DELIVERED if is_success(outcome.status) else HAS_FAILED, one.webhook_id, now)
        if verdict.disabled is not None:
            await actions.switch_off(tx, webhook, verdict.disabled)


FAILING_SINCE = "SELECT failing_since FROM webhook_progress WHERE webhook_id = $1"


async def failing_since(database: Database, webhook_id: UUID) -> datetime | None:
    """Return since when every attempt of a webhook has failed."""
    async with database.connection() as connection:
        found: datetime | None = await connection.fetchval(FAILING_SINCE, webhook_id)
    return found
