"""Who may replace the principal owner: only a superior of the present one, in the reporting line.

Nobody decides on their own matter, also not while standing in for their superior; where no superior
exists, an `admin` decides, with a reason.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import RecordedRefusal, RuleViolated


class Authority(StrEnum):
    """By what right a change was decided."""

    SUPERIOR = "superior"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: `person_id` acts, perhaps standing in for `on_behalf_of`.

    `roles` are those that the decider may use here: standing in conveys no `admin`.
    """

    person_id: UUID
    on_behalf_of: UUID | None
    roles: Collection[str]

    @property
    def stands_for(self) -> UUID:
        """The person whose authority is used."""
        return self.on_behalf_of or self.person_id


class NotASuperior(RecordedRefusal):
    """The decider is not above the present principal in the reporting line."""

    code = "not_a_superior"
    aggregate: ClassVar[str] = "opportunity"


class OwnMatter(NotASuperior):
    """Nobody decides on their own matter."""

    code = "own_matter"


class PrincipalUnchanged(RuleViolated):
    """The proposed principal is the present one."""

    code = "principal_unchanged"

    def __init__(self) -> None:
        super().__init__("This person is the principal owner already.", field="/principal_id")


class ReasonForChangeMissing(RuleViolated):
    """A change of principal needs a reason."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__("A change of the principal owner needs a reason.", field="/reason")


def judge_change(
    decider: Decider, opportunity_id: UUID, *, present: UUID, proposed: UUID, superiors: Collection[UUID], reason: str
) -> Authority:
    """Return by what right the decider may replace the principal, or refuse so that it is remembered.

    Args:
        decider: who asks for it.
        opportunity_id: for the record of a refusal.
        present: the principal judged by; the caller re-checks under lock that it still is.
        proposed: who shall be principal.
        superiors: everybody above `present`, as the owner of the reporting line says at this moment.
        reason: never empty.
    """
    if not reason.strip():
        raise ReasonForChangeMissing
    attempted: dict[str, str | None] = {"from": str(present), "to": str(proposed), "reason": reason}
    if present in (decider.person_id, decider.stands_for):
        raise OwnMatter(
            "The principal owner cannot replace themselves; a superior decides.",
            aggregate_id=opportunity_id,
            attempted=attempted,
        )
    if proposed == present:
        raise PrincipalUnchanged
    if decider.stands_for in superiors:
        return _superior(decider, opportunity_id, proposed, attempted)
    if not superiors and "admin" in decider.roles and decider.on_behalf_of is None:
        if proposed == decider.person_id:
            raise OwnMatter(
                "Nobody decides on their own matter: another admin names you.",
                aggregate_id=opportunity_id,
                attempted=attempted,
            )
        return Authority.ADMIN
    raise NotASuperior(
        "Only a superior of the present principal owner can replace them.",
        aggregate_id=opportunity_id,
        attempted=attempted,
    )


def _superior(decider: Decider, opportunity_id: UUID, proposed: UUID, attempted: dict[str, str | None]) -> Authority:
    """A superior may take an opportunity over; who merely stands in for one may not give it to themselves."""
    if decider.on_behalf_of is not None and proposed == decider.person_id:
        raise OwnMatter(
            "Nobody decides on their own matter, also not as a stand-in.",
            aggregate_id=opportunity_id,
            attempted=attempted,
        )
    return Authority.SUPERIOR
