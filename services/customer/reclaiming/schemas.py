"""Reclaim rules and notices over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from services.customer.reclaiming.rules import NoticeState, ReclaimRules, ReclaimWhy

Days = Annotated[int, Field(ge=1, le=3650)]


class ReclaimRulesInput(Input):
    """How long a customer may be neglected, from a day on."""

    from_date: date
    is_on: bool = Field(default=True, description="False: nothing is reclaimed.")
    never_won_days: Days = Field(default=180, description="After what last happened with one never won.")
    after_contract_days: Days = Field(default=365, description="After the last contract's end of one won.")
    notice_days: Days = Field(default=14, description="How long before it is announced.")
    reason: Prose

    def as_rules(self) -> ReclaimRules:
        """Return the plain value."""
        days = (self.never_won_days, self.after_contract_days, self.notice_days)
        return ReclaimRules(0, self.is_on, *days)


class ReclaimRulesAnswer(Output):
    """How long a customer may be neglected, from `from_date` until a later version's."""

    number: int
    from_date: date
    is_on: bool
    never_won_days: int
    after_contract_days: int
    notice_days: int
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime


class ReclaimRulesQuery(ListQuery):
    """The versions, the latest first; `sort` takes `number`."""


class ReclaimNoticeQuery(ListQuery):
    """Filters of the notices; `sort` takes `due_on`."""

    state: NoticeState | None = None
    customer_id: UUID | None = None
    account_manager_id: UUID | None = Field(default=None, description="Whom the notice was given to.")
    due_lt: date | None = None


class ReclaimNoticeAnswer(Output):
    """That a customer goes back to the queue on `due_on`, unless something happens; `last_day` is when it last did."""

    id: UUID
    customer_id: UUID
    legal_name: str
    account_manager_id: UUID
    why: ReclaimWhy
    last_day: date
    due_on: date
    rules_number: int = Field(description="The version of the rules; 0 for those that are always there.")
    state: NoticeState
    announced_at: datetime
    ended_at: datetime | None
