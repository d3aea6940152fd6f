"""Deriving anew what customers are found by, for a base from before and after a change of the rules.

It walks the base by id in chunks, each committed with its place: who stops goes on from there, and of all processes
one at a time walks. A change meanwhile derives its customer itself; so nothing has to wait for the walk.
"""

from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.actions.matchable import findable
from services.customer.customers.store import records
from services.customer.matching.actions import keeping
from services.customer.matching.actions.deriving import REVISION
from services.customer.matching.store import statistics

AT_ONCE = 100
_START = UUID(int=0)

BEHIND = prepared(
    text(
        """
SELECT id FROM customer WHERE id > :after AND merged_into_id IS NULL AND NOT EXISTS (
    SELECT FROM match_profile WHERE customer_id = id AND match_profile.revision = :revision
) ORDER BY id LIMIT :most FOR NO KEY UPDATE
"""
    ).bindparams(
        bindparam("after", type_=Uuid()), bindparam("revision", type_=Integer()), bindparam("most", type_=Integer())
    )
)
MISSED = prepared(
    text(
        """
SELECT EXISTS (SELECT FROM match_profile WHERE revision <> :revision) OR EXISTS (
    SELECT FROM customer WHERE created_at > now() - interval '1 hour' AND merged_into_id IS NULL
    AND NOT EXISTS (SELECT FROM match_profile WHERE customer_id = id)
)
"""
    ).bindparams(bindparam("revision", type_=Integer()))
)


async def is_due(tx: Questions) -> bool:
    """Say whether some customers may not be found as they should: a walk has not ended, or older code wrote since."""
    standing = await tx.one(statistics.STANDING)
    if standing.derived_by != REVISION or standing.derived_up_to is not None:
        return True
    missed: bool = await tx.value(MISSED, revision=REVISION)
    return missed


async def derive_some(tx: Writing) -> bool:
    """Derive the next customers that are behind; say whether there may be more. False too while somebody else walks."""
    standing = await statistics.lock(tx)
    if standing is None:
        return False
    goes_on = standing.derived_by == REVISION and standing.derived_up_to is not None
    after = standing.derived_up_to if goes_on and standing.derived_up_to is not None else _START
    ids = [row[0] for row in await tx.all(BEHIND, after=after, revision=REVISION, most=AT_ONCE)]
    details = await tx.all(records.READ_MANY, ids=ids)
    await keeping.keep(tx, {detail.id: findable(detail) for detail in details})
    is_more = len(ids) == AT_ONCE
    await statistics.set_derived(tx, REVISION, ids[-1] if is_more else None)
    return is_more
