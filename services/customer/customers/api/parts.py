"""Routes: names, identifiers and addresses of a customer."""

from uuid import UUID

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.problems import problems
from servicekit.web.router import CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.customers.actions import parts
from services.customer.customers.rules import refusals
from services.customer.customers.schemas.customers import CustomerAnswer
from services.customer.customers.schemas.parts import AddressInput, EndingInput, IdentifierInput, NameInput
from services.customer.matching.rules.identifiers import DomainShared, IdentifierInvalid
from services.customer.matching.rules.names import NameWithoutLetters
from services.customer.matching.rules.places import CountryUnknown

router = Router(prefix="/v1/customers/{customer_id}", tags=["Customers"])

CHANGING = (NotVisible, refusals.ChangeNotAllowed)


@router.post("/names", status_code=201, responses=problems(*CHANGING, refusals.NameTaken, NameWithoutLetters))
async def add_customer_name(
    customer_id: UUID, body: NameInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Add another name: the customer is found by it from now on."""
    return CustomerAnswer.model_validate(await parts.add_name(tx, viewer, customer_id, body.typed(), today=today))


@router.post("/names/{name_id}/endings", responses=problems(*CHANGING, refusals.SpanEmpty))
async def end_customer_name(
    customer_id: UUID, name_id: UUID, body: EndingInput, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Say until when a name was used; the customer stays found by it."""
    return CustomerAnswer.model_validate(await parts.end_name(tx, viewer, customer_id, name_id, body.on, today=today))


@router.post(
    "/identifiers",
    status_code=201,
    responses=problems(
        *CHANGING, refusals.CustomerExists, refusals.IdentifierTaken, CountryUnknown, DomainShared, IdentifierInvalid
    ),
)
async def add_customer_identifier(
    customer_id: UUID, body: IdentifierInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Add an identifier, checked; one that another customer has is refused."""
    return CustomerAnswer.model_validate(await parts.add_identifier(tx, viewer, customer_id, body.typed(), today=today))


@router.post("/identifiers/{identifier_id}/endings", responses=problems(*CHANGING))
async def end_customer_identifier(
    customer_id: UUID,
    identifier_id: UUID,
    body: EndingInput,
    *,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    today: Today,
) -> CustomerAnswer:
    """Say that an identifier is the customer's no more: another may have it then."""
    return CustomerAnswer.model_validate(
        await parts.end_identifier(tx, viewer, customer_id, identifier_id, body.on, today=today)
    )


@router.post("/addresses", status_code=201, responses=problems(*CHANGING, CountryUnknown))
async def add_customer_address(
    customer_id: UUID, body: AddressInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Add an address."""
    return CustomerAnswer.model_validate(await parts.add_address(tx, viewer, customer_id, body.typed(), today=today))


@router.post("/addresses/{address_id}/endings", responses=problems(*CHANGING))
async def end_customer_address(
    customer_id: UUID, address_id: UUID, body: EndingInput, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CustomerAnswer:
    """Say that an address is used no more."""
    return CustomerAnswer.model_validate(
        await parts.end_address(tx, viewer, customer_id, address_id, body.on, today=today)
    )
