"""What people say of the chance to win, over the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output, Prose
from services.opportunity.likelihood import Cause

Ratio = Annotated[DecimalString, Field(ge=0, le=1, decimal_places=4, examples=["0.6"])]


class ProbabilityChangeRequest(Input):
    """How likely a win is, a ratio from 0 to 1, and why; null ends what was said before."""

    probability: Ratio | None = Field(description="0 is a value; null ends it, and the stage's counts again.")
    reason: Prose
    at: AwareDatetime | None = Field(default=None, description="Since when; sales operations only.")


class ProbabilityChangeAnswer(Output):
    """What was said, since when, by whom and why; `probability` null ended it, `cause` tells with what it came."""

    at: datetime
    recorded_at: datetime
    probability: DecimalString | None
    cause: Cause
    reason: str | None
    actor_id: UUID | None
    on_behalf_of: UUID | None


class ProbabilityHistoryQuery(ListQuery):
    """What was said, the oldest first unless sorted otherwise."""
