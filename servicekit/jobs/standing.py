"""How the jobs of a service stand, for whoever watches it."""

from dataclasses import dataclass
from datetime import datetime

from servicekit.data.database import Database

STANDING = """
SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running,
    extract(epoch FROM $1 - min(created_at) FILTER (WHERE state = 'queued'))::float8 AS oldest_queued_seconds
FROM job WHERE due_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Jobs that wait for their first turn, jobs that are under way, and how long the oldest has waited."""

    queued: int
    running: int
    oldest_queued_seconds: float


async def standing(database: Database, now: datetime) -> Standing:
    """Count those that have not ended."""
    async with database.connection() as connection:
        row = await connection.fetchrow(STANDING, now)
    return Standing(row[0], row[1], row[2] or 0.0)
