"""The lines of a plan as a table that names things as we do."""

from collections.abc import AsyncIterator
from typing import IO

from servicekit.values.money import round_money
from services.forecast.demand_plan.rules import change_kind
from services.forecast.demand_plan.store import DemandPlanLine
from services.forecast.erp.rules.files import PlanFile
from services.forecast.erp.schemas import writing
from services.forecast.erp.schemas.writing import Row, Rows
from services.forecast.rollup.rules.cells import NOTHING

HEADING = (
    "product_id",
    "product_code",
    "product_name",
    "product_line_id",
    "month",
    "week",
    "place",
    "quantity",
    "unit",
    "amount",
    "currency",
    "change_quantity",
    "change_amount",
    "change_kind",
    "previous_quantity",
    "previous_amount",
    "is_explicit_zero",
)


async def write(form: PlanFile, lines: AsyncIterator[DemandPlanLine], content: IO[bytes]) -> None:
    """Write the lines as CSV or as a workbook."""
    if form is PlanFile.CSV:
        await writing.as_csv(HEADING, rows_of(lines), content)
    else:
        await writing.as_xlsx({"demand plan": (HEADING, rows_of(lines))}, content)


async def rows_of(lines: AsyncIterator[DemandPlanLine]) -> Rows:
    """Yield the row of each line."""
    async for line in lines:
        yield _row(line)


def _row(line: DemandPlanLine) -> Row:
    before = line.figures + -line.change
    return (
        str(line.product_id) if line.product_id else None,
        line.product_code,
        line.product_name,
        str(line.product_line_id) if line.product_line_id else None,
        line.month,
        line.week,
        line.place,
        line.quantity.normalize(),
        line.unit,
        round_money(line.amount, line.currency),
        line.currency,
        line.change_quantity.normalize(),
        round_money(line.change_amount, line.currency),
        change_kind(line.figures, line.change).value,
        before.quantity.normalize(),
        round_money(before.amount, line.currency),
        line.figures == NOTHING,
    )
