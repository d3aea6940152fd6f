"""Items of an import out of a table: one to each row below a heading that names fields as an export does.

A heading that is not a field's name is told by the request what it stands for (`column=Firma:legal_name`) or that it
is left out (`column=Notes:`). An empty cell says nothing of its field.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

import orjson

from servicekit.values.sheets import Row
from servicekit.web.jobs.columns import Column, Form, as_typed
from servicekit.web.jobs.refusals import ImportMalformed

ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-16": "utf-16",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5",
    "shift_jis": "shift_jis",
    "euc-kr": "euc_kr",
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
}
DELIMITERS = ",;\t"


Line = tuple[int, Row]
Names = Mapping[str, str]
"""What headings stand for, where they are not a field's name; nothing for those that are left out."""


def names_of(given: Sequence[str]) -> Names:
    """Return what the request says of headings.

    Raises:
        ImportMalformed: one is not a heading and a field with a colon in between.
    """
    names: dict[str, str] = {}
    for one in given:
        heading, colon, name = one.rpartition(":")
        if not colon or not heading.strip():
            raise ImportMalformed(
                f"{one!r} does not name a column: write its heading, a colon and the field.", field="query:column"
            )
        names[heading.strip()] = name.strip()
    return names


def rows_of_csv(content: IO[bytes], charset: str) -> Iterator[Line]:
    """Yield the rows of a CSV file (RFC 4180), each with its line, split as its heading is.

    Raises:
        ImportMalformed: it is no CSV, or not in that encoding.
    """
    encoding = ENCODINGS.get(charset.lower())
    if encoding is None:
        known = ", ".join(sorted(ENCODINGS))
        raise ImportMalformed(f"There is no charset {charset!r} here: use one of {known}.", field="header:content-type")
    with io.TextIOWrapper(content, encoding, newline="") as text:
        start = 1
        try:
            heading = text.readline()
            text.seek(0)
            reader = csv.reader(text, delimiter=max(DELIMITERS, key=heading.count), strict=True)
            for cells in reader:
                yield start, tuple(cell.strip() for cell in cells)
                start = reader.line_num + 1
        except csv.Error as error:
            raise ImportMalformed(f"Line {start} is not well-formed CSV: {error}.") from error
        except UnicodeError as error:
            raise ImportMalformed(
                f"At line {start} or soon after, this is not {charset} text: name the charset in Content-Type "
                f"(text/csv; charset=gb18030).",
                field="header:content-type",
            ) from error


def items_of(lines: Iterable[Line], columns: Sequence[Column], names: Names) -> Iterator[bytes]:
    """Yield an item for each row that holds something.

    Raises:
        ImportMalformed: a heading is unknown or there twice, or a row has more or fewer cells.
    """
    rows = iter(lines)
    _, heading = next(rows, (1, ()))
    known = _known(heading, columns, names)
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(heading):
            raise ImportMalformed(f"Line {line} has {len(cells)} cells, the heading has {len(heading)}.")
        yield orjson.dumps(_item(known, cells))


def _known(heading: Row, columns: Sequence[Column], names: Names) -> list[Column | None]:
    if not any(heading):
        raise ImportMalformed("The first line must name the columns; it is empty.")
    if missing := sorted(set(names) - set(heading)):
        raise ImportMalformed(f"The file has no column {missing[0]!r}.", field="query:column")
    by_name = {column.name: column for column in columns}
    found: list[Column | None] = []
    for title in heading:
        name = names.get(title, title)
        if name and name not in by_name and (one := _by_its_name(name, by_name)):
            by_name[name] = one
        if name and name not in by_name:
            said = f"{name!r}" if name == title else f"{name!r}, which {title!r} is to stand for"
            raise ImportMalformed(f"There is no field {said}; there are: {', '.join(by_name)}.")
        column = by_name[name] if name else None
        if column is not None and column in found:
            raise ImportMalformed(f"Two columns stand for the field {name!r}: leave one out.")
        found.append(column)
    whole = {column.path for column in found if column is not None and column.form is Form.NAMED}
    if twice := [column.name for column in found if column is not None and column.path[:-1] in whole]:
        raise ImportMalformed(f"{twice[0]!r} is a part of what another column says in whole: leave one out.")
    return found


def _by_its_name(name: str, by_name: Mapping[str, Column]) -> Column | None:
    """Return the column of one of the texts that a field holds by name, as `answers.budget_ready` is of `answers`."""
    above, _, key = name.rpartition(".")
    found = by_name.get(above)
    if found is None or found.form is not Form.NAMED or not key:
        return None
    return Column((*found.path, key), Form.TEXT)


def _item(columns: Sequence[Column | None], cells: Row) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for column, text in zip(columns, cells, strict=True):
        if column is None or not text:
            continue
        inside = item
        for step in column.path[:-1]:
            inside = inside.setdefault(step, {})
        inside[column.path[-1]] = as_typed(column, text)
    return item
