"""Looking back at a period: which version is asked for, whose part of the line, and how far off it was."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.forecast.accuracy.rules import parts
from services.forecast.accuracy.rules.actuals import (
    Actuals,
    MayNotMeasureByOrders,
    OrdersOfNoSeat,
    accuracy_by_orders,
)
from services.forecast.accuracy.rules.measuring import Accuracy, Sums, accuracy_of
from services.forecast.accuracy.rules.report import AccuracyReport
from services.forecast.accuracy.rules.versions import NoBasis, NoSuchVersion, Version
from services.forecast.accuracy.store import bases, products, seats
from services.forecast.accuracy.store.products import ProductPart
from services.forecast.accuracy.store.seats import SeatPart
from services.forecast.cycles.actions import seat_seen
from services.forecast.cycles.rules.definition import Cycle, CycleState, check_open
from services.forecast.cycles.store import definitions
from services.forecast.cycles.store.seats import SeatScope
from services.forecast.erp.store.scope import ByRole


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, of which version of which cycle's period, of the part below which seat (None: all they may see).

    `actuals` says by what products are measured, `today` is the business date, `zone` the enterprise's time zone.
    """

    viewer: Viewer
    cycle_id: UUID
    version: Version
    seat_id: UUID | None
    today: date
    zone: str
    actuals: Actuals = Actuals.WON


async def read_accuracy(tx: Questions, asked: Asked) -> AccuracyReport:
    """Return how far off the part of the line was that is asked for.

    Raises:
        MayNotMeasureByOrders, OrdersOfNoSeat: it cannot be told by orders.
    """
    _check_orders(asked)
    cycle, found = await _part(tx, asked)
    over = is_over(cycle, asked.today)
    part = None if isinstance(found, NoBasis) else found
    results = await seats.results(tx, part) if part else []
    items = ProductPart.of(part.basis, results) if part else None
    by_product = await products.whole(tx, items) if items else Sums()
    return AccuracyReport(
        cycle=cycle,
        version=asked.version,
        basis=part.basis if part else None,
        no_basis=found if isinstance(found, NoBasis) else None,
        is_over=over,
        total=parts.accuracy_over(parts.highest(results), is_over=over),
        levels={depth: parts.accuracy_over(some, is_over=over) for depth, some in parts.by_depth(results).items()},
        units={unit: parts.accuracy_over(some, is_over=over) for unit, some in parts.by_unit(results).items()},
        products=accuracy_of(by_product, is_over=over),
        ordered=await _by_orders(tx, items, is_over=over) if asked.actuals == Actuals.ORDERS else None,
        uncounted=await seats.uncounted(tx, part) if part else 0,
    )


async def part_of_version(tx: Questions, asked: Asked) -> tuple[bool, SeatPart]:
    """Return whether the period is over, and the seats that the version rests on.

    Raises:
        NoSuchVersion: there is no such version of the period.
    """
    cycle, found = await _part(tx, asked)
    if isinstance(found, NoBasis):
        raise NoSuchVersion(found)
    return is_over(cycle, asked.today), found


async def products_of_version(tx: Questions, asked: Asked) -> tuple[bool, ProductPart]:
    """Return whether the period is over, and the part of the version whose products are told.

    Raises:
        NoSuchVersion: there is no such version of the period.
        MayNotMeasureByOrders, OrdersOfNoSeat: it cannot be told by orders.
    """
    _check_orders(asked)
    over, part = await part_of_version(tx, asked)
    return over, ProductPart.of(part.basis, await seats.results(tx, part))


def is_over(cycle: Cycle, today: date) -> bool:
    """Tell whether the last day of a cycle's period has passed."""
    return cycle.period_end <= today


def _check_orders(asked: Asked) -> None:
    """Let only who sees orders and the whole line set them against each other."""
    if asked.actuals == Actuals.WON:
        return
    if not (ByRole(asked.viewer).sees and SeatScope(asked.viewer, asked.cycle_id).sees_all):
        raise MayNotMeasureByOrders
    if asked.seat_id is not None:
        raise OrdersOfNoSeat


async def _by_orders(tx: Questions, part: ProductPart | None, *, is_over: bool) -> dict[str, Accuracy]:
    found = await products.by_unit(tx, part) if part else {}
    tops = part.tops if part else ()
    return {unit: accuracy_by_orders(sums, tops, is_over=is_over) for unit, sums in found.items()}


async def _part(tx: Questions, asked: Asked) -> tuple[Cycle, SeatPart | NoBasis]:
    """Return the cycle asked for, and the seats that the version rests on."""
    cycle = await definitions.get(tx, asked.cycle_id)
    check_open(CycleState(cycle.state))
    seat = await seat_seen(tx, asked.viewer, cycle.id, asked.seat_id) if asked.seat_id else None
    basis = await bases.find_basis(tx, cycle, asked.version)
    if basis is None:
        return cycle, NoBasis.NO_CYCLE_BEFORE
    whole = SeatPart(basis, asked.viewer, None, asked.zone)
    if seat is None:
        return cycle, whole
    under = await seats.find_seat_of(tx, whole, seat.person_id)
    return cycle, NoBasis.NO_SEAT_THEN if under is None else SeatPart(basis, asked.viewer, under, asked.zone)
