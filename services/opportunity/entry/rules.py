"""What may come in, and in whose name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import takewhile, zip_longest
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
    """The data tell another history than was told before: what happened is never altered.

    `entry` is the first that differs, counted from 0.
    """

    code = "history_conflict"
    members = ("entry",)

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"Entry {entry} is not what was imported before, and what happened is never altered. Send the history as "
            "it was, with what is new after it.",
            field=f"/history/{entry}",
        )
        self.entry = entry


class HistoryOfNewerFunnel(Conflict):
    """The history is told in the stages of a newer version of the funnel than the opportunity runs on."""

    code = "history_of_newer_funnel"

    def __init__(self, present: int, told: int) -> None:
        super().__init__(
            f"The opportunity runs on version {present} of the funnel and this is told in stages of version {told}: "
            f"tell it in those of version {present}, or have the opportunity moved to version {told} first.",
            field="/funnel_version",
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

    `history_digest` holds eight bytes for each entry. `funnel_version` is that of the stages, where it is told.
    """

    description: Description
    opened_at: datetime | None
    history: Sequence[Entry] = ()
    digest: bytes = b""
    history_digest: bytes = b""
    funnel_version: int | None = None

    @property
    def people(self) -> set[UUID]:
        """Whoever is named as principal owner, at present or before."""
        return {self.description.principal_id} | {one.principal_id for one in self.history if one.principal_id}

    @property
    def customers(self) -> set[UUID]:
        """The customers that are named, at present or before."""
        named = (self.description.customer_id, *(one.customer_id for one in self.history))
        return {each for each in named if each is not None}

    @property
    def products(self) -> set[UUID]:
        """The products that are named, at present or before."""
        named = (self.description.lines, *(one.lines or () for one in self.history))
        return {line.product_id for lines in named for line in lines}


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
        parts = [
            [each[at : at + ENTRY_BYTES] for at in range(0, len(each), ENTRY_BYTES)]
            for each in (told.history_digest, kept)
        ]
        same = takewhile(lambda pair: pair[0] == pair[1], zip_longest(*parts))
        raise HistoryConflict(len(list(same)))
    return told.history[len(kept) // ENTRY_BYTES :]
