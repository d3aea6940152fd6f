"""New and imported opportunities over the wire."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from servicekit.values.dates import business_date, start_of_day
from servicekit.web.schemas import Currency, ExternalReference, Input, Prose
from servicekit.web.schemas import Line as TextLine
from services.opportunity.entry.rules import ENTRY_BYTES, Description, Told
from services.opportunity.funnel.rules.imported import Entry, at_entry
from services.opportunity.funnel.rules.moves import LossReason, Outcome
from services.opportunity.opportunities.rules import Line, agreed_line, check_amount
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
            lines=_agreed(self.lines, self.currency),
            origin=origin,
            system=reference.system if reference else None,
            external_id=reference.id if reference else None,
        )


class OpportunityRequest(OpportunityFields):
    """A new opportunity; its principal owner is whoever enters it, unless they name somebody who reports to them."""

    principal_id: UUID | None = None
    stage: str | None = Field(default=None, max_length=100, description="The first of the funnel unless given.")
    criteria: list[str] = Field(default_factory=list, max_length=100, description="Duties that are done already.")
    external_reference: ExternalReference | None = None


def _one_complaint(given: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(given)
    except ValidationError as error:
        raise PydanticCustomError(
            "instant_or_date", "say an instant with its time zone (2026-02-03T10:00:00+08:00), or a date (2026-02-03)"
        ) from error


InstantOrDate = Annotated[AwareDatetime | date, WrapValidator(_one_complaint)]


class HistoryEntry(Input):
    """What happened at an instant: a stage entered or an outcome, and what else is another from then on.

    A date means its first instant, or that of the entry before, if that lies on the same day. Null says nothing.
    """

    at: InstantOrDate
    to_stage: Annotated[str, Field(max_length=100)] | None = None
    outcome: Outcome | None = None
    loss_reason: LossReason | None = None
    win_reason: Prose | None = None
    reason: Prose | None = None
    amount: Amount | None = None
    recorded_reason: Prose | None = None
    principal_id: UUID | None = Field(
        default=None, description="Principal owner from then on; the first is named at the beginning."
    )
    expected_close: date | None = Field(default=None, description="Expected close from then on.")
    customer_id: UUID | None = Field(default=None, description="For whom it is from then on.")
    lines: Lines | None = Field(default=None, description="The product lines from then on, as a whole.")

    @model_serializer(mode="wrap")
    def _without_silence(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out later additions where they say nothing: the digest of an entry told before them stays its own."""
        told: dict[str, Any] = serialize(self)
        return {name: value for name, value in told.items() if not (name in _LATER and value is None)}

    def as_entry(self, at: datetime, currency: str) -> Entry:
        """Return the plain value; `at` is the instant that is meant."""
        lines = None if self.lines is None else _agreed(self.lines, currency)
        return Entry(
            at,
            self.to_stage,
            self.outcome,
            self.loss_reason,
            self.win_reason,
            self.reason or self.recorded_reason,
            check_amount(money_of(self.amount, currency), currency),
            self.principal_id,
            self.expected_close,
            self.customer_id,
            lines,
        )


_LATER = frozenset({"principal_id", "expected_close", "customer_id", "lines"})


class OpportunityImport(OpportunityFields):
    """An opportunity as another system tells it, with its history in order."""

    principal_id: UUID
    opened_on: date | None = None
    origin: Origin = Origin.IMPORTED
    history: list[HistoryEntry] = Field(
        default_factory=list, max_length=500, description="In order; of equal instants the later one counts."
    )
    contract_until: date | None = Field(default=None, description="The last day of the contract, of what is won.")
    funnel_version: int | None = Field(
        default=None,
        ge=1,
        le=2**31 - 1,
        description="Of which published version of the funnel the stages of the history are; a new one runs on it. The "
        "current one unless given, or that on which the opportunity runs.",
    )

    @property
    def customers(self) -> set[UUID]:
        """The customers that are named, at present or before."""
        named = (self.customer_id, *(entry.customer_id for entry in self.history))
        return {each for each in named if each is not None}

    def told(self, reference: ExternalReference, zone: ZoneInfo) -> Told:
        """Return the plain value with its digests."""
        entries = self._entries(zone)
        return Told(
            replace(self.described(self.principal_id, self.origin, reference), contract_until=self.contract_until),
            self._opened_at(entries, zone),
            entries,
            blake2b(self.model_dump_json(exclude=self._silent()).encode(), digest_size=16).digest(),
            b"".join(_digest(entry) for entry in self.history),
            self.funnel_version,
        )

    def _silent(self) -> set[str]:
        """Return later additions that say nothing: the digest of what was told before them stays its own."""
        return {"funnel_version"} if self.funnel_version is None else set()

    def _entries(self, zone: ZoneInfo) -> list[Entry]:
        entries: list[Entry] = []
        for index, entry in enumerate(self.history):
            at = _instant(entry.at, zone, entries[-1].at if entries else None)
            with at_entry(index):
                entries.append(entry.as_entry(at, self.currency))
        return entries

    def _opened_at(self, entries: list[Entry], zone: ZoneInfo) -> datetime | None:
        if self.opened_on is None:
            return None
        opened_at = start_of_day(self.opened_on, zone)
        same_day = entries and self.opened_on in {business_date(entries[0].at, zone), entries[0].at.date()}
        return min(opened_at, entries[0].at) if same_day else opened_at


class OpportunityItem(OpportunityImport):
    """An opportunity of a batch, known by its reference."""

    external_reference: ExternalReference


def _instant(at: datetime | date, zone: ZoneInfo, before: datetime | None) -> datetime:
    if isinstance(at, datetime):
        return at
    return before if before is not None and business_date(before, zone) == at else start_of_day(at, zone)


def _agreed(lines: Sequence[OpportunityLineInput], currency: str) -> tuple[Line, ...]:
    return tuple(agreed_line(**line.as_values(currency), currency=currency) for line in lines)


def _digest(entry: HistoryEntry) -> bytes:
    return blake2b(entry.model_dump_json().encode(), digest_size=ENTRY_BYTES).digest()
