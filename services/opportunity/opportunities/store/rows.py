"""An opportunity as its viewer may see it: by the reporting line, the sales team or its customer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, Uuid, any_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from orgchart.scope import VIEWER_ID, VIEWER_SEES_ALL, viewers_path
from orgchart.tables import person
from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.money import Money
from services.opportunity.calibration.rules.choosing import used_as_kept
from services.opportunity.calibration.store.calibrations import USED_NOW
from services.opportunity.customers.store import survivor, survivor_id
from services.opportunity.customers.tables import customer_copy
from services.opportunity.definitions.store import probability_in_stage
from services.opportunity.likelihood import Probability, ProbabilitySource, likelihood
from services.opportunity.opportunities.rules import Line, Terms
from services.opportunity.opportunities.tables import opportunity, sales_team_member


@dataclass(frozen=True, slots=True)
class Opportunity:
    """An opportunity as it is now, with what is known of its customer.

    `stage_probability` is how likely a win is in its stage, by the version of the funnel that it runs on.
    `calibrated` is the calibration that counts now, if one does, for all stages (`used`): a change of stage keeps it.
    `customer_id` is whom its terms name; `current_customer_id` is whom that one stands for, should it have been merged.
    """

    id: UUID
    version: int
    name: str
    customer_id: UUID | None
    current_customer_id: UUID | None
    customer_name: str | None
    customer_tier: str | None
    account_manager_id: UUID | None
    principal_id: UUID
    principal_since: datetime
    funnel_version: int
    stage: str
    stage_probability: Decimal
    calibrated: list[Any] | None
    state: str
    stage_since: datetime
    funnel_since: datetime | None
    stood_in: str | None
    age_known: bool
    opened_at: datetime
    decided_on: date | None
    loss_reason: str | None
    win_reason: str | None
    competitor_id: UUID | None
    currency: str
    amount: Decimal | None
    amount_is_estimate: bool
    expected_close: date | None
    lines: list[dict[str, Any]]
    product_ids: list[UUID]
    contract_until: date | None
    last_activity_on: date | None
    assessment_id: UUID | None
    assessed_at: datetime | None
    score: int | None
    score_most: int | None
    assessed_value: str | None
    opportunity_exists: int | None
    we_can_compete: int | None
    we_can_win: int | None
    worth_winning: int | None
    terms_since: datetime
    origin: str
    external_system: str | None
    external_id: str | None
    created_at: datetime
    manual_probability: Decimal | None
    manual_probability_since: datetime | None
    manual_probability_by: UUID | None

    @property
    def probability(self) -> Probability:
        """How likely a win is, and where that comes from."""
        used = used_as_kept(self.calibrated)
        return likelihood(
            self.state,
            of_stage=self.stage_probability,
            manual=self.manual_probability,
            calibrated=used.of_stage(self.funnel_version, self.stage) if used else None,
        )

    @property
    def calibrated_since(self) -> datetime | None:
        """Since when its probability is calibrated, None where it is not."""
        used = used_as_kept(self.calibrated)
        return used.since if used and self.probability.source is ProbabilitySource.CALIBRATED else None

    @property
    def placed_since(self) -> datetime:
        """Since when it is at its place: in its stage, or moved there from another version of the funnel."""
        return self.stage_since if self.funnel_since is None else max(self.stage_since, self.funnel_since)

    @property
    def money(self) -> Money | None:
        """The amount with its currency, None where unknown."""
        return None if self.amount is None else Money(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Seen(Opportunity):
    """An opportunity with what says how the viewer stands to it.

    `principal_path` is the principal's reporting line, `team_roles` are the viewer's in the sales team.
    """

    principal_path: str | None
    team_roles: list[str]


_FOUND = {
    "current_customer_id": func.coalesce(survivor.c.id, opportunity.c.customer_id).label("current_customer_id"),
    "customer_name": survivor.c.name.label("customer_name"),
    "customer_tier": survivor.c.tier.label("customer_tier"),
    "stage_probability": probability_in_stage(opportunity.c.funnel_version, opportunity.c.stage),
    "calibrated": literal_column(USED_NOW, JSONB()).label("calibrated"),
}
_KEPT = [_FOUND[name] if name in _FOUND else opportunity.c[name] for name in Opportunity.__dataclass_fields__]


_mine = sales_team_member.alias("mine")
_owner = person.alias("owner")


def columns() -> Select[Any]:
    """Return the query of opportunities without any condition: what starts from it must add who may see."""
    return select(*_KEPT).select_from(
        opportunity.outerjoin(customer_copy, customer_copy.c.id == opportunity.c.customer_id).outerjoin(
            survivor, survivor.c.id == survivor_id()
        )
    )


def in_team() -> ColumnElement[bool]:
    """Whether the viewer takes part now."""
    return (
        select(_mine.c.id)
        .where(
            _mine.c.opportunity_id == opportunity.c.id,
            _mine.c.person_id == VIEWER_ID,
            _mine.c.until_at.is_(None),
        )
        .exists()
    )


def _in_line(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the owner is the viewer or reports to them: one person looked up, not a whole subtree gathered."""
    found = select(_owner.c.id).where(_owner.c.id == owner, _owner.c.path.op("<@", is_comparison=True)(viewers_path()))
    return found.exists()


