"""Writing opportunities: the row, its histories and what the counts are told, in as few statements as can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, any_, bindparam, func, literal, update

from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from services.opportunity.opportunities.store.changes import change, changing
from services.opportunity.opportunities.store.duties import decide_duties
from services.opportunity.opportunities.store.rows import Opportunity
from services.opportunity.opportunities.tables import opportunity, stage_change, terms_change
from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class StageChangeRow:
    """A change of stage or state, as it is kept."""

    opportunity_id: UUID
    at: datetime
    recorded_at: datetime
    funnel_version: int
    from_stage: str | None
    to_stage: str
    from_state: str | None
    to_state: str
    decided_on: date | None
    currency: str
    amount: Decimal | None
    reason: str | None
    loss_reason: str | None
    win_reason: str | None
    competitor_id: UUID | None
    override_reason: str | None
    passed_over: list[str]
    actor_id: UUID | None
    on_behalf_of: UUID | None


@dataclass(frozen=True, slots=True)
class TermsRow:
    """The terms from an instant on, as they are kept."""

    opportunity_id: UUID
    at: datetime
    recorded_at: datetime
    currency: str
    amount: Decimal | None
    amount_is_estimate: bool
    expected_close: date | None
    customer_id: UUID | None
    lines: list[dict[str, Any]]
    product_ids: list[UUID]
    actor_id: UUID | None
    on_behalf_of: UUID | None


def _typed(**names: str) -> dict[str, Any]:
    return {target: bindparam(source, type_=opportunity.c[target].type) for target, source in names.items()}


_STAGE = _typed(
    stage="to_stage",
    state="to_state",
    stage_since="at",
    stood_in="stood_in",
    contract_until="contract_until",
    decided_on="decided_on",
    loss_reason="loss_reason",
    win_reason="win_reason",
    competitor_id="competitor_id",
) | {"age_known": True}
_TERMS = _typed(
    name="name",
    search_name="search_name",
    account_manager_id="account_manager_id",
    terms_since="at",
    **{
        name: name
        for name in (
            "currency",
            "amount",
            "amount_is_estimate",
            "expected_close",
            "customer_id",
            "lines",
            "product_ids",
        )
    },
)
CHANGE_STAGE = changing(_STAGE, stage_change, list(StageChangeRow.__dataclass_fields__))
CHANGE_TERMS = changing(_TERMS, terms_change, list(TermsRow.__dataclass_fields__))
FOLLOW_MANAGER = prepared(
    update(opportunity)
    .where(
        opportunity.c.customer_id == any_(bindparam("customers", type_=ARRAY(Uuid()))),
        opportunity.c.account_manager_id.is_distinct_from(bindparam("manager", type_=Uuid())),
    )
    .values(account_manager_id=bindparam("manager", type_=Uuid()))
)
SET_CONTRACT = prepared(
    update(opportunity)
    .where(opportunity.c.id == bindparam("opportunity_id"))
    .values(_typed(contract_until="contract_until") | {"version": opportunity.c.version + 1})
    .returning(opportunity.c.version)
)
FOLLOW_ACTIVITY = prepared(
    update(opportunity)
    .where(
        opportunity.c.id == bindparam("the_id", type_=Uuid()),
        func.coalesce(opportunity.c.last_activity_on < bindparam("on", type_=Date()), literal(value=True)),
    )
    .values(last_activity_on=bindparam("on", type_=Date()))
)
RENAME = prepared(
    update(opportunity)
    .where(opportunity.c.id == bindparam("opportunity_id"))
    .values(_typed(name="name", search_name="search_name") | {"version": opportunity.c.version + 1})
    .returning(opportunity.c.version)
)


async def append_stage_change(tx: Writing, row: StageChangeRow, after: Opportunity) -> int:
    """Move the opportunity, keep the move and tell of it; return the new version."""
    kept: dict[str, object] = {"stood_in": after.stood_in, "contract_until": after.contract_until}
    version = await change(tx, CHANGE_STAGE, _plain(row) | kept)
    if row.from_state != row.to_state:
        await decide_duties(tx, row.opportunity_id, is_decided=row.to_state != State.OPEN)
    return version


async def append_terms(tx: Writing, row: TermsRow, after: Opportunity, search_name: str) -> int:
    """Change the terms, keep them with their date and tell of them; return the new version."""
    kept: dict[str, object] = {
        "name": after.name,
        "search_name": search_name,
        "account_manager_id": after.account_manager_id,
    }
    return await change(tx, CHANGE_TERMS, _plain(row) | kept)


async def rename(tx: Writing, opportunity_id: UUID, name: str, search_name: str) -> int:
    """Give the opportunity another name, which no report looks back on; return the new version."""
    return int(await tx.value(RENAME, opportunity_id=opportunity_id, name=name, search_name=search_name))


def _plain(row: StageChangeRow | TermsRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


async def follow_manager(tx: Writing, customer_ids: Sequence[UUID], account_manager_id: UUID | None) -> None:
    """Let the opportunities of a customer, by any of its ids, be seen by who looks after it now."""
    await tx.execute(FOLLOW_MANAGER, customers=list(customer_ids), manager=account_manager_id)


async def set_contract(tx: Writing, opportunity_id: UUID, until: date | None) -> int:
    """Say until when the contract runs that a won opportunity is; return the new version."""
    return int(await tx.value(SET_CONTRACT, opportunity_id=opportunity_id, contract_until=until))


async def follow_activity(tx: Writing, opportunity_id: UUID, on: date) -> None:
    """Keep that something was done about an opportunity on a day, unless something was done later."""
    await tx.execute(FOLLOW_ACTIVITY, the_id=opportunity_id, on=on)
