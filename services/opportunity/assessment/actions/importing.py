"""Taking in assessments that were made elsewhere: in the order of their dates, each once."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from orgchart.questions import people_of
from orgchart.viewer import Viewer
from servicekit.data.chunks import ChunkResult, Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.values.errors import KeyaccountError
from services.opportunity.assessment.actions.assessing import Told, keep
from services.opportunity.assessment.rules.assessing import (
    AssessmentKept,
    OpportunityNotNamed,
    UnknownOpportunity,
)
from services.opportunity.assessment.rules.importing import Imported, Reference
from services.opportunity.assessment.store import assessments, models
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import may_operate
from services.opportunity.opportunities.rules import UnknownPerson
from services.opportunity.refusals import MayNotDo


def check_may_import(viewer: Viewer) -> None:
    """Refuse whoever may not say what others have assessed, and when."""
    if not may_operate(viewer):
        raise MayNotDo("Only sales operations import assessments.")


async def import_all(tx: Writing, viewer: Viewer, told: Sequence[Imported]) -> ChunkResult:
    """Keep the assessments that are news, those of one opportunity in the order of their dates."""
    check_may_import(viewer)
    named = [one.opportunity_reference for one in told if one.opportunity_reference]
    locked = await assessments.lock_opportunities(tx, [one.opportunity_id for one in told if one.opportunity_id], named)
    known = {(one.external_system or "", one.external_id or ""): one.id for one in locked}
    there = {one.id for one in locked}
    people = await people_of(tx, list({one.by for one in told if one.by}))

    async def step(tx: Writing, one: Imported) -> Done:
        if one.by is not None and one.by not in people:
            raise UnknownPerson("/assessed_by_id")
        return await _import(tx, viewer, one, _named(one, known, there))

    order = sorted(range(len(told)), key=lambda place: (told[place].at or tx.now, place))
    results = await one_by_one(step)(tx, [told[place] for place in order])
    found: dict[int, Done | KeyaccountError] = dict(zip(order, results, strict=True))
    return [found[place] for place in range(len(told))]


async def _import(tx: Writing, viewer: Viewer, one: Imported, opportunity_id: UUID) -> Done:
    before = await assessments.earlier(tx, one.system, one.external_id)
    if before is not None:
        if (before.opportunity_id, before.digest) == (opportunity_id, one.digest):
            return Done("unchanged", before.id)
        raise AssessmentKept(before.id)
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    model = await models.of_number(tx, one.model)
    made = Told(one.at, one.by or viewer.person_id, one.system, one.external_id, one.digest)
    return Done("created", await keep(tx, viewer, seen, given=one.answers, model=model, told=made))


def _named(one: Imported, known: Mapping[Reference, UUID], there: Collection[UUID]) -> UUID:
    if (one.opportunity_id is None) == (one.opportunity_reference is None):
        raise OpportunityNotNamed
    if one.opportunity_reference is not None:
        if one.opportunity_reference not in known:
            raise UnknownOpportunity("opportunity_reference")
        return known[one.opportunity_reference]
    assert one.opportunity_id is not None  # noqa: S101 (narrowing: one of the two is there)
    if one.opportunity_id not in there:
        raise UnknownOpportunity("opportunity_id")
    return one.opportunity_id
