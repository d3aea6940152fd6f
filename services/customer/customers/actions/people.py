"""Who decides, and who stands above whom, by the service's copy of the org chart."""

from datetime import date
from uuid import UUID

from orgchart import questions
from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from servicekit.values.errors import NotAllowed
from services.customer.customers.rules import deciding
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.refusals import UnknownPerson
from services.customer.customers.store.records import CustomerRow


class PersonNeeded(NotAllowed):
    """A service that acts by itself decides nothing about customers."""

    code = "person_needed"


def decider_of(viewer: Viewer) -> Decider:
    """Return the viewer as somebody who decides."""
    authority = viewer.acts_as
    if authority is None or viewer.person_id is None:
        raise PersonNeeded("Only a person can do this.")
    return Decider(authority, frozenset({authority, viewer.person_id}), viewer.roles)


async def superiors_of(tx: Questions, person_id: UUID | None, today: date) -> list[UUID]:
    """Return the superiors of somebody today, the direct one first; of nobody, none."""
    return [] if person_id is None else await questions.superiors(tx, person_id, today)


async def check_active(tx: Questions, person_id: UUID | None, field: str = "/account_manager_id") -> None:
    """Refuse to name somebody who does not work here."""
    if person_id is not None:
        found = await questions.person_of(tx, person_id)
        if found is None or not found.active or found.kind != "person":
            raise UnknownPerson(field)


async def check_may_change(tx: Questions, viewer: Viewer, customer: CustomerRow, *, today: date) -> None:
    """Refuse a change by somebody who sees the customer without looking after it."""
    decider = decider_of(viewer)
    responsible = customer.responsible_id
    asked = not decider.has_any(deciding.WRITING_ROLES) and responsible != decider.authority
    superiors = await superiors_of(tx, responsible, today) if asked else []
    deciding.check_change(decider, responsible, superiors)
