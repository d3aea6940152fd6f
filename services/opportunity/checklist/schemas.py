"""The checklist and open duties over the wire."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from services.opportunity.checklist.rules import Duty, by_stage
from services.opportunity.checklist.store import Checklist, OpenDuty
from services.opportunity.definitions.rules import Definitions, DutyKind, duty_named


class CriterionRequest(Input):
    """A duty that is done."""

    done_on: date | None = Field(default=None, description="Today unless given.")
    note: Prose | None = None
    evidence: Prose | None = Field(default=None, description="By what it can be seen: a link, a document, a minute.")


class DutyRequest(Input):
    """Who sees to a duty, and until when."""

    owner_id: UUID | None = Field(default=None, description="The principal owner unless given.")
    due_on: date | None = Field(default=None, description="The last day to do it.")


class CriterionAnswer(Output):
    """A duty of the checklist: of which stage, whether it must be done before leaving, and whether it is.

    `owner_id` is the principal owner where nobody was given it; `overdue` says that it ought to be done already.
    """

    criterion: str
    title: str
    kind: DutyKind
    stage: str
    required: bool
    owner_id: UUID
    due_on: date | None
    overdue: bool
    done: bool
    done_on: date | None
    done_by: UUID | None
    note: str | None
    evidence: str | None


class StageDutiesAnswer(Output):
    """How many duties a stage has, how many are done, must be done before leaving and are, and are overdue."""

    stage: str
    duties: int
    done: int
    required: int
    required_done: int
    overdue: int


class CriteriaAnswer(Output):
    """The whole checklist, in the order of the funnel, and how each stage stands."""

    items: list[CriterionAnswer]
    stages: list[StageDutiesAnswer]


class DutyAnswer(Output):
    """A duty that somebody was given and that is still to be done.

    `stage` is where the opportunity stands, `duty_stage` the stage whose checklist holds the duty in the version of the
    funnel that the opportunity runs on. A duty that this version does not have is nobody's to do, and not listed.
    """

    id: UUID
    opportunity_id: UUID
    opportunity_name: str
    stage: str
    criterion: str
    duty_stage: str
    title: str
    kind: DutyKind
    required: bool
    owner_id: UUID
    due_on: date | None
    overdue: bool
    assigned_at: datetime
    assigned_by: UUID | None


class DutyQuery(ListQuery):
    """Filters of the list of open duties."""

    owner_id: UUID | None = None
    opportunity_id: UUID | None = None
    stage: list[str] | None = Field(default=None, max_length=30, description="Where the opportunity stands.")
    duty_stage: list[str] | None = Field(
        default=None, max_length=30, description="The stage whose checklist holds the duty."
    )
    overdue: bool | None = Field(default=None, description="Whether the last day is over.")
    due_on_lt: date | None = None

    def binds(self, today: date) -> dict[str, Any]:
        """Return the filters as the store takes them."""
        given = self.filters()
        overdue = given.pop("overdue", None)
        if overdue is not None:
            given["overdue_on" if overdue else "in_time_on"] = today
        return given


def checklist_answer(checklist: Checklist, today: date) -> CriteriaAnswer:
    """Return the answer that tells of a checklist on a day."""
    stages = by_stage([stage.key for stage in checklist.definition.open_stages], checklist.duties, today)
    return CriteriaAnswer(
        items=[_criterion(checklist, duty, today) for duty in checklist.duties],
        stages=[StageDutiesAnswer.model_validate(one) for one in stages],
    )


def _criterion(checklist: Checklist, duty: Duty, today: date) -> CriterionAnswer:
    done = checklist.done.get(duty.criterion)
    return CriterionAnswer(
        criterion=duty.criterion,
        title=duty.title,
        kind=duty.kind,
        stage=duty.stage,
        required=duty.required,
        owner_id=duty.owner_id or checklist.opportunity.principal_id,
        due_on=duty.due_on,
        overdue=duty.is_overdue(today),
        done=done is not None,
        done_on=done.done_on if done else None,
        done_by=done.done_by if done else None,
        note=done.note if done else None,
        evidence=done.evidence if done else None,
    )


def duty_answer(row: OpenDuty, definitions: Definitions, today: date) -> DutyAnswer:
    """Return the answer that tells of an open duty on a day."""
    duty = duty_named(definitions[row.funnel_version], row.criterion)
    return DutyAnswer(
        id=row.id,
        opportunity_id=row.opportunity_id,
        opportunity_name=row.opportunity_name,
        stage=row.stage,
        criterion=row.criterion,
        duty_stage=row.duty_stage,
        title=duty.title,
        kind=duty.kind,
        required=duty.is_exit_criterion,
        owner_id=row.owner_id,
        due_on=row.due_on,
        overdue=row.due_on is not None and row.due_on < today,
        assigned_at=row.assigned_at,
        assigned_by=row.assigned_by,
    )
