"""What the service publishes: every event of an opportunity carries its full state, at its version."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from servicekit.data.transactions import Writing

if TYPE_CHECKING:
    from services.opportunity.currencies.store import ExchangeRate
    from services.opportunity.opportunities.store import Opportunity
    from services.opportunity.products.store import Product, ProductLine

CREATED = "opportunity.created"
UPDATED = "opportunity.updated"
STAGE_CHANGED = "opportunity.stage_changed"
WON = "opportunity.won"
LOST = "opportunity.lost"
REOPENED = "opportunity.reopened"
PRINCIPAL_CHANGED = "opportunity.principal_changed"
ASSESSED = "opportunity.assessed"
SALES_TEAM_CHANGED = "opportunity.sales_team_changed"
PRODUCT_CHANGED = "product.changed"
PRODUCT_LINE_CHANGED = "product_line.changed"
EXCHANGE_RATE_CHANGED = "exchange_rate.changed"
HEALTH_FALLING = "funnel.health_falling"
HEALTH_WARNING = "funnel.health_warning"


def state_of(opportunity: "Opportunity") -> dict[str, Any]:
    """Return what whoever keeps a copy of an opportunity needs to know of it; decimals are strings."""
    probability = opportunity.probability
    return {
        "id": str(opportunity.id),
        "version": opportunity.version,
        "name": opportunity.name,
        "principal_id": str(opportunity.principal_id),
        "customer_id": str(opportunity.customer_id) if opportunity.customer_id else None,
        "account_manager_id": str(opportunity.account_manager_id) if opportunity.account_manager_id else None,
        "stage": opportunity.stage,
        "state": opportunity.state,
        "stage_since": opportunity.stage_since.isoformat() if opportunity.age_known else None,
        "opened_at": opportunity.opened_at.isoformat(),
        "amount": None if opportunity.amount is None else f"{opportunity.amount:f}",
        "amount_is_estimate": opportunity.amount_is_estimate,
        "currency": opportunity.currency,
        "probability": f"{probability.ratio:f}",
        "probability_source": probability.source.value,
        "expected_close": opportunity.expected_close.isoformat() if opportunity.expected_close else None,
        "decided_on": opportunity.decided_on.isoformat() if opportunity.decided_on else None,
        "contract_until": opportunity.contract_until.isoformat() if opportunity.contract_until else None,
        "assessment_id": str(opportunity.assessment_id) if opportunity.assessment_id else None,
        "assessed_at": opportunity.assessed_at.isoformat() if opportunity.assessed_at else None,
        "score": opportunity.score,
        "score_most": opportunity.score_most,
        "assessed_value": opportunity.assessed_value,
        "lines": opportunity.lines,
        "origin": opportunity.origin,
    }


def publish(tx: Writing, event_type: str, opportunity: "Opportunity", **more: Any) -> None:
    """Publish what happened to an opportunity, with its state after it."""
    tx.publish(event_type, opportunity.id, state_of(opportunity) | more)


def publish_product(tx: Writing, product: "Product") -> None:
    """Publish what a product is now, new or changed."""
    tx.publish(
        PRODUCT_CHANGED,
        product.id,
        {
            "id": str(product.id),
            "version": product.version,
            "code": product.code,
            "name": product.name,
            "product_line_id": str(product.product_line_id),
            "unit": product.unit,
            "unit_is_whole": product.unit_is_whole,
        },
    )


def publish_product_line(tx: Writing, line: "ProductLine") -> None:
    """Publish what a product line is now, new or changed."""
    tx.publish(
        PRODUCT_LINE_CHANGED,
        line.id,
        {
            "id": str(line.id),
            "version": line.version,
            "name": line.name,
            "parent_id": str(line.parent_id) if line.parent_id else None,
        },
    )


def publish_rate(tx: Writing, rate: "ExchangeRate") -> None:
    """Publish what a currency is worth from a date on, new or corrected."""
    tx.publish(
        EXCHANGE_RATE_CHANGED,
        rate.id,
        {
            "id": str(rate.id),
            "from_currency": rate.from_currency,
            "to_currency": rate.to_currency,
            "date": rate.date.isoformat(),
            "rate": f"{rate.rate:f}",
            "recorded_at": rate.recorded_at.isoformat(),
        },
    )


def publish_health(tx: Writing, person_id: UUID, notice: Mapping[str, Any]) -> None:
    """Publish that a stage of somebody's funnel has turned bad, as the notice of it says."""
    event = HEALTH_WARNING if notice["kind"] == "warning" else HEALTH_FALLING
    told = {name: str(value) for name, value in notice.items() if value is not None and name not in {"kind", "at"}}
    optional = dict.fromkeys(("superior_id", "health", "health_before"))
    tx.publish(event, person_id, optional | told | {"owner_id": str(person_id)})
