"""The stages of the funnel, version 1: what each is for, what must be done before leaving it, how likely a win is.

An opportunity keeps the number of the definition it runs on, so that others can stand beside this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from servicekit.values.errors import RuleViolated


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the funnel; `probability` is a ratio in [0, 1].

    `duties` is the checklist of the stage; `exit_criteria` names those that must be done before leaving it forward.
    """

    key: str
    order: int
    task: str
    probability: Decimal
    duties: tuple[str, ...] = ()
    exit_criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A version of the funnel; its last stage is entered by a win only."""

    version: int
    stages: tuple[Stage, ...]

    @property
    def first(self) -> Stage:
        """The stage in which an opportunity begins."""
        return self.stages[0]

    @property
    def close(self) -> Stage:
        """The stage of the outcome."""
        return self.stages[-1]

    @property
    def open_stages(self) -> tuple[Stage, ...]:
        """The stages in which an open opportunity can stand."""
        return self.stages[:-1]


VERSION_1 = Definition(
    1,
    (
        Stage(
            "find_contact",
            1,
            "Find the right contact and the right specific need.",
            Decimal("0.05"),
            ("contact_named", "need_described"),
            ("contact_named",),
        ),
        Stage(
            "confirm_need",
            2,
            "Establish need, budget and sponsor; collect detailed requirements.",
            Decimal("0.10"),
            ("budget_known", "sponsor_named", "requirements_collected"),
            ("budget_known",),
        ),
        Stage(
            "map_organisation",
            3,
            "Know the customer's organisation and relationships fully.",
            Decimal("0.20"),
            ("organisation_mapped", "decision_makers_met"),
        ),
        Stage(
            "set_target",
            4,
            "Set the sales target and apply for sales resources.",
            Decimal("0.35"),
            ("target_set", "resources_requested"),
        ),
        Stage(
            "shortlist",
            5,
            "On the customer's shortlist, or bidding and bid evaluation.",
            Decimal("0.50"),
            ("offer_sent", "criteria_answered"),
        ),
        Stage(
            "selected",
            6,
            "The customer's only choice, or bid won.",
            Decimal("0.75"),
            ("selection_confirmed",),
        ),
        Stage(
            "negotiate",
            7,
            "Commercial negotiation.",
            Decimal("0.90"),
            ("terms_drafted",),
        ),
        Stage("close", 8, "All terms agreed.", Decimal(1)),
    ),
)
DEFINITIONS = {VERSION_1.version: VERSION_1}
CURRENT = VERSION_1


class UnknownStage(RuleViolated):
    """The funnel has no such stage."""

    code = "unknown_stage"
    members = ("stages",)

    def __init__(self, key: str, stages: Sequence[str]) -> None:
        super().__init__(
            f"'{key}' is not a stage of the funnel that the opportunity runs on: name one of {', '.join(stages)}.",
            field="/to_stage",
        )
        self.stages = list(stages)


class UnknownCriterion(RuleViolated):
    """No stage of the funnel has such a duty."""

    code = "unknown_criterion"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"'{key}' is not a duty of the funnel that the opportunity runs on: its checklist names them.",
            field="/criterion",
        )


def find_stage(definition: Definition, key: str) -> Stage:
    """Return the stage, or say which there are."""
    for stage in definition.stages:
        if stage.key == key:
            return stage
    raise UnknownStage(key, [stage.key for stage in definition.stages])


def stage_of_duty(definition: Definition, duty: str) -> Stage:
    """Return the stage whose checklist holds the duty."""
    for stage in definition.stages:
        if duty in stage.duties:
            return stage
    raise UnknownCriterion(duty)


def probability_of(definition: Definition, stage: str, state: str) -> Decimal:
    """Return how likely a win is, a ratio in [0, 1]: of an open one by its stage, of a decided one certain."""
    if state == "open":
        return find_stage(definition, stage).probability
    return Decimal(1) if state == "won" else Decimal(0)
