"""What was told of health over the wire."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Output
from services.opportunity.funnel.rules.health import HealthState
from services.opportunity.scopes.rules import ScopeKind


class HealthNoticeKind(StrEnum):
    """A stage is good and falls, or it has come below 70 %."""

    FALLING = "falling"
    WARNING = "warning"


class HealthNoticeQuery(ListQuery):
    """Whose; `sort` takes `at`, the latest first unless said otherwise."""

    person_id: UUID | None = Field(default=None, description="Only about the funnels of this person.")
    stage: str | None = Field(default=None, max_length=100)
    kind: HealthNoticeKind | None = None


class HealthNoticeAnswer(Output):
    """A stage of somebody's funnel has turned bad: told to them and to their superior, once each time.

    `state_before` is what the look before had found; `health_before` is of the same relative day a quarter before.
    """

    id: UUID
    day: date
    scope_kind: ScopeKind
    person_id: UUID
    superior_id: UUID | None
    stage: str
    kind: HealthNoticeKind
    state: HealthState
    state_before: HealthState
    health: DecimalString | None
    health_before: DecimalString | None
    at: datetime
