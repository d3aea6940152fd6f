"""What follows by itself when an opportunity changes: live lines close, leave or stay."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from servicekit.data.transactions import Writing
from servicekit.values.money import Money
from services.forecast import events
from services.forecast.confirmation.actions.writing import Said, counted, release, told_of, write
from services.forecast.confirmation.rules import confirming, lines
from services.forecast.confirmation.rules.confirming import Effect, LiveLine, Opportunity, OpportunityState
from services.forecast.confirmation.store import known, live
from services.forecast.cycles.rules.definition import Category, Cycle
from services.forecast.cycles.rules.rates import has_rate
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
    cycles = await definitions.share_open_cycles(tx)
    opportunity = await known.lock(tx, told["id"]) if cycles else None
    if opportunity is None:
        return
    present = await live.live_of(tx, opportunity.id)
    for cycle in cycles:
        await _follow(tx, cycle, opportunity, present.get(cycle.id))


async def enter_won(tx: Writing, cycle: Cycle, principal_id: UUID | None = None) -> None:
    """Enter everything (or somebody's) that was won in the period of a cycle and does not stand in it yet."""
    won = await known.won_without_line(tx, cycle, principal_id)
    if not won:
        return
    principals = sorted({opportunity.principal_id for opportunity in won})
    found = await seats.held_by(tx, cycle.id, principals)
    held = await seats.lock(tx, [seat.id for seat in found.values()])
    frozen = await definitions.rates_by_currency(tx, cycle.id)
    entering = []
    for opportunity in won:
        said, seat = _won(opportunity), found.get(opportunity.principal_id)
        if said is not None and seat is not None and has_rate(said.amount.currency, cycle.currency, frozen):
            entering.append(counted(cycle, held[seat.id], opportunity, said, frozen=frozen, at=tx.now))
    await live.append(tx, entering)
    await live.place_new(tx, [made for made, _ in entering])
    for made, _ in entering:
        tx.publish(events.CONFIRMED, made.opportunity_id, told_of(made))


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


def _won(opportunity: Opportunity) -> Said | None:
    """Return what a won opportunity says by itself; nothing while its amount is unknown."""
    if opportunity.amount is None or opportunity.decided_on is None:
        return None
    stated = lines.lines_offered(opportunity.amount, opportunity.currency, opportunity.lines, opportunity.decided_on)
    amount = Money(opportunity.amount, opportunity.currency)
    return Said(Category.CLOSED, amount, opportunity.decided_on, stated)


async def _close(tx: Writing, cycle: Cycle, seat: Seat, opportunity: Opportunity) -> None:
    """Enter a won opportunity; one in a currency without a frozen rate cannot be counted and stays a candidate."""
    said = _won(opportunity)
    frozen = await definitions.rates_by_currency(tx, cycle.id)
    if said is not None and has_rate(said.amount.currency, cycle.currency, frozen):
        held = await seats.lock(tx, [seat.id])
        await write(tx, cycle, held[seat.id], opportunity, said)
