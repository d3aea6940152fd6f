"""Plan files in the forms that ERP systems import, written as their rows are read.

Codes stand as the ERP has them, sign for sign: these files are read by programs.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import IO, Any

import orjson

from services.forecast.erp.rules import business_central, erpnext, frepple, odoo
from services.forecast.erp.rules.demand import Demand, Handed
from services.forecast.erp.rules.files import PlanFile
from services.forecast.erp.schemas import writing
from services.forecast.erp.schemas.writing import Row, Rows

Demands = AsyncIterator[Demand]
ToRow = Callable[[Handed, Demand], Row]


async def write(form: PlanFile, handed: Handed, read: Callable[[], Demands], content: IO[bytes]) -> None:
    """Write a file; `read` begins to read the demand, as often as a form needs it."""
    match form:
        case PlanFile.ERPNEXT_JSON:
            await _erpnext_json(handed, read(), content)
        case PlanFile.ERPNEXT_CSV:
            await writing.as_csv(erpnext.HEADING, _erpnext_rows(handed, read()), content, exact=True)
        case PlanFile.ODOO_CSV:
            await writing.as_csv(odoo.HEADING, _rows(odoo.row, handed, read()), content, exact=True)
        case PlanFile.BUSINESS_CENTRAL_CSV:
            rows = _rows(business_central.row, handed, read())
            await writing.as_csv(business_central.HEADING, rows, content, exact=True)
        case PlanFile.FREPPLE_FORECAST_CSV:
            await writing.as_csv(frepple.FORECAST, _forecasts(handed, read()), content, exact=True)
        case PlanFile.FREPPLE_FORECASTPLAN_CSV:
            rows = _rows(frepple.plan_row, handed, read())
            await writing.as_csv(frepple.FORECAST_PLAN, rows, content, exact=True)
        case PlanFile.FREPPLE_JSON:
            await _listed(content, (frepple.detail(handed, each) async for each in read()))
        case _:
            sheets = {
                "forecast": (frepple.FORECAST, _forecasts(handed, read())),
                "forecastplan": (frepple.FORECAST_PLAN, _rows(frepple.plan_row, handed, read())),
            }
            await writing.as_xlsx(sheets, content)


async def _rows(to_row: ToRow, handed: Handed, demand: Demands) -> Rows:
    async for each in demand:
        yield to_row(handed, each)


async def _forecasts(handed: Handed, demand: Demands) -> Rows:
    """Yield a row for each item and location; `discrete` if all of its periods are."""
    last: Demand | None = None
    async for each in demand:
        if last is None or (each.location, each.item) != (last.location, last.item):
            yield frepple.forecast_row(handed, each)
        last = each


async def _by_location(demand: Demands) -> AsyncIterator[tuple[str, Sequence[Demand]]]:
    """Yield the demand of each location; memory holds that of one."""
    of_one: list[Demand] = []
    async for each in demand:
        if of_one and each.location != of_one[0].location:
            yield of_one[0].location, of_one
            of_one = []
        of_one.append(each)
    if of_one:
        yield of_one[0].location, of_one


async def _erpnext_rows(handed: Handed, demand: Demands) -> Rows:
    async for location, of_one in _by_location(demand):
        for row in erpnext.rows(handed, location, of_one):
            yield row


async def _erpnext_json(handed: Handed, demand: Demands, content: IO[bytes]) -> None:
    head = orjson.dumps(erpnext.about(handed))
    content.write(head[:-1] + b',"documents":')
    await _listed(content, (erpnext.entry(handed, *each) async for each in _by_location(demand)))
    content.write(b"}")


async def _listed(content: IO[bytes], items: AsyncIterator[Any]) -> None:
    """Write a JSON list."""
    before = b"["
    async for item in items:
        content.write(before + orjson.dumps(item, default=float))
        before = b","
    content.write(b"]" if before == b"," else b"[]")
