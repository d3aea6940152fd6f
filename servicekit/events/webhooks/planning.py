"""Planning: what is new in the feed becomes deliveries, in the transaction that moves the webhook's place in it.

A crash in between repeats nothing and loses nothing. Positions are given out after commits, so a place in the feed
is passed only when everything before it is there.
"""

from datetime import datetime

from servicekit.data.database import Database
from servicekit.events.webhooks.rules import KEPT_DEAD, KEPT_DELIVERED, RETRIED_FOR

WEBHOOKS_AT_ONCE = 50
EVENTS_AT_ONCE = 500
FORGOTTEN_AT_ONCE = 1000

PLAN = """
WITH turn AS (
    SELECT progress.webhook_id, progress.position, webhook.event_types
    FROM webhook_progress progress JOIN webhook ON webhook.id = progress.webhook_id
    WHERE webhook.state = 'enabled' AND progress.position < (SELECT last_position FROM relay WHERE id = 1)
    ORDER BY progress.webhook_id LIMIT $1
    FOR UPDATE OF progress SKIP LOCKED
), fresh AS (
    SELECT turn.webhook_id, turn.event_types, event.position, event.event_id, event.type, event.aggregate_id
    FROM turn CROSS JOIN LATERAL (
        SELECT position, event_id, type, aggregate_id FROM feed
        WHERE feed.position > turn.position ORDER BY feed.position LIMIT $2
    ) event
), planned AS (
    INSERT INTO webhook_delivery (id, webhook_id, event_id, event_type, aggregate_id, position, state,
                                  planned_at, due_at, give_up_at, tries, attempts)
    SELECT uuidv7(), webhook_id, event_id, type, aggregate_id, position, 'waiting', $3, $3, $4, 0, 0
    FROM fresh WHERE cardinality(event_types) = 0 OR type = ANY(event_types)
    ORDER BY position
    ON CONFLICT (webhook_id, event_id) DO NOTHING
), moved AS (
    UPDATE webhook_progress progress SET position = last.position
    FROM (SELECT webhook_id, max(position) AS position FROM fresh GROUP BY webhook_id) last
    WHERE progress.webhook_id = last.webhook_id
)
SELECT count(*) FROM fresh
"""

BURY = """
UPDATE webhook_delivery SET state = 'dead', ended_at = $1, claim = NULL,
    last_error = coalesce(last_error, 'never sent: the webhook was disabled')
WHERE id IN (
    SELECT delivery.id FROM webhook_delivery delivery JOIN webhook ON webhook.id = delivery.webhook_id
    WHERE webhook.state = 'disabled' AND delivery.state = 'waiting' AND delivery.give_up_at <= $1
    LIMIT $2 FOR UPDATE OF delivery SKIP LOCKED
)
"""
FORGET = """
DELETE FROM webhook_delivery WHERE id IN (
    SELECT id FROM webhook_delivery WHERE state = $1 AND ended_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED
)
"""
FORGET_SECRETS = "DELETE FROM webhook_secret WHERE expires_at < $1"


async def plan(database: Database, now: datetime) -> int:
    """Plan the deliveries of what is new in the feed; return how many events were looked at."""
    async with database.connection() as connection:
        looked_at = await connection.fetchval(PLAN, WEBHOOKS_AT_ONCE, EVENTS_AT_ONCE, now, now + RETRIED_FOR)
    return int(looked_at)


async def clear_away(database: Database, now: datetime) -> None:
    """Give up what waits for a disabled webhook longer than a day; forget what ended long ago, and former secrets."""
    async with database.connection() as connection:
        while await connection.execute(BURY, now, FORGOTTEN_AT_ONCE) == f"UPDATE {FORGOTTEN_AT_ONCE}":
            continue
        for state, kept in (("delivered", KEPT_DELIVERED), ("dead", KEPT_DEAD)):
            forgotten = f"DELETE {FORGOTTEN_AT_ONCE}"
            while await connection.execute(FORGET, state, now - kept, FORGOTTEN_AT_ONCE) == forgotten:
                continue
        await connection.execute(FORGET_SECRETS, now)
