"""The demand that tops say where nobody has decided otherwise."""

from collections.abc import Collection, Iterable

from services.forecast.cycles.rules.definition import Category
from services.forecast.demand_plan.rules import Place, demand_at
from services.forecast.rollup.rules.cells import Cell, Figures


def decided(cells: Iterable[tuple[Cell, Figures]], plan: Collection[Category]) -> dict[Place, Figures]:
    """Return the demand that the top records' cells come to, in the categories that become the plan."""
    return demand_at(
        (Place(cell.item, cell.month, cell.place, cell.week), figures)
        for cell, figures in cells
        if cell.category in plan
    )
