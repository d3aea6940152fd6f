"""The columns of an exported list: what its items say over the wire, one column to each plain field.

A field of an object (money, an external reference) is a column named with a dot. Lists of plain values are joined by
`; `; what has a deeper shape is JSON, as are texts by name, of which a file that is read may name each by a dot too.
Text that begins like a formula gets a `'` in front, which spreadsheets hide.
"""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

FORMULA = frozenset("=+-@＝＋－＠")
DIGITS_OF_A_NUMBER = 15
"""A spreadsheet keeps no more; longer numbers stay text."""


class Form(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    TRUTH = "true or false"
    LIST = "list"
    NAMED = "texts by name, as JSON"
    JSON = "JSON"


_FORMS: Sequence[tuple[type, Form]] = (
    (bool, Form.TRUTH),
    (int, Form.NUMBER),
    (float, Form.NUMBER),
    (Decimal, Form.NUMBER),
    (datetime, Form.INSTANT),
    (date, Form.DATE),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the path into an item, and the form of its cells."""

    path: tuple[str, ...]
    form: Form

    @property
    def name(self) -> str:
        """Its heading."""
        return ".".join(self.path)

    def value(self, item: Mapping[str, Any]) -> Any:
        """Return what an item says there, or None."""
        found: Any = item
        for step in self.path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return found


def columns_of(model: type[BaseModel]) -> list[Column]:
    """Return the columns of a list of such items."""
    return list(_columns(model, ()))


def _columns(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        kind = _kind_of(field.annotation)
        path = (*above, name)
        if isinstance(kind, Form):
            yield Column(path, kind)
        else:
            yield from _columns(kind, path)


def _kind_of(annotation: Any) -> Form | type[BaseModel]:
    """Return the form of a field's cells, or the model whose fields are columns of their own."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind_of(arguments[0])
    if origin in {Union, types.UnionType}:
        some = [argument for argument in arguments if argument is not type(None)]
        return _kind_of(some[0]) if len(some) == 1 else Form.JSON
    if origin is Literal:
        return Form.TEXT
    if origin in {list, tuple, set}:
        inner = _kind_of(arguments[0]) if arguments else Form.JSON
        return Form.LIST if isinstance(inner, Form) and inner not in {Form.LIST, Form.JSON} else Form.JSON
    if origin is dict and _kind_of(arguments[1]) is Form.TEXT:
        return Form.NAMED
    return _plain_kind(annotation)


def _plain_kind(annotation: Any) -> Form | type[BaseModel]:
    if not isinstance(annotation, type) or issubclass(annotation, dict):
        return Form.JSON
    if issubclass(annotation, BaseModel):
        return annotation
    return next((form for base, form in _FORMS if issubclass(annotation, base)), Form.TEXT)


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    start = text.lstrip()[:1]
    return f"'{text}" if start in FORMULA and start else text


def as_text(column: Column, value: Any) -> str:
    """Return the cell of a text file."""
    if value is None:
        return ""
    match column.form:
        case Form.TRUTH:
            return "true" if value else "false"
        case Form.LIST:
            return harmless("; ".join(str(each) for each in value))
        case Form.JSON | Form.NAMED:
            return orjson.dumps(value).decode() if value else ""
        case Form.TEXT:
            return harmless(str(value))
        case _:
            return str(value)


def as_typed(column: Column, text: str) -> Any:
    """Return what a cell says, as it stands in JSON; text that cannot be so stays, for whoever checks the item."""
    if text.startswith("'") and text[1:].lstrip()[:1] in FORMULA:
        text = text[1:]
    if column.form is Form.LIST:
        return [each.strip() for each in text.split(";") if each.strip()]
    if column.form in {Form.JSON, Form.NAMED} and text[:1] in {"[", "{"}:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


_READERS: Mapping[Form, Callable[[Any], Any]] = {
    Form.DATE: date.fromisoformat,
    Form.INSTANT: lambda text: datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None),
    Form.TRUTH: bool,
}


def as_value(column: Column, value: Any) -> Any:
    """Return the cell of a spreadsheet: numbers, dates and truths as such, all else as text."""
    if value is None:
        return None
    if column.form is Form.NUMBER:
        digits = len(str(value).lstrip("-").replace(".", "").lstrip("0"))
        return float(value) if digits <= DIGITS_OF_A_NUMBER else str(value)
    reader = _READERS.get(column.form)
    return reader(value) if reader else as_text(column, value)
