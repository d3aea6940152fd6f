"""Is a history that comes from elsewhere possible? It is walked from its beginning, and the first nonsense is named.

Entries are in order; equal instants keep the order in which they came. What cannot have been is refused, never
repaired: a decision before the beginning, a date in the future, a move after the end without a reopening.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from servicekit.values.errors import KeyaccountError, RuleViolated
from services.opportunity.definitions.rules import Definition
from services.opportunity.funnel.rules.moves import LossReason, Outcome
from services.opportunity.opportunities.rules import Line
from services.opportunity.vocabulary import State

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a history says of one instant: a stage entered, an outcome, or what else is another from then on."""

    at: datetime
    to_stage: str | None = None
    outcome: Outcome | None = None
    loss_reason: LossReason | None = None
    win_reason: str | None = None
    reason: str | None = None
    amount: Decimal | None = None
    principal_id: UUID | None = None
    expected_close: date | None = None
    customer_id: UUID | None = None
    lines: tuple[Line, ...] | None = None

    @property
    def changes_terms(self) -> bool:
        """Whether it names more than a stage or an outcome."""
        return not (
            self.amount is None
            and self.principal_id is None
            and self.expected_close is None
            and self.customer_id is None
            and self.lines is None
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A change of stage or state as it is kept; `from_stage` is None for the beginning."""

    at: datetime
    from_stage: str | None
    to_stage: str
    from_state: State | None
    to_state: State
    loss_reason: str | None = None
    win_reason: str | None = None
    reason: str | None = None
    amount: Decimal | None = None


class HistoryNotPossible(RuleViolated):
    """The history holds something that cannot have been; `entry` counts from 0."""

    members = ("entry",)

    def __init__(self, message: str, entry: int, name: str = "at") -> None:
        super().__init__(message, field=f"/history/{entry}/{name}")
        self.entry = entry


class HistoryOutOfOrder(HistoryNotPossible):
    """An entry lies before the one that precedes it."""

    code = "history_out_of_order"


class HistoryInFuture(HistoryNotPossible):
    """An entry lies in the future."""

    code = "history_in_future"


class HistoryTooEarly(HistoryNotPossible):
    """An entry lies before 1970: a date misread."""

    code = "history_too_early"


class DecidedBeforeOpened(HistoryNotPossible):
    """A decision lies before the opportunity was opened."""

    code = "decided_before_opened"


class HistoryEntryUnclear(HistoryNotPossible):
    """An entry names a stage and an outcome, nothing at all, or an unknown stage."""

    code = "history_entry_unclear"


class HistoryAfterEnd(HistoryNotPossible):
    """An outcome follows an outcome without a stage in between."""

    code = "history_after_end"


class OpenedInFuture(RuleViolated):
    """It is said to have been opened in the future."""

    code = "opened_in_future"

    def __init__(self) -> None:
        super().__init__("It cannot have been opened in the future.", field="/opened_on")


class OpenedTooEarly(RuleViolated):
    """It is said to have been opened before 1970: a date misread."""

    code = "opened_too_early"

    def __init__(self) -> None:
        super().__init__("It is said to have been opened before 1970: see how the date is written.", field="/opened_on")


@contextmanager
def at_entry(index: int) -> Iterator[None]:
    """Let what is refused within name the entry of the history that is to blame."""
    try:
        yield
    except KeyaccountError as error:
        error.field = f"/history/{index}{error.field or ''}"
        raise


def walk(definition: Definition, entries: Sequence[Entry], opened_at: datetime | None, now: datetime) -> list[Step]:
    """Return the changes that a history amounts to; one that changes no stage makes no step.

    Args:
        definition: the funnel that the stages are of.
        entries: in order.
        opened_at: the beginning, if the data name one; else the first entry, else now.
        now: nothing lies later.
    """
    _check_instants(entries, opened_at, now)
    begun = opened_at or (entries[0].at if entries else now)
    first = entries[0] if entries else None
    steps: list[Step] = []
    if first is None or first.to_stage is None or (opened_at is not None and first.at > opened_at):
        steps.append(Step(begun, None, definition.first.key, None, State.OPEN))
    for index, entry in enumerate(entries):
        step = _step(definition, steps[-1] if steps else None, entry, index)
        if step is not None:
            steps.append(step)
    return steps


def continue_walk(
    definition: Definition,
    last: Step,
    entries: Sequence[Entry],
    offset: int,
    now: datetime,
    *,
    told_until: datetime | None = None,
) -> list[Step]:
    """Return the changes that new entries add to a history that is kept already.

    Args:
        definition: the funnel that the stages are of.
        last: where the opportunity stands, by whoever moved it there last.
        entries: in order.
        offset: counts the entries that are kept.
        now: nothing lies later.
        told_until: the instant of the last entry that is kept; None: that of `last`.
    """
    before = told_until or last.at
    current = last
    steps: list[Step] = []
    for place, entry in enumerate(entries, start=offset):
        moves = entry.to_stage is not None or entry.outcome is not None
        _check_instant(entry, max(before, current.at) if moves else before, now, place)
        before = entry.at
        step = _step(definition, current, entry, place)
        if step is not None:
            steps.append(step)
            current = step
    return steps


def _check_instants(entries: Sequence[Entry], opened_at: datetime | None, now: datetime) -> None:
    if opened_at is not None and opened_at > now:
        raise OpenedInFuture
    if opened_at is not None and opened_at < EARLIEST:
        raise OpenedTooEarly
    before: datetime | None = None
    for index, entry in enumerate(entries):
        if opened_at is not None and entry.at < opened_at:
            if entry.outcome is not None:
                raise DecidedBeforeOpened(
                    f"It was decided at {entry.at.isoformat()}, before it was opened at {opened_at.isoformat()}.", index
                )
            raise HistoryOutOfOrder("This lies before the opportunity was opened.", index)
        _check_instant(entry, before, now, index)
        before = entry.at


def _check_instant(entry: Entry, before: datetime | None, now: datetime, index: int) -> None:
    if entry.at < EARLIEST:
        raise HistoryTooEarly(f"{entry.at.isoformat()} is before 1970.", index)
    if entry.at > now:
        raise HistoryInFuture(f"{entry.at.isoformat()} lies in the future.", index)
    if before is not None and entry.at < before:
        if entry.outcome is not None:
            raise DecidedBeforeOpened(
                f"It was decided at {entry.at.isoformat()}, before what precedes it at {before.isoformat()}.", index
            )
        raise HistoryOutOfOrder(
            f"{entry.at.isoformat()} lies before what precedes it at {before.isoformat()}: a history is told in order.",
            index,
        )


def check_open_stage(definition: Definition, key: str, index: int) -> None:
    """Refuse a stage in which no open opportunity stands in a version of the funnel."""
    stages = [stage.key for stage in definition.open_stages]
    if key not in stages:
        raise HistoryEntryUnclear(
            f"'{key}' is no stage in which an open opportunity stands in version {definition.version} of "
            f"the funnel: name one of {', '.join(stages)}.",
            index,
            "to_stage",
        )


def _step(definition: Definition, last: Step | None, entry: Entry, index: int) -> Step | None:
    if entry.to_stage is not None and entry.outcome is not None:
        raise HistoryEntryUnclear("An entry names a stage or an outcome, not both.", index, "to_stage")
    if entry.outcome is not None:
        return _outcome(definition, last, entry, index)
    if entry.to_stage is None:
        if not entry.changes_terms:
            raise HistoryEntryUnclear(
                "An entry names a stage, an outcome, or an amount, principal owner, expected close, customer or lines.",
                index,
                "to_stage",
            )
        return None
    check_open_stage(definition, entry.to_stage, index)
    if entry.loss_reason is not None or entry.win_reason is not None:
        raise HistoryEntryUnclear("Only an outcome has a loss or win reason.", index, "loss_reason")
    if last is not None and (last.to_stage, last.to_state) == (entry.to_stage, State.OPEN):
        return None
    return Step(
        entry.at,
        last.to_stage if last else None,
        entry.to_stage,
        last.to_state if last else None,
        State.OPEN,
        reason=entry.reason,
        amount=entry.amount,
    )


def _outcome(definition: Definition, last: Step | None, entry: Entry, index: int) -> Step:
    if last is None:
        raise HistoryEntryUnclear("A history cannot begin with its outcome.", index, "outcome")
    if last.to_state is not State.OPEN:
        raise HistoryAfterEnd(f"It was {last.to_state} already.", index, "outcome")
    won = entry.outcome is Outcome.WON
    if (won and entry.loss_reason is not None) or (not won and entry.win_reason is not None):
        raise HistoryEntryUnclear("The reason is one of the other outcome.", index, "outcome")
    return Step(
        entry.at,
        last.to_stage,
        definition.close.key if won else last.to_stage,
        State.OPEN,
        State.WON if won else State.LOST,
        loss_reason=None if won else (entry.loss_reason or LossReason.NOT_RECORDED),
        win_reason=entry.win_reason,
        reason=entry.reason,
        amount=entry.amount,
    )
