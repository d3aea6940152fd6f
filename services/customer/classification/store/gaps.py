"""Customers whose classification needs attention, and how a scheme would move the base."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    or_,
    select,
)

from orgchart.scope import VIEWER_SEES_ALL
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.classification.rules.deciding import Gap
from services.customer.classification.tables import classification
from services.customer.customers.rules.values import CustomerKind
from services.customer.customers.store.scope import legs
from services.customer.customers.tables import customer

_c, _l = customer.c, classification.c


@dataclass(frozen=True, slots=True)
class Classified:
    """A customer with its latest evaluation, if there is one."""

    id: UUID
    name: str
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None
    evaluation_id: UUID | None
    scheme_number: int | None
    evaluated_at: datetime | None
    evaluated_tier: str | None
    verdict: str | None


_FORCE = bindparam("in_force", type_=Integer())
_BEFORE = bindparam("outdated_before", type_=DateTime(timezone=True))
CONDITIONS: Mapping[Gap, ColumnElement[bool]] = {
    Gap.NEVER_EVALUATED: _l.customer_id.is_(None),
    Gap.OUTDATED: _l.evaluated_at < _BEFORE,
    Gap.SCHEME_CHANGED: _l.scheme_number != _FORCE,
    Gap.UNDECIDED: _l.customer_id.isnot(None) & _l.verdict.is_(None) & _l.tier.is_(None),
    Gap.AWAITING_DECISION: _l.verdict.is_(None) & _l.tier.isnot(None),
    Gap.RETURNED: _l.verdict == "returned",
}
"""As `rules.deciding.gaps_of` has it; a test compares the two."""

_classified = select(
    *(_c.id, _c.name_key.label("name"), _c.legal_name, _c.tier, _c.account_manager_id, _l.evaluation_id),
    *(_l.scheme_number, _l.evaluated_at, _l.tier.label("evaluated_tier"), _l.verdict),
).select_from(customer.outerjoin(classification, _l.customer_id == _c.id))


def _listing(
    *conditions: ColumnElement[bool],
    filters: Mapping[str, ColumnElement[bool]] | None = None,
    everything: bool = False,
) -> Listing[Classified]:
    """Return a list with a leg for each way to see a customer; for those who see all, the first alone finds any."""
    base = _classified.where(_c.kind == CustomerKind.CUSTOMER.value, _c.merged_into_id.is_(None), *conditions)
    mine = [base.where(~VIEWER_SEES_ALL, leg) for leg in legs()]
    return Listing(
        *([base] if everything else [base.where(VIEWER_SEES_ALL), *mine]),
        into=Classified,
        filters=filters or {},
        keys={"name": SortKey(_c.name_key)},
        identifier=_c.id,
        default="name",
    )


_OTHERS = {
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id"),
    "tier": _c.tier == bindparam("tier", type_=Text()),
}
GAPS: Mapping[Gap | None, Listing[Classified]] = {
    None: _listing(or_(*CONDITIONS.values()), filters=_OTHERS),
    **{gap: _listing(condition, filters=_OTHERS) for gap, condition in CONDITIONS.items()},
}

PROFILES = prepared(
    select(_c.tier, _l.profile, func.count().label("count"))
    .select_from(customer.outerjoin(classification, _l.customer_id == _c.id))
    .where(_c.kind == CustomerKind.CUSTOMER.value, _c.merged_into_id.is_(None))
    .group_by(_c.tier, _l.profile)
)
_OF_TIER = _c.tier.is_not_distinct_from(bindparam("from_tier", type_=Text()))
MOVING = _listing(_OF_TIER, _l.profile == any_(bindparam("profiles", type_=ARRAY(Text()))), everything=True)
UNEVALUATED = _listing(_OF_TIER, _l.customer_id.is_(None), everything=True)
"""Both are of the whole base: those who keep the schemes see all of it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How many customers of a tier (None: of none) have the same latest values (None: none at all)."""

    tier: str | None
    profile: str | None
    count: int


async def profiles(tx: Questions) -> list[Alike]:
    """Return how often each combination of values stands in each tier, over the whole base."""
    return [Alike(*row) for row in await tx.all(PROFILES)]
