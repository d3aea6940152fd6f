"""Moves to another version of the funnel over the wire."""

from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import Input, Prose
from services.opportunity.funnel_moves.rules import Asked


class FunnelMoveItem(Input):
    """An opportunity that is to run on a newer version of the funnel."""

    opportunity_id: UUID
    to_version: int = Field(ge=1, le=2**31 - 1, examples=[2])
    reason: Prose

    def as_asked(self) -> Asked:
        """Return the plain value."""
        return Asked(self.opportunity_id, self.to_version, self.reason)
