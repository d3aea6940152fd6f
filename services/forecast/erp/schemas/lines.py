"""The lines of a plan as a table that names things as we do."""

from collections.abc import AsyncIterator
from typing import IO

from servicekit.values.money import round_money
from services.forecast.demand_plan.rules import COLUMNS
from services.forecast.demand_plan.store import DemandPlanLine
from services.forecast.erp.rules.files import PlanFile
from services.forecast.erp.schemas import writing
from services.forecast.erp.schemas.writing import Row, Rows


async def write(form: PlanFile, lines: AsyncIterator[DemandPlanLine], content: IO[bytes]) -> None:
    """Write the lines as CSV or as a workbook."""
    if form is PlanFile.CSV:
        await writing.as_csv(COLUMNS, rows_of(lines), content)
    else:
        await writing.as_xlsx({"demand plan": (COLUMNS, rows_of(lines))}, content)


async def rows_of(lines: AsyncIterator[DemandPlanLine]) -> Rows:
    """Yield the row of each line."""
    async for line in lines:
        yield _row(line)


def _row(line: DemandPlanLine) -> Row:
    said = line.said
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
        said.change_kind.value,
        said.before.quantity.normalize(),
        round_money(said.before.amount, line.currency),
        said.is_explicit_zero,
    )
