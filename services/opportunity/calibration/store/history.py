"""What a calibration rests on, each one statement over everything that is decided."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from sqlalchemy import Text, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.opportunity.calibration.rules.calibrating import Entry, Outcome, WonDays, shown_days
from services.opportunity.calibration.rules.places import Place, place_binds
from services.opportunity.calibration.store.paths import BEGINNING_TOLD, ENTERED, STAGE_BINDS, STAGES, STEPS

OUTCOMES = prepared(
    text(
        f"""
WITH {STAGES}
SELECT reached, one.state = 'won' AS is_won, one.decided_on AS day, count(*)::int AS count,
    (count(*) FILTER (WHERE one.origin = 'simulated'))::int AS simulated
FROM (SELECT opportunity_id, max(place) AS reached FROM ({ENTERED}) AS entry GROUP BY opportunity_id) AS path
JOIN opportunity AS one ON one.id = path.opportunity_id
WHERE one.state <> 'open'
GROUP BY 1, 2, 3
"""  # noqa: S608 (constants)
    ).bindparams(*STAGE_BINDS)
)
ENTRIES = prepared(
    text(
        f"""
WITH {STAGES}, said AS (
    SELECT opportunity_id, at, lead(at) OVER (PARTITION BY opportunity_id ORDER BY at, id) AS until, probability
    FROM probability_change
)
SELECT entry.place, entry.funnel_version, entry.to_stage, said.probability,
    (entry.at AT TIME ZONE :zone)::date AS day, one.state = 'won' AS is_won, count(*)::int AS count
FROM ({ENTERED} AND change.to_state = 'open') AS entry
JOIN opportunity AS one ON one.id = entry.opportunity_id AND one.state <> 'open'
LEFT JOIN said ON said.opportunity_id = entry.opportunity_id
    AND said.at <= entry.at AND (said.until IS NULL OR said.until > entry.at)
GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608
    ).bindparams(*STAGE_BINDS, bindparam("zone", type_=Text()))
)
WON_DAYS = prepared(
    text(
        f"""
WITH {STAGES}
SELECT place, count(*)::int AS count, percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) AS quartiles
FROM (
    SELECT opportunity_id, place, sum(seconds) / 86400 AS days FROM ({STEPS}) AS step
    WHERE opportunity_id IN (SELECT one.id FROM opportunity AS one WHERE one.state = 'won' AND {BEGINNING_TOLD})
    GROUP BY opportunity_id, place HAVING sum(sign) = 0
) AS spent
GROUP BY place
"""  # noqa: S608
    ).bindparams(*STAGE_BINDS)
)


async def outcomes(tx: Questions, places: Sequence[Place]) -> list[Outcome]:
    """Return how far what is decided had come, and how it ended."""
    return [Outcome(*row) for row in await tx.all(OUTCOMES, **place_binds(places))]


async def entries(
    tx: Questions, places: Sequence[Place], zone: str, configured: Callable[[int, str], Decimal]
) -> list[Entry]:
    """Return every entry into an open stage of what is decided, with the probability that counted then.

    `configured` says what a stage of a version is configured with.
    """
    rows = await tx.all(ENTRIES, **place_binds(places), zone=zone)
    return [
        Entry(order, configured(version, stage) if said is None else said, day, is_won, count)
        for order, version, stage, said, day, is_won, count in rows
    ]


async def won_days(tx: Questions, places: Sequence[Place]) -> dict[int, WonDays]:
    """Return how long the won ones stood in each open stage, by its order."""
    rows = await tx.all(WON_DAYS, **place_binds(places))
    return {order: WonDays(count, *(shown_days(each) for each in quartiles)) for order, count, quartiles in rows}
