"""Moves to another version of the funnel over the wire."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import Input, Prose
from services.opportunity.funnel_moves.rules import Asked
from services.opportunity.funnel_moves.store import Running
from services.opportunity.scopes.rules import ScopeIncomplete


class FunnelMoveItem(Input):
    """An opportunity that is to run on a newer version of the funnel."""

    opportunity_id: UUID
    to_version: int = Field(ge=1, le=2**31 - 1, examples=[2])
    reason: Prose

    def as_asked(self) -> Asked:
        """Return the plain value."""
        return Asked(self.opportunity_id, self.to_version, self.reason)


class FunnelMoveRequest(Input):
    """Everything that runs on an older version of the funnel, or what is a person's or their line's of it."""

    from_version: int = Field(ge=1, le=2**31 - 1, examples=[1])
    reason: Prose
    scope: Literal["everything", "subtree", "person"] = Field(
        default="everything", description="By the principal owners of the moment."
    )
    person_id: UUID | None = Field(default=None, description="Of a person or subtree.")

    def as_running(self) -> Running:
        """Return the plain value.

        Raises:
            ScopeIncomplete: it does not say whose.
        """
        if self.scope != "everything" and self.person_id is None:
            raise ScopeIncomplete("person_id", field="/person_id")
        return Running(self.from_version, self.scope, self.person_id)
