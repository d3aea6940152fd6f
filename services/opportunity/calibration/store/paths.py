"""The ways that opportunities took through the funnel, as parts of queries over the stage history.

Each part knows the stages of all versions by their place in the current one (`STAGES`, see `rules.places`).
"""

from typing import Any

from sqlalchemy import ARRAY, Integer, Text, bindparam

STAGES = """
stage_place AS MATERIALIZED (
    SELECT * FROM unnest(:place_versions, :place_stages, :place_orders) AS given(version, stage, place)
)
"""
STAGE_BINDS: tuple[Any, ...] = (
    bindparam("place_versions", type_=ARRAY(Integer())),
    bindparam("place_stages", type_=ARRAY(Text())),
    bindparam("place_orders", type_=ARRAY(Integer())),
)
ENTERED = """
SELECT change.opportunity_id, change.at, change.funnel_version, change.to_stage, entered.place
FROM stage_change AS change
JOIN stage_place AS entered ON entered.version = change.funnel_version AND entered.stage = change.to_stage
WHERE change.to_state <> 'lost' AND change.from_version IS NULL
"""
"""Every entry into a stage: a loss enters none, a win the last one, a move to another version of the funnel none."""
STEPS = """
SELECT change.opportunity_id, step.place, step.left_at, step.sign * date_part('epoch', change.at) AS seconds, step.sign
FROM stage_change AS change
LEFT JOIN stage_place AS entered
    ON entered.version = change.funnel_version AND entered.stage = change.to_stage AND change.to_state = 'open'
LEFT JOIN stage_place AS exited
    ON exited.version = change.funnel_version AND exited.stage = change.from_stage AND change.from_state = 'open'
CROSS JOIN LATERAL (
    VALUES (exited.place, change.at, 1), (entered.place, NULL, -1)
) AS step(place, left_at, sign)
WHERE step.place IS NOT NULL AND change.from_version IS NULL
"""
"""Every leaving (sign 1) and entering (-1) of an open stage.

A change says what it leaves and what it enters. So the time spent in a stage, over however many visits, is the sum of
the instants of leaving less those of entering, and no order has to be made among the changes; where the signs sum up
to 0, all visits have ended.
"""
BEGINNING_TOLD = "(one.origin = 'entered' OR one.opened_at <> one.created_at)"
"""Whether it is known since when `opportunity AS one` is there: an import may tell of it without saying."""
