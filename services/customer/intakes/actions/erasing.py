"""Erasing what an intake says of people: the company's part of it is kept for ever."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.jobs.forgetting import forget_what_was_held
from services.customer.customers.actions.people import decider_of, superiors_of
from services.customer.intakes.rules.deciding import check_erasure
from services.customer.intakes.store import records, writes
from services.customer.intakes.store.records import Personal

JOBS_WITH_INTAKES = ("create_intakes",)
"""Operations whose jobs hold intakes as they were sent."""


async def erase(tx: Writing, viewer: Viewer, intake_id: UUID, *, today: date) -> Personal | None:
    """Erase what an intake says of people, wherever it is held; idempotent, and nothing where it says nothing of any.

    Answers tell nothing of people, so those that are kept hold nothing; inputs of finished jobs do.

    Raises:
        OwnMatter: whoever entered it asks for it.
        IntakeErasureNotAllowed: somebody who is not above them does.
    """
    row = await records.get(tx, viewer, intake_id)
    check_erasure(decider_of(viewer), row.acting_for, await superiors_of(tx, row.acting_for, today))
    present = await records.personal_of(tx, intake_id)
    if present is None or present.erased_at is not None:
        return present
    await writes.erase_personal(tx, intake_id)
    await forget_what_was_held(await tx.raw_connection(), JOBS_WITH_INTAKES, list(_texts(present.content)))
    return await records.personal_of(tx, intake_id)


def _texts(told: Any) -> Iterator[str]:
    """Return the texts in something that was sent."""
    if isinstance(told, str):
        yield told
    for part in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _texts(part)
