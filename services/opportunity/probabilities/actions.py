"""Saying how likely a win is, apart from what the stage says."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.opportunity import events
from services.opportunity.funnel.rules.moves import instant_of
from services.opportunity.likelihood import Cause
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import (
    may_operate,
    probability_row,
    standings,
    with_probability,
)
from services.opportunity.opportunities.rules.standing import check_may_edit
from services.opportunity.opportunities.store import Opportunity
from services.opportunity.probabilities.rules import checked_probability
from services.opportunity.vocabulary import State


async def change_probability(
    tx: Writing,
    viewer: Viewer,
    opportunity_id: UUID,
    probability: Decimal | None,
    *,
    reason: str,
    at: datetime | None,
) -> Opportunity:
    """Keep what somebody says of the chance to win, from an instant on; None ends what was said before."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_edit(standings(viewer, seen))
    said = checked_probability(State(seen.state), seen.manual_probability, probability)
    last = await opportunities.last_probability_change(tx, opportunity_id) or seen.opened_at
    happened = instant_of(at, tx.now, last, may_date_back=may_operate(viewer))
    row = probability_row(tx, viewer, opportunity_id, said, at=happened, cause=Cause.DECISION, reason=reason)
    version = await opportunities.append_probability(tx, row)
    after = replace(with_probability(seen, row), version=version)
    events.publish(tx, events.UPDATED, after)
    return after
