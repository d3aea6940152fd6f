"""Writes rows into a file that goes away, and sends it in pieces: memory holds a few rows, whatever the plan."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any

from servicekit.web.jobs.columns import harmless

PIECE = 256 * 1024
ROWS_AT_ONCE = 100
WIDTH = 18
MOST_EXACT = 15
"""Digits that a spreadsheet keeps of a number; a longer one stays text."""

Cell = str | Decimal | date | bool | int | None
Row = Sequence[Cell]
Rows = AsyncIterator[Row]


def scratch() -> IO[bytes]:
    """Return a file without a name, gone when it is closed."""
    return tempfile.TemporaryFile(prefix="keyaccount-plan-")


async def as_csv(heading: Sequence[str], rows: Rows, content: IO[bytes], *, exact: bool = False) -> None:
    """Write rows as CSV (RFC 4180, UTF-8) below their heading.

    No text is taken for a formula, unless a program reads the file and each sign must be `exact`.
    """
    text = io.TextIOWrapper(content, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    number = 0
    async for row in rows:
        writer.writerow([_as_text(cell, exact=exact) for cell in row])
        number += 1
        if number % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
    text.flush()
    text.detach()


async def as_xlsx(sheets: Mapping[str, tuple[Sequence[str], Rows]], content: IO[bytes]) -> None:
    """Write a workbook with a sheet for each table: numbers and dates as such, all else as text."""
    from xlsxwriter import Workbook  # noqa: PLC0415 (40 ms and 3 MB that only workbooks need)

    book = Workbook(content, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for title, (heading, rows) in sheets.items():
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heading) - 1, WIDTH)
        sheet.write_row(0, 0, heading, bold)
        number = 0
        async for row in rows:
            number += 1
            for place, cell in enumerate(row):
                _write(sheet, number, place, cell, day)
            if number % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
    await asyncio.to_thread(book.close)


async def pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    """Yield a file from its beginning in pieces, and close it."""
    with content:
        content.seek(0)
        while piece := content.read(PIECE):
            yield piece


def _as_text(cell: Cell, *, exact: bool) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return format(cell, "f")
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case _:
            return cell if exact else harmless(cell)


def _write(sheet: Any, row: int, place: int, cell: Cell, day: Any) -> None:
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(row, place, cell)
        case Decimal() if len(cell.as_tuple().digits) > MOST_EXACT:
            sheet.write_string(row, place, format(cell, "f"))
        case Decimal() | int():
            sheet.write_number(row, place, cell)
        case date():
            sheet.write_datetime(row, place, cell, day)
        case _:
            sheet.write_string(row, place, cell)
