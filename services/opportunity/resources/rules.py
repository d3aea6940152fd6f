"""Who may approve that sales resources are used, and how far up the line a request goes.

The house sets a limit for each level (`KEYACCOUNT_RESOURCE_LIMITS`): the first superior decides alone up to the first
limit, the second up to the second, and whoever stands above all limits on anything. Without limits the first superior's
approval suffices; the top of the line decides on whatever gets there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RecordedRefusal, RuleViolated
from services.opportunity.funnel.rules.refusals import OpportunityClosed
from services.opportunity.vocabulary import State


class RequestState(StrEnum):
    """How a request stands: it waits for a superior, was decided on, or is back with who asked."""

    REQUESTED = "requested"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RequestStep(StrEnum):
    """What was done with a request; `passed_up` is an approval that needs a higher one."""

    REQUESTED = "requested"
    PASSED_UP = "passed_up"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ResourceUnspecified(RuleViolated):
    """A request says how much: money, or a quantity with its unit."""

    code = "resource_unspecified"


class NeededTooSoon(RuleViolated):
    """What is asked for is needed today or later."""

    code = "needed_on_not_possible"

    def __init__(self) -> None:
        super().__init__("This day is over: say a day from today on.", field="/needed_on")


class RequestNotWaiting(Conflict):
    """The request is not in a state in which this can be done with it."""

    code = "request_not_waiting"

    def __init__(self, state: str, way_out: str) -> None:
        super().__init__(f"The request is {state}: {way_out}.")


class RequesterUnknown(NotAllowed):
    """A request is a person's: somebody stands above them who decides on it."""

    code = "requester_unknown"

    def __init__(self) -> None:
        super().__init__("A program asks for no resources: let the person do so whose opportunity it is.")


class RequestNotYours(NotAllowed):
    """Only who asked takes a request back or asks again."""

    code = "request_not_yours"

    def __init__(self) -> None:
        super().__init__("Only who asked, or the principal owner, takes the request back or asks again.")


class ResourcesNotYours(RecordedRefusal):
    """Resources are approved by superiors of who asked for them, up the reporting line."""

    code = "approval_not_allowed"
    aggregate: ClassVar[str] = "opportunity"


class OwnResources(ResourcesNotYours):
    """Nobody decides on their own matter."""

    code = "own_matter"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: money, a quantity with its unit, or both; by when, and why."""

    what: str
    amount: Decimal | None
    currency: str | None
    quantity: Decimal | None
    unit: str | None
    needed_on: date
    why: str


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: `person_id` acts, perhaps standing in for `on_behalf_of`; `is_admin` only in their own name."""

    person_id: UUID
    on_behalf_of: UUID | None
    is_admin: bool

    @property
    def stands_for(self) -> UUID:
        """Whose authority is used."""
        return self.on_behalf_of or self.person_id


@dataclass(frozen=True, slots=True)
class Matter:
    """A request before its judges.

    Attributes:
        opportunity_id: for the record of a refusal.
        concerned: who asked, who filed it for them, and the principal owner: none of them decides.
        line: who stands above whom it concerns, the direct superior first, as the org chart says at this moment.
        waits_below: who approved last, or from whom the line begins.
    """

    opportunity_id: UUID
    concerned: Collection[UUID]
    line: Sequence[UUID]
    waits_below: UUID


def line_begins(requester: UUID, principal: UUID, superiors: Collection[UUID]) -> UUID:
    """Return from whom the line goes up: a principal owner above who asks is passed by, with everybody below them."""
    return principal if principal in superiors else requester


def check_request(state: State, wanted: Wanted, today: date) -> None:
    """Refuse a request of a decided opportunity, without saying how much, or for a day that is over."""
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if wanted.amount is None and wanted.quantity is None:
        raise ResourceUnspecified("Say how much: an amount of money, or a quantity with its unit.", field="/amount")
    if (wanted.quantity is None) != (wanted.unit is None):
        raise ResourceUnspecified("A quantity has a unit, such as days or pieces: say both.", field="/unit")
    if wanted.amount is not None and wanted.amount <= 0:
        raise ResourceUnspecified("An amount asked for is above 0: say how much.", field="/amount")
    if wanted.needed_on < today:
        raise NeededTooSoon


def check_waiting(state: str) -> None:
    """Refuse to decide on what does not wait for a decision."""
    if state != RequestState.REQUESTED:
        raise RequestNotWaiting(state, "there is nothing to decide; who asked can ask again if it was returned")


def check_back_with_requester(state: str) -> None:
    """Refuse to ask again unless it was returned."""
    if state != RequestState.RETURNED:
        raise RequestNotWaiting(state, "only what was returned is asked for again; make a new request")


def check_may_end(state: str) -> None:
    """Refuse to withdraw what is decided."""
    if state not in {RequestState.REQUESTED, RequestState.RETURNED}:
        raise RequestNotWaiting(state, "it is decided and stands; make a new request")


def level_of(decider: Decider, matter: Matter, step: str) -> int | None:
    """Return at which level the decider stands above whom it concerns (1: the direct superior), None for an admin.

    Refuses everybody else so that it is remembered: whom it concerns, also as a stand-in; who does not stand above; who
    stands no higher than where it was approved already. Where nobody stands above, an `admin` decides.
    """
    attempted: dict[str, str | None] = {"step": step}
    if {decider.person_id, decider.stands_for} & set(matter.concerned):
        raise OwnResources(
            "Nobody decides on their own matter, also not as a stand-in: it waits for a superior.",
            aggregate_id=matter.opportunity_id,
            attempted=attempted,
        )
    if not matter.line and decider.is_admin and decider.on_behalf_of is None:
        return None
    if decider.stands_for not in matter.line:
        raise ResourcesNotYours(
            "Only a superior of who asked decides on this, up the reporting line; where there is none, an admin.",
            aggregate_id=matter.opportunity_id,
            attempted=attempted,
        )
    level = matter.line.index(decider.stands_for) + 1
    if matter.waits_below in matter.line and level <= matter.line.index(matter.waits_below) + 1:
        raise ResourcesNotYours(
            "It was approved at this level already, and waits for somebody further up.",
            aggregate_id=matter.opportunity_id,
            attempted=attempted,
        )
    return level


def suffices(level: int | None, line: Sequence[UUID], amount: Decimal | None, limits: Sequence[Decimal]) -> bool:
    """Whether an approval at a level suffices for an amount in the reporting currency.

    `amount` is None where no money is asked for, which the first superior decides on; an amount that no rate converts
    is infinite: it goes up as far as there are limits.
    """
    if level is None or level >= len(line) or level > len(limits):
        return True
    return amount is None or amount <= limits[level - 1]
