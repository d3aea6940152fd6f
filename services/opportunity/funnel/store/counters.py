"""The counts that people look at all day: folded deltas, and those not folded yet, in one snapshot.

A change appends a delta; the relay folds deltas into one row per person × place × quarter × currency, for the person
alone (`own`) and with everybody below (`subtree`). Whoever folds, moves subtrees or rebuilds locks `funnel_fold` first.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from services.opportunity.funnel.rules import report
from services.opportunity.funnel.rules.figures import Group
from services.opportunity.funnel.rules.report import Standing
from services.opportunity.funnel.tables import EVERYTHING

AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Counts:
    """Opportunities of a person in a place, by quarter of decision and currency; `amount` sums the known ones."""

    person_id: UUID
    place: str
    quarter: date
    currency: str
    count: int
    amount: Decimal
    unknown_amount: int
    simulated: int


def standing_of(day: date, found: Iterable[Counts]) -> Standing:
    """Return what is counted of a day as the rules take it, whoever it is counted of."""
    return report.standing_of(
        day,
        (
            (one.quarter, Group(one.place, one.currency, one.count, one.amount, one.unknown_amount, one.simulated))
            for one in found
        ),
    )


_EVERYTHING = f"'{EVERYTHING}'::uuid"
_SUMS = (
    "sum(count)::int AS count, sum(amount)::numeric(20,4) AS amount, "
    "sum(unknown_amount)::int AS unknown_amount, sum(simulated)::int AS simulated"
)
_ADD_UP = """
ON CONFLICT (person_id, reach, place, quarter, currency) DO UPDATE SET
    count = counter.count + EXCLUDED.count, amount = counter.amount + EXCLUDED.amount,
    unknown_amount = counter.unknown_amount + EXCLUDED.unknown_amount,
    simulated = counter.simulated + EXCLUDED.simulated
"""
LOCK = prepared(text("SELECT past_revision FROM funnel_fold WHERE id = 1 FOR UPDATE"))
HAS_DELTAS = prepared(text("SELECT EXISTS (SELECT FROM funnel_delta)"))
FOLD = prepared(
    text(
        f"""
WITH taken AS (
    DELETE FROM funnel_delta WHERE id IN (SELECT id FROM funnel_delta ORDER BY id LIMIT :most) RETURNING *
), reached AS (
    SELECT person_id, 'own' AS reach, place, quarter, currency, count, amount, unknown_amount, simulated FROM taken
    UNION ALL
    SELECT above.label::uuid, 'subtree', place, quarter, currency, count, amount, unknown_amount, simulated
    FROM taken JOIN orgchart_person AS person ON person.id = taken.person_id
    CROSS JOIN LATERAL unnest(string_to_array(person.path::text, '.')) AS above(label)
    UNION ALL
    SELECT {_EVERYTHING}, 'subtree', place, quarter, currency, count, amount, unknown_amount, simulated FROM taken
), folded AS (
    INSERT INTO funnel_counter AS counter
    SELECT person_id, reach, place, quarter, currency, {_SUMS} FROM reached
    GROUP BY person_id, reach, place, quarter, currency
    ORDER BY person_id, reach, place, quarter, currency
    {_ADD_UP}
)
SELECT count(*) AS taken, count(*) FILTER (WHERE late) AS late FROM taken
"""  # noqa: S608 (constants of this module)
    ).bindparams(bindparam("most", type_=Integer()))
)
NOTE_PAST = prepared(text("UPDATE funnel_fold SET past_revision = past_revision + :late WHERE id = 1"))
FORGET_SUBTREES = prepared(
    text("DELETE FROM funnel_counter WHERE reach = 'subtree' AND person_id = ANY(:people)").bindparams(
        bindparam("people", type_=ARRAY(Uuid()))
    )
)
ADD_SUBTREES = prepared(
    text(
        f"""
