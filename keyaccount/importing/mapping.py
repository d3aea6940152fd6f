"""What a mapping may say (docs/importing.md describes it for its writers)."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from keyaccount.importing.document import Document, parse_document
from keyaccount.importing.kinds import KINDS
from keyaccount.importing.problems import FileUnreadable

_SOURCES = ("column", "text", "value", "first")


class Part(BaseModel):
    """A part of a mapping: unknown words are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_text(given: Any) -> Any:
    return str(given).lower() if isinstance(given, bool) else str(given) if isinstance(given, int) else given


Text = Annotated[str, BeforeValidator(_as_text)]


class Test(Part):
    """A test of one cell that is more than being equal."""

    is_: Literal["empty", "present"] | None = Field(None, alias="is")
    not_: Text | list[Text] | None = Field(None, alias="not")
    matches: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("say exactly one of is, not, matches")
        return self

    @field_validator("matches")
    @classmethod
    def _compiles(cls, given: str) -> str:
        return _pattern(given)


def _pattern(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        raise ValueError(f"'{given}' is not a regular expression: {error}") from error
    return given


Conditions = dict[str, Text | list[Text] | Test]


class Conditional(Part):
    """Something that holds only for some rows: when all of `when` hold and not all of `unless`."""

    when: Conditions = Field(default_factory=dict)
    unless: Conditions = Field(default_factory=dict)


class Value(Conditional):
    """Where a value comes from (exactly one of the first four), then what is done to it, in the order given here."""

    column: str | None = None
    text: str | None = None
    value: bool | int | str | list[Text] | None = None
    first: list["ValueNode"] | None = None

    part: str | None = None
    translate: str | None = None
    otherwise: Literal["refuse", "keep"] = "refuse"
    default: Text | None = None
    date: str | None = None
    shift_years: int = 0
    times: Decimal | None = None
    less_share: str | None = None
    round: int | None = Field(None, ge=0, le=8)
    match: Literal["exactly", "loosely"] = "exactly"
    system: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in _SOURCES if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"a value has exactly one source of {', '.join(_SOURCES)}; here: {given or 'none'}")
        return self

    @field_validator("times", mode="before")
    @classmethod
    def _exact(cls, given: Any) -> Any:
        return Decimal(str(given)) if isinstance(given, str | int) and not isinstance(given, bool) else given

    @field_validator("part")
    @classmethod
    def _one_group(cls, given: str) -> str:
        if re.compile(_pattern(given)).groups > 1:
            raise ValueError("at most one group, which is the part taken")
        return given


def _short(given: Any) -> Any:
    return {"column": given} if isinstance(given, str) else given


ValueNode = Annotated[Value, BeforeValidator(_short)]


class Entry(Conditional):
    """One entry of a list; with `each`, one for every row of another file whose cells match this row's.

    `in_order` names the field (a date or an instant) by which these come, whatever the order of the file.
    """

    each: str | None = None
    matching: dict[str, str] = Field(default_factory=dict)
    in_order: str | None = None
    newest_first: bool = False
    fields: dict[str, "FieldNode"]

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, given: Any) -> Any:
        """Whatever is not one of our words is a field of the entry."""
        if not isinstance(given, dict) or "fields" in given:
            return given
        words = {"when", "unless", "each", "matching", "in_order", "newest_first"}
        fields = {name: node for name, node in given.items() if name not in words}
        return {name: node for name, node in given.items() if name in words} | {"fields": fields}

    @model_validator(mode="after")
    def _matches(self) -> Self:
        if (self.each is None) == bool(self.matching):
            raise ValueError("`each` (a file) and `matching` (its column: our column) go together")
        if self.in_order is not None and (self.each is None or self.in_order not in self.fields):
            raise ValueError("`in_order` names a field of an entry that is made of `each` row of a file")
        if self.newest_first and self.in_order is None:
            raise ValueError("`newest_first` says how the file is sorted where `in_order` sorts it anew")
        return self


def _shape(given: Any) -> str:
    """Name the shape in parentheses, so that it is no word of the file in an error's path."""
    if isinstance(given, list):
        return "(entries)"
    if isinstance(given, dict) and not any(source in given for source in _SOURCES):
        return "(named)"
    return "(value)"


FieldNode = Annotated[
    Annotated[ValueNode, Tag("(value)")]
    | Annotated[list[Entry], Tag("(entries)")]
    | Annotated[dict[str, ValueNode], Tag("(named)")],
    Discriminator(_shape),
]


class Join(Conditional):
    """One row of another file beside each row; its columns are read as `<join>.<column>`."""

    file: str
    matching: dict[str, str] = Field(min_length=1)


class Skip(Conditional):
    """Rows that are deliberately left out, with the reason that is reported for each."""

    because: str


class Records(Conditional):
    """One kind of record made of the rows of one file (or a single record of constants, without `from`)."""

    kind: str
    from_: str | None = Field(None, alias="from")
    join: dict[str, Join] = Field(default_factory=dict)
    skip: list[Skip] = Field(default_factory=list)
    distinct: bool = False
    id: ValueNode
    fields: dict[str, FieldNode]

    @field_validator("kind")
    @classmethod
    def _known(cls, given: str) -> str:
        if given not in KINDS:
            raise ValueError(f"there is no kind '{given}'; the kinds are {', '.join(KINDS)}")
        return given


class FileFormat(Part):
    """A file of the export and how it is written."""

    path: str
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    sheet: str | None = None

    @field_validator("encoding")
    @classmethod
    def _codec(cls, given: str) -> str:
        try:
            "".encode(given)
        except LookupError as error:
            raise ValueError(f"there is no encoding '{given}'; usual ones: utf-8, cp1252, gb18030, utf-16") from error
        return given


def _path_only(given: Any) -> Any:
    return {"path": given} if isinstance(given, str) else given


class ImportMapping(Part):
    """A whole mapping: files, tables of translations, and the records they become, in the order they are sent."""

    name: str
    system: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    about: str = ""
    lacks: list[str] = Field(default_factory=list)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    time_zone: str | None = None
    date: str | None = None
    files: dict[str, Annotated[FileFormat, BeforeValidator(_path_only)]]
    tables: dict[str, dict[str, Text]] = Field(default_factory=dict)
    records: list[Records] = Field(min_length=1)


def read_mapping(path: Path) -> tuple[ImportMapping, Document]:
    """Read and check a mapping; the document says where each part of it stands."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FileUnreadable(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"The mapping {path} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    document = parse_document(text, str(path))
    try:
        return ImportMapping.model_validate(document.data), document
    except ValidationError as error:
        first = next(iter(error.errors(include_url=False)))
        raise document.invalid(first["loc"], _sentence(first)) from error


def _sentence(error: ErrorDetails) -> str:
    where = ".".join(str(step) for step in error["loc"] if not str(step).startswith("("))
    match error["type"]:
        case "extra_forbidden":
            return f"'{error['loc'][-1]}' is not a word that can be used here; docs/importing.md lists them"
        case "missing":
            return f"'{error['loc'][-1]}' is missing"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case _:
            return f"{where}: {error['msg']}"


def values_of(node: FieldNode) -> Iterator[Value]:
    """Yield every value inside a field, nested ones too."""
    if isinstance(node, Value):
        yield node
        for inner in node.first or ():
            yield from values_of(inner)
    elif isinstance(node, Mapping):
        yield from node.values()
    else:
        for entry in node:
            for inner_field in entry.fields.values():
                yield from values_of(inner_field)
