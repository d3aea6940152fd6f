"""Who has words that begin as asked: through the index of words, with a bound on what is walked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.matching.rules.search_words import after

MOST_WALKED = 2000
"""Holders of the rarest word asked for that are looked at; of more, those in the order of their words."""

_ASKED = (bindparam("lows", type_=ARRAY(Text())), bindparam("highs", type_=ARRAY(Text())))
HOW_MANY = prepared(
    text(
        """
SELECT asked.place::int, (
    SELECT count(*) FROM (SELECT FROM search_word WHERE word >= asked.low AND word < asked.high LIMIT :most) AS few
) AS holders
FROM unnest(:lows, :highs) WITH ORDINALITY AS asked(low, high, place)
"""
    ).bindparams(*_ASKED, bindparam("most", type_=Integer()))
)
HOLDERS = prepared(
    text(
        """
SELECT customer_id FROM search_word WHERE word >= :low AND word < :high ORDER BY word, customer_id LIMIT :best
"""
    ).bindparams(bindparam("low", type_=Text()), bindparam("high", type_=Text()), bindparam("best", type_=Integer()))
)
MEETING = prepared(
    text(
        """
WITH few AS (
    SELECT customer_id FROM search_word WHERE word >= :low AND word < :high ORDER BY word, customer_id LIMIT :most
)
SELECT customer_id FROM (SELECT DISTINCT customer_id FROM few) AS holder JOIN match_profile USING (customer_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS agreed FROM unnest(:lows, :highs) AS asked(low, high)
    WHERE EXISTS (SELECT FROM unnest(held_words) AS word WHERE word >= asked.low AND word < asked.high)
) AS others
WHERE agreed > 0 ORDER BY agreed DESC, customer_id LIMIT :best
"""
    ).bindparams(
        *_ASKED,
        bindparam("low", type_=Text()),
        bindparam("high", type_=Text()),
        bindparam("most", type_=Integer()),
        bindparam("best", type_=Integer()),
    )
)


@dataclass(frozen=True, slots=True)
class Holders:
    """How many customers have a word that begins so, counted up to `MOST_WALKED`."""

    word: str
    count: int


async def how_many(tx: Questions, words: Sequence[str]) -> list[Holders]:
    """Count who has each word, the rarest first."""
    highs = [after(word) for word in words]
    rows = await tx.all(HOW_MANY, most=MOST_WALKED, lows=list(words), highs=highs)
    found = [Holders(words[row["place"] - 1], row["holders"]) for row in rows]
    return sorted(found, key=lambda one: (one.count, one.word))


async def holders(tx: Questions, word: str, others: Sequence[str], best: int) -> list[UUID]:
    """Return who has a word, those first who have most of the others too; with others, only who has one of them."""
    if not others:
        return [row[0] for row in await tx.all(HOLDERS, low=word, high=after(word), best=best)]
    highs = [after(other) for other in others]
    rows = await tx.all(
        MEETING, low=word, high=after(word), lows=list(others), highs=highs, most=MOST_WALKED, best=best
    )
    return [row[0] for row in rows]