def may_see() -> ColumnElement[bool]:
    """Whether the viewer may see an opportunity found by key (lists ask for each leg apart)."""
    return or_(
        VIEWER_SEES_ALL, _in_line(opportunity.c.principal_id), _in_line(opportunity.c.account_manager_id), in_team()
    )


def visible() -> Select[Any]:
    """Return the query of what the viewer may see, with how they stand to it."""
    path = select(person.c.path).where(person.c.id == opportunity.c.principal_id).scalar_subquery()
    roles = func.array(
        select(_mine.c.role)
        .where(
            _mine.c.opportunity_id == opportunity.c.id,
            _mine.c.person_id == VIEWER_ID,
            _mine.c.until_at.is_(None),
        )
        .scalar_subquery(),
        type_=Text(),
    )
    return columns().add_columns(path.label("principal_path"), roles.label("team_roles")).where(may_see())


_BY_ID = visible().where(opportunity.c.id == bindparam("id"))
GET = prepared(_BY_ID, into=Seen)
LOCK = prepared(_BY_ID.with_for_update(of=opportunity), into=Seen)
LOCK_ALL = prepared(
    visible()
    .where(opportunity.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(opportunity.c.id)
    .with_for_update(of=opportunity),
    into=Seen,
)
BY_REFERENCE = prepared(
    visible().where(
        opportunity.c.external_system == bindparam("system"), opportunity.c.external_id == bindparam("external")
    ),
    into=Seen,
)


async def get(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> Seen:
    """Return the opportunity, or raise `NotVisible`."""
    return await tx.visible(GET, "opportunity", opportunity_id, viewer=viewer, id=opportunity_id)


async def find(tx: Questions, viewer: Viewer, system: str, external_id: str) -> Seen | None:
    """Return the opportunity with an external reference, if there is one that the viewer may see."""
    return await tx.first(BY_REFERENCE, viewer=viewer, system=system, external=external_id)


async def lock(tx: Writing, viewer: Viewer, opportunity_id: UUID) -> Seen:
    """Return the opportunity, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "opportunity", opportunity_id, viewer=viewer, id=opportunity_id)


async def lock_all(tx: Writing, viewer: Viewer, opportunity_ids: Collection[UUID]) -> dict[UUID, Seen]:
    """Return those of the opportunities that the viewer may see, locked one after the other in the order of ids."""
    rows = await tx.all(LOCK_ALL, viewer=viewer, ids=list(opportunity_ids))
    return {row.id: row for row in rows}


def lines_of(opportunity: Opportunity) -> list[Line]:
    """Return the lines as values."""
    return [
        Line(
            UUID(line["product_id"]),
            Decimal(line["quantity"]),
            None if line["unit_price"] is None else Decimal(line["unit_price"]),
            None if line["delivery_date"] is None else date.fromisoformat(line["delivery_date"]),
            line["place"],
        )
        for line in opportunity.lines
    ]


def terms_of(opportunity: Opportunity) -> Terms:
    """Return what the opportunity is about now."""
    return Terms(
        opportunity.name,
        opportunity.customer_id,
        opportunity.currency,
        opportunity.amount,
        opportunity.amount_is_estimate,
        opportunity.expected_close,
        lines_of(opportunity),
    )
