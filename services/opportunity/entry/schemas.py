"""New and imported opportunities over the wire."""

from dataclasses import replace
from datetime import date, datetime
from hashlib import blake2b
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from servicekit.values.dates import business_date, start_of_day
from servicekit.web.schemas import Currency, ExternalReference, Input, Prose
from servicekit.web.schemas import Line as TextLine
from services.opportunity.entry.rules import ENTRY_BYTES, Description, Told
from services.opportunity.funnel.rules.imported import Entry
from services.opportunity.funnel.rules.moves import LossReason, Outcome
from services.opportunity.opportunities.rules import agreed_line, check_amount
from services.opportunity.vocabulary import Origin
from services.opportunity.wire import Amount, OpportunityLineInput, money_of

Lines = Annotated[list[OpportunityLineInput], Field(max_length=200)]


class OpportunityFields(Input):
    """What every new opportunity is described by."""

    name: TextLine = Field(examples=["Outsoles for the spring line"])
    customer_id: UUID | None = Field(default=None, description="Null: it waits for its customer in the queue.")
    currency: Currency = Field(examples=["CNY"])
    amount: Amount | None = Field(default=None, description="Null where unknown, which is not 0.")
    amount_is_estimate: bool = False
    amount_from_list_price: bool = Field(
        default=False, description="Let list prices stand in for an unknown amount, marked as an estimate."
    )
    expected_close: date | None = None
    lines: Lines = Field(default_factory=list)

    def described(self, principal_id: UUID, origin: Origin, reference: ExternalReference | None) -> Description:
        """Return the plain value, refused where an amount cannot be."""
        return Description(
            name=self.name,
            principal_id=principal_id,
            currency=self.currency,
            customer_id=self.customer_id,
            amount=check_amount(money_of(self.amount, self.currency), self.currency),
            amount_is_estimate=self.amount_is_estimate,
            amount_from_list_price=self.amount_from_list_price,
            expected_close=self.expected_close,
            lines=[agreed_line(**line.as_values(self.currency), currency=self.currency) for line in self.lines],
            origin=origin,
            system=reference.system if reference else None,
            external_id=reference.id if reference else None,
        )


class OpportunityRequest(OpportunityFields):
    """A new opportunity; its principal owner is whoever enters it, unless they name somebody who reports to them."""

    principal_id: UUID | None = None
    stage: str = Field(default="find_contact", max_length=100)
    criteria: list[str] = Field(default_factory=list, max_length=100, description="Duties that are done already.")
    external_reference: ExternalReference | None = None


class HistoryEntry(Input):
    """What happened at an instant: a stage entered, an outcome, or an amount; a date means its first instant."""

    at: AwareDatetime | date
    to_stage: Annotated[str, Field(max_length=100)] | None = None
    outcome: Outcome | None = None
    loss_reason: LossReason | None = None
    win_reason: Prose | None = None
    reason: Prose | None = None
    amount: Amount | None = None
    recorded_reason: Prose | None = None

    def as_entry(self, currency: str, zone: ZoneInfo) -> Entry:
        """Return the plain value."""
        return Entry(
            _instant(self.at, zone),
            self.to_stage,
            self.outcome,
            self.loss_reason,
            self.win_reason,
            self.reason or self.recorded_reason,
            check_amount(money_of(self.amount, currency), currency),
        )


class OpportunityImport(OpportunityFields):
    """An opportunity as another system tells it, with its history in order."""

    principal_id: UUID
    opened_on: date | None = None
    origin: Origin = Origin.IMPORTED
    history: list[HistoryEntry] = Field(default_factory=list, max_length=500)
    contract_until: date | None = Field(default=None, description="The last day of the contract, of what is won.")

    def told(self, reference: ExternalReference, zone: ZoneInfo) -> Told:
        """Return the plain value with its digests."""
        entries = [entry.as_entry(self.currency, zone) for entry in self.history]
        return Told(
            replace(self.described(self.principal_id, self.origin, reference), contract_until=self.contract_until),
            self._opened_at(entries, zone),
            entries,
            blake2b(self.model_dump_json().encode(), digest_size=16).digest(),
            b"".join(_digest(entry) for entry in self.history),
        )

    def _opened_at(self, entries: list[Entry], zone: ZoneInfo) -> datetime | None:
        if self.opened_on is None:
            return None
        opened_at = start_of_day(self.opened_on, zone)
        same_day = entries and self.opened_on in {business_date(entries[0].at, zone), entries[0].at.date()}
        return min(opened_at, entries[0].at) if same_day else opened_at


class OpportunityItem(OpportunityImport):
    """An opportunity of a batch, known by its reference."""

    external_reference: ExternalReference


def _instant(at: datetime | date, zone: ZoneInfo) -> datetime:
    return at if isinstance(at, datetime) else start_of_day(at, zone)


def _digest(entry: HistoryEntry) -> bytes:
    return blake2b(entry.model_dump_json().encode(), digest_size=ENTRY_BYTES).digest()
