"""Kinds of error, without a word of HTTP.

Each concrete error is declared beside the rule that raises it and names a kind as its base;
`servicekit.web.problems` turns the kind into a status, once for all.
"""

from typing import ClassVar
from uuid import UUID


class KeyaccountError(Exception):
    """Something the caller can be told.

    `code` is stable and machine-readable, `members` names attributes that the answer carries too,
    `field` is the JSON pointer of the input that is to blame, if one is; empty for the body as a whole.
    """

    code: ClassVar[str] = "error"
    members: ClassVar[tuple[str, ...]] = ()
    is_read_by_oauth: ClassVar[bool] = False
    """Libraries for OAuth read an error in plain JSON only: who asks for that by `Accept` gets the problem as that."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Malformed(KeyaccountError):
    """The input cannot be understood: unknown field, wrong type, impossible value."""

    code = "malformed"


class RuleViolated(KeyaccountError):
    """The input is understood, and a rule of the domain forbids it."""

    code = "rule_violated"


class Conflict(KeyaccountError):
    """The state of things stands against it, or something like it exists already."""

    code = "conflict"


class NotSignedIn(KeyaccountError):
    """Nobody known is asking."""

    code = "not_signed_in"


class NotAllowed(KeyaccountError):
    """The caller may see this, but not do that."""

    code = "not_allowed"


class RecordedRefusal(NotAllowed):
    """A refusal that the domain must remember: it is written to the audit trail before the answer is sent."""

    aggregate: ClassVar[str]

    def __init__(self, message: str, *, aggregate_id: UUID, attempted: dict[str, str | None]) -> None:
        super().__init__(message)
        self.aggregate_id = aggregate_id
        self.attempted = attempted


class NotVisible(KeyaccountError):
    """There is no such thing, or the caller may not see it; the two are not told apart."""

    code = "not_found"

    def __init__(self, kind: str, identifier: object) -> None:
        super().__init__(f"There is no {kind} {identifier} that you can see.")


class RecordedAbsence(NotVisible):
    """Answered like what is not there, and remembered: somebody reached for what they may not even see."""

    def __init__(self, kind: str, identifier: UUID, *, aggregate: str, attempted: dict[str, str | None]) -> None:
        super().__init__(kind, identifier)
        self.aggregate = aggregate
        self.aggregate_id = identifier
        self.attempted = attempted


Recorded = RecordedRefusal | RecordedAbsence
"""What is written into the audit trail before it is answered."""


class Stale(KeyaccountError):
    """The caller's version is not the present one."""

    code = "stale_version"
    members = ("current_version",)

    def __init__(self, current_version: int) -> None:
        super().__init__("It was changed since you read it: read it again and repeat your change.")
        self.current_version = current_version


class PreconditionMissing(KeyaccountError):
    """A change that needs `If-Match` came without it."""

    code = "precondition_required"

    def __init__(self) -> None:
        super().__init__("Send the ETag of what you read as If-Match.", field="header:If-Match")


class DeadlinePassed(KeyaccountError):
    """It took longer than anybody waits for the answer: what was under way is given up."""

    code = "deadline_passed"

    def __init__(self) -> None:
        super().__init__("It took longer than anybody waits for the answer, and was given up.")


class PeerUnavailable(KeyaccountError):
    """Another service that is needed for the answer cannot be reached."""

    code = "peer_unavailable"
    members = ("peer",)

    def __init__(self, peer: str) -> None:
        super().__init__(f"The service '{peer}' cannot be reached just now; try again.")
        self.peer = peer
