"""Moving running opportunities to a newer version of the funnel, as sales operations decide."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.chunks import ChunkResult, Done
from servicekit.data.transactions import Writing
from servicekit.values.errors import KeyaccountError, NotVisible
from services.opportunity import events
from services.opportunity.definitions.actions import check_may_keep
from services.opportunity.definitions.rules import Definitions
from services.opportunity.definitions.store import up_to_date
from services.opportunity.funnel.store import duties_done
from services.opportunity.funnel_moves.rules import Asked, stage_after
from services.opportunity.funnel_moves.store import FunnelMove, append_moves
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.store import Opportunity


async def move_all(tx: Writing, viewer: Viewer, asked: Sequence[Asked]) -> ChunkResult:
    """Let opportunities run on a newer version, each in the stage that takes the present one's place there.

    They enter no stage by that: since when one stands there, what is done of its duties and what a person says of the
    chance to win stay as they are. Whoever is changing one is waited for.
    """
    check_may_keep(viewer)
    present: dict[UUID, Opportunity] = {
        **await opportunities.lock_all(tx, viewer, {each.opportunity_id for each in asked})
    }
    definitions = await up_to_date(tx)
    results: list[Done | KeyaccountError] = []
    moved: dict[UUID, tuple[Opportunity, Asked]] = {}
    for one in asked:
        if one.opportunity_id in moved:
            present |= await _write(tx, viewer, definitions, moved)
            moved = {}
        try:
            after = _moved(definitions, present, one)
        except KeyaccountError as error:
            results.append(error)
            continue
        if after is not None:
            moved[after.id] = (after, one)
        results.append(Done("updated" if after else "unchanged", one.opportunity_id))
    await _write(tx, viewer, definitions, moved)
    return results


def _moved(definitions: Definitions, present: dict[UUID, Opportunity], asked: Asked) -> Opportunity | None:
    """Return the opportunity as it will be, or None where it runs on that version already."""
    seen = present.get(asked.opportunity_id)
    if seen is None:
        raise NotVisible("opportunity", asked.opportunity_id)
    target = stage_after(
        definitions, stage=seen.stage, state=seen.state, present=seen.funnel_version, to_version=asked.to_version
    )
    if target is None:
        return None
    return replace(seen, funnel_version=asked.to_version, stage=target.key, stage_probability=target.probability)


async def _write(
    tx: Writing, viewer: Viewer, definitions: Definitions, moved: dict[UUID, tuple[Opportunity, Asked]]
) -> dict[UUID, Opportunity]:
    """Write the moves of some opportunities at one instant, tell of each, and return what they are now."""
    if not moved:
        return {}
    at = max(tx.now, *(after.placed_since for after, _ in moved.values()))
    moves = [FunnelMove(key, after.funnel_version, after.stage, asked.reason) for key, (after, asked) in moved.items()]
    versions = await append_moves(tx, moves, at)
    written = {key: replace(after, funnel_since=at, version=versions[key]) for key, (after, _) in moved.items()}
    for each in await opportunities.having_duties(tx, list(written)):
        newer = definitions[written[each].funnel_version]
        await opportunities.move_duties(tx, each, newer.stage_of, await duties_done(tx, viewer, each, newer))
    for after in written.values():
        events.publish(tx, events.UPDATED, after)
    return written
