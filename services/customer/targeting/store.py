"""Questions about targets, needs and proposals: for those who look after the customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.money import Money, round_money
from services.customer.customers.store.identity import columns_of, is_of, of_survivor
from services.customer.customers.store.scope import PEOPLE, is_looked_after
from services.customer.customers.tables import customer
from services.customer.targeting.tables import customer_target, key_proposal, need_assessment

_c, _t, _n, _k = customer.c, customer_target.c, need_assessment.c, key_proposal.c
_ID = bindparam("the_id", type_=Uuid())
_CUSTOMER = bindparam("customer_id", type_=Uuid())
_NOW = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Target:
    """That a customer is, or was, in the target set of a period."""

    id: UUID
    customer_id: UUID
    period: str
    why: str
    potential: Decimal | None
    chosen_at: datetime
    chosen_by: UUID | None
    on_behalf_of: UUID | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a customer needs, as it was assessed."""

    id: UUID
    customer_id: UUID
    assessed_on: date
    what: str
    quantity: Decimal | None
    unit: str | None
    worth_amount: Decimal | None
    worth_currency: str | None
    needed_by: date | None
    fit: int
    fit_reason: str
    at: datetime
    assessed_by: UUID | None
    on_behalf_of: UUID | None

    @property
    def worth(self) -> Money | None:
        """What it is worth, as its currency is written."""
        if self.worth_amount is None or self.worth_currency is None:
            return None
        return Money(round_money(self.worth_amount, self.worth_currency), self.worth_currency)


@dataclass(frozen=True, slots=True)
class Proposal:
    """That a need proposes its customer as a key customer."""

    id: UUID
    customer_id: UUID
    need_assessment_id: UUID
    reasons: list[str]
    state: str
    proposed_at: datetime
    proposed_by: UUID | None
    proposed_for: UUID | None
    reason: str | None
    decided_at: datetime | None
    decided_by: UUID | None
    decided_for: UUID | None


def _columns(table: Any, into: Any) -> tuple[Any, ...]:
    return columns_of(table, into.__dataclass_fields__)


_targets = of_survivor(select(*_columns(customer_target, Target)).select_from(customer_target), _t.customer_id)
_proposals = of_survivor(select(*_columns(key_proposal, Proposal)).select_from(key_proposal), _k.customer_id)
INSERT_TARGET_IF_NEW = prepared(insert(customer_target).on_conflict_do_nothing().returning(_t.id))
LOCK_TARGET = prepared(
    select(*_columns(customer_target, Target))
    .where(_t.id == _ID, is_of(_t.customer_id, _CUSTOMER))
    .with_for_update(of=customer_target),
    into=Target,
)
END_TARGET = prepared(
    update(customer_target)
    .where(_t.id == _ID)
    .values(ended_at=_NOW, end_reason=bindparam("why_ended", type_=Text()))
    .returning(*_columns(customer_target, Target)),
    into=Target,
)
READ_TARGET = prepared(select(*_columns(customer_target, Target)).where(_t.id == _ID), into=Target)
_is_target = select(_t.id).where(is_of(_t.customer_id, _CUSTOMER), _t.ended_at.is_(None)).limit(1)
IS_TARGET = prepared(_is_target)
IS_TARGET_IN = prepared(_is_target.where(_t.period == bindparam("period", type_=Text())))
INSERT_NEED = prepared(insert(need_assessment))
READ_NEED = prepared(select(*_columns(need_assessment, Assessment)).where(_n.id == _ID), into=Assessment)
INSERT_PROPOSAL_IF_NEW = prepared(insert(key_proposal).on_conflict_do_nothing().returning(_k.id))
IS_PROPOSED = prepared(
    select(_k.id).where(is_of(_k.customer_id, _CUSTOMER), _k.state == literal_column("'proposed'", Text())).limit(1)
)
GET_PROPOSAL = prepared(_proposals.where(_k.id == _ID, is_looked_after()), into=Proposal)
LOCK_PROPOSAL = prepared(
    _proposals.where(_k.id == _ID, is_looked_after()).with_for_update(of=key_proposal), into=Proposal
)
DECIDE = prepared(
    update(key_proposal)
    .where(_k.id == _ID)
    .values(
        {name: bindparam(name, type_=_k[name].type) for name in ("state", "reason", "decided_by", "decided_for")}
        | {"decided_at": _NOW}
    )
    .returning(*_columns(key_proposal, Proposal)),
    into=Proposal,
)
_OWN = (
    _c.account_manager_id == any_(PEOPLE),
    and_(_c.account_manager_id.is_(None), _c.created_by == any_(PEOPLE)),
)
TARGET_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_t.customer_id, _CUSTOMER),
    "period": _t.period == bindparam("period", type_=Text()),
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "ended": _t.ended_at.isnot(None),
    "present": _t.ended_at.is_(None),
}
PROPOSAL_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "customer_id": is_of(_k.customer_id, _CUSTOMER),
    "state": _k.state == bindparam("state", type_=Text()),
}


