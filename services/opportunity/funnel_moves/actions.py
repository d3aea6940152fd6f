"""Moving running opportunities to a newer version of the funnel, as sales operations decide."""

from dataclasses import replace

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Writing
from services.opportunity import events
from services.opportunity.definitions.actions import check_may_keep
from services.opportunity.definitions.store import up_to_date
from services.opportunity.funnel.store import duties_done
from services.opportunity.funnel_moves.rules import Asked, stage_after
from services.opportunity.funnel_moves.store import FunnelMove, append_move
from services.opportunity.opportunities import store as opportunities


async def move(tx: Writing, viewer: Viewer, asked: Asked) -> Done:
    """Let an opportunity run on a newer version, in the stage that takes the present one's place there.

    It enters no stage by that: since when it stands there, what is done of its duties and what a person says of the
    chance to win stay as they are.
    """
    check_may_keep(viewer)
    seen = await opportunities.lock(tx, viewer, asked.opportunity_id)
    definitions = await up_to_date(tx)
    target = stage_after(
        definitions, stage=seen.stage, state=seen.state, present=seen.funnel_version, to_version=asked.to_version
    )
    if target is None:
        return Done("unchanged", seen.id)
    at = max(tx.now, seen.placed_since)
    after = replace(
        seen,
        funnel_version=asked.to_version,
        stage=target.key,
        stage_probability=target.probability,
        funnel_since=at,
    )
    kept = FunnelMove(
        opportunity_id=seen.id,
        at=at,
        recorded_at=tx.now,
        funnel_version=asked.to_version,
        from_stage=seen.stage,
        to_stage=target.key,
        from_state=seen.state,
        to_state=seen.state,
        decided_on=None,
        currency=seen.currency,
        amount=seen.amount,
        reason=asked.reason,
        loss_reason=None,
        win_reason=None,
        competitor_id=None,
        override_reason=None,
        passed_over=[],
        actor_id=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
        from_version=seen.funnel_version,
    )
    after = replace(after, version=await append_move(tx, kept))
    newer = definitions[asked.to_version]
    await opportunities.move_duties(tx, seen.id, newer.stage_of, await duties_done(tx, viewer, seen.id, newer))
    events.publish(tx, events.UPDATED, after)
    return Done("updated", seen.id)
