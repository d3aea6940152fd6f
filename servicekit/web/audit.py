"""The route of a service's audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import and_, bindparam, select

from servicekit.data.statements import prepared
from servicekit.data.tables import audit
from servicekit.values.errors import NotAllowed
from servicekit.web.router import CurrentReading, Router
from servicekit.web.schemas import Input, Output


class AuditNotAllowed(NotAllowed):
    """The audit trail is for auditors."""

    code = "audit_not_allowed"

    def __init__(self) -> None:
        super().__init__("The audit trail is read with the role auditor or admin.")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, or one refusal that is remembered."""

    id: int
    aggregate: str
    aggregate_id: UUID
    sequence: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    request_id: str | None
    operation: str
    table_name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditQuery(Input):
    """Whose trail, and from where."""

    aggregate: str = Field(max_length=60, examples=["opportunity"])
    aggregate_id: UUID
    after: int = Field(default=0, ge=0, lt=2**63, description="The sequence of the last entry you have.")
    limit: int = Field(default=100, ge=1, le=500)


class AuditEntryAnswer(Output):
    """One change: who, when, what before and after, on whose behalf."""

    aggregate: str
    aggregate_id: UUID
    sequence: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    request_id: str | None
    operation: str
    table_name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditAnswer(Output):
    """Entries in the order of their chain."""

    items: list[AuditEntryAnswer]


ENTRIES = prepared(
    select(*[audit.c[name] for name in AuditEntry.__dataclass_fields__])
    .where(
        and_(
            audit.c.aggregate == bindparam("aggregate"),
            audit.c.aggregate_id == bindparam("aggregate_id"),
            audit.c.sequence > bindparam("after"),
        )
    )
    .order_by(audit.c.sequence)
    .limit(bindparam("limit")),
    into=AuditEntry,
)


def audit_router(service_name: str) -> Router:
    """Return the router with the audit trail of a service."""
    router = Router(prefix=f"/v1/{service_name}", tags=["Events and audit"], scopes="audit")

    async def list_audit(query: Annotated[AuditQuery, Query()], request: Request, tx: CurrentReading) -> AuditAnswer:
        """Read the audit trail of one record."""
        if not request.state.caller.reads_audit:
            raise AuditNotAllowed
        found = await tx.all(ENTRIES, **query.model_dump())
        return AuditAnswer(items=[AuditEntryAnswer.model_validate(entry) for entry in found])

    router.add_api_route(
        "/audit", list_audit, operation_id=f"list_{service_name}_audit", summary="Read the audit trail"
    )
    return router
