"""Events written in the transaction of the change that they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from servicekit.values.ids import new_id

INSERT = """
INSERT INTO outbox (event_id, type, aggregate_id, at, actor, data)
SELECT event_id, type, aggregate_id, $5, $6, data
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::jsonb[]) WITH ORDINALITY
    AS event(event_id, type, aggregate_id, data, place)
ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an aggregate."""

    type: str
    aggregate_id: UUID
    data: dict[str, Any]


async def write(connection: asyncpg.Connection, events: Sequence[Event], actor: str, at: datetime) -> None:
    """Insert the events in their order."""
    await connection.execute(
        INSERT,
        [new_id() for _ in events],
        [event.type for event in events],
        [event.aggregate_id for event in events],
        [event.data for event in events],
        at,
        actor,
    )
