"""What the funnel refuses, each with the way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.opportunity.definitions.rules import Duty, DutyKind


def path_of(opportunity_id: UUID | None) -> str:
    """Return where the API has an opportunity; None: one that is still to be entered."""
    return f"/v1/opportunities/{opportunity_id or '{opportunity_id}'}"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A duty that must be done before its stage is left forward, and is not."""

    duty: Duty
    stage: str

    @property
    def is_by_request(self) -> bool:
        """Whether an approved resource request does it."""
        return self.duty.kind is DutyKind.RESOURCE_REQUEST

    def told(self, opportunity_id: UUID | None) -> dict[str, str]:
        """Return what it is and by which operation it gets done."""
        path = path_of(opportunity_id)
        operation, method, path = (
            ("create_resource_request", "POST", f"{path}/resource-requests")
            if self.is_by_request
            else ("mark_criterion", "PUT", f"{path}/criteria/{self.duty.key}")
        )
        return {
            "criterion": self.duty.key,
            "stage": self.stage,
            "title": self.duty.title,
            "kind": self.duty.kind.value,
            "operation": operation,
            "method": method,
            "path": path,
        }


class ExitCriteriaUnmet(RuleViolated):
    """The move would leave duties undone; `missing` names them, `criteria` says of each how it is done."""

    code = "exit_criteria_unmet"
    members = ("missing", "criteria")

    def __init__(
        self,
        unmet: Sequence[Unmet],
        opportunity_id: UUID | None,
        otherwise: str = "let a superior of the principal owner make this move with `override_reason`",
    ) -> None:
        told = ", ".join(f"{one.duty.key} ({one.stage})" for one in unmet)
        super().__init__(f"Still to do: {told}. {_what_to_do(unmet)}, or {otherwise}.")
        self.missing = [one.duty.key for one in unmet]
        self.criteria = [one.told(opportunity_id) for one in unmet]


def _what_to_do(unmet: Sequence[Unmet]) -> str:
    by_request = ", ".join(one.duty.key for one in unmet if one.is_by_request)
    asking = f"ask for sales resources and have them approved for {by_request}"
    if not by_request:
        return "Note each as done when it is"
    if all(one.is_by_request for one in unmet):
        return f"A{asking[1:]}"
    return f"Note each as done when it is, but {asking}"


class DutyByRequest(Conflict):
    """An approved resource request does this duty, and nothing that somebody says."""

    code = "duty_by_request"

    def __init__(self, criterion: str, opportunity_id: UUID | None, field: str = "/criterion") -> None:
        super().__init__(
            f"'{criterion}' is done once a superior approves a resource request of the opportunity, and stays done: "
            f"ask for the resources (POST {path_of(opportunity_id)}/resource-requests).",
            field=field,
        )


class OpportunityClosed(Conflict):
    """It was won or lost: it must be reopened first."""

    code = "opportunity_closed"

    def __init__(self, state: str) -> None:
        super().__init__(f"The opportunity is {state}; reopen it first.")


class OpportunityOpen(Conflict):
    """It is still open: there is nothing to reopen."""

    code = "opportunity_open"

    def __init__(self) -> None:
        super().__init__("The opportunity is open; there is nothing to reopen. Record a stage change to move it.")


class AlreadyInStage(Conflict):
    """It stands in that stage already; a change that changes nothing is not written."""

    code = "already_in_stage"

    def __init__(self, stage: str) -> None:
        super().__init__(
            f"The opportunity is in '{stage}' already: there is nothing to move; name another stage.", field="/to_stage"
        )


class StageEnteredByOutcome(RuleViolated):
    """No open opportunity stands in the last stage."""

    code = "stage_entered_by_outcome"

    def __init__(self, stage: str, field: str = "/to_stage") -> None:
        super().__init__(f"'{stage}' is entered by an outcome: record that it was won or lost.", field=field)


class ReasonMissing(RuleViolated):
    """This needs a reason."""

    code = "reason_missing"

    def __init__(self, why: str, field: str = "/reason") -> None:
        super().__init__(why, field=field)


class ReasonNotFitting(RuleViolated):
    """A reason of the other outcome, or one that only imports may give."""

    code = "reason_not_fitting"


class NotFromThePast(NotAllowed):
    """Only an import may say that a change happened earlier."""

    code = "not_from_the_past"

    def __init__(self) -> None:
        super().__init__("Only sales operations may date a change in the past: leave the instant out, or ask them.")


class InstantNotPossible(RuleViolated):
    """The change would lie in the future, or before what happened last."""

    code = "instant_not_possible"


class ContractWithoutWin(RuleViolated):
    """A contract is a won opportunity."""

    code = "contract_without_win"

    def __init__(self) -> None:
        super().__init__("Only what is won has a contract: record the win first.", field="/contract_until")


class ContractEndsTooSoon(RuleViolated):
    """A contract ends on the day it was won or later."""

    code = "contract_ends_too_soon"

    def __init__(self) -> None:
        super().__init__(
            "The contract cannot end before the day on which it was won: give that day or a later one.",
            field="/contract_until",
        )
