"""Writing what a person says of the chance to win: the row and its history, in one statement."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Integer, bindparam, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.opportunities.store.changes import change, changing
from services.opportunity.opportunities.tables import opportunity, probability_change


@dataclass(frozen=True, slots=True)
class ProbabilityRow:
    """What holds from an instant on, as it is kept; `probability` None ends what was said before."""

    opportunity_id: UUID
    at: datetime
    recorded_at: datetime
    probability: Decimal | None
    cause: str
    reason: str | None
    actor_id: UUID | None
    on_behalf_of: UUID | None


_NAMES = list(ProbabilityRow.__dataclass_fields__)
_SAID = {
    "manual_probability": bindparam("probability", type_=opportunity.c.manual_probability.type),
    "manual_probability_since": bindparam("since", type_=opportunity.c.manual_probability_since.type),
    "manual_probability_by": bindparam("by", type_=opportunity.c.manual_probability_by.type),
    "version": opportunity.c.version + bindparam("step", type_=Integer()),
}
CHANGE = changing(_SAID, probability_change, _NAMES)
LAST = prepared(
    select(probability_change.c.at)
    .where(probability_change.c.opportunity_id == bindparam("opportunity_id"))
    .order_by(probability_change.c.at.desc(), probability_change.c.id.desc())
    .limit(1)
)


async def append_probability(tx: Writing, row: ProbabilityRow, *, with_another: bool = False) -> int:
    """Keep what a person says from an instant on; return the version.

    `with_another` says that it belongs to a change that has given the opportunity its new version already.
    """
    said = row.probability is not None
    binds = {
        "since": row.at if said else None,
        "by": row.actor_id if said else None,
        "step": 0 if with_another else 1,
    }
    return await change(tx, CHANGE, {name: getattr(row, name) for name in _NAMES} | binds)


async def last_probability_change(tx: Questions, opportunity_id: UUID) -> datetime | None:
    """Return when a person last said something of the chance to win, or ended it."""
    found: datetime | None = await tx.value(LAST, opportunity_id=opportunity_id)
    return found
