"""Reading the files of an export: CSV and XLSX become the same table of text cells with line numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from keyaccount.importing.mapping import FileFormat
from keyaccount.importing.problems import FileUnreadable
from servicekit.values.sheets import Row, rows_of


@dataclass(frozen=True)
class Table:
    """A file's header and rows, each with its line (its sheet row in XLSX); `broken` rows have the wrong width."""

    name: str
    columns: Row
    rows: list[tuple[int, Row]]
    broken: list[tuple[int, str]]


def read_table(folder: Path, described: FileFormat) -> Table:
    """Read one file of the export as the mapping describes it."""
    path = folder / described.path
    if not path.is_file():
        there = ", ".join(sorted(found.name for found in folder.glob("*.[cx][sl]*"))[:30]) or "no CSV or XLSX at all"
        raise FileUnreadable(f"There is no {described.path} in {folder}; there are: {there}.")
    is_sheet = path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
    lines = _sheet_lines(path, described) if is_sheet else _csv_lines(path, described)
    _, header = next(lines, (1, ()))
    columns = tuple(cell.strip() for cell in header)
    _check_header(described.path, columns)
    table = Table(described.path, columns, [], [])
    for line, cells in lines:
        if len(cells) == len(columns):
            table.rows.append((line, cells))
        elif any(cells):
            table.broken.append((line, f"the line has {len(cells)} cells, the header has {len(columns)}"))
    return table


def _check_header(name: str, columns: Row) -> None:
    if not any(columns):
        raise FileUnreadable(f"{name}:1: the first line must name the columns; it is empty.")
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    if repeated:
        raise FileUnreadable(f"{name}:1: the column '{repeated[0]}' is there twice: rename one of the two.")


def _csv_lines(path: Path, described: FileFormat) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(_decoded(path, described), newline=""), delimiter=described.delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, tuple(cell.strip() for cell in cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise FileUnreadable(f"{described.path}:{start}: not well-formed CSV ({error}).") from error


def _decoded(path: Path, described: FileFormat) -> str:
    raw = path.read_bytes()
    try:
        text = raw.decode(described.encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileUnreadable(
            f"{described.path}:{line}: this is not {described.encoding} text (byte 0x{raw[error.start]:02x}). "
            f"Say `encoding:` in the mapping as the export was written (often cp1252, gb18030 or utf-16)."
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FileUnreadable(f"{described.path}:{line}: a NUL character; if it is UTF-16, say `encoding: utf-16`.")
    return text.removeprefix("\ufeff")


def _sheet_lines(path: Path, described: FileFormat) -> Iterator[tuple[int, Row]]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        if described.sheet is not None and described.sheet not in book.sheet_names:
            there = ", ".join(book.sheet_names)
            raise FileUnreadable(f"{described.path} has no sheet '{described.sheet}'; its sheets are {there}.")
        sheet = book.get_sheet_by_name(described.sheet or book.sheet_names[0])
    except (CalamineError, OSError) as error:
        raise FileUnreadable(f"{described.path} is not a spreadsheet that can be read: {error}.") from error
    yield from rows_of(sheet)
