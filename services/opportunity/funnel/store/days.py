"""What stood where at the end of a past day: the checkpoint before it, and what was changed from there until the day.

Answers are sums of dated changes and nothing else: what is told late of the past is in the next answer.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, Uuid, bindparam, text

from orgchart.questions import subtree
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.opportunity.funnel.rules.standing import Standing
from services.opportunity.funnel.store.counters import standing_of
from services.opportunity.funnel.store.sums import FIGURES, HOUSE, PLACE, SUMS, Counts, sides_sql, told_quarter


@dataclass(frozen=True, slots=True)
class Moment:
    """What answers about past days depend on.

    Attributes:
        chart_version: of the org chart.
        revisions: for each day that was asked for, how many changes were ever told of its month and those before.
    """

    chart_version: int
    revisions: tuple[int, ...]


REVISIONS_SQL = """
SELECT coalesce((SELECT sum(revision) FROM funnel_month WHERE start <= asked.day), 0)::bigint + (
    SELECT count(*) FROM funnel_delta WHERE day < (date_trunc('month', asked.day::timestamp) + interval '1 month')::date
) AS revision
FROM unnest(:days) WITH ORDINALITY AS asked(day, place)
"""
"""Changes on their way count as much as folded ones, so that folding alone changes nothing."""
MOMENT_SQL = f"""
SELECT version AS chart_version, ARRAY({REVISIONS_SQL} ORDER BY asked.place) AS revisions
FROM orgchart_state WHERE id = 1
"""  # noqa: S608 (constants of this module)
DAYS = bindparam("days", type_=ARRAY(Date()))
MOMENT = prepared(text(MOMENT_SQL).bindparams(DAYS).columns(chart_version=BigInteger(), revisions=ARRAY(BigInteger())))
BASE = prepared(
    text("SELECT max(start) FROM funnel_month WHERE start <= :day").bindparams(bindparam("day", type_=Date()))
)
_SINCE = "change.day >= :base AND change.day <= :day"
_OF_HOUSE = f"""
SELECT {PLACE}, {FIGURES} FROM funnel_checkpoint WHERE start = :base AND person_id = {HOUSE}
UNION ALL SELECT {PLACE}, {FIGURES} FROM funnel_day WHERE day >= :base AND day <= :day
UNION ALL SELECT {PLACE}, {FIGURES} FROM ({sides_sql("funnel_delta", "change.day <= :day")}) AS not_folded
"""  # noqa: S608
_THEIRS = f"change.{{side}}_principal_id = ANY(:people) AND {_SINCE}"
_KEPT = (
    f"change.after_principal_id = ANY(:people) AND change.before_principal_id = change.after_principal_id AND {_SINCE}"
)
_GIVEN_AWAY = f"{_THEIRS} AND change.before_principal_id <> change.after_principal_id"
"""What was theirs before and is not any more has an index of its own; it is rare."""
_ON_ITS_WAY = "change.day <= :day AND (change.logged OR change.day < :base)"
_NOT_FOLDED = f"{_ON_ITS_WAY} AND change.{{side}}_principal_id = ANY(:people)"
"""Of the days since the checkpoint the log is summed, in which what was taken back is not any more."""
_OF_PEOPLE = f"""
SELECT {PLACE}, {FIGURES} FROM funnel_checkpoint WHERE start = :base AND person_id = ANY(:people)
UNION ALL SELECT {PLACE}, {FIGURES} FROM ({sides_sql("funnel_change", _THEIRS, sides="after")}) AS theirs
UNION ALL SELECT {PLACE}, {FIGURES} FROM ({sides_sql("funnel_change", _KEPT, sides="before")}) AS kept
UNION ALL SELECT {PLACE}, {FIGURES} FROM ({sides_sql("funnel_change", _GIVEN_AWAY, sides="before")}) AS given_away
UNION ALL SELECT {PLACE}, {FIGURES} FROM ({sides_sql("funnel_delta", _NOT_FOLDED)}) AS not_folded
"""  # noqa: S608


def _asked(parts: str, *binds: Any) -> Any:
    query = f"""
SELECT {HOUSE} AS person_id, funnel_version, place, told AS quarter, currency, {SUMS}
FROM (SELECT *, {told_quarter(":day")} AS told FROM ({parts}) AS each_part) AS stood
GROUP BY funnel_version, place, told, currency
"""  # noqa: S608
    return prepared(text(query).bindparams(bindparam("base", type_=Date()), bindparam("day", type_=Date()), *binds))


HOUSE_ON = _asked(_OF_HOUSE)
PEOPLE_ON = _asked(_OF_PEOPLE, bindparam("people", type_=ARRAY(Uuid())))
EVERYBODY_ON = prepared(
    text(
        f"""
SELECT person_id, funnel_version, place, told AS quarter, sum(count)::int AS count
FROM (SELECT *, {told_quarter(":day")} AS told FROM (
    SELECT person_id, {PLACE}, {FIGURES} FROM funnel_checkpoint WHERE start = :base AND person_id <> {HOUSE}
    UNION ALL SELECT person_id, {PLACE}, {FIGURES} FROM ({sides_sql("funnel_change", _SINCE)}) AS changed
    UNION ALL SELECT person_id, {PLACE}, {FIGURES} FROM ({sides_sql("funnel_delta", _ON_ITS_WAY)}) AS not_folded
) AS each_part) AS stood
GROUP BY person_id, funnel_version, place, told HAVING sum(count) <> 0
"""  # noqa: S608
    ).bindparams(bindparam("base", type_=Date()), bindparam("day", type_=Date()))
)
NOTHING_BEFORE = date(1, 1, 1)


async def moment_of(tx: Questions, days: list[date]) -> Moment:
    """Return what answers about the days depend on now."""
    version, revisions = await tx.one(MOMENT, days=days)
    return Moment(version, tuple(revisions))


async def standing_on(tx: Questions, day: date, *, person_id: UUID | None, whole: bool) -> Standing:
    """Return what stood where at the end of a past day.

    Of the whole house (no person), of a person alone, or with everybody below them (`whole`) by the reporting line of
    that day.
    """
    base = await tx.value(BASE, day=day) or NOTHING_BEFORE
    if person_id is None:
        rows = await tx.all(HOUSE_ON, base=base, day=day)
    else:
        people = await subtree(tx, person_id, day) if whole else [person_id]
        rows = await tx.all(PEOPLE_ON, base=base, day=day, people=people)
    return standing_of(day, (Counts(*row) for row in rows))


async def counts_of_everybody(tx: Questions, day: date) -> list[tuple[UUID, int, str, date, int]]:
    """Return how many each person had in each place of each version of the funnel at the end of a day.

    With the quarter of the decision before the count.
    """
    base = await tx.value(BASE, day=day) or NOTHING_BEFORE
    return [tuple(row) for row in await tx.all(EVERYBODY_ON, base=base, day=day)]
