"""Can this be a funnel? What an enterprise drafts is refused at the first thing that cannot be, named by its field.

What can be and looks like a slip, such as a later stage that is less likely to win than an earlier one, is a warning.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from services.opportunity.definitions.rules import Definition, Stage

FEWEST_STAGES = 2
MOST_STAGES = 30
MOST_DUTIES = 50
"""Of one stage."""
MOST_METHODS = 50
"""Of one stage."""
RESERVED = frozenset({"open", "won", "lost"})
"""Where an opportunity is counted that is in no open stage: no stage is called that."""


class FunnelNotPossible(RuleViolated):
    """What was drafted cannot be a funnel; `field` names the first thing that cannot be."""

    code = "funnel_not_possible"


class MappingIncomplete(RuleViolated):
    """Not every open stage of the version before has one that takes its place; `missing` are those without."""

    code = "funnel_mapping_incomplete"
    members = ("missing",)

    def __init__(self, missing: Sequence[str], version: int) -> None:
        super().__init__(
            f"Say in the mapping which stages take the place of those of version {version}: {', '.join(missing)}.",
            field="/mapping",
        )
        self.missing = list(missing)


class FunnelsKept(NotAllowed):
    """Sales operations define the funnel."""

    code = "funnels_kept"

    def __init__(self) -> None:
        super().__init__("Only sales operations and admins define the funnel; everybody may read what is published.")


class DraftExists(Conflict):
    """There is a draft already: one version is drafted at a time."""

    code = "funnel_draft_exists"

    def __init__(self) -> None:
        super().__init__("There is a draft of the next version already: change, publish or discard that one.")


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that can be and looks like a slip; `field` is a JSON pointer."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """What is drafted: a funnel with its name, and why it is made."""

    name: str
    note: str | None
    stages: tuple[Stage, ...]
    mapping: Mapping[str, str]


def check_may_define(*, operations: bool) -> None:
    """Refuse whoever does not keep the house's data."""
    if not operations:
        raise FunnelsKept


def check_draft(drafted: Drafted, present: Definition) -> None:
    """Refuse what cannot be a funnel, or maps stages that there are not; a mapping may still be incomplete."""
    stages = drafted.stages
    if not FEWEST_STAGES <= len(stages) <= MOST_STAGES:
        raise FunnelNotPossible(
            f"A funnel has {FEWEST_STAGES} to {MOST_STAGES} stages, of which the last is that of the outcome.",
            field="/stages",
        )
    _check_keys(stages)
    for place, stage in enumerate(stages):
        _check_stage(stage, f"/stages/{place}")
    _check_duties(stages)
    _check_outcome(stages[-1], f"/stages/{len(stages) - 1}")
    _check_mapping(drafted.mapping, present, {stage.key for stage in stages[:-1]})


def _check_keys(stages: Sequence[Stage]) -> None:
    seen: set[str] = set()
    for place, stage in enumerate(stages):
        if stage.key in seen:
            raise FunnelNotPossible(f"Two stages have the key '{stage.key}'.", field=f"/stages/{place}/key")
        if stage.key in RESERVED:
            raise FunnelNotPossible(
                f"'{stage.key}' says how an opportunity ended or that it did not: no stage is called that.",
                field=f"/stages/{place}/key",
            )
        seen.add(stage.key)


def _check_stage(stage: Stage, field: str) -> None:
    if not Decimal(0) <= stage.probability <= Decimal(1):
        raise FunnelNotPossible("A probability is a ratio from 0 to 1.", field=f"{field}/probability")
    if len(stage.checklist) > MOST_DUTIES:
        raise FunnelNotPossible(f"A stage has at most {MOST_DUTIES} duties.", field=f"{field}/checklist")
    if len(stage.methods) > MOST_METHODS:
        raise FunnelNotPossible(f"A stage has at most {MOST_METHODS} methods.", field=f"{field}/methods")
    for place, method in enumerate(stage.methods):
        if method.text is None and method.link is None:
            raise FunnelNotPossible("A method has a text, a link, or both.", field=f"{field}/methods/{place}")


def _check_duties(stages: Sequence[Stage]) -> None:
    seen: set[str] = set()
    for place, stage in enumerate(stages):
        for number, duty in enumerate(stage.checklist):
            if duty.key in seen:
                raise FunnelNotPossible(
                    f"Two duties have the key '{duty.key}'; a key is that of one duty in the whole funnel.",
                    field=f"/stages/{place}/checklist/{number}/key",
                )
            seen.add(duty.key)


def _check_outcome(last: Stage, field: str) -> None:
    if last.probability != Decimal(1):
        raise FunnelNotPossible(
            "The last stage is entered by a win: its probability is 1.", field=f"{field}/probability"
        )
    for number, duty in enumerate(last.checklist):
        if duty.is_exit_criterion:
            raise FunnelNotPossible(
                "Nothing leaves the last stage forward, so it has no exit criterion.",
                field=f"{field}/checklist/{number}/is_exit_criterion",
            )


def _check_mapping(mapping: Mapping[str, str], present: Definition, own: Collection[str]) -> None:
    known = {stage.key for stage in present.open_stages}
    for number, (before, after) in enumerate(mapping.items()):
        if before not in known:
            raise FunnelNotPossible(
                f"'{before}' is not an open stage of version {present.version}: {', '.join(sorted(known))}.",
                field=f"/mapping/{number}/from_stage",
            )
        if after not in own:
            raise FunnelNotPossible(
                f"'{after}' is not an open stage of this draft: {', '.join(sorted(own))}.",
                field=f"/mapping/{number}/to_stage",
            )


def mapping_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return which stage takes the place of which; each stage of before is mapped once."""
    counts = Counter(before for before, _ in pairs)
    for number, (before, _) in enumerate(pairs):
        if counts[before] > 1:
            raise FunnelNotPossible(f"'{before}' is mapped twice.", field=f"/mapping/{number}/from_stage")
    return dict(pairs)


def check_publishable(drafted: Drafted, present: Definition) -> None:
    """Refuse to publish what says not of every open stage before which one takes its place."""
    check_draft(drafted, present)
    missing = [stage.key for stage in present.open_stages if stage.key not in drafted.mapping]
    if missing:
        raise MappingIncomplete(missing, present.version)


def warnings_of(drafted: Drafted, present: Definition) -> list[Warned]:
    """Return what can be and looks like a slip."""
    found = []
    for place, (before, after) in enumerate(zip(drafted.stages, drafted.stages[1:], strict=False), start=1):
        if after.probability < before.probability:
            message = f"A win is less likely in '{after.key}' than in '{before.key}' before it."
            found.append(Warned(f"/stages/{place}/probability", message))
    places = {stage.key: place for place, stage in enumerate(drafted.stages)}
    reached = [places[drafted.mapping[stage.key]] for stage in present.open_stages if stage.key in drafted.mapping]
    if reached != sorted(reached):
        found.append(Warned("/mapping", "The mapping turns the order of stages round."))
    return found
