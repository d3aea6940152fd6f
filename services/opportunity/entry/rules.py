"""What may come in, and in whose name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.opportunity.funnel.rules.imported import Entry
from services.opportunity.opportunities.rules import Line
from services.opportunity.refusals import MayNotDo
from services.opportunity.vocabulary import Origin


class MayNotName(NotAllowed):
    """They may not make that person principal of a new opportunity."""

    code = "may_not_name_principal"

    def __init__(self) -> None:
        super().__init__(
            "You can name yourself or somebody who reports to you as the first principal owner.", field="/principal_id"
        )


class PrincipalConflict(Conflict):
    """The data name another principal than the present one: only a superior changes the principal."""

    code = "principal_conflict"
    members = ("present_principal_id",)

    def __init__(self, present: UUID) -> None:
        super().__init__(
            "The data name another principal owner; only a superior of the present one can replace them.",
            field="/principal_id",
        )
        self.present_principal_id = present


class HistoryConflict(Conflict):
    """The data tell another history than was told before: what happened is never altered."""

    code = "history_conflict"

    def __init__(self) -> None:
        super().__init__(
            "The history differs from what was imported before; it can only be continued.", field="/history"
        )


class ReferenceRepeated(RuleViolated):
    """A batch holds the same reference twice."""

    code = "reference_repeated"

    def __init__(self) -> None:
        super().__init__("This reference comes earlier in the same batch.", field="/external_reference")


@dataclass(frozen=True, slots=True)
class Description:
    """What is told of an opportunity; `amount` is None where unknown."""

    name: str
    principal_id: UUID
    currency: str
    customer_id: UUID | None = None
    amount: Decimal | None = None
    amount_is_estimate: bool = False
    amount_from_list_price: bool = False
    expected_close: date | None = None
    lines: Sequence[Line] = ()
    origin: Origin = Origin.ENTERED
    system: str | None = None
    external_id: str | None = None
    contract_until: date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A description with its history, as another system tells it; the digests say whether it was told before.

    `history_digest` holds eight bytes for each entry.
    """

    description: Description
    opened_at: datetime | None
    history: Sequence[Entry] = ()
    digest: bytes = b""
    history_digest: bytes = b""


ENTRY_BYTES = 8


def check_may_name(principal_id: UUID, viewer_id: UUID | None, below: bool, *, operations: bool) -> None:
    """Refuse a first principal who is neither oneself nor reports to one, unless one keeps the house's data."""
    if not (operations or below or principal_id == viewer_id):
        raise MayNotName


def check_may_import(*, operations: bool) -> None:
    """Refuse whoever does not keep the house's data."""
    if not operations:
        raise MayNotDo("Sales operations import opportunities.")


def new_entries(told: Told, kept: bytes) -> Sequence[Entry]:
    """Return the entries that were not told before.

    Raises:
        HistoryConflict: what was told before is told otherwise now.
    """
    if not told.history_digest.startswith(kept):
        raise HistoryConflict
    return told.history[len(kept) // ENTRY_BYTES :]


def amounts_over_time(
    history: Sequence[Entry], begun: datetime, present: Decimal | None
) -> list[tuple[datetime, Decimal | None]]:
    """Return the amounts with the instant from which each holds, the first from the beginning on.

    Where no entry names an amount, the present one holds from the beginning; else it is unknown before the first.
    """
    named = [(entry.at, entry.amount) for entry in history if entry.amount is not None]
    if not named:
        return [(begun, present)]
    found: list[tuple[datetime, Decimal | None]] = [] if named[0][0] <= begun else [(begun, None)]
    for at, amount in named:
        if not found or found[-1][1] != amount:
            found.append((max(at, begun), amount))
    if present is not None and found[-1][1] != present:
        found.append((max(history[-1].at, begun), present))
    return found
