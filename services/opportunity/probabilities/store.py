"""Questions about what was said of the chance to win."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from servicekit.data.lists import Listing, SortKey
from services.opportunity.opportunities.store import rows
from services.opportunity.opportunities.store.probabilities import ProbabilityRow
from services.opportunity.opportunities.tables import opportunity, probability_change


@dataclass(frozen=True, slots=True)
class ProbabilityChange(ProbabilityRow):
    """What was said, at its place in the order of arrival."""

    id: int


HISTORY = Listing(
    select(probability_change)
    .join(opportunity, opportunity.c.id == probability_change.c.opportunity_id)
    .where(rows.may_see()),
    into=ProbabilityChange,
    filters={"opportunity_id": probability_change.c.opportunity_id == bindparam("opportunity_id")},
    keys={"at": SortKey(probability_change.c.at)},
    identifier=probability_change.c.id,
    default="at",
)
