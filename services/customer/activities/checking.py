"""The check of the activity plan: what people planned and did in a period, each by themselves and with those below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, any_, bindparam, func, or_, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.activities.store import IS_OPEN
from services.customer.activities.tables import activity

_a = activity.c
_FROM, _UNTIL, _TODAY = (bindparam(name, type_=Date()) for name in ("from_date", "until_date", "today"))
_is_planned = and_(_a.planned_on >= _FROM, _a.planned_on < _UNTIL)
_is_done = and_(_a.done_on >= _FROM, _a.done_on < _UNTIL)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the activities planned for a period, how many are overdue and cancelled; and how many were done in it.

    `done` counts what was done without a plan too, and what was planned for another period.
    """

    planned: int = 0
    overdue: int = 0
    cancelled: int = 0
    done: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.planned + other.planned,
            self.overdue + other.overdue,
            self.cancelled + other.cancelled,
            self.done + other.done,
        )


@dataclass(frozen=True, slots=True)
class _Counted:
    owner_id: UUID
    planned: int
    overdue: int
    cancelled: int
    done: int


COUNTS = prepared(
    select(
        _a.owner_id,
        func.count().filter(_is_planned).label("planned"),
        func.count().filter(and_(_is_planned, IS_OPEN, _a.planned_on < _TODAY)).label("overdue"),
        func.count().filter(and_(_is_planned, _a.cancelled_on.isnot(None))).label("cancelled"),
        func.count().filter(_is_done).label("done"),
    )
    .where(_a.owner_id == any_(bindparam("people", type_=ARRAY(Uuid()))), or_(_is_planned, _is_done))
    .group_by(_a.owner_id),
    into=_Counted,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What somebody planned and did, by themselves and with everybody below them."""

    person_id: UUID
    own: Counts
    subtree: Counts


async def check_activities(
    tx: Questions, subtrees: Mapping[UUID, Sequence[UUID]], from_date: date, until_date: date, today: date
) -> list[Checked]:
    """Return what each person did from a day up to, and not including, another; whoever did nothing has zeros.

    `subtrees` say for each person who is below them, themselves included.
    """
    binds = {"from_date": from_date, "until_date": until_date, "today": today, "people": list(subtrees)}
    rows = await tx.all(COUNTS, viewer=None, **binds)
    own = {row.owner_id: Counts(row.planned, row.overdue, row.cancelled, row.done) for row in rows}
    return [
        Checked(
            person,
            own.get(person, Counts()),
            sum((own[each] for each in below if each in own), start=Counts()),
        )
        for person, below in subtrees.items()
    ]
