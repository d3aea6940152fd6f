"""What the funnel refuses, each with the way out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


@dataclass(frozen=True, slots=True)
class Unmet:
    """A duty that must be done before its stage is left forward, and is not."""

    criterion: str
    stage: str


class ExitCriteriaUnmet(RuleViolated):
    """The move would leave duties undone; `missing` names them, `criteria` says of each how it is done."""

    code = "exit_criteria_unmet"
    members = ("missing", "criteria")

    def __init__(
        self,
        unmet: Sequence[Unmet],
        otherwise: str = "let a superior of the principal owner make this move with `override_reason`",
    ) -> None:
        told = ", ".join(f"{one.criterion} ({one.stage})" for one in unmet)
        super().__init__(f"Still to do: {told}. Note each as done when it is, or {otherwise}.")
        self.missing = [one.criterion for one in unmet]
        self.criteria = [asdict(one) | {"operation": "mark_criterion"} for one in unmet]


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

    def __init__(self, stage: str) -> None:
        super().__init__(f"'{stage}' is entered by an outcome: record that it was won or lost.", field="/to_stage")


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
