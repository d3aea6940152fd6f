"""The viewer: who asks, in whose name, and what they may see."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

ADMIN = "admin"
SALES_OPERATIONS = "sales_operations"
MARKETING = "marketing"
FINANCE = "finance"
PRODUCTION_PLANNER = "production_planner"
AUDITOR = "auditor"
ROLES = frozenset({ADMIN, SALES_OPERATIONS, MARKETING, FINANCE, PRODUCTION_PLANNER, AUDITOR})
SEE_ALL = frozenset({ADMIN, SALES_OPERATIONS, AUDITOR})
NOT_CONVEYED = frozenset({ADMIN})
"""Standing in for somebody conveys what they may do, except this."""

MACHINE = "machine"
"""The kind of a member that is a program."""

NOWHERE = "nowhere"
"""The path of a service that acts by itself: nobody reports to it."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks.

    Attributes:
        person_id: who acts; None where a service acts by itself.
        on_behalf_of: whom they stand in for, if they do; then roles and path are that person's.
        roles: the roles in force for this request.
        path: the reporting line down to whom they act as.
        service: the service that passes the call on, or nothing.
        is_machine: a machine client, not a person.
        scopes: what a machine client is limited to; None for people, for services, and where a service passes
            the call on: it has asked for its own scope, and needs of others what it needs.
    """

    person_id: UUID | None
    roles: frozenset[str]
    path: str
    on_behalf_of: UUID | None = None
    service: str = ""
    is_machine: bool = False
    scopes: frozenset[str] | None = None

    @property
    def acts_as(self) -> UUID | None:
        """The person whose scope counts: themselves, or whom they stand in for."""
        return self.on_behalf_of or self.person_id

    @property
    def is_service(self) -> bool:
        """Whether a service acts by itself."""
        return self.person_id is None

    @property
    def sees_all(self) -> bool:
        """Whether nothing of the sales data is hidden from them."""
        return self.is_service or not SEE_ALL.isdisjoint(self.roles)

    def has_role(self, *roles: str) -> bool:
        """Whether they have one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def binds(self) -> dict[str, object]:
        """What scopes a statement to what they may see (`orgchart.scope`)."""
        return {"viewer_id": self.acts_as, "viewer_sees_all": self.sees_all}

    @property
    def subject(self) -> str:
        """How they are named to another service."""
        if self.person_id is None:
            return self.service
        return f"{self.person_id}~{self.on_behalf_of}" if self.on_behalf_of else str(self.person_id)

    @property
    def reads_events(self) -> bool:
        """Services and machine clients follow feeds."""
        return self.is_service or self.is_machine

    @property
    def reads_audit(self) -> bool:
        """Auditors read the audit trail."""
        return self.is_service or self.has_role(ADMIN, AUDITOR)

    @property
    def administers_webhooks(self) -> bool:
        """Administrators see and change everybody's webhooks."""
        return self.person_id is not None and self.has_role(ADMIN)

    @property
    def keeps_webhooks(self) -> bool:
        """Machine clients that follow feeds may have events sent to them as well."""
        return self.administers_webhooks or (self.is_machine and self.reads_events)

    @property
    def oversees_jobs(self) -> bool:
        """Administrators see, stop and resume everybody's jobs."""
        return self.has_role(ADMIN)


async def _viewer(request: Request) -> Viewer:
    viewer: Viewer = request.state.caller
    return viewer


CurrentViewer = Annotated[Viewer, Depends(_viewer)]
"""Who asks; the router has authenticated them before the route runs."""
