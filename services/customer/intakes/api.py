"""Routes: intakes, the review queue, and its decisions."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.actions.people import PersonNeeded
from services.customer.customers.rules.refusals import CustomerExists, NameTooLong, OwnMatter
from services.customer.intakes.actions import deciding, erasing, receiving, showing
from services.customer.intakes.actions.deciding import Decided
from services.customer.intakes.rules import refusals
from services.customer.intakes.schemas import (
    DecisionRequest,
    IntakeAnswer,
    IntakeCandidateAnswer,
    IntakeInput,
    IntakePersonalAnswer,
    IntakeQuery,
    IntakeSummary,
    KnownCustomer,
    OutcomeAnswer,
)
from services.customer.intakes.store import records
from services.customer.intakes.store.records import IntakeRow, Personal
from services.customer.matching.rules.identifiers import DomainShared, IdentifierInvalid
from services.customer.matching.rules.names import NameWithoutLetters
from services.customer.matching.rules.places import CountryUnknown
from services.customer.reach import ViewersPeople

router = Router(prefix="/v1/intakes", tags=["Intakes"])
routers = (router,)

ARRIVING = (
    refusals.ChannelMissing,
    refusals.ChannelNotSource,
    refusals.IntakeTaken,
    refusals.UnknownChannel,
    CountryUnknown,
    DomainShared,
    IdentifierInvalid,
    NameTooLong,
    NameWithoutLetters,
    PersonNeeded,
)
REVIEWING = (NotVisible, OwnMatter, refusals.ReviewNotAllowed, refusals.IntakeDecided)


@router.post("", status_code=201, responses=problems(*ARRIVING))
async def create_intake(body: IntakeInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today) -> IntakeAnswer:
    """Take in what is heard of a company: it is kept as it came, checked, and made part of the base or reviewed."""
    return await _answer(tx, viewer, await receiving.receive(tx, viewer, body.typed(), today=today))


@batch_operation(router)
async def create_intakes(
    body: Batch[IntakeInput], viewer: CurrentViewer, batches: CurrentBatches, today: Today
) -> BatchAnswer:
    """Take in up to 500 intakes; one outcome for each, in order. What arrived before is `unchanged`."""

    async def apply(tx: Writing, items: Sequence[IntakeInput]) -> ChunkResult:
        return await receiving.receive_chunk(tx, viewer, [item.typed() for item in items], today=today)

    return await batches.run(body, apply)


@router.get("")
async def list_intakes(
    query: Annotated[IntakeQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[IntakeSummary]:
    """List the intakes that you or people below you entered, and those of customers that you look after."""
    listing = records.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, await showing.masked(tx, viewer, found), IntakeSummary)


@router.get("/{intake_id}", responses=problems(NotVisible))
async def get_intake(intake_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> IntakeAnswer:
    """Read an intake as it came, its candidates, and what became of it."""
    return await _answer(tx, viewer, await records.get(tx, viewer, intake_id))


@router.get("/{intake_id}/personal-data", responses=problems(NotVisible))
async def get_intake_personal_data(intake_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> IntakePersonalAnswer:
    """Read what an intake says of people, its note, and the record as the source sent it."""
    await records.get(tx, viewer, intake_id)
    return _personal(intake_id, await records.personal_of(tx, intake_id))


@router.post("/{intake_id}/erasure", responses=problems(NotVisible, refusals.IntakeErasureNotAllowed, OwnMatter))
async def erase_intake_personal_data(
    intake_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> IntakePersonalAnswer:
    """Erase an intake's person, note and record as sent, for good; what it says of the company stays."""
    return _personal(intake_id, await erasing.erase(tx, viewer, intake_id, today=today))


@router.post(
    "/{intake_id}/decisions",
    status_code=201,
    responses=problems(
        *REVIEWING,
        CustomerExists,
        refusals.CandidateMissing,
        refusals.CandidateNotMeant,
        refusals.CandidatesChanged,
        refusals.DiscriminatorNeeded,
        refusals.DiscriminatorNotMeant,
        refusals.UnknownCandidate,
    ),
)
async def decide_intake(
    intake_id: UUID, body: DecisionRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> IntakeAnswer:
    """Say what an intake of the review queue is: a known company, a new one, a site of a known one, or none."""
    decided = Decided(body.decision, body.reason, body.candidate_id, body.discriminator or "")
    return await _answer(tx, viewer, await deciding.decide(tx, viewer, intake_id, decided, today=today))


@router.post("/{intake_id}/checks", status_code=201, responses=problems(*REVIEWING))
async def check_intake(intake_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, today: Today) -> IntakeAnswer:
    """Check an intake of the review queue again, by what the base knows now."""
    return await _answer(tx, viewer, await deciding.check_again(tx, viewer, intake_id, today=today))


def _personal(intake_id: UUID, found: Personal | None) -> IntakePersonalAnswer:
    content = (found.content if found else None) or {}
    return IntakePersonalAnswer(
        intake_id=intake_id,
        person=content.get("person"),
        note=content.get("note"),
        raw=content.get("raw"),
        erased_at=found.erased_at if found else None,
    )


async def _answer(tx: Questions, viewer: CurrentViewer, row: IntakeRow) -> IntakeAnswer:
    shown = await showing.show(tx, viewer, row)
    return IntakeAnswer(
        **IntakeSummary.model_validate(shown.row).model_dump(),
        company=shown.row.content,
        customer=KnownCustomer.model_validate(shown.customer) if shown.customer else None,
        candidates=[IntakeCandidateAnswer.model_validate(one) for one in shown.candidates],
        history=[OutcomeAnswer.model_validate(one) for one in shown.history],
    )
