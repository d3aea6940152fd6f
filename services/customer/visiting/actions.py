"""Deciding on how often customers are to be visited."""

from dataclasses import asdict
from datetime import date

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.visiting import rules, store
from services.customer.visiting.rules import Frequencies
from services.customer.visiting.store import FrequenciesRow


async def decide(
    tx: Writing, viewer: Viewer, decided: Frequencies, from_date: date, reason: str, *, today: date
) -> FrequenciesRow:
    """Say how often customers are to be visited from a day on."""
    rules.check_may_decide(viewer.roles)
    rules.check_from_date(from_date, today)
    made = {"decided_by": tx.actor_id, "on_behalf_of": tx.actor.on_behalf_of, "decided_at": tx.now}
    return await store.add(tx, {**asdict(decided), "from_date": from_date, "reason": reason, **made})
