"""Writing a confirmation and its live line, and taking a line out of the live forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
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


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an opportunity: its lines add up to its amount."""

    category: Category
    amount: Money
    closes_on: date
    lines: Sequence[Line]


def counted(
    cycle: Cycle, seat: Seat, opportunity: Opportunity, said: Said, *, frozen: Mapping[str, Decimal], at: datetime
) -> tuple[Confirmation, list[Line]]:
    """Return what is said with what it counts for in the cycle's currency.

    Raises:
        RateMissing: the cycle has no rate for the currency.
    """
    rate = rate_into(said.amount.currency, cycle.currency, frozen)
    basis = AmountBasis(cycle.amount_basis)
    probability = confirming.counted_probability(basis, opportunity.probability, said.category)
    amount, parts = lines.counted_lines(said.lines, rate, probability, cycle.currency)
    made = Confirmation(
        id=new_id(),
        cycle_id=cycle.id,
        seat_id=seat.id,
        opportunity_id=opportunity.id,
        opportunity_version=opportunity.version,
        opportunity_name=opportunity.name,
        customer_id=opportunity.customer_id,
        is_simulated=opportunity.is_simulated,
        principal_id=opportunity.principal_id,
        category=said.category.value,
        stated_amount=said.amount.amount,
        stated_currency=said.amount.currency,
        rate=rate,
        probability=probability,
        amount=amount,
        closes_on=said.closes_on,
        at=at,
    )
    return made, parts


async def write(
    tx: Writing, cycle: Cycle, seat: Seat, opportunity: Opportunity, said: Said
) -> tuple[Confirmation, list[Line]]:
    """Write what is said, and make it the live line of its opportunity, or, omitted, take it out."""
    frozen = await definitions.rates_by_currency(tx, cycle.id)
    made, parts = counted(cycle, seat, opportunity, said, frozen=frozen, at=tx.now)
    await live.append(tx, [(made, parts)])
    if said.category is Category.OMITTED:
        former = (await live.live_of(tx, opportunity.id)).get(cycle.id)
        if former is not None:
            await release(tx, former, "an opportunity was omitted")
    else:
        await live.place(tx, made)
    tx.publish(events.CONFIRMED, opportunity.id, told_of(made))
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


def told_of(made: Confirmation) -> dict[str, Any]:
    """Return what an event says of a confirmation."""
    return {
        "confirmation_id": str(made.id),
        "cycle_id": str(made.cycle_id),
        "seat_id": str(made.seat_id),
        "category": made.category,
        "amount": str(made.amount),
    }
