"""Assessing an opportunity: the answers are kept, and supersede the ones before."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.opportunity import events
from services.opportunity.assessment.rules.assessing import (
    Answer,
    Answers,
    appraise,
    carried,
    check_answers,
    check_open_then,
    instant_of,
)
from services.opportunity.assessment.rules.models import Model
from services.opportunity.assessment.store import assessments, models
from services.opportunity.assessment.store.assessments import Assessment, AssessmentRow
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import may_operate, standings
from services.opportunity.opportunities.rules.standing import check_may_edit
from services.opportunity.opportunities.store import Opportunity
from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class Told:
    """What an import says of an assessment: when it was made and by whom, and how it is known again."""

    at: datetime | None
    by: UUID | None
    system: str | None = None
    external_id: str | None = None
    digest: bytes | None = None


async def assess(
    tx: Writing, viewer: Viewer, opportunity_id: UUID, given: Answers, *, model_number: int | None, at: datetime | None
) -> Assessment:
    """Keep an assessment of an opportunity, by the current model unless another is named."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_edit(standings(viewer, seen))
    model = await models.of_number(tx, model_number)
    made = await keep(tx, viewer, seen, given=given, model=model, told=Told(at, viewer.person_id))
    return await assessments.get(tx, opportunity_id, made)


async def keep(tx: Writing, viewer: Viewer, before: Opportunity, *, given: Answers, model: Model, told: Told) -> UUID:
    """Keep an assessment of a locked opportunity and return its id."""
    check_answers(model, given)
    at = instant_of(told.at, tx.now, before.assessed_at, may_date_back=may_operate(viewer))
    check_open_then(State(before.state), before.stage_since, at)
    appraisal = appraise(model, given)
    row = AssessmentRow(
        id=new_id(),
        opportunity_id=before.id,
        supersedes_id=before.assessment_id,
        model_number=model.number,
        assessed_at=at,
        recorded_at=tx.now,
        yes=given.answered(model, Answer.YES),
        no=given.answered(model, Answer.NO),
        remarks={"notes": dict(given.notes), "evidence": dict(given.evidence), "links": dict(given.links)},
        note=given.note,
        score=appraisal.whole.score,
        score_most=appraisal.whole.most,
        dimension_scores=[one.score for one in appraisal.dimensions],
        dimension_mosts=[one.most for one in appraisal.dimensions],
        value=appraisal.value.value,
        assessed_by=told.by,
        recorded_by=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
        external_system=told.system,
        external_id=told.external_id,
        digest=told.digest,
    )
    scores = carried(model, appraisal)
    version = await assessments.append(tx, row, scores)
    after = replace(
        before,
        version=version,
        assessment_id=row.id,
        assessed_at=at,
        score=row.score,
        score_most=row.score_most,
        assessed_value=row.value,
        **scores,
    )
    events.publish(tx, events.ASSESSED, after, at=at.isoformat())
    return row.id
