"""What may happen to a record next, and who decides it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed


class RecordState(StrEnum):
    """Where a record stands. What has left `draft` is never altered: a later revision supersedes it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class ShownState(StrEnum):
    """How a seat looks from outside: `missing` has nothing, `stale` has what does not hold any more."""

    MISSING = "missing"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    STALE = "stale"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Record:
    """A revision of a seat's forecast."""

    id: UUID
    cycle_id: UUID
    seat_id: UUID
    revision: int
    state: RecordState
    gathered_at: datetime
    submitted_at: datetime | None

    @property
    def handed_in_at(self) -> datetime | None:
        """When it was handed in, unless it was sent back: then its holder has handed in nothing."""
        return None if self.state == RecordState.RETURNED else self.submitted_at


class StaleRecord(Conflict):
    """Something below has changed since the record gathered it."""

    code = "stale_record"

    def __init__(self) -> None:
        super().__init__("Something below has changed since this was gathered: gather again (POST …/forecasts).")


class WrongState(Conflict):
    """The record's state does not allow this; `state` is the present one."""

    code = "wrong_record_state"
    members: ClassVar[tuple[str, ...]] = ("state",)

    def __init__(self, state: RecordState, needed: str) -> None:
        super().__init__(f"The forecast is {state}; this needs one that is {needed}.")
        self.state = state.value


class NotYourRecord(NotAllowed):
    """Only who holds the seat gathers, adjusts and submits."""

    code = "not_your_forecast"


class NotDirectSuperior(NotAllowed):
    """Only the direct superior in the frozen line approves or returns a forecast."""

    code = "not_direct_superior"


class OwnMatter(NotAllowed):
    """Nobody decides on their own matter."""

    code = "own_matter"

    def __init__(self) -> None:
        super().__init__("Nobody decides on their own forecast, also not when standing in for a superior.")


def shown_state(state: RecordState | None, *, is_stale: bool) -> ShownState:
    """Return how a seat's latest record that counts is shown."""
    if state is None or state is RecordState.SUPERSEDED:
        return ShownState.MISSING
    if is_stale and state in (RecordState.SUBMITTED, RecordState.APPROVED, RecordState.DRAFT):
        return ShownState.STALE
    return ShownState(state.value)


def is_gatherable(state: RecordState, *, is_stale: bool) -> bool:
    """Tell whether the level above may take the record: submitted (or approved) and still true."""
    return state in (RecordState.SUBMITTED, RecordState.APPROVED) and not is_stale


def check_holder(viewer_id: UUID, holder_id: UUID) -> None:
    """Refuse work on a record by anybody but who holds its seat."""
    if viewer_id != holder_id:
        raise NotYourRecord("Only who holds the seat gathers, adjusts and submits its forecast.")


def check_revisable(state: RecordState | None, *, is_stale: bool) -> None:
    """Refuse a new revision of what is approved and still true: its superior returns it first."""
    if state is RecordState.APPROVED and not is_stale:
        raise WrongState(state, "not approved, or returned by the superior")


def check_adjustable(state: RecordState, *, is_stale: bool) -> None:
    """Refuse to adjust what is submitted, or what was gathered before something below changed."""
    _check_state(state, RecordState.DRAFT)
    _check_fresh(is_stale=is_stale)


def check_submittable(state: RecordState, *, is_stale: bool) -> None:
    """Refuse to submit what is submitted, or what does not hold any more."""
    _check_state(state, RecordState.DRAFT)
    _check_fresh(is_stale=is_stale)


def check_approvable(state: RecordState, *, is_stale: bool) -> None:
    """Refuse to approve what is not submitted, or does not hold any more."""
    _check_state(state, RecordState.SUBMITTED)
    _check_fresh(is_stale=is_stale)


def check_returnable(state: RecordState) -> None:
    """Refuse to send back what was not handed in."""
    if state not in (RecordState.SUBMITTED, RecordState.APPROVED):
        raise WrongState(state, "submitted or approved")


def check_handed_in(submitted_at: datetime | None, state: RecordState) -> None:
    """Refuse to read the lines of what was never handed in."""
    if submitted_at is None:
        raise WrongState(state, "submitted")


def check_decider(
    person_ids: frozenset[UUID], *, holder_id: UUID, superior_holder_id: UUID | None, may_decide_on_tops: bool
) -> None:
    """Refuse a decision by anybody but the direct superior; on a top record, by who may decide on tops.

    `person_ids` are who acts and, if they stand in, for whom: neither may be the holder.
    """
    if holder_id in person_ids:
        raise OwnMatter
    if superior_holder_id is None and may_decide_on_tops:
        return
    if superior_holder_id is None or superior_holder_id not in person_ids:
        raise NotDirectSuperior(
            "The direct superior in the frozen line decides; on a top record the unit's head or sales operations."
        )


def _check_state(state: RecordState, needed: RecordState) -> None:
    if state is not needed:
        raise WrongState(state, needed.value)


def _check_fresh(*, is_stale: bool) -> None:
    if is_stale:
        raise StaleRecord
