"""What held from when on, by a history that names it: amount, expected close, customer, lines, principal owner."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.opportunity.entry.rules import Description
from services.opportunity.funnel.rules.imported import Entry, HistoryNotPossible
from services.opportunity.opportunities.rules import Line


class HistoryPrincipalUnclear(HistoryNotPossible):
    """A history names principal owners, and not who it was at its beginning, or another than the present one last."""

    code = "history_principal_unclear"

    def __init__(self, message: str, entry: int) -> None:
        super().__init__(message, entry, "principal_id")


@dataclass(frozen=True, slots=True)
class Agreed:
    """The terms that a history can tell of; `amount` and `expected_close` are None where unknown."""

    amount: Decimal | None = None
    expected_close: date | None = None
    customer_id: UUID | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """A principal owner from an instant on, and why."""

    from_at: datetime
    principal_id: UUID
    reason: str | None = None


AGREED = tuple(each.name for each in fields(Agreed))
_UNKNOWN = Agreed()


def named_by(entry: Entry) -> dict[str, Any]:
    """Return the terms that an entry names."""
    return {name: told for name in AGREED if (told := getattr(entry, name)) is not None}


def terms_over_time(history: Sequence[Entry], begun: datetime, present: Agreed) -> list[tuple[datetime, Agreed]]:
    """Return the terms with the instant from which each holds, the first from the beginning on.

    What no entry names is from the beginning as it is at present. What entries name is unknown before the first that
    does; the present value, where it is told and is another than the last one named, holds from the last entry on.
    """
    named = {name for entry in history for name in named_by(entry)}
    found = [(begun, replace(present, **{name: getattr(_UNKNOWN, name) for name in named}))]
    if not named:
        return found
    at_beginning = True
    for entry in history:
        at_beginning = at_beginning and entry.at <= begun
        changed = replace(found[-1][1], **named_by(entry))
        if at_beginning:
            found = [(begun, changed)]
        elif changed != found[-1][1]:
            found.append((entry.at, changed))
    at_last = {name: value for name in named if (value := getattr(present, name)) != getattr(_UNKNOWN, name)}
    changed = replace(found[-1][1], **at_last)
    if changed != found[-1][1]:
        found.append((max(history[-1].at, begun), changed))
    return found


def principals_over_time(history: Sequence[Entry], begun: datetime, present: UUID) -> list[Owned]:
    """Return who was principal owner from when on; without a word of it, the present one from the beginning.

    Raises:
        HistoryPrincipalUnclear: nobody is named at the beginning, or somebody else than the present one is named last.
    """
    named = [(index, entry) for index, entry in enumerate(history) if entry.principal_id is not None]
    if not named:
        return [Owned(begun, present)]
    index, first = named[0]
    if first.at > begun:
        raise HistoryPrincipalUnclear(
            f"Nobody is named as principal owner from {begun.isoformat()} to {first.at.isoformat()}: "
            "name the first one in an entry at the beginning.",
            index,
        )
    found: list[Owned] = []
    for _, entry in named:
        assert entry.principal_id is not None  # noqa: S101 (narrowing: only such are named)
        if not found or found[-1].principal_id != entry.principal_id:
            found.append(Owned(max(entry.at, begun), entry.principal_id, entry.reason))
    if found[-1].principal_id != present:
        raise HistoryPrincipalUnclear(
            "This is the last principal owner that the history names, and principal_id names another as the present "
            "one: add the entry by which they took over.",
            named[-1][0],
        )
    return found


def as_last_told(description: Description, history: Sequence[Entry]) -> Description:
    """Return the description with what its history named last, where it is silent on that itself."""
    present = Agreed(description.amount, description.expected_close, description.customer_id, tuple(description.lines))
    if not history:
        return description
    last = terms_over_time(history, history[0].at, present)[-1][1]
    return replace(description, **{name: getattr(last, name) for name in AGREED})