INSERT INTO funnel_counter
SELECT top.id, 'subtree', place, quarter, currency, {_SUMS}
FROM orgchart_person AS top
JOIN orgchart_person AS below ON below.path <@ top.path
JOIN funnel_counter AS counter ON counter.person_id = below.id AND counter.reach = 'own'
WHERE top.id = ANY(:people)
GROUP BY top.id, place, quarter, currency
"""  # noqa: S608
    ).bindparams(bindparam("people", type_=ARRAY(Uuid())))
)
FORGET_ALL = prepared(text("DELETE FROM funnel_counter"))
COUNT_ALL = prepared(
    text(
        f"""
WITH gone AS (DELETE FROM funnel_delta), standing AS (
    SELECT principal_id, CASE state WHEN 'open' THEN stage ELSE state END AS place,
        coalesce(date_trunc('quarter', decided_on)::date, '0001-01-01') AS quarter, currency, 1 AS count,
        coalesce(amount, 0) AS amount, (amount IS NULL)::int AS unknown_amount, (origin = 'simulated')::int AS simulated
    FROM opportunity
)
INSERT INTO funnel_counter
SELECT principal_id, 'own', place, quarter, currency, {_SUMS} FROM standing
GROUP BY principal_id, place, quarter, currency
"""  # noqa: S608
    )
)
ADD_EVERYBODY = prepared(
    text(
        f"""
INSERT INTO funnel_counter
SELECT top.id, 'subtree', place, quarter, currency, {_SUMS}
FROM funnel_counter AS counter
JOIN orgchart_person AS below ON below.id = counter.person_id
JOIN orgchart_person AS top ON top.path @> below.path
WHERE counter.reach = 'own'
GROUP BY top.id, place, quarter, currency
UNION ALL
SELECT {_EVERYTHING}, 'subtree', place, quarter, currency, {_SUMS}
FROM funnel_counter WHERE reach = 'own' GROUP BY place, quarter, currency
"""  # noqa: S608
    )
)
_DELTAS_OF = {
    "everything": "true",
    "person": "person_id = :person_id",
    "subtree": "(SELECT one.path FROM orgchart_person AS one WHERE one.id = funnel_delta.person_id) "
    "<@ (SELECT top.path FROM orgchart_person AS top WHERE top.id = :person_id)",
}
"""Deltas are few: each looks for its own person, instead of a join with everybody below."""


def present_sql(scope: str, quarter: str) -> str:
    """Return the query of what stands where now; `quarter` says which quarters it tells apart."""
    return f"""
SELECT {_EVERYTHING} AS person_id, place, quarter, currency, {_SUMS} FROM (
    SELECT place, {quarter} AS quarter, currency, count, amount, unknown_amount, simulated
    FROM funnel_counter WHERE person_id = :person_id AND reach = :reach
    UNION ALL
    SELECT place, {quarter} AS quarter, currency, count, amount, unknown_amount, simulated
    FROM funnel_delta WHERE {_DELTAS_OF[scope]}
) AS both_parts
GROUP BY place, quarter, currency
"""  # noqa: S608


def reach_of(scope: str) -> str:
    """Return whose counters a scope asks for: a person's own, or theirs with everybody below."""
    return "own" if scope == "person" else "subtree"


async def fold(tx: Writing) -> None:
    """Fold the deltas that are there into the counters."""
    if not await tx.value(HAS_DELTAS):
        return
    await tx.first(LOCK)
    while True:
        taken = await tx.one(FOLD, most=AT_ONCE)
        if taken["late"]:
            await tx.execute(NOTE_PAST, late=taken["late"])
        if taken["taken"] < AT_ONCE:
            return


async def adjust_subtrees(tx: Writing, people: Collection[UUID]) -> None:
    """Count anew the subtrees of people above or below whom somebody has moved."""
    await tx.first(LOCK)
    affected: Sequence[UUID] = list(people)
    await tx.execute(FORGET_SUBTREES, people=affected)
    await tx.execute(ADD_SUBTREES, people=affected)


async def rebuild(tx: Writing) -> None:
    """Count everything anew from the opportunities themselves."""
    await tx.first(LOCK)
    await tx.execute(FORGET_ALL)
    await tx.execute(COUNT_ALL)
    await tx.execute(ADD_EVERYBODY)
    await tx.execute(NOTE_PAST, late=1)
