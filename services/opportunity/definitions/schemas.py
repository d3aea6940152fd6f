"""Funnel definitions over the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, Output, Prose
from services.opportunity.definitions.rules import Definition, Duty, DutyKind, Method, Stage
from services.opportunity.definitions.rules.drafting import Drafted, mapping_of, warnings_of
from services.opportunity.definitions.store import Draft, Published

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
Probability = Annotated[DecimalString, Field(max_digits=5, decimal_places=4, examples=["0.35"])]


class DutyInput(Input):
    """Something to be done in a stage."""

    key: Key = Field(description="Of one duty in the whole funnel.", examples=["budget_known"])
    title: Line = Field(examples=["The budget is known"])
    is_exit_criterion: bool = Field(default=False, description="It must be done before leaving the stage forward.")
    kind: DutyKind = Field(
        default=DutyKind.TASK,
        description="What it is done by: a `task` by somebody who says so, a `resource_request` by one that a superior "
        "approved for the opportunity.",
    )


class MethodInput(Input):
    """How a stage is worked on: a text, a link, or both."""

    title: Line
    text: Prose | None = None
    link: Link | None = None


class StageInput(Input):
    """A stage; its place is that in the list."""

    key: Key = Field(examples=["confirm_need"])
    name: Line = Field(description="In any language.", examples=["确认需求"])
    task: Prose
    probability: Probability = Field(description="A ratio in [0, 1]; of the last stage 1.")
    checklist: list[DutyInput] = Field(default_factory=list, max_length=200)
    methods: list[MethodInput] = Field(default_factory=list, max_length=200)

    def as_stage(self, order: int) -> Stage:
        """Return the plain value."""
        return Stage(
            self.key,
            order,
            self.name,
            self.task,
            Decimal(self.probability),
            tuple(Duty(one.key, one.title, one.is_exit_criterion, one.kind) for one in self.checklist),
            tuple(Method(one.title, one.text, one.link) for one in self.methods),
        )


class MappedStage(Input):
    """Which stage takes the place of an open stage of the version before."""

    from_stage: Key
    to_stage: Key


class FunnelDraftRequest(Input):
    """The next version of the funnel; its last stage is that of the outcome, entered by a win only.

    The mapping may be incomplete until the version is published.
    """

    name: Line = Field(examples=["Shoes, from 2027"])
    note: Prose | None = Field(default=None, description="What is changed, and why.")
    stages: list[StageInput] = Field(max_length=200)
    mapping: list[MappedStage] = Field(default_factory=list, max_length=200)

    def as_drafted(self) -> Drafted:
        """Return the plain value."""
        return Drafted(
            self.name,
            self.note,
            tuple(stage.as_stage(order) for order, stage in enumerate(self.stages, start=1)),
            mapping_of([(one.from_stage, one.to_stage) for one in self.mapping]),
        )


class FunnelPublicationRequest(Input):
    """That the draft is to be published as it was read."""

    draft_version: int = Field(description="`version` of the draft that was read.")


class FunnelDutyAnswer(Output):
    """Something to be done in a stage; an exit criterion must be done before leaving it forward."""

    key: str
    title: str
    is_exit_criterion: bool
    kind: DutyKind


class MethodAnswer(Output):
    """How a stage is worked on."""

    title: str
    text: str | None
    link: str | None


class StageAnswer(Output):
    """A stage: its task, its checklist, what of it must be done before leaving, how likely a win is.

    `duties` and `exit_criteria` are keys of the checklist.
    """

    key: str
    order: int
    name: str
    task: str
    probability: DecimalString
    duties: list[str]
    exit_criteria: list[str]
    checklist: list[FunnelDutyAnswer]
    methods: list[MethodAnswer]


class MappedStageAnswer(Output):
    """Which stage takes the place of an open stage of the version before."""

    from_stage: str
    to_stage: str


class DefinitionAnswer(Output):
    """A published version of the funnel, which nobody changes any more."""

    version: int
    name: str
    note: str | None
    stages: list[StageAnswer]
    mapping: list[MappedStageAnswer]
    published_at: datetime
    published_by: UUID | None

    @model_validator(mode="before")
    @classmethod
    def _from_published(cls, value: Any) -> Any:
        if not isinstance(value, Published):
            return value
        same = {name: getattr(value, name) for name in ("version", "name", "note", "published_at", "published_by")}
        return same | {"stages": value.definition.stages, "mapping": _pairs(value.mapping)}


class WarningAnswer(Output):
    """Something that can be and looks like a slip; `field` is a JSON pointer into the draft."""

    field: str
    message: str


class FunnelDraftAnswer(Output):
    """The next version of the funnel while it is drafted; `version` counts the changes of drafts.

    `unmapped` are the open stages of the current version in whose place none of the draft is named yet.
    """

    version: int
    funnel_version: int = Field(description="The number that it will have once it is published.")
    name: str
    note: str | None
    stages: list[StageAnswer]
    mapping: list[MappedStageAnswer]
    unmapped: list[str]
    warnings: list[WarningAnswer]
    created_at: datetime
    changed_at: datetime


class FunnelDefinitionQuery(ListQuery):
    """Versions, the newest first unless sorted otherwise."""


def _pairs(mapping: dict[str, str]) -> list[dict[str, str]]:
    return [{"from_stage": before, "to_stage": after} for before, after in mapping.items()]


def draft_answer(draft: Draft, present: Definition) -> FunnelDraftAnswer:
    """Return the answer that tells of a draft, `present` being the version that it is to follow."""
    drafted = draft.drafted
    return FunnelDraftAnswer(
        version=draft.version,
        funnel_version=present.version + 1,
        name=draft.name,
        note=draft.note,
        stages=[StageAnswer.model_validate(stage) for stage in drafted.stages],
        mapping=[MappedStageAnswer.model_validate(pair) for pair in _pairs(draft.mapping)],
        unmapped=[stage.key for stage in present.open_stages if stage.key not in draft.mapping],
        warnings=[WarningAnswer.model_validate(one) for one in warnings_of(drafted, present)],
        created_at=draft.created_at,
        changed_at=draft.changed_at,
    )
