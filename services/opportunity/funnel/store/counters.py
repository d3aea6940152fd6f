"""The counts that people look at all day: what is folded, and what is not folded yet, in one snapshot.

A change appends a delta; the relay folds deltas into one row per person x version x place x quarter x currency, for
the person alone (`own`) and with everybody below (`subtree`).
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from services.opportunity.funnel.rules import standing
from services.opportunity.funnel.rules.figures import Group
from services.opportunity.funnel.rules.standing import Standing
from services.opportunity.funnel.store.folding import LOCK
from services.opportunity.funnel.store.sums import FIGURES, HOUSE, PLACE, SUMS, Counts, sides_sql


def group_of(one: Counts) -> Group:
    """Return counts as the rules take them, whoever they are counted of."""
    return Group(
        one.place,
        one.currency,
        one.count,
        one.amount,
        one.unknown_amount,
        one.simulated,
        funnel_version=one.funnel_version,
        manual_amount=one.manual_amount,
        manual_weighted=one.manual_weighted,
    )


def standing_of(day: date, found: Iterable[Counts]) -> Standing:
    """Return what is counted of a day as the rules take it."""
    return standing.standing_of(day, ((one.quarter, group_of(one)) for one in found))


_PEOPLE = bindparam("people", type_=ARRAY(Uuid()))


def _of_people(query: str) -> Any:
    return prepared(text(query).bindparams(_PEOPLE))


FORGET_SUBTREES = _of_people("DELETE FROM funnel_counter WHERE reach = 'subtree' AND person_id = ANY(:people)")
ADD_SUBTREES = _of_people(
    f"""
INSERT INTO funnel_counter (person_id, reach, {PLACE}, {FIGURES})
SELECT top.id, 'subtree', {PLACE}, {SUMS}
FROM orgchart_person AS top
JOIN orgchart_person AS below ON below.path <@ top.path
JOIN funnel_counter AS counter ON counter.person_id = below.id AND counter.reach = 'own'
WHERE top.id = ANY(:people)
GROUP BY top.id, {PLACE}
"""  # noqa: S608 (constants of this package)
)
_BELOW = (
    "(SELECT one.path FROM orgchart_person AS one WHERE one.id = change.{side}_principal_id) "
    "<@ (SELECT top.path FROM orgchart_person AS top WHERE top.id = :person_id)"
)
_DELTAS_OF = {"everything": "true", "person": "change.{side}_principal_id = :person_id", "subtree": _BELOW}
"""Deltas are few: each looks for its own person, instead of a join with everybody below."""


def present_sql(scope: str, quarter: str) -> str:
    """Return the query of what stands where now; `quarter` says which quarters it tells apart."""
    return f"""
SELECT {HOUSE} AS person_id, funnel_version, place, told AS quarter, currency, {SUMS} FROM (
    SELECT *, {quarter} AS told FROM (
        SELECT {PLACE}, {FIGURES} FROM funnel_counter WHERE person_id = :person_id AND reach = :reach
        UNION ALL
        SELECT {PLACE}, {FIGURES} FROM ({sides_sql("funnel_delta", _DELTAS_OF[scope])}) AS not_folded
    ) AS both_parts
) AS present
GROUP BY funnel_version, place, told, currency
"""  # noqa: S608


def reach_of(scope: str) -> str:
    """Return whose counters a scope asks for: a person's own, or theirs with everybody below."""
    return "own" if scope == "person" else "subtree"


async def adjust_subtrees(tx: Writing, people: Collection[UUID]) -> None:
    """Count anew the subtrees of people above or below whom somebody has moved."""
    await tx.first(LOCK)
    affected = list(people)
    await tx.execute(FORGET_SUBTREES, people=affected)
    await tx.execute(ADD_SUBTREES, people=affected)
