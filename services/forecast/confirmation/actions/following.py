"""What follows by itself when an opportunity changes: live lines close, leave or stay."""

from collections.abc import Mapping
from typing import Any

from servicekit.data.transactions import Writing
from servicekit.values.money import Money
from services.forecast.confirmation.actions.writing import release, write
from services.forecast.confirmation.rules import confirming, lines
from services.forecast.confirmation.rules.confirming import Effect, LiveLine, Opportunity, OpportunityState
from services.forecast.confirmation.store import known, live
from services.forecast.cycles.rules.definition import Category, Cycle
from services.forecast.cycles.rules.rates import RateMissing
from services.forecast.cycles.store import definitions, seats
from services.forecast.cycles.store.seats import Seat


async def learn(tx: Writing, told: Mapping[str, Any]) -> None:
    """Take over what is told of an opportunity, if it is news, and let its live lines follow.

    What is won in the period of an open cycle enters as closed by itself; what is lost, reopened or has another
    principal leaves, and every record above that rests on it is stale in the same transaction.
    """
    is_new = await known.keep_opportunity(tx, told)
    if is_new is None or (is_new and told["state"] != OpportunityState.WON):
        return
    cycles = await definitions.open_cycles(tx)
    opportunity = await known.lock(tx, told["id"]) if cycles else None
    if opportunity is None:
        return
    present = await live.live_of(tx, opportunity.id)
    for cycle in cycles:
        await _follow(tx, cycle, opportunity, present.get(cycle.id))


async def enter_won(tx: Writing, cycle: Cycle) -> None:
    """Enter what was won in the period of a cycle that has just been opened."""
    for opportunity in await known.won_in(tx, cycle.period):
        await _follow(tx, cycle, opportunity, None)


async def _follow(tx: Writing, cycle: Cycle, opportunity: Opportunity, line: LiveLine | None) -> None:
    effect = confirming.effect_of(opportunity, cycle.period, line)
    if effect is Effect.KEEP:
        return
    seat = await seats.find_held(tx, cycle.id, opportunity.principal_id) if effect is Effect.CLOSE else None
    if line is not None and (seat is None or seat.id != line.seat_id):
        await release(tx, line, _why(opportunity, line))
    if seat is not None:
        await _close(tx, cycle, seat, opportunity)


def _why(opportunity: Opportunity, line: LiveLine) -> str:
    if opportunity.principal_id != line.principal_id:
        return "an opportunity has another principal owner"
    return "an opportunity was reopened" if line.category == Category.CLOSED else "an opportunity was lost or moved"


async def _close(tx: Writing, cycle: Cycle, seat: Seat, opportunity: Opportunity) -> None:
    """Enter a won opportunity; one in a currency without a frozen rate cannot be counted and stays a candidate."""
    if opportunity.amount is None or opportunity.decided_on is None:
        return
    amount, on = Money(opportunity.amount, opportunity.currency), opportunity.decided_on
    seat = (await seats.lock(tx, [seat.id]))[seat.id]
    stated = lines.lines_offered(amount.amount, amount.currency, opportunity.lines, on)
    try:
        await write(tx, cycle, seat, opportunity, category=Category.CLOSED, amount=amount, stated=stated, on=on)
    except RateMissing:
        return
