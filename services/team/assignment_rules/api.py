"""Routes of assignment rules, and of those who ask them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from servicekit.web.service import Today
from services.team.assignment_rules import actions, rules, store
from services.team.assignment_rules.schemas import (
    ActivationRequest,
    AssignmentRulesAnswer,
    AssignmentRulesInput,
    AssignmentRulesQuery,
    EvaluationAnswer,
    PreviewAnswer,
    SubjectsInput,
)

versions = Router(prefix="/v1/assignment-rules", tags=["Assignment rules"])
asking = Router(prefix="/v1/assignments", tags=["Assignment rules"])
routers = (versions, asking)

NOT_ALLOWED = rules.AssignmentRulesNotAllowed
NAMING = (rules.UnknownAssignee, rules.RevenueBoundsUnclear, rules.RuleSpanEmpty)


@versions.post("", status_code=201, responses=problems(NOT_ALLOWED, *NAMING))
async def create_assignment_rules(
    body: AssignmentRulesInput, viewer: CurrentViewer, tx: CurrentWriting
) -> AssignmentRulesAnswer:
    """Draft a version of the assignment rules; sales operations and administrators."""
    drafted = await actions.draft(tx, viewer, [rule.as_rule() for rule in body.rules], body.note)
    return AssignmentRulesAnswer.model_validate(drafted)


@versions.get("", responses=problems(NOT_ALLOWED))
async def list_assignment_rules(
    query: Annotated[AssignmentRulesQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[AssignmentRulesAnswer]:
    """List the versions of the assignment rules, drafts too."""
    rules.check_may_read(viewer.roles)
    window = pages.window(query, *store.LISTING.sorting)
    return pages.page(query, await store.LISTING.page(tx, window, {}), AssignmentRulesAnswer)


@versions.get("/{rules_id}", responses=problems(NotVisible, NOT_ALLOWED))
async def get_assignment_rules(rules_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> AssignmentRulesAnswer:
    """Read a version of the assignment rules."""
    rules.check_may_read(viewer.roles)
    return AssignmentRulesAnswer.model_validate(await store.get(tx, rules_id))


@versions.post("/{rules_id}/previews", responses=problems(NotVisible, NOT_ALLOWED))
async def preview_assignment_rules(
    rules_id: UUID, body: SubjectsInput, viewer: CurrentViewer, tx: CurrentSnapshot, today: Today
) -> PreviewAnswer:
    """Say which of these customers a version would move, from whom to whom; nothing is changed by it."""
    subjects = [one.as_subject() for one in body.customers]
    moves = await actions.preview(tx, viewer, rules_id, subjects, on=today)
    return PreviewAnswer.model_validate({"moves": moves, "unmoved": len(subjects) - len(moves)})


@versions.post(
    "/{rules_id}/activations",
    status_code=201,
    responses=problems(NotVisible, NOT_ALLOWED, rules.OwnAssignment, rules.RulesInForce, rules.RulesInPast, *NAMING),
)
async def activate_assignment_rules(
    rules_id: UUID, body: ActivationRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> AssignmentRulesAnswer:
    """Put a version into force from a day on; customers that are looked after stay where they are."""
    activated = await actions.activate(tx, viewer, rules_id, body.from_date, body.reason, today=today)
    return AssignmentRulesAnswer.model_validate(activated)


@asking.post("/evaluations", responses=problems(NOT_ALLOWED))
async def evaluate_assignments(
    body: SubjectsInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> EvaluationAnswer:
    """Say who customers go to by the rules in force; for services, sales operations and administrators."""
    found = await actions.evaluate(tx, viewer, [one.as_subject() for one in body.customers], today=today)
    answer = {"rules_id": found.rules_id, "number": found.number, "customers": found.decided}
    return EvaluationAnswer.model_validate(answer)
