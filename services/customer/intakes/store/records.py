"""Intakes: found, read in full, listed, locked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Text, Uuid, and_, any_, bindparam, exists, or_, select, true

from orgchart.scope import VIEWER_SEES_ALL
from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.customers.rules.values import Reference
from services.customer.customers.store.identity import columns_of, is_of, named, survivor, survivor_of
from services.customer.customers.store.scope import PEOPLE, is_below_viewer
from services.customer.customers.tables import customer
from services.customer.intakes.tables import (
    intake,
    intake_candidate,
    intake_outcome,
    intake_personal,
    intake_standing,
)

_i, _s, _p = intake.c, intake_standing.c, intake_personal.c
_k, _o = intake_candidate.c, intake_outcome.c
_ID = bindparam("the_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """An intake as it came, and where it stands; `acting_for` is whoever entered it, or in whose name it was."""

    id: UUID
    version: int
    source: str
    channel_id: UUID | None
    legal_name: str
    country: str
    content: dict[str, Any]
    received_on: date
    external_system: str | None
    external_id: str | None
    entered_by: UUID | None
    on_behalf_of: UUID | None
    acting_for: UUID | None
    at: datetime
    outcome: str
    round: int
    customer_id: UUID | None

    @property
    def external_reference(self) -> Reference | None:
        """Its id where it came from."""
        if self.external_system is None or self.external_id is None:
            return None
        return Reference(self.external_system, self.external_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """A candidate of a check, as it was shown, and the customer as it is now."""

    id: UUID
    customer_id: UUID
    version: int
    score: int
    agreed: list[str]
    contradicts: list[str]
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as everybody may know of it; the id is left out for those who do not see it."""

    id: UUID | None
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None


@dataclass(frozen=True, slots=True)
class Became:
    """What became of an intake at some moment."""

    version: int
    outcome: str
    decision: str | None
    customer_id: UUID | None
    reason: str | None
    at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


@dataclass(frozen=True, slots=True)
class Personal:
    """What an intake says of people, unless it was erased."""

    content: dict[str, Any] | None
    erased_at: datetime | None


COLUMNS = (
    *(_i.id, _s.version, _i.source, _i.channel_id, _i.legal_name, _i.country, _i.content, _i.received_on),
    *(_i.external_system, _i.external_id, _i.entered_by, _i.on_behalf_of, _s.acting_for, _i.at),
    *columns_of(intake_standing, ("outcome", "round", "customer_id")),
)


def _rows() -> Select[Any]:
    return select(*COLUMNS).select_from(intake_standing.join(intake, _i.id == _s.intake_id))


def _is_visible() -> ColumnElement[bool]:
    """Whoever entered it, who looks after the customer that it became part of, and those above them."""
    looked_after = exists().where(
        customer.c.id == survivor_of(_s.customer_id), is_below_viewer(customer.c.account_manager_id)
    )
    return or_(VIEWER_SEES_ALL, is_below_viewer(_s.acting_for), looked_after)


GET = prepared(_rows().where(_s.intake_id == _ID, _is_visible()), into=IntakeRow)
LOCK = prepared(_rows().where(_s.intake_id == _ID, _is_visible()).with_for_update(of=intake_standing), into=IntakeRow)
CANDIDATES = prepared(
    select(
        *columns_of(intake_candidate, ("id", "customer_id", "version", "score", "agreed", "contradicts")),
        *(customer.c.legal_name, customer.c.tier, customer.c.account_manager_id),
    )
    .select_from(intake_candidate)
    .join(customer, customer.c.id == survivor_of(_k.customer_id))
    .where(_k.intake_id == _ID, _k.round == bindparam("round"))
    .order_by(_k.place),
    into=Kept,
)
HISTORY = prepared(
    select(*columns_of(intake_outcome, Became.__dataclass_fields__)).where(_o.intake_id == _ID).order_by(_o.version),
    into=Became,
)
PERSONAL = prepared(select(_p.content, _p.erased_at).where(_p.intake_id == _ID), into=Personal)
KNOWN = prepared(
    select(customer.c.id, customer.c.legal_name, customer.c.tier, customer.c.account_manager_id).where(
        customer.c.id == survivor_of(_ID)
    ),
    into=Known,
)
BY_REFERENCE = prepared(
    _rows()
    .where(
        _i.external_system == bindparam("system", type_=Text()), _i.external_id == bindparam("reference", type_=Text())
    )
    .where(_is_visible()),
    into=IntakeRow,
)

FILTERS: Mapping[str, ColumnElement[bool]] = {
    "outcome": _s.outcome == bindparam("outcome", type_=Text()),
    "source": _s.source == bindparam("source", type_=Text()),
    "customer_id": is_of(_s.customer_id, bindparam("customer_id", type_=Uuid())),
    "channel_id": _i.channel_id == bindparam("channel_id", type_=Uuid()),
    "entered_by": _s.acting_for == bindparam("entered_by", type_=Uuid()),
    "received_from": _i.received_on >= bindparam("received_from", type_=Date()),
    "received_until": _i.received_on < bindparam("received_until", type_=Date()),
}


def _listing(*conditions: ColumnElement[bool]) -> Listing[IntakeRow]:
    return Listing(
        *[_rows().where(condition) for condition in conditions],
        into=IntakeRow,
        filters=FILTERS,
        keys={"at": SortKey(_s.at)},
        identifier=_s.intake_id,
        default="-at",
    )


_looked_after = (
    select(named.c.id)
    .join(customer, customer.c.id == survivor(named))
    .where(customer.c.account_manager_id == any_(PEOPLE))
)
_ALL = _listing(true())
_SEEN = _listing(_s.acting_for == any_(PEOPLE), and_(_s.customer_id.isnot(None), _s.customer_id.in_(_looked_after)))


def listing(viewer: Viewer) -> Listing[IntakeRow]:
    """Return the list of all intakes, or of those that the viewer sees."""
    return _ALL if viewer.sees_all else _SEEN


async def get(tx: Questions, viewer: Viewer, intake_id: UUID) -> IntakeRow:
    """Return an intake, or raise `NotVisible`."""
    return await tx.visible(GET, "intake", intake_id, viewer=viewer, the_id=intake_id)


async def lock(tx: Writing, viewer: Viewer, intake_id: UUID) -> IntakeRow:
    """Return the intake, its standing locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "intake", intake_id, viewer=viewer, the_id=intake_id)


async def find_by_reference(tx: Questions, viewer: Viewer, reference: Reference) -> IntakeRow | None:
    """Return the intake of another system's id, if the viewer sees it."""
    return await tx.first(BY_REFERENCE, viewer=viewer, system=reference.system, reference=reference.id)


async def candidates_of(tx: Questions, row: IntakeRow) -> list[Kept]:
    """Return the candidates of an intake's latest check, the likeliest first."""
    return await tx.all(CANDIDATES, the_id=row.id, round=row.round)


async def known_of(tx: Questions, customer_id: UUID) -> Known:
    """Return what everybody may know of a customer."""
    return await tx.one(KNOWN, the_id=customer_id)


async def history_of(tx: Questions, intake_id: UUID) -> list[Became]:
    """Return what became of an intake, the first thing first."""
    return await tx.all(HISTORY, the_id=intake_id)


async def personal_of(tx: Questions, intake_id: UUID) -> Personal | None:
    """Return what an intake says of people, if it says anything."""
    return await tx.first(PERSONAL, the_id=intake_id)
