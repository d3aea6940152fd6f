"""Counting everything anew from the histories: counters, days, checkpoints and the log."""

from datetime import date

from sqlalchemy import Text, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.dates import month_of
from services.opportunity.funnel.store.folding import LOCK, Span, begin_months
from services.opportunity.funnel.store.sums import FIGURES, HOUSE, NOT_NOTHING, PLACE, SUMS, sides_sql
from services.opportunity.opportunities.store.changes import NAMED, trajectory_sql

TIME_ZONE = prepared(text("SELECT time_zone FROM funnel_fold WHERE id = 1"))
SET_TIME_ZONE = prepared(
    text("UPDATE funnel_fold SET time_zone = :zone WHERE id = 1").bindparams(bindparam("zone", type_=Text()))
)
HOLD_LOG = prepared(text("LOCK TABLE funnel_change IN SHARE ROW EXCLUSIVE MODE"))
"""Waits for those who tell changes anew, and lets them wait."""
FORGET = [
    prepared(text(f"DELETE FROM {table}"))  # noqa: S608 (constants)
    for table in ("funnel_change", "funnel_counter", "funnel_day", "funnel_checkpoint")
]
LOG_ALL = prepared(
    text(
        f"""
WITH gone AS (DELETE FROM funnel_delta)
INSERT INTO funnel_change (id, {NAMED}) SELECT 0, {NAMED} FROM ({trajectory_sql("true")}) AS given ORDER BY day
"""  # noqa: S608
    )
)
"""What was told and what the histories say are seen at one instant: what comes after it is folded later."""
ADD_DAYS = prepared(
    text(
        f"""
WITH sides AS MATERIALIZED (
    SELECT day, person_id, {PLACE}, {SUMS} FROM ({sides_sql("funnel_change")}) AS each_side
    GROUP BY day, person_id, {PLACE}
), days AS (
    INSERT INTO funnel_day (day, {PLACE}, {FIGURES})
    SELECT day, {PLACE}, {SUMS} FROM sides GROUP BY day, {PLACE} HAVING {NOT_NOTHING}
)
INSERT INTO funnel_counter (person_id, reach, {PLACE}, {FIGURES})
SELECT person_id, 'own', {PLACE}, {SUMS} FROM sides GROUP BY person_id, {PLACE} HAVING {NOT_NOTHING}
"""  # noqa: S608
    )
)
ADD_EVERYBODY = prepared(
    text(
        f"""
INSERT INTO funnel_counter (person_id, reach, {PLACE}, {FIGURES})
SELECT top.id, 'subtree', {PLACE}, {SUMS}
FROM funnel_counter AS counter
JOIN orgchart_person AS below ON below.id = counter.person_id
JOIN orgchart_person AS top ON top.path @> below.path
WHERE counter.reach = 'own'
GROUP BY top.id, {PLACE}
UNION ALL
SELECT {HOUSE}, 'subtree', {PLACE}, {SUMS}
FROM funnel_counter WHERE reach = 'own' GROUP BY {PLACE}
"""  # noqa: S608
    )
)
NEXT_REVISION = prepared(
    text("SELECT coalesce(max(revision), 0) + 1 + (SELECT count(*) FROM funnel_delta) FROM funnel_month")
)
FORGET_MONTHS = prepared(text("DELETE FROM funnel_month"))
RAISE_REVISIONS = prepared(text("UPDATE funnel_month SET revision = CAST(:revision AS bigint)"))
SPAN = prepared(text("SELECT min(day) AS earliest, max(day) AS latest FROM funnel_change"))


async def time_zone_counted_in(tx: Questions) -> str | None:
    """Return where the days were counted, None where nothing was counted yet."""
    found: str | None = await tx.value(TIME_ZONE)
    return found


async def lock(tx: Writing) -> None:
    """Let nobody else fold, move subtrees or rebuild until commit."""
    await tx.first(LOCK)


async def rebuild(tx: Writing, zone: str | None = None) -> None:
    """Count everything anew while others may write; `zone` is where the days are from now on, None: where they were."""
    await tx.first(LOCK)
    await tx.execute(HOLD_LOG)
    if zone is not None:
        await tx.execute(SET_TIME_ZONE, zone=zone)
    revision = await tx.value(NEXT_REVISION)
    for statement in (*FORGET, FORGET_MONTHS, LOG_ALL, ADD_DAYS, ADD_EVERYBODY):
        await tx.execute(statement)
    span = await tx.one(SPAN)
    if span["earliest"] is None:
        return
    earliest: date = month_of(span["earliest"]).start
    await begin_months(tx, Span(None, None, None, None), earliest, month_of(span["earliest"]).end)
    await begin_months(tx, Span(None, None, earliest, earliest), earliest, month_of(span["latest"]).end)
    await tx.execute(RAISE_REVISIONS, revision=revision)
