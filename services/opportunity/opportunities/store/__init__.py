"""Questions about opportunities; each starts from what the viewer may see."""

from services.opportunity.opportunities.store.appending import (
    append_stage_change,
    append_terms,
    follow_activity,
    follow_manager,
    rename,
    set_contract,
)
from services.opportunity.opportunities.store.changes import tell_again, tell_new
from services.opportunity.opportunities.store.duties import (
    having_duties,
    move_duties,
    pass_duties_on,
    settle_duties,
)
from services.opportunity.opportunities.store.lists import list_opportunities
from services.opportunity.opportunities.store.probabilities import append_probability, last_probability_change
from services.opportunity.opportunities.store.rows import (
    Opportunity,
    Seen,
    find,
    get,
    lines_of,
    lock,
    lock_all,
    terms_of,
)

__all__ = [
    "Opportunity",
    "Seen",
    "append_probability",
    "append_stage_change",
    "append_terms",
    "find",
    "follow_activity",
    "follow_manager",
    "get",
    "having_duties",
    "last_probability_change",
    "lines_of",
    "list_opportunities",
    "lock",
    "lock_all",
    "move_duties",
    "pass_duties_on",
    "rename",
    "set_contract",
    "settle_duties",
    "tell_again",
    "tell_new",
    "terms_of",
]
