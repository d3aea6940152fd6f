"""What a funnel is made of: stages in order, what must be done in each, how likely a win is.

An opportunity keeps the version that it runs on. A version says, for each open stage of the one before, which of its
own takes that one's place; so a place in an older version can be told in the words of a newer one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from servicekit.values.errors import RuleViolated

Told = TypeVar("Told")
"""Whatever is told of a stage."""


class DutyKind(StrEnum):
    """What a duty is done by: a `task` by somebody who says so, a `resource_request` by one that was approved."""

    TASK = "task"
    RESOURCE_REQUEST = "resource_request"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done in a stage; an exit criterion must be done before leaving it forward."""

    key: str
    title: str
    is_exit_criterion: bool = False
    kind: DutyKind = DutyKind.TASK


@dataclass(frozen=True, slots=True)
class Method:
    """How a stage is worked on: a text, a link, or both."""

    title: str
    text: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the funnel; `probability` is a ratio in [0, 1].

    `duties` are the keys of the checklist, `exit_criteria` of those that must be done before leaving the stage forward.
    """

    key: str
    order: int
    name: str
    task: str
    probability: Decimal
    checklist: tuple[Duty, ...] = ()
    methods: tuple[Method, ...] = ()
    duties: tuple[str, ...] = field(init=False, repr=False, compare=False)
    exit_criteria: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "duties", tuple(duty.key for duty in self.checklist))
        criteria = tuple(duty.key for duty in self.checklist if duty.is_exit_criterion)
        object.__setattr__(self, "exit_criteria", criteria)


@dataclass(frozen=True, slots=True)
class Definition:
    """A version of the funnel; its last stage is entered by a win only.

    `mapping` names, for each open stage of the version before, the one that takes its place here.
    """

    version: int
    stages: tuple[Stage, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)

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

    @property
    def keys(self) -> list[str]:
        """The keys of the stages, in order."""
        return [stage.key for stage in self.stages]

    @property
    def stage_of(self) -> dict[str, str]:
        """Of each duty the stage whose checklist holds it, by their keys."""
        return {duty: stage.key for stage in self.stages for duty in stage.duties}

    @property
    def done_by_request(self) -> list[str]:
        """The duties that are done by an approved resource request, by their keys."""
        every = (duty for stage in self.stages for duty in stage.checklist)
        return [duty.key for duty in every if duty.kind is DutyKind.RESOURCE_REQUEST]


class UnknownFunnelVersion(RuleViolated):
    """No such version of the funnel is published."""

    code = "unknown_funnel_version"

    def __init__(self, version: int, latest: int, field: str = "/to_version") -> None:
        super().__init__(f"Version {version} of the funnel is not published: the current one is {latest}.", field=field)


class UnknownStage(RuleViolated):
    """The funnel that the opportunity runs on has no such stage; `found_in` are the versions that have one."""

    code = "unknown_stage"
    members = ("stages", "funnel_version", "found_in")

    def __init__(
        self, key: str, definition: Definition, found_in: Sequence[int] = (), field: str | None = "/to_stage"
    ) -> None:
        super().__init__(_what_to_do(key, definition, found_in), field=field)
        self.stages = definition.keys
        self.funnel_version = definition.version
        self.found_in = list(found_in)


def _what_to_do(key: str, definition: Definition, found_in: Sequence[int]) -> str:
    version, own = definition.version, ", ".join(definition.keys)
    if not found_in:
        return f"'{key}' is not a stage of the funnel that the opportunity runs on: name one of {own}."
    where = ", ".join(map(str, found_in))
    told = f"'{key}' is a stage of version {where} of the funnel; this opportunity runs on version {version}"
    if max(found_in) < version:
        return f"{told}: name one of {own}."
    return f"{told}. Name one of {own}, or have it moved (POST /v1/funnel-definitions/moves/batches)."


class UnknownCriterion(RuleViolated):
    """No stage of the funnel has such a duty."""

    code = "unknown_criterion"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"'{key}' is not a duty of the funnel that the opportunity runs on: its checklist names them.",
            field="/criterion",
        )


@dataclass(frozen=True, slots=True)
class Definitions:
    """Every published version up to one of them: a value that never changes, as no published version does."""

    by_version: Mapping[int, Definition]

    def __getitem__(self, version: int) -> Definition:
        return self.by_version[version]

    def __contains__(self, version: object) -> bool:
        return version in self.by_version

    def __iter__(self) -> Iterator[Definition]:
        return iter(self.by_version.values())

    @property
    def latest(self) -> Definition:
        """The newest of them."""
        return self.by_version[max(self.by_version)]

    def versions_with(self, key: str) -> list[int]:
        """Return the versions that have a stage of that key."""
        return [definition.version for definition in self if key in definition.keys]


def find_version(definitions: Definitions, version: int | None, *, field: str = "/to_version") -> Definition:
    """Return a published version, the latest where none is named, or say which that is."""
    if version is not None and version not in definitions:
        raise UnknownFunnelVersion(version, definitions.latest.version, field)
    return definitions.latest if version is None else definitions[version]


def find_stage(definition: Definition, key: str, *, field: str | None = "/to_stage") -> Stage:
    """Return the stage, or say which there are."""
    for stage in definition.stages:
        if stage.key == key:
            return stage
    raise UnknownStage(key, definition, field=field)


def stage_of_duty(definition: Definition, duty: str) -> Stage:
    """Return the stage whose checklist holds the duty."""
    for stage in definition.stages:
        if duty in stage.duties:
            return stage
    raise UnknownCriterion(duty)


def duty_named(definition: Definition, key: str) -> Duty:
    """Return a duty of the funnel by its key."""
    for stage in definition.stages:
        for duty in stage.checklist:
            if duty.key == key:
                return duty
    raise UnknownCriterion(key)


def probability_of(state: str, of_stage: Decimal) -> Decimal:
    """Return how likely a win is, a ratio in [0, 1]: of an open one as in its stage, of a decided one certain."""
    if state == "open":
        return of_stage
    return Decimal(1) if state == "won" else Decimal(0)


def translated(definitions: Definitions, stage: str, from_version: int, to_version: int) -> str:
    """Return the stage of a newer version that takes the place of one of an older, along the mappings between.

    The last stage is that of the outcome in every version.
    """
    key = stage
    for version in range(from_version, to_version):
        here, after = definitions[version], definitions[version + 1]
        key = after.close.key if key == here.close.key else after.mapping[key]
    return key


def carried(definitions: Definitions, stage: str, told: Mapping[tuple[int, str], Told]) -> list[Told | None]:
    """Return what is told of a stage of the latest version, by the version and key that it was told of.

    That is what was told of the stage itself; else what was told of each stage of the version before whose place it
    takes, found in the same way. None stands for a stage of which nothing is told, also for one that takes no place.
    """
    return _carried(definitions, definitions.latest.version, stage, told)


def _carried(
    definitions: Definitions, version: int, stage: str, told: Mapping[tuple[int, str], Told]
) -> list[Told | None]:
    own = told.get((version, stage))
    if own is not None or not told or version - 1 not in definitions:
        return [own]
    here, before = definitions[version], definitions[version - 1]
    taken = [key for key, after in here.mapping.items() if after == stage]
    if stage == here.close.key:
        taken = [before.close.key]
    return [one for key in taken for one in _carried(definitions, version - 1, key, told)] or [None]
