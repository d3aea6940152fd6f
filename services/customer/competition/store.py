"""Questions about competition at a customer; who may ask them is checked before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.competition.rules import Strength, strength
from services.customer.competition.tables import competitive_assessment, competitive_strategy
from services.customer.customers.store.identity import columns_of, group_array, is_of, of_survivor, survivor_of
from services.customer.customers.tables import customer

_a, _s, _c = competitive_assessment.c, competitive_strategy.c, customer.c
_CUSTOMER = bindparam("customer_id", type_=Uuid())
_COMPETITOR = bindparam("competitor_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Assessment:
    """How strong we and a competitor are at a customer."""

    id: UUID
    customer_id: UUID
    competitor_id: UUID
    competitor_name: str
    supersedes_id: UUID | None
    assessed_on: date
    criteria: list[dict[str, Any]]
    at: datetime
    assessed_by: UUID | None
    on_behalf_of: UUID | None
    superseded: bool

    @property
    def strength(self) -> Strength:
        """The means of both sides."""
        return strength(self.criteria)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A version of what we mean to do about the competition."""

    id: UUID
    customer_id: UUID
    number: int
    stance: str
    strategy: str
    competitor_ids: list[UUID]
    at: datetime
    written_by: UUID | None
    on_behalf_of: UUID | None


_later = competitive_assessment.alias("later")
_superseded = (
    select(_later.c.id)
    .where(
        _later.c.customer_id == any_(group_array(survivor_of(_a.customer_id))),
        _later.c.competitor_id == any_(group_array(survivor_of(_a.competitor_id))),
        tuple_(_later.c.at, _later.c.id) > tuple_(_a.at, _a.id),
    )
    .exists()
)
"""Whether there is a later one of the same two, under whichever of their ids they were assessed."""

_own = columns_of(competitive_assessment, ("id", "customer_id", "supersedes_id", "assessed_on", "criteria", "at"))
_assessments = of_survivor(
    select(
        *(*_own, _a.assessed_by, _a.on_behalf_of, _superseded.label("superseded")),
        *(_c.id.label("competitor_id"), _c.legal_name.label("competitor_name")),
    ).select_from(competitive_assessment),
    _a.competitor_id,
)
_strategies = select(*columns_of(competitive_strategy, Strategy.__dataclass_fields__))
ASSESSMENTS = Listing(
    _assessments,
    into=Assessment,
    filters={
        "customer_id": is_of(_a.customer_id, _CUSTOMER),
        "competitor_id": is_of(_a.competitor_id, _COMPETITOR),
        "present": ~_superseded,
    },
    keys={"at": SortKey(_a.at)},
    identifier=_a.id,
    default="-at",
)
STRATEGIES = Listing(
    _strategies,
    into=Strategy,
    filters={"customer_id": is_of(_s.customer_id, _CUSTOMER)},
    keys={"number": SortKey(_s.number)},
    identifier=_s.id,
    default="-number",
)
READ_ASSESSMENT = prepared(_assessments.where(_a.id == bindparam("the_id", type_=Uuid())), into=Assessment)
READ_STRATEGY = prepared(_strategies.where(_s.id == bindparam("the_id", type_=Uuid())), into=Strategy)
LATEST = prepared(
    select(_a.id)
    .where(
        _a.customer_id == _CUSTOMER,
        _a.competitor_id == _COMPETITOR,
        ~select(_later.c.id).where(_later.c.supersedes_id == _a.id).exists(),
    )
    .order_by(_a.at.desc(), _a.id.desc())
    .limit(1)
)
"""The end of the chain: instants are of requests' beginnings, and who began first need not have written first."""
PRESENT_NUMBER = prepared(select(func.coalesce(func.max(_s.number), 0)).where(is_of(_s.customer_id, _CUSTOMER)))
KINDS = prepared(select(_c.id, _c.kind).where(_c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))))
INSERT_ASSESSMENT = prepared(insert(competitive_assessment))
INSERT_STRATEGY = prepared(insert(competitive_strategy))


async def kinds_of(tx: Questions, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return of which kind the companies are, those that there are. Who competes is no secret (masked search)."""
    return {row[0]: row[1] for row in await tx.all(KINDS, ids=list(ids))}
