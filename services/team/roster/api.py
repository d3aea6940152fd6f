"""Routes by which other systems keep people up to date."""

from collections.abc import Sequence

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.web.batches import Batch, BatchAnswer, BatchRefused, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.problems import problems
from servicekit.web.references import PathReference
from servicekit.web.router import CurrentWriting, Router
from servicekit.web.schemas import ExternalReference
from services.team.org_chart.rules import AdministrationNotAllowed
from services.team.people.rules import LeftBeforeJoining, OwnMatter, UnknownBusinessUnit, UsernameTaken
from services.team.reporting_line.rules import LineInCircle, SuperiorHasLeft, UnknownSuperior
from services.team.roster import actions
from services.team.roster.actions import ListedPerson
from services.team.roster.rules import ListedSuperior
from services.team.roster.schemas import ListedPersonFields, ListedPersonItem, PutPersonAnswer

router = Router(prefix="/v1/people", tags=["People"])

REFUSALS = (
    AdministrationNotAllowed,
    OwnMatter,
    UnknownBusinessUnit,
    UsernameTaken,
    LeftBeforeJoining,
    UnknownSuperior,
    SuperiorHasLeft,
    LineInCircle,
)


@batch_operation(router, responses=problems(*REFUSALS, BatchRefused), summary="Add or update many people")
async def create_person_batch(
    body: Batch[ListedPersonItem], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Add or bring up to date up to 500 people by their external reference; needs the role `admin`."""

    async def put(tx: Writing, items: Sequence[ListedPersonItem]) -> ChunkResult:
        return await actions.put_people(tx, viewer, [_listed(item, item.external_reference) for item in items])

    return await batches.run(body, put)


@router.put(
    "/by-reference/{system}/{external_id}", responses=problems(*REFUSALS), summary="Add or update a listed person"
)
async def put_person(
    reference: PathReference, body: ListedPersonFields, viewer: CurrentViewer, tx: CurrentWriting
) -> PutPersonAnswer:
    """Add the person whom another system knows by this id, or bring them up to date; needs the role `admin`."""
    return PutPersonAnswer.model_validate(await actions.put_person(tx, viewer, _listed(body, reference)))


def _listed(fields: ListedPersonFields, reference: ExternalReference) -> ListedPerson:
    apart = {"external_reference", "roles", "superior_id", "superior_from"}
    superior = ListedSuperior(fields.superior_id, fields.superior_from)
    return ListedPerson(
        reference=(reference.system, reference.id),
        values=fields.model_dump(exclude_unset=True, exclude=apart),
        roles=fields.roles,
        superior=superior if "superior_id" in fields.model_fields_set else None,
    )
