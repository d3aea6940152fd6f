"""What jobs hold and must not hold any longer, because somebody's personal data were erased."""

from collections.abc import Collection
from typing import Any
from urllib.parse import quote_plus

FORGET_PARTS = """
DELETE FROM job_part WHERE job_id IN (
    SELECT id FROM job WHERE finished_at IS NOT NULL AND operation = ANY($1::text[]) FOR UPDATE)
"""
FORGET_ASKED_FOR = """
DELETE FROM job WHERE finished_at IS NOT NULL AND operation = ANY($1::text[])
    AND EXISTS (SELECT FROM unnest($2::text[]) AS value WHERE position(value IN request::text) > 0)
"""


async def forget_what_was_held(connection: Any, operations: Collection[str], values: Collection[str]) -> None:
    """Delete files, inputs and outcomes of the finished jobs of these operations, and jobs that asked for the values.

    A file cannot be searched for somebody (it may be a workbook), so all of them go: who needs one asks for it again.
    A job that still runs meets what is erased as everybody does.
    """
    asked = [*values, *map(quote_plus, values)]
    await connection.execute(FORGET_ASKED_FOR, list(operations), asked)
    await connection.execute(FORGET_PARTS, list(operations))
