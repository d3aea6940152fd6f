"""What an intake is made of, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.customer.customers.rules.values import Reference


class Source(StrEnum):
    """Where information about a company comes from."""

    MARKETING_ACTIVITY = "marketing_activity"
    CHANNEL_PARTNER = "channel_partner"
    ONLINE_SALES = "online_sales"
    WEB_FORM = "web_form"
    SERVICE_REPAIR = "service_repair"
    PURCHASED_LIST = "purchased_list"
    REFERRAL = "referral"
    IMPORT = "import"


KEEPS_UNVERIFIED = frozenset({Source.IMPORT, Source.PURCHASED_LIST})
"""Sources that nobody can ask: an identifier that fails its check is kept, and does not decide."""


class Outcome(StrEnum):
    """What became of an intake: of the check, or in the end of a decision."""

    MATCHED = "matched"
    NEW = "new"
    REVIEW = "review"
    DISMISSED = "dismissed"


class Decision(StrEnum):
    """What a person makes of an intake in the review queue."""

    SAME = "same"
    NEW = "new"
    SITE = "site"
    NOT_A_COMPANY = "not_a_company"


OUTCOME_OF = {
    Decision.SAME: Outcome.MATCHED,
    Decision.NEW: Outcome.NEW,
    Decision.SITE: Outcome.NEW,
    Decision.NOT_A_COMPANY: Outcome.DISMISSED,
}
"""What each decision makes of the intake."""


@dataclass(frozen=True, slots=True)
class TypedIntake:
    """An intake as it came: `content` is what was sent about the company, `personal` what was said of people.

    Attributes:
        source: where it comes from.
        channel_id: the channel partner, where that is the source.
        content: what was sent, without what is personal.
        personal: the person named and the note, or nothing.
        received_on: when the enterprise heard of it, if that was on another day.
        reference: its id where it comes from.
    """

    source: Source
    content: Mapping[str, Any]
    channel_id: UUID | None = None
    personal: Mapping[str, Any] = field(default_factory=dict)
    received_on: date | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that an intake may be of: how sure, from 0 to 1000, and by what."""

    customer_id: UUID
    score: int
    agreed: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the uniqueness check says: the candidates, the likeliest first, and whose the intake is if that is sure."""

    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()

    @property
    def customer_id(self) -> UUID | None:
        """The customer that it is, where that is sure."""
        return self.candidates[0].customer_id if self.outcome is Outcome.MATCHED else None
