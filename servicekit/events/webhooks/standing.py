"""How the webhooks of a service stand, for whoever watches it."""

from dataclasses import dataclass
from datetime import datetime

from servicekit.data.database import Database

STANDING = """
SELECT (SELECT count(*) FROM webhook WHERE state = 'enabled') AS enabled,
    (SELECT count(*) FROM webhook WHERE state = 'disabled') AS disabled,
    count(*) FILTER (WHERE state = 'waiting') AS waiting,
    count(*) FILTER (WHERE state = 'dead') AS dead,
    extract(epoch FROM $1 - min(planned_at) FILTER (WHERE state = 'waiting'))::float8 AS oldest_waiting_seconds
FROM webhook_delivery WHERE state IN ('waiting', 'dead')
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Webhooks that are enabled and disabled, deliveries that wait and dead letters, and how long the oldest waits."""

    enabled: int
    disabled: int
    waiting: int
    dead: int
    oldest_waiting_seconds: float


async def standing(database: Database, now: datetime) -> Standing:
    """Count; dead letters are counted as long as they are kept."""
    async with database.connection() as connection:
        row = await connection.fetchrow(STANDING, now)
    return Standing(row[0], row[1], row[2], row[3], row[4] or 0.0)
