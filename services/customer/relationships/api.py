"""Routes: contacts, and groups of companies."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotVisible, PreconditionMissing, Stale
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.references import PathReference
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from servicekit.web.schemas import ExternalReference
from servicekit.web.scopes import needs_scope
from servicekit.web.service import Today
from services.customer.customers.actions import parents
from services.customer.customers.rules.describing import search_query
from services.customer.customers.rules.hierarchy import HierarchyCycle
from services.customer.customers.rules.refusals import (
    AlreadySo,
    ChangeNotAllowed,
    FieldNotEmptied,
    OwnMatter,
    QueryEmpty,
    ReferenceTaken,
    UnknownParent,
    UnknownPerson,
)
from services.customer.customers.rules.values import Reference
from services.customer.reach import ViewersPeople
from services.customer.relationships import store
from services.customer.relationships.actions import contacts as acting
from services.customer.relationships.actions import erasing, importing
from services.customer.relationships.actions import groups as standing
from services.customer.relationships.actions.contacts import TypedContact
from services.customer.relationships.rules import (
    ContactErased,
    ContactExists,
    ContactOfAnother,
    EmailMalformed,
    ErasureNotAllowed,
    InfluenceUnknown,
    ReportingCycle,
    UnknownCustomer,
    email_key,
)
from services.customer.relationships.schemas import (
    ContactAnswer,
    ContactByReference,
    ContactFields,
    ContactInput,
    ContactItem,
    ContactPatch,
    ContactQuery,
    HierarchyAnswer,
    ParentChangeRequest,
    PersonalDataAnswer,
)

contacts = Router(prefix="/v1/contacts", tags=["Contacts"])
groups = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])
routers = (contacts, groups)

OK, CREATED = 200, 201
NAMING = (InfluenceUnknown, UnknownPerson)
ENTERING = (ChangeNotAllowed, ContactExists, ContactOfAnother, EmailMalformed, ReferenceTaken, UnknownCustomer, *NAMING)


@contacts.post("", status_code=201, responses=problems(*ENTERING))
async def create_contact(body: ContactInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today) -> ContactAnswer:
    """Enter a contact of a customer."""
    typed = _typed(body, body.external_reference)
    return ContactAnswer.model_validate(await acting.create(tx, viewer, typed, today=today))


@contacts.get("", responses=problems(EmailMalformed, QueryEmpty))
async def list_contacts(
    query: Annotated[ContactQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ContactAnswer]:
    """List the contacts of the customers that you see."""
    given = query.filters()
    given |= {"email": email_key(given["email"])} if "email" in given else {}
    given |= {"search": search_query(given["search"])} if "search" in given else {}
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, given, viewer=viewer, viewer_people=people)
    return pages.page(query, found, ContactAnswer)


@export_operation(contacts, of=list_contacts, item=ContactAnswer, responses=problems(EmailMalformed, QueryEmpty))
@needs_scope("customer:read")
async def export_contacts(
    query: Annotated[ContactQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write the contacts of the customers that you see into a file, as a job."""
    return await exports.begin(query, body)


@contacts.get("/{contact_id}", responses=problems(NotVisible))
async def get_contact(contact_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> ContactAnswer:
    """Read a contact."""
    return ContactAnswer.model_validate(await store.get(tx, viewer, contact_id))


@contacts.patch(
    "/{contact_id}",
    responses=problems(
        *(NotVisible, PreconditionMissing, Stale, FieldNotEmptied, ReportingCycle),
        *(ChangeNotAllowed, ContactErased, ContactExists, ContactOfAnother, EmailMalformed, *NAMING),
    ),
)
async def change_contact(
    contact_id: UUID, body: ContactPatch, version: IfMatch, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ContactAnswer:
    """Change a contact by a JSON merge patch."""
    return ContactAnswer.model_validate(await acting.change(tx, viewer, contact_id, version, body.sent(), today=today))


@contacts.get("/{contact_id}/personal-data", responses=problems(NotVisible, ErasureNotAllowed, OwnMatter))
async def export_personal_data(
    contact_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot, today: Today
) -> PersonalDataAnswer:
    """Export all that is known of a contact, and who wrote it when."""
    return PersonalDataAnswer.model_validate(await erasing.personal_data(tx, viewer, contact_id, today=today))


@contacts.post("/{contact_id}/erasure", responses=problems(NotVisible, ErasureNotAllowed, OwnMatter))
async def erase_personal_data(
    contact_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ContactAnswer:
    """Erase a contact's personal data for good; the contact stays, empty, and the audit trail stays whole."""
    return ContactAnswer.model_validate(await erasing.erase(tx, viewer, contact_id, today=today))


@contacts.put(
    "/by-reference/{system}/{external_id}",
    responses=problems(*ENTERING, ContactErased, NotVisible, ReportingCycle)
    | {CREATED: {"description": "It was made.", "model": ContactAnswer}},
)
async def put_contact_by_reference(
    reference: PathReference,
    body: ContactByReference,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
    response: Response,
) -> ContactAnswer:
    """Make or change the contact that another system knows by this id; what it does not mention stays."""
    outcome, found = await importing.put(tx, viewer, _typed(body, reference), today=today)
    response.status_code = CREATED if outcome == "created" else OK
    return ContactAnswer.model_validate(found)


@batch_operation(contacts)
async def upsert_contacts(
    body: Batch[ContactItem], viewer: CurrentViewer, batches: CurrentBatches, today: Today
) -> BatchAnswer:
    """Make or change up to 500 contacts by their external references; one outcome for each, in order."""

    async def apply(tx: Writing, items: Sequence[ContactItem]) -> ChunkResult:
        typed = [_typed(item, item.external_reference) for item in items]
        return await importing.upsert_chunk(tx, viewer, typed, today=today)

    return await batches.run(body, apply)


@groups.get("/hierarchy", responses=problems(NotVisible))
async def get_customer_hierarchy(customer_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot) -> HierarchyAnswer:
    """Read where the customer stands in its group."""
    return HierarchyAnswer.model_validate(await standing.group_of(tx, viewer, customer_id))


@groups.post(
    "/parent-changes",
    status_code=201,
    responses=problems(NotVisible, AlreadySo, ChangeNotAllowed, HierarchyCycle, UnknownParent),
)
async def change_customer_parent(
    customer_id: UUID, body: ParentChangeRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> HierarchyAnswer:
    """Put the customer under another company, or on its own."""
    await parents.change_parent(tx, viewer, customer_id, body.parent_id, today=today)
    return HierarchyAnswer.model_validate(await standing.group_of(tx, viewer, customer_id))


def _typed(body: ContactFields, reference: ExternalReference | None) -> TypedContact:
    known = Reference(reference.system, reference.id) if reference else None
    return TypedContact(body.customer_id, body.sent(), known)