def _target_listing(*conditions: ColumnElement[bool]) -> Listing[Target]:
    return Listing(
        *[_targets.where(condition) for condition in conditions],
        into=Target,
        filters=TARGET_FILTERS,
        keys={"chosen_at": SortKey(_t.chosen_at)},
        identifier=_t.id,
        default="-chosen_at",
    )


def _proposal_listing(*conditions: ColumnElement[bool]) -> Listing[Proposal]:
    legs: list[Select[Any]] = [_proposals.where(condition) for condition in conditions]
    return Listing(
        *legs,
        into=Proposal,
        filters=PROPOSAL_FILTERS,
        keys={"proposed_at": SortKey(_k.proposed_at)},
        identifier=_k.id,
        default="-proposed_at",
    )


_TARGETS = (_target_listing(true()), _target_listing(*_OWN))
_PROPOSALS = (_proposal_listing(true()), _proposal_listing(*_OWN))
NEEDS = Listing(
    select(*_columns(need_assessment, Assessment)),
    into=Assessment,
    filters={"customer_id": is_of(_n.customer_id, _CUSTOMER)},
    keys={"at": SortKey(_n.at)},
    identifier=_n.id,
    default="-at",
)


def targets(viewer: Viewer) -> Listing[Target]:
    """Return the target set, or the part of it that the viewer looks after."""
    return _TARGETS[0] if viewer.sees_all else _TARGETS[1]


def proposals(viewer: Viewer) -> Listing[Proposal]:
    """Return all proposals, or those for customers that the viewer looks after."""
    return _PROPOSALS[0] if viewer.sees_all else _PROPOSALS[1]


async def is_target(tx: Questions, customer_id: UUID) -> bool:
    """Whether the customer is in the target set of some period."""
    return await tx.value(IS_TARGET, customer_id=customer_id) is not None


async def is_target_in(tx: Questions, customer_id: UUID, period: str) -> bool:
    """Whether the customer, or one that was merged into it, is in the target set of a period."""
    return await tx.value(IS_TARGET_IN, customer_id=customer_id, period=period) is not None


async def is_proposed(tx: Questions, customer_id: UUID) -> bool:
    """Whether the customer, or one that was merged into it, is proposed as a key customer."""
    return await tx.value(IS_PROPOSED, customer_id=customer_id) is not None


async def get_proposal(tx: Questions, viewer: Viewer, proposal_id: UUID) -> Proposal:
    """Return a proposal, or raise `NotVisible`."""
    return await tx.visible(GET_PROPOSAL, "key proposal", proposal_id, viewer=viewer, the_id=proposal_id)


async def lock_proposal(tx: Writing, viewer: Viewer, proposal_id: UUID) -> Proposal:
    """Return the proposal, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK_PROPOSAL, "key proposal", proposal_id, viewer=viewer, the_id=proposal_id)


async def lock_target(tx: Writing, customer_id: UUID, target_id: UUID) -> Target:
    """Return a target of a customer, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK_TARGET, "target", target_id, customer_id=customer_id, the_id=target_id)
