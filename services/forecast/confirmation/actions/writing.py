"""Writing a confirmation and its live line, and taking a line out of the live forecasts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.money import Money
from services.forecast import events
from services.forecast.confirmation.rules import confirming, lines
from services.forecast.confirmation.rules.confirming import LiveLine, Opportunity
from services.forecast.confirmation.rules.lines import Line
from services.forecast.confirmation.store import live
from services.forecast.confirmation.store.live import Confirmation
from services.forecast.cycles.rules.definition import AmountBasis, Category, Cycle
from services.forecast.cycles.rules.rates import rate_into
from services.forecast.cycles.store import definitions, seats
from services.forecast.cycles.store.seats import Seat


async def write(
    tx: Writing,
    cycle: Cycle,
    seat: Seat,
    opportunity: Opportunity,
    *,
    category: Category,
    amount: Money,
    stated: Sequence[Line],
    on: date,
) -> tuple[Confirmation, list[Line]]:
    """Write what was said, and make it the live line of its opportunity, or, omitted, take it out."""
    frozen = await definitions.rates_by_currency(tx, cycle.id)
    rate = rate_into(amount.currency, cycle.currency, frozen)
    probability = confirming.counted_probability(AmountBasis(cycle.amount_basis), opportunity.probability, category)
    counted, parts = lines.counted_lines(stated, rate, probability, cycle.currency)
    values: dict[str, Any] = {
        "id": new_id(),
        "cycle_id": cycle.id,
        "seat_id": seat.id,
        "opportunity_id": opportunity.id,
        "opportunity_version": opportunity.version,
        "opportunity_name": opportunity.name,
        "customer_id": opportunity.customer_id,
        "is_simulated": opportunity.is_simulated,
        "principal_id": opportunity.principal_id,
        "category": category.value,
        "stated_amount": amount.amount,
        "stated_currency": amount.currency,
        "rate": rate,
        "probability": probability,
        "amount": counted,
        "closes_on": on,
        "at": tx.now,
    }
    made = await live.append(tx, values, parts)
    if category is Category.OMITTED:
        former = (await live.live_of(tx, opportunity.id)).get(cycle.id)
        if former is not None:
            await release(tx, former, "an opportunity was omitted")
    else:
        await live.place(tx, made)
    tx.publish(events.CONFIRMED, opportunity.id, _told_of(made))
    return made, parts


async def release(tx: Writing, line: LiveLine, reason: str) -> None:
    """Take a line out; what was handed in with it holds no more, and nothing that gathered that."""
    seat = (await seats.by_ids(tx, [line.seat_id]))[line.seat_id]
    seat = await seats.lock_with_line(tx, seat)
    await live.release(tx, line)
    if seat.handed_in_id is not None:
        await seats.mark_stale(tx, seat.line, reason)
    tx.publish(
        events.WITHDRAWN,
        line.opportunity_id,
        {"cycle_id": str(line.cycle_id), "seat_id": str(line.seat_id), "reason": reason},
    )


def _told_of(made: Confirmation) -> dict[str, Any]:
    return {
        "confirmation_id": str(made.id),
        "cycle_id": str(made.cycle_id),
        "seat_id": str(made.seat_id),
        "category": made.category,
        "amount": str(made.amount),
    }
