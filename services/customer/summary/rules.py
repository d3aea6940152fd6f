"""What is missing or out of date of a customer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

FIELDS = ("city", "phone", "website", "industry", "annual_revenue", "employees")
"""What a record is to say of a company, beside its name and country."""


class SummaryGap(StrEnum):
    """Something that a customer lacks; what its classification lacks is told by itself."""

    NO_ACCOUNT_MANAGER = "no_account_manager"
    NO_TIER = "no_tier"
    NO_CONTACT = "no_contact"
    NO_IDENTIFIER = "no_identifier"
    NO_OPEN_OPPORTUNITY = "no_open_opportunity"
    NO_PLANNED_ACTIVITY = "no_planned_activity"
    OVERDUE_ACTIVITY = "overdue_activity"
    INFORMATION_OLD = "information_old"


@dataclass(frozen=True, slots=True)
class Facts:
    """What gaps are judged by."""

    account_manager_id: UUID | None
    tier: str | None
    contacts: int
    identifiers: int
    open_opportunities: int
    planned_activities: int
    overdue_activities: int
    updated_at: datetime


def gaps_of(facts: Facts, old_before: datetime) -> list[SummaryGap]:
    """Return what a customer lacks."""
    found = {
        SummaryGap.NO_ACCOUNT_MANAGER: facts.account_manager_id is None,
        SummaryGap.NO_TIER: facts.tier is None,
        SummaryGap.NO_CONTACT: not facts.contacts,
        SummaryGap.NO_IDENTIFIER: not facts.identifiers,
        SummaryGap.NO_OPEN_OPPORTUNITY: not facts.open_opportunities,
        SummaryGap.NO_PLANNED_ACTIVITY: not facts.planned_activities,
        SummaryGap.OVERDUE_ACTIVITY: bool(facts.overdue_activities),
        SummaryGap.INFORMATION_OLD: facts.updated_at < old_before,
    }
    return [gap for gap, is_there in found.items() if is_there]


def missing_fields(known: Collection[str]) -> list[str]:
    """Return the fields that a record says nothing of."""
    return [name for name in FIELDS if name not in known]
