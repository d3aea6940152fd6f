"""Who shares keys with a company that is asked about: one statement for a whole list of companies.

Each key is looked up in the index alone and answers with at most `MOST_HOLDERS` customers, whatever it is: a check
costs what its keys cost, not what the base holds. Those who share the most are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Float, Integer, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions

MOST_HOLDERS = 200
"""Customers that one key answers with. A key with more says little; what is frequent is not looked up at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A key of the company at a place of the list, and what sharing it says, in bits."""

    place: int
    key: int
    weight: float


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that shares keys with the company at a place; `weight` adds up what the shared ones say."""

    place: int
    customer_id: UUID
    weight: float
    profile: str


CANDIDATES = prepared(
    text(
        """
WITH found AS (
    SELECT asked.place, holder.customer_id, sum(asked.weight) AS weight
    FROM unnest(:places, :keys, :weights) AS asked(place, key, weight)
    CROSS JOIN LATERAL (SELECT customer_id FROM match_key WHERE match_key.key = asked.key LIMIT :holders) AS holder
    GROUP BY asked.place, holder.customer_id
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY place ORDER BY weight DESC, customer_id) AS rank FROM found
)
SELECT place, customer_id, weight, profile FROM ranked
JOIN match_profile USING (customer_id) WHERE rank <= :best ORDER BY place, rank
"""
    )
    .bindparams(
        bindparam("places", type_=ARRAY(Integer())),
        bindparam("keys", type_=ARRAY(BigInteger())),
        bindparam("weights", type_=ARRAY(Float())),
        bindparam("holders", type_=Integer()),
        bindparam("best", type_=Integer()),
    )
    .columns(place=Integer(), customer_id=Uuid(), weight=Float(), profile=Text()),
    into=Found,
)
HOLDERS = prepared(
    text(
        """
SELECT asked.key, (
    SELECT count(*) FROM (SELECT FROM match_key WHERE match_key.key = asked.key LIMIT :most) AS few
) AS holders
FROM unnest(:keys) AS asked(key)
"""
    ).bindparams(bindparam("keys", type_=ARRAY(BigInteger())), bindparam("most", type_=Integer()))
)


async def candidates(tx: Questions, asked: Sequence[Asked], best: int) -> list[Found]:
    """Return for each place those who share the most, the most first, at most `best` of them."""
    if not asked:
        return []
    return await tx.all(
        CANDIDATES,
        places=[one.place for one in asked],
        keys=[one.key for one in asked],
        weights=[one.weight for one in asked],
        holders=MOST_HOLDERS,
        best=best,
    )


async def holders(tx: Questions, keys: Sequence[int]) -> dict[int, int]:
    """Return how many customers have each key, counted up to one more than `MOST_HOLDERS`."""
    rows = await tx.all(HOLDERS, keys=list(keys), most=MOST_HOLDERS + 1) if keys else []
    return {row["key"]: row["holders"] for row in rows}
