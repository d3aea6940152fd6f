"""Who a transaction acts for, told to the database, which writes it into the audit trail."""

import re
from dataclasses import dataclass
from typing import Self
from uuid import UUID

LOCK_TIMEOUT = "5s"
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_SERVICE = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (perhaps on behalf of another) or a service acting by itself, within a request."""

    person_id: UUID | None
    on_behalf_of: UUID | None = None
    trace_id: str = ""
    service: str = ""

    @classmethod
    def of_service(cls, name: str, trace_id: str = "") -> Self:
        """Return the actor that a service is when it acts by itself."""
        return cls(None, None, trace_id, name)

    def __str__(self) -> str:
        return str(self.person_id) if self.person_id else f"service:{self.service}"

    def settings(self) -> str:
        """Return the settings of a transaction, to be sent with its BEGIN.

        The literals are only ids that we parsed or made: whatever else came from a client would be
        an injection (it is refused here, whoever made the actor).
        """
        if self.person_id is None and not _SERVICE.fullmatch(self.service):
            raise ValueError(f"'{self.service}' is not the name of a service.")
        trace_id = self.trace_id if _TRACE_ID.fullmatch(self.trace_id) else ""
        return (
            f"SET LOCAL lock_timeout='{LOCK_TIMEOUT}';SET LOCAL keyaccount.actor='{self}';"
            f"SET LOCAL keyaccount.on_behalf_of='{self.on_behalf_of or ''}';"
            f"SET LOCAL keyaccount.request_id='{trace_id}';"
        )
