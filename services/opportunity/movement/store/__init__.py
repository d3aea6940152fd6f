"""Questions about what moved between two days."""

from services.opportunity.movement.store.groups import Question, alike_between
from services.opportunity.movement.store.listing import MovedOpportunity, list_moved, sorting

__all__ = ["MovedOpportunity", "Question", "alike_between", "list_moved", "sorting"]
