"""Rows of a spreadsheet as text, whoever reads it."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

Row = tuple[str, ...]


class SheetDate(str):
    """A cell that a spreadsheet itself calls a date, as ISO text: no declared format is needed to read it."""

    __slots__ = ()


def rows_of(sheet: Any) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a sheet that hold something, and the first one, each with its number in the sheet."""
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        texts = tuple(text_of(cell) for cell in cells)
        if any(texts) or number == 1:
            yield number, texts


def text_of(cell: Any) -> str:
    """Return a cell as ISO text: whole numbers without a point, dates without an empty time."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return SheetDate(cell.date().isoformat())
        case date():
            return SheetDate(cell.isoformat())
        case time():
            return cell.isoformat()
        case _:
            return str(cell).strip()
