"""What a listed person comes to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.team.people.rules import Role, RoleStep
from services.team.reporting_line.rules import Edge, superior_on

SINCE_EVER = date(1970, 1, 1)
"""From when somebody has had the superior they are first listed with, if nobody says since when."""

REASON = "as listed by the other system"


@dataclass(frozen=True, slots=True)
class ListedSuperior:
    """Whom somebody reports to by the list, and since when if it says so."""

    superior_id: UUID | None
    from_date: date | None


def role_steps(present: Collection[str], listed: Collection[Role]) -> list[tuple[Role, RoleStep]]:
    """Return what has to be granted and withdrawn so that exactly the listed roles are held."""
    granted = [(role, RoleStep.GRANTED) for role in sorted(set(listed)) if role not in present]
    withdrawn = [(Role(role), RoleStep.WITHDRAWN) for role in sorted(present) if role not in listed]
    return granted + withdrawn


def new_superior_from(
    own: Iterable[Edge],
    decided: Collection[tuple[UUID | None, date]],
    listed: ListedSuperior,
    joined_on: date | None,
    today: date,
) -> date | None:
    """Return from which day on the listed superior is to be written, or None where there is nothing to write.

    A dated statement counts once: sent again, it does not undo what has been decided here since then.
    One without a date says what is so today, and since ever for somebody who has had no superior yet.
    """
    edges = list(own)
    if listed.from_date is not None:
        known = (listed.superior_id, listed.from_date) in decided
        return None if known or superior_on(edges, listed.from_date) == listed.superior_id else listed.from_date
    if superior_on(edges, today) == listed.superior_id:
        return None
    return today if edges else joined_on or SINCE_EVER
