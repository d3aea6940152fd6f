"""Writing what customers are found by: any number of customers in one statement, the difference only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing


@dataclass(frozen=True, slots=True)
class Derived:
    """What is derived of a customer: its profile as text, its keys, its words."""

    profile: str
    keys: Sequence[int]
    words: Sequence[str]


WRITE = prepared(
    text(
        """
WITH given AS (
    SELECT customer_id, profile, keys::bigint[] AS keys, ARRAY(SELECT jsonb_array_elements_text(words::jsonb)) AS words
    FROM unnest(:ids, :profiles, :keys, :words) AS given(customer_id, profile, keys, words)
), written AS (
    INSERT INTO match_profile (customer_id, revision, profile, held_keys, held_words)
    SELECT customer_id, :revision, profile, keys, words FROM given ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE
        SET revision = EXCLUDED.revision, profile = EXCLUDED.profile,
            held_keys = EXCLUDED.held_keys, held_words = EXCLUDED.held_words
        WHERE (match_profile.revision, match_profile.profile, match_profile.held_keys, match_profile.held_words)
            IS DISTINCT FROM (EXCLUDED.revision, EXCLUDED.profile, EXCLUDED.held_keys, EXCLUDED.held_words)
    RETURNING new.customer_id, old.held_keys AS old_keys, new.held_keys AS new_keys,
        old.held_words AS old_words, new.held_words AS new_words
), keys_gone AS (
    DELETE FROM match_key USING (
        SELECT customer_id, unnest(old_keys) AS key FROM written
        EXCEPT SELECT customer_id, unnest(new_keys) FROM written
    ) AS gone WHERE match_key.key = gone.key AND match_key.customer_id = gone.customer_id
), words_gone AS (
    DELETE FROM search_word USING (
        SELECT customer_id, unnest(old_words) AS word FROM written
        EXCEPT SELECT customer_id, unnest(new_words) FROM written
    ) AS gone WHERE search_word.word = gone.word AND search_word.customer_id = gone.customer_id
), keys_come AS (
    INSERT INTO match_key (key, customer_id)
    SELECT unnest(new_keys), customer_id FROM written EXCEPT SELECT unnest(old_keys), customer_id FROM written
    ON CONFLICT DO NOTHING
)
INSERT INTO search_word (word, customer_id)
SELECT unnest(new_words), customer_id FROM written EXCEPT SELECT unnest(old_words), customer_id FROM written
ON CONFLICT DO NOTHING
"""
    ).bindparams(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("profiles", type_=ARRAY(Text())),
        bindparam("keys", type_=ARRAY(Text())),
        bindparam("words", type_=ARRAY(Text())),
        bindparam("revision", type_=Integer()),
    )
)
DROP = prepared(
    text(
        """
WITH gone AS (DELETE FROM match_profile WHERE customer_id = ANY(:ids) RETURNING customer_id, held_keys, held_words),
keys_gone AS (
    DELETE FROM match_key USING (SELECT customer_id, unnest(held_keys) AS key FROM gone) AS old
    WHERE match_key.key = old.key AND match_key.customer_id = old.customer_id
)
DELETE FROM search_word USING (SELECT customer_id, unnest(held_words) AS word FROM gone) AS old
WHERE search_word.word = old.word AND search_word.customer_id = old.customer_id
"""
    ).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
)
KEPT = prepared(
    text(
        "SELECT customer_id, profile, held_keys, held_words FROM match_profile WHERE customer_id = ANY(:ids)"
    ).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
)


async def write(tx: Writing, revision: int, derived: Mapping[UUID, Derived]) -> None:
    """Let customers be found by what was derived of them, and by nothing else."""
    if not derived:
        return
    given = list(derived.values())
    await tx.execute(
        WRITE,
        ids=list(derived),
        revision=revision,
        profiles=[one.profile for one in given],
        keys=["{" + ",".join(map(str, one.keys)) + "}" for one in given],
        words=[orjson.dumps(list(one.words)).decode() for one in given],
    )


async def drop(tx: Writing, customer_ids: Sequence[UUID]) -> None:
    """Let customers be found no more."""
    await tx.execute(DROP, ids=list(customer_ids))


async def kept(tx: Questions, customer_ids: Sequence[UUID]) -> dict[UUID, Derived]:
    """Return what customers are found by."""
    rows = await tx.all(KEPT, ids=list(customer_ids))
    return {row["customer_id"]: Derived(row["profile"], row["held_keys"], row["held_words"]) for row in rows}
