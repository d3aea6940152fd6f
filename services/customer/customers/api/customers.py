"""Routes: customers themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, PreconditionMissing, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from servicekit.web.service import Today
from services.customer.clients.team import CurrentAssignmentRules
from services.customer.customers.actions import assigning, changing, creating
from services.customer.customers.actions.changing import Change
from services.customer.customers.rules import refusals
from services.customer.customers.schemas.customers import (
    CustomerAnswer,
    CustomerInput,
    CustomerPatch,
    CustomerQuery,
    CustomerSummary,
)
from services.customer.customers.store import lists, records
from services.customer.matching.rules.identifiers import DomainShared, IdentifierInvalid
from services.customer.matching.rules.names import NameWithoutLetters
from services.customer.matching.rules.places import CountryUnknown
from services.customer.reach import ViewersPeople

router = Router(prefix="/v1/customers", tags=["Customers"])

ENTERING = (
    refusals.AssignmentNotAllowed,
    refusals.ClassificationNotAllowed,
    refusals.CustomerExists,
    refusals.OwnMatter,
    refusals.ReferenceTaken,
    refusals.UnknownParent,
    refusals.UnknownPerson,
    CountryUnknown,
    DomainShared,
    IdentifierInvalid,
    NameWithoutLetters,
)


@router.post("", status_code=201, responses=problems(*ENTERING))
async def create_customer(
    body: CustomerInput, viewer: CurrentViewer, tx: CurrentWriting, rules: CurrentAssignmentRules, today: Today
) -> CustomerAnswer:
    """Enter a customer; a company that the base has already is refused, with its id if you may see it.

    Unless its account manager is named it goes to whom the assignment rules in force say; without any, to you.
    """
    typed = await assigning.ruled(rules.ask, body.typed(body.external_reference))
    return CustomerAnswer.model_validate(await creating.enter(tx, viewer, typed, today=today))


@router.get("", responses=problems(refusals.QueryEmpty))
async def list_customers(
    query: Annotated[CustomerQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[CustomerSummary]:
    """List the customers that you see."""
    given = lists.filters_of(query.filters())
    window = pages.window(query, *lists.sorting(is_search="search" in given))
    return pages.page(query, await lists.list_customers(tx, viewer, people, given, window), CustomerSummary)


@export_operation(router, of=list_customers, item=CustomerSummary, responses=problems(refusals.QueryEmpty))
@needs_scope("customer:read")
async def export_customers(
    query: Annotated[CustomerQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write the customers that you see into a file, as a job."""
    return await exports.begin(query, body)


@router.get("/{customer_id}", responses=problems(NotVisible))
async def get_customer(customer_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> CustomerAnswer:
    """Read a customer with its names, identifiers and addresses."""
    return CustomerAnswer.model_validate(await records.get(tx, viewer, customer_id))


@router.patch(
    "/{customer_id}",
    responses=problems(
        NotVisible,
        PreconditionMissing,
        Stale,
        refusals.ChangeNotAllowed,
        refusals.CustomerExists,
        refusals.FieldNotEmptied,
        refusals.TooManyAttributes,
    ),
)
async def change_customer(
    customer_id: UUID, body: CustomerPatch, version: IfMatch, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Change plain attributes by a JSON merge patch."""
    patch = Change(body.fields())
    return CustomerAnswer.model_validate(await changing.change(tx, viewer, customer_id, version, patch, today=today))
