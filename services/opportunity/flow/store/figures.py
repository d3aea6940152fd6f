"""The figures themselves: how far opportunities came, how long they stood, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Date, DateTime, bindparam, text

from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Reading
from servicekit.values.dates import Period
from services.opportunity.calibration.rules.ageing import Idle
from services.opportunity.calibration.rules.places import Place, place_binds
from services.opportunity.calibration.store.paths import BEGINNING_TOLD, ENTERED, STAGE_BINDS, STAGES, STEPS
from services.opportunity.flow.rules.conversion import Path
from services.opportunity.flow.rules.standing import Standing
from services.opportunity.flow.rules.times import Pace
from services.opportunity.flow.rules.velocity import Bunch
from services.opportunity.flow.store.subjects import FORMS, Subjects, binds_for

_TOUCHED = "(SELECT opportunity_id FROM stage_change WHERE at >= :from_at AND at < :until_at)"
"""Whoever did nothing in the window neither reached nor left a stage in it."""
_PATHS = """
WITH {stages}, subject AS ({subjects}), reached AS (
    SELECT opportunity_id,
        coalesce(max(place) FILTER (WHERE at < :from_at), 0) AS before,
        coalesce(max(place) FILTER (WHERE at < :until_at), 0) AS within,
        max(place) AS reached
    FROM ({entered} AND change.at < :until AND change.opportunity_id IN {touched}) AS entry
    GROUP BY opportunity_id
)
SELECT before, within, reached, state = 'open' AS is_open, count(*)::int AS count,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated
FROM reached JOIN subject ON subject.id = reached.opportunity_id
WHERE within > before
GROUP BY 1, 2, 3, 4
"""
_TIMES = """
WITH {stages}, subject AS ({subjects}), spent AS (
    SELECT opportunity_id, place, sum(seconds) / 86400 AS days
    FROM ({steps} AND change.at < :until AND change.opportunity_id IN {touched}) AS step
    GROUP BY opportunity_id, place HAVING sum(sign) = 0 AND max(left_at) >= :from_at
)
SELECT place AS "order", count(*)::int AS count,
    percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) AS quartiles,
    (count(*) FILTER (WHERE one.state = 'won'))::int AS won_count,
    percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) FILTER (WHERE one.state = 'won')
        AS won_quartiles,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated
FROM spent JOIN subject AS one ON one.id = spent.opportunity_id
WHERE {told}
GROUP BY place
"""
_DECIDED = """
SELECT state, currency, count(*)::int AS count, coalesce(sum(amount), 0)::numeric AS amount,
    count(amount)::int AS known, coalesce(sum(cycle), 0)::bigint AS cycle_days, count(cycle)::int AS cycles,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated
FROM (
    SELECT state, currency, amount, origin, CASE WHEN state <> 'open' AND {told}
        THEN one.decided_on - (one.opened_at AT TIME ZONE :zone)::date END AS cycle
    FROM ({subjects}) AS one
    WHERE one.state = 'open' OR (one.decided_on >= :from_day AND one.decided_on < :until_day)
) AS found
GROUP BY state, currency
"""
_STANDING = """
WITH {stages}, subject AS ({subjects})
SELECT place AS "order", count(*)::int AS count,
    (count(*) FILTER (WHERE NOT known))::int AS unknown_age,
    (count(*) FILTER (WHERE known AND one.stage_since < (:limits)[place]))::int AS ageing,
    (count(*) FILTER (WHERE coalesce(one.last_activity_on < :idle_day,
        greatest(one.stage_since, one.terms_since) < :idle_at)))::int AS stalled,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated
FROM subject AS one
JOIN stage_place ON stage_place.version = one.funnel_version AND stage_place.stage = one.stage
CROSS JOIN LATERAL (SELECT {told} OR one.stage_since <> one.opened_at AS known) AS age
WHERE one.state = 'open'
GROUP BY place
"""


def _asked(query: str, *binds: Any) -> dict[str, Statement[Any]]:
    parts = {"stages": STAGES, "entered": ENTERED, "steps": STEPS, "touched": _TOUCHED, "told": BEGINNING_TOLD}
    found = {}
    for form, subjects in FORMS.items():
        sql = query.format(subjects=subjects, **parts)
        found[form] = prepared(text(sql).bindparams(*binds, *binds_for(sql)))
    return found


PATHS = _asked(_PATHS, *STAGE_BINDS)
TIMES = _asked(_TIMES, *STAGE_BINDS)
DECIDED = _asked(_DECIDED)
STANDING = _asked(
    _STANDING,
    *STAGE_BINDS,
    bindparam("limits", type_=ARRAY(DateTime(timezone=True))),
    bindparam("idle_day", type_=Date()),
    bindparam("idle_at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Instants:
    """The window's first instant, the first after it, and the first after the day as of which it is told."""

    begin: datetime
    end: datetime
    told: datetime

    @property
    def binds(self) -> dict[str, Any]:
        """What the statements bind."""
        return {"from_at": self.begin, "until_at": self.end, "owned": self.end, "until": self.told}


async def paths(tx: Reading, subjects: Subjects, places: Sequence[Place], instants: Instants) -> list[Path]:
    """Return how far those opportunities came that reached any stage for the first time in the window."""
    rows = await tx.all_planned(PATHS[subjects.form], **subjects.binds, **place_binds(places), **instants.binds)
    return [Path(*row) for row in rows]


async def times(tx: Reading, subjects: Subjects, places: Sequence[Place], instants: Instants) -> list[Pace]:
    """Return how long opportunities stood in each open stage that they left in the window."""
    rows = await tx.all_planned(TIMES[subjects.form], **subjects.binds, **place_binds(places), **instants.binds)
    return [Pace(*row) for row in rows]


async def decided(tx: Reading, subjects: Subjects, days: Period, until: datetime, zone: str) -> list[Bunch]:
    """Return what is open at an instant, and what was decided in a window and still is."""
    binds: dict[str, Any] = {
        "owned": until,
        "until": until,
        "from_day": days.start,
        "until_day": days.end,
        "zone": zone,
    }
    return [Bunch(*row) for row in await tx.all_planned(DECIDED[subjects.form], **subjects.binds, **binds)]


async def standing(
    tx: Reading, subjects: Subjects, places: Sequence[Place], *, limits: Sequence[datetime], idle: Idle, until: datetime
) -> list[Standing]:
    """Return how many open ones stand in each stage, and for too long; `limits` are by the order of the stage."""
    binds: dict[str, Any] = {"owned": until, "until": until, "idle_day": idle.day, "idle_at": idle.instant}
    rows = await tx.all_planned(
        STANDING[subjects.form], **subjects.binds, **place_binds(places), **binds, limits=list(limits)
    )
    return [Standing(*row) for row in rows]
