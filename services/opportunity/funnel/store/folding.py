"""Folding: what the relay does with the changes that are told, one process at a time.

Each change is taken from `funnel_delta`, moved to the log, and added to the counters (a person's own, everybody's above
them, the house's), to its day, and to every checkpoint after its day. Whoever folds, moves subtrees or rebuilds locks
`funnel_fold` first; rows of deltas that others hold are left for later, so that a fold waits for nobody's change.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, Integer, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from servicekit.values.dates import add_months, month_of
from services.opportunity.funnel.store.sums import (
    FIGURES,
    HOUSE,
    NOT_NOTHING,
    PLACE,
    SUMS,
    add_up,
    sides_sql,
    told_quarter,
)
from services.opportunity.opportunities.store.changes import NAMED

AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Span:
    """The days of what waits to be folded, and the first and last month that have a checkpoint; None where none."""

    earliest: date | None
    latest: date | None
    first_month: date | None
    last_month: date | None


LOCK = prepared(text("SELECT id FROM funnel_fold WHERE id = 1 FOR UPDATE"))
HAS_DELTAS = prepared(text("SELECT EXISTS (SELECT FROM funnel_delta)"))
SPAN = prepared(
    text(
        "SELECT delta.*, month.* FROM (SELECT min(day) AS earliest, max(day) AS latest FROM funnel_delta) AS delta, "
        "(SELECT min(start) AS first_month, max(start) AS last_month FROM funnel_month) AS month"
    ).columns(earliest=Date(), latest=Date(), first_month=Date(), last_month=Date()),
    into=Span,
)
BEGIN_MONTH = prepared(
    text("INSERT INTO funnel_month (start) VALUES (:start)").bindparams(bindparam("start", type_=Date()))
)
_IN_MONTH = "change.day >= :before AND change.day < :start"
_PERSONS = f"""
SELECT person_id, {PLACE}, {FIGURES} FROM funnel_checkpoint WHERE start = :before AND person_id <> {HOUSE}
UNION ALL SELECT person_id, {PLACE}, {FIGURES} FROM ({sides_sql("funnel_change", _IN_MONTH)}) AS logged
UNION ALL SELECT person_id, {PLACE}, {FIGURES}
FROM ({sides_sql("funnel_delta", f"{_IN_MONTH} AND NOT change.logged", sign=-1)}) AS not_folded
"""  # noqa: S608 (constants of this package)
"""What of the month before was folded: the log, and what was taken out of it and is not taken from the counts yet."""
_HOUSE = f"""
SELECT person_id, {PLACE}, {FIGURES} FROM funnel_checkpoint WHERE start = :before AND person_id = {HOUSE}
UNION ALL SELECT {HOUSE}, {PLACE}, {FIGURES} FROM funnel_day WHERE day >= :before AND day < :start
"""  # noqa: S608
CHECK_MONTH = prepared(
    text(
        f"""
INSERT INTO funnel_checkpoint (start, person_id, {PLACE}, {FIGURES})
SELECT :start, person_id, funnel_version, place, told, currency, {SUMS}
FROM (SELECT *, {told_quarter(":start")} AS told FROM ({_PERSONS} UNION ALL {_HOUSE}) AS kept) AS at_start
GROUP BY person_id, funnel_version, place, told, currency HAVING {NOT_NOTHING}
ORDER BY person_id, funnel_version, place, told, currency
"""  # noqa: S608
    ).bindparams(bindparam("start", type_=Date()), bindparam("before", type_=Date()))
)
FOLD = prepared(
    text(
        f"""
