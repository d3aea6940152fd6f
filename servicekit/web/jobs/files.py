"""The forms of an exported list: JSON lines, CSV, and spreadsheets of as many sheets as are needed."""

import asyncio
import csv
import io
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from servicekit.web.jobs.columns import Column, Form, as_text, as_value

Format = Literal["csv", "xlsx", "jsonl"]
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
MOST_ROWS = 1_048_576
"""Of one sheet, its headings included."""

ROWS_AT_ONCE = 25
PIECE = 256 * 1024
WIDTHS: Mapping[Form, int] = {Form.DATE: 12, Form.INSTANT: 20, Form.NUMBER: 14, Form.TRUTH: 8}


def lines(items: Sequence[Any]) -> bytes:
    """Return items as JSON lines."""
    return b"".join(orjson.dumps(item) + b"\n" for item in items)


def comma_separated(columns: Sequence[Column], items: Sequence[Mapping[str, Any]], *, headed: bool) -> bytes:
    """Return items as CSV (RFC 4180, UTF-8), below their headings or below what came before."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if headed:
        writer.writerow([column.name for column in columns])
    writer.writerows([[as_text(column, column.value(item)) for column in columns] for item in items])
    return text.getvalue().encode()


class Spreadsheet:
    """A workbook that is written row by row into a file, and takes memory for one row."""

    def __init__(self, path: Path, title: str, columns: Sequence[Column], most_rows: int = MOST_ROWS) -> None:
        from xlsxwriter import Workbook  # noqa: PLC0415 (40 ms and 3 MB that only exports need)

        self._book = Workbook(
            str(path), {"constant_memory": True, "strings_to_formulas": False, "tmpdir": str(path.parent)}
        )
        self._formats = {
            Form.DATE: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            Form.INSTANT: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self._bold = self._book.add_format({"bold": True})
        self._title, self._columns, self._most_rows = title[:25], columns, most_rows
        self._sheets = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(self._title if self._sheets == 1 else f"{self._title} {self._sheets}")
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, WIDTHS.get(column.form, 24))
            self._sheet.write_string(0, place, column.name, self._bold)
        self._row = 1

    def add(self, item: Mapping[str, Any]) -> None:
        """Write a row."""
        if self._row >= self._most_rows:
            self._begin_sheet()
        for place, column in enumerate(self._columns):
            self._write(place, column, as_value(column, column.value(item)))
        self._row += 1

    def _write(self, place: int, column: Column, value: Any) -> None:
        match value:
            case None:
                return
            case bool():
                self._sheet.write_boolean(self._row, place, value)
            case float():
                self._sheet.write_number(self._row, place, value)
            case datetime() | date():
                self._sheet.write_datetime(self._row, place, value, self._formats[column.form])
            case _:
                self._sheet.write_string(self._row, place, value)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


async def spreadsheet(title: str, columns: Sequence[Column], pages: AsyncIterator[bytes], path: Path) -> None:
    """Write pages of JSON lines into a spreadsheet, so that requests are answered meanwhile.

    It writes as long as it rests, and packs in a thread, where the work is the compressor's.
    """
    sheet = Spreadsheet(path, title, columns)
    async for page in pages:
        items = [orjson.loads(line) for line in page.splitlines()]
        for start in range(0, len(items), ROWS_AT_ONCE):
            began = time.perf_counter()
            for item in items[start : start + ROWS_AT_ONCE]:
                sheet.add(item)
            await asyncio.sleep(time.perf_counter() - began)
    await asyncio.to_thread(sheet.close)


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces as they are kept."""
    with path.open("rb") as content:
        while piece := content.read(PIECE):
            yield piece


def workshop() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes away."""
    return tempfile.TemporaryDirectory(prefix="keyaccount-export-")
