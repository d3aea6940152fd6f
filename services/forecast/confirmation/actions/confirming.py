"""Confirming an opportunity into a cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.money import Money
from services.forecast.confirmation.actions.following import learn
from services.forecast.confirmation.actions.writing import Said, write
from services.forecast.confirmation.rules import confirming, lines
from services.forecast.confirmation.rules.confirming import Opportunity
from services.forecast.confirmation.rules.lines import NOTHING_KNOWN, Item, Line
from services.forecast.confirmation.rules.stating import StatedLine, Statement
from services.forecast.confirmation.store import known
from services.forecast.confirmation.store.live import Confirmation
from services.forecast.cycles.actions import seat_in
from services.forecast.cycles.rules import definition
from services.forecast.cycles.rules.definition import Category, Cycle, CycleState
from services.forecast.cycles.store import definitions, seats


@dataclass(frozen=True, slots=True)
class Told:
    """What the service `opportunity` said when it was asked about what is not known here yet."""

    opportunity: Mapping[str, Any] | None
    products: Sequence[Mapping[str, Any]]


async def confirm(
    tx: Writing, viewer: Viewer, cycle_id: UUID, said: Statement, told: Told
) -> tuple[Confirmation, list[Line]]:
    """Confirm an opportunity into a category; `told` is what its service says of it now, where that was asked.

    The opportunity's row is locked, so that whoever confirms, and every change that is told of, comes one after
    the other.
    """
    cycle = await definitions.get(tx, cycle_id)
    definition.check_open(CycleState(cycle.state))
    await known.keep_products(tx, told.products)
    if told.opportunity is not None:
        await learn(tx, told.opportunity)
    opportunity = await known.lock(tx, said.opportunity_id)
    if opportunity is None or not await _is_visible(tx, viewer, cycle, opportunity):
        raise NotVisible("opportunity", said.opportunity_id)
    confirming.check_principal(opportunity, _acting(viewer))
    closes_on = said.closes_on or opportunity.expected_close
    if closes_on is None:
        raise confirming.CloseUnknown("Say when it is expected to close.", field="/expected_close")
    confirming.check_confirmation(
        opportunity,
        version=said.opportunity_version,
        person_id=_acting(viewer),
        category=said.category,
        closes_on=closes_on,
        period=cycle.period,
        stages=cycle.confirmable_stages,
    )
    seat = await seat_in(tx, cycle, viewer)
    omitted = said.category is Category.OMITTED
    seat = await seats.lock_with_line(tx, seat) if omitted else (await seats.lock(tx, [seat.id]))[seat.id]
    confirming.check_unsubmitted(has_draft=seat.draft_id is not None, is_handed_in=seat.handed_in_id is not None)
    amount = said.amount or _amount_of(opportunity, said.category)
    stated = await _stated_lines(tx, said.lines, amount, opportunity, closes_on)
    return await write(tx, cycle, seat, opportunity, Said(said.category, amount, closes_on, stated))


def _amount_of(opportunity: Opportunity, category: Category) -> Money:
    if opportunity.amount is not None:
        return Money(opportunity.amount, opportunity.currency)
    if category is Category.OMITTED:
        return Money(Decimal(0), opportunity.currency)
    raise confirming.AmountUnknown("The opportunity has no amount yet: say what it stands for.", field="/amount")


async def _stated_lines(
    tx: Questions, stated: Sequence[StatedLine] | None, amount: Money, opportunity: Opportunity, closes_on: date
) -> list[Line]:
    if not stated:
        return lines.lines_offered(amount.amount, amount.currency, opportunity.lines, closes_on)
    items = await known.products(tx, [line.product_id for line in stated if line.product_id])
    checked = [
        lines.dated_line(_item(number, line, items), line.month, line.place, line.quantity, line.amount)
        for number, line in enumerate(stated)
    ]
    lines.check_lines(amount.amount, checked)
    return checked


def _item(number: int, line: StatedLine, items: Mapping[UUID, known.KnownProduct]) -> Item:
    if line.product_id is None:
        return Item(None, line.product_line_id, None, unit_is_whole=False) if line.product_line_id else NOTHING_KNOWN
    if line.product_id not in items:
        raise confirming.ProductUnknown("The catalogue has no such product.", field=f"/lines/{number}/product_id")
    return items[line.product_id].item


async def _is_visible(tx: Questions, viewer: Viewer, cycle: Cycle, opportunity: Opportunity) -> bool:
    if opportunity.principal_id == viewer.acts_as or viewer.sees_all:
        return True
    seat = await seats.find_held(tx, cycle.id, opportunity.principal_id)
    return seat is not None and await seats.find_visible(tx, viewer, cycle.id, seat.id) is not None


def _acting(viewer: Viewer) -> UUID:
    acting = viewer.acts_as
    if acting is None:
        raise confirming.NotPrincipal("Only the principal owner of an opportunity confirms it.")
    return acting