WITH taken AS (
    DELETE FROM funnel_delta WHERE id IN (
        SELECT id FROM funnel_delta WHERE day >= :earliest AND day < :until
        ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING *
), logged AS (
    INSERT INTO funnel_change (id, {NAMED}) SELECT id, {NAMED} FROM taken WHERE logged
), sides AS MATERIALIZED (
    SELECT day, person_id, {PLACE}, {SUMS} FROM ({sides_sql("taken")}) AS each_side
    GROUP BY day, person_id, {PLACE} HAVING {NOT_NOTHING}
), house AS (
    SELECT day, {PLACE}, {SUMS} FROM sides GROUP BY day, {PLACE} HAVING {NOT_NOTHING}
), persons AS (
    SELECT person_id, {PLACE}, {SUMS} FROM sides GROUP BY person_id, {PLACE} HAVING {NOT_NOTHING}
), reached AS (
    SELECT person_id, 'own' AS reach, {PLACE}, {FIGURES} FROM persons
    UNION ALL
    SELECT above.label::uuid, 'subtree', {PLACE}, {FIGURES}
    FROM persons JOIN orgchart_person AS person ON person.id = persons.person_id
    CROSS JOIN LATERAL unnest(string_to_array(person.path::text, '.')) AS above(label)
    UNION ALL
    SELECT {HOUSE}, 'subtree', {PLACE}, {FIGURES} FROM house
), counted AS (
    INSERT INTO funnel_counter AS kept (person_id, reach, {PLACE}, {FIGURES})
    SELECT person_id, reach, {PLACE}, {SUMS} FROM reached GROUP BY person_id, reach, {PLACE} HAVING {NOT_NOTHING}
    {add_up(f"person_id, reach, {PLACE}")}
), dated AS (
    INSERT INTO funnel_day AS kept (day, {PLACE}, {FIGURES}) SELECT day, {PLACE}, {FIGURES} FROM house
    {add_up(f"day, {PLACE}")}
), dated_sides AS (
    SELECT day, person_id, {PLACE}, {FIGURES} FROM sides UNION ALL SELECT day, {HOUSE}, {PLACE}, {FIGURES} FROM house
), checked AS (
    INSERT INTO funnel_checkpoint AS kept (start, person_id, {PLACE}, {FIGURES})
    SELECT start, person_id, funnel_version, place, told, currency, {SUMS} FROM (
        SELECT month.start, dated_sides.*, {told_quarter("month.start")} AS told
        FROM dated_sides JOIN funnel_month AS month ON month.start > dated_sides.day
    ) AS later
    GROUP BY start, person_id, funnel_version, place, told, currency HAVING {NOT_NOTHING}
    {add_up(f"start, person_id, {PLACE}")}
), noted AS (
    UPDATE funnel_month AS month SET revision = revision + added.count
    FROM (SELECT date_trunc('month', day::timestamp)::date AS start, count(*) FROM taken GROUP BY 1) AS added
    WHERE month.start = added.start
)
SELECT count(*) FROM taken
"""  # noqa: S608
    ).bindparams(
        bindparam("earliest", type_=Date()), bindparam("until", type_=Date()), bindparam("most", type_=Integer())
    )
)


async def fold(tx: Writing) -> None:
    """Fold the changes that are there into the counters, days, checkpoints and the log."""
    if not await tx.value(HAS_DELTAS):
        return
    await tx.first(LOCK)
    span = await tx.one(SPAN)
    if span.earliest is None or span.latest is None:
        return
    earliest, until = month_of(span.earliest).start, month_of(span.latest).end
    await begin_months(tx, span, earliest, until)
    while await tx.value(FOLD, most=AT_ONCE, earliest=earliest, until=until) == AT_ONCE:
        pass


async def begin_months(tx: Writing, span: Span, earliest: date, until: date) -> None:
    """Make the checkpoints that are missing between two months, the second not included: without gaps.

    Before the first month that there is, nothing was folded: checkpoints there begin empty.
    """
    first, last = span.first_month or until, span.last_month
    month = earliest
    while month < first:
        await tx.execute(BEGIN_MONTH, start=month)
        month = add_months(month, 1)
    if last is None:
        return
    while (month := add_months(last, 1)) < until:
        await tx.execute(BEGIN_MONTH, start=month)
        await tx.execute(CHECK_MONTH, start=month, before=last)
        last = month
