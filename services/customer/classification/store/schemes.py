"""Schemes, and which is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Table, bindparam, insert, select

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.classification.rules.schemes import Band, Criterion, Scheme
from services.customer.classification.tables import classification_scheme, classification_scheme_start
from services.customer.customers.rules.values import Tier

_s, _start = classification_scheme.c, classification_scheme_start.c


@dataclass(frozen=True, slots=True)
class KeptScheme:
    """A scheme with its number; without `from_date` it is a draft."""

    number: int
    name: str
    criteria: list[dict[str, Any]]
    bands: list[dict[str, Any]]
    outdated_after_days: int
    from_date: date | None
    created_by: UUID | None
    created_at: datetime

    @property
    def id(self) -> int:
        """What lists break ties by."""
        return self.number

    @property
    def scheme(self) -> Scheme:
        """The scheme as rules take it."""
        return Scheme(
            tuple(
                Criterion(one["key"], one["name"], Decimal(one["weight"]), tuple(one["levels"]))
                for one in self.criteria
            ),
            tuple(Band(Tier(one["tier"]), Decimal(one["from_score"])) for one in self.bands),
            self.outdated_after_days,
        )


_kept = select(
    *(_s.number, _s.name, _s.criteria, _s.bands, _s.outdated_after_days),
    *(_start.from_date, _s.created_by, _s.created_at),
).select_from(classification_scheme.outerjoin(classification_scheme_start, _start.scheme_number == _s.number))
GET = prepared(_kept.where(_s.number == bindparam("number")), into=KeptScheme)
IN_FORCE = prepared(
    _kept.where(_start.from_date <= bindparam("today", type_=Date())).order_by(_start.from_date.desc()).limit(1),
    into=KeptScheme,
)
_NUMBERED_BY_ITSELF = {"number", "id"}


def _given(table: Table) -> dict[str, Any]:
    return {
        column.name: bindparam(column.name, type_=column.type)
        for column in table.c
        if column.name not in _NUMBERED_BY_ITSELF
    }


INSERT = prepared(insert(classification_scheme).values(_given(classification_scheme)).returning(_s.number))
START = prepared(insert(classification_scheme_start).values(_given(classification_scheme_start)))
SCHEMES = Listing(
    _kept, into=KeptScheme, filters={}, keys={"number": SortKey(_s.number)}, identifier=_s.number, default="-number"
)


async def get(tx: Questions, number: int) -> KeptScheme:
    """Return a scheme, or raise `NotVisible`."""
    return await tx.visible(GET, "classification scheme", number, number=number)


async def in_force(tx: Questions, today: date) -> KeptScheme:
    """Return the scheme that customers are evaluated by today; there is always one."""
    return await tx.one(IN_FORCE, today=today)


async def insert_scheme(tx: Writing, name: str, scheme: Scheme) -> int:
    """Insert a draft and return its number."""
    number: int = await tx.value(
        INSERT,
        name=name,
        criteria=[_criterion_values(one) for one in scheme.criteria],
        bands=[{"tier": band.tier.value, "from_score": f"{band.from_score:f}"} for band in scheme.bands],
        outdated_after_days=scheme.outdated_after_days,
        created_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
        created_at=tx.now,
    )
    return number


def _criterion_values(one: Criterion) -> Mapping[str, str | Sequence[str]]:
    return {"key": one.key, "name": one.name, "weight": f"{one.weight:f}", "levels": list(one.levels)}


async def insert_start(tx: Writing, number: int, from_date: date, reason: str) -> None:
    """Say from when a scheme is in force.

    Raises:
        SchemeStarted: it has its date.
        DayTaken: another begins on that day.
    """
    await tx.execute(
        START,
        scheme_number=number,
        from_date=from_date,
        reason=reason,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
        at=tx.now,
    )
