"""Principal owners over the wire."""

from datetime import datetime
from uuid import UUID

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose


class PrincipalChangeRequest(Input):
    """Who shall be principal owner, and why."""

    principal_id: UUID
    reason: Prose


class PrincipalAnswer(Output):
    """A principal owner from an instant until another (null: until further notice), and who decided it.

    `authority` is `first`, `import`, `superior` or `admin`; `chart_version` the org chart judged by.
    """

    principal_id: UUID
    from_at: datetime
    until_at: datetime | None
    recorded_at: datetime
    authority: str
    reason: str | None
    decided_by: UUID | None
    on_behalf_of: UUID | None
    chart_version: int | None


class PrincipalQuery(ListQuery):
    """The principal owners in their order."""
