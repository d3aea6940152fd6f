"""Values of a mapping, compiled once into functions of a row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from keyaccount.importing import conversion
from keyaccount.importing.catalogue import Catalogue, Reference
from keyaccount.importing.conversion import TEXT_FILTERS, parse_number
from keyaccount.importing.document import Document
from keyaccount.importing.entries import Strays
from keyaccount.importing.files import Table
from keyaccount.importing.kinds import Holds, Many, Refers
from keyaccount.importing.mapping import ImportMapping, Value
from keyaccount.importing.notes import Notes
from keyaccount.importing.problems import RowRefused
from keyaccount.importing.scope import Path, Scope
from servicekit.values.sheets import Row

TextOf = Callable[[Row], str]
ValueOf = Callable[[Row], Any]

_PLACEHOLDER = re.compile(r"\{([^{}:]+)(?::([a-z]+))?\}")


@dataclass(frozen=True)
class Compiler:
    """What compiling a mapping needs besides the columns at hand."""

    document: Document
    mapping: ImportMapping
    tables: Mapping[str, Table]
    catalogue: Catalogue
    notes: Notes
    zone: ZoneInfo
    strays: Strays

    def value(self, value: Value, holds: Holds | Refers | Many, scope: Scope, path: Path) -> ValueOf:
        """Compile a value for a field that holds `holds`; the function gives `None` for an empty one."""
        condition = scope.predicate(value, path)
        inner = self._unconditional(value, holds, scope, path)
        if condition is None:
            return inner
        return lambda row: inner(row) if condition(row) else None

    def _unconditional(self, value: Value, holds: Holds | Refers | Many, scope: Scope, path: Path) -> ValueOf:
        if isinstance(holds, Many) or holds is Holds.NAMED_TEXTS:
            raise self.document.invalid(path, "this field holds entries of its own, not one value")
        if holds is Holds.TEXTS:
            constant = value.value
            if not isinstance(constant, list):
                raise self.document.invalid(path, "this field holds a list: write `value: [one, another]`")
            return lambda _row: constant
        text_of = self.text(value, scope, path)
        convert = self._conversion(value, holds, scope, path)

        def typed(row: Row) -> Any:
            text = text_of(row)
            return convert(text, row) if text else None

        return typed

    def text(self, value: Value, scope: Scope, path: Path) -> TextOf:
        """Compile the textual part of a value: its source, the part taken, translation, default, note."""
        source = self._source(value, scope, path)
        steps: list[Callable[[str], str]] = []
        if value.part is not None:
            steps.append(_part(re.compile(value.part)))
        if value.translate is not None:
            steps.append(self._translation(value, path))
        if value.default is not None:
            default = value.default
            steps.append(lambda text: text or default)
        if value.note is not None:
            steps.append(self._noting(value.note))
        if not steps:
            return source

        def stepped(row: Row) -> str:
            text = source(row)
            for step in steps:
                text = step(text)
            return text

        return stepped

    def _source(self, value: Value, scope: Scope, path: Path) -> TextOf:
        if value.column is not None:
            index = scope.index(value.column, (*path, "column"))
            return lambda row: row[index]
        if value.text is not None:
            return _template(value.text, scope, (*path, "text"))
        if value.first is not None:
            return self._first(value.first, scope, (*path, "first"))
        if isinstance(value.value, list):
            raise self.document.invalid((*path, "value"), "this field holds one value, not a list")
        constant = str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
        return lambda _row: constant

    def _first(self, alternatives: list[Value], scope: Scope, path: Path) -> TextOf:
        compiled: list[ValueOf] = []
        for number, alternative in enumerate(alternatives):
            place = (*path, number)
            if alternative.date or alternative.times or alternative.shift_years or alternative.round is not None:
                raise self.document.invalid(place, "say date, shift_years, times and round beside `first`, not inside")
            condition = scope.predicate(alternative, place)
            text_of = self.text(alternative, scope, place)
            compiled.append(_if(condition, text_of) if condition else text_of)
        return lambda row: next((text for text_of in compiled if (text := text_of(row))), "")

    def _translation(self, value: Value, path: Path) -> Callable[[str], str]:
        tables = self.mapping.tables
        name = value.translate or ""
        if name not in tables:
            known = ", ".join(tables) or "none"
            raise self.document.invalid((*path, "translate"), f"there is no table '{name}'; the tables are {known}")
        table, keeps = tables[name], value.otherwise == "keep"

        def translated(text: str) -> str:
            if not text or text in table:
                return table.get(text, text)
            if keeps:
                return text
            raise RowRefused(f"'{text}' is not in the table '{name}' of the mapping: add it there")

        return translated

    def _noting(self, note: str) -> Callable[[str], str]:
        def noted(text: str) -> str:
            if text:
                self.notes.add(note)
            return text

        return noted

    def _conversion(self, value: Value, holds: Holds | Refers, scope: Scope, path: Path) -> Callable[[str, Row], Any]:
        if isinstance(holds, Refers):
            return self._reference(value, holds.kind)
        if holds in {Holds.DATE, Holds.INSTANT}:
            return self._date(value, holds, path)
        if holds is Holds.BOOLEAN:
            return lambda text, _row: conversion.truth(text)
        if holds in {Holds.INTEGER, Holds.DECIMAL, Holds.MONEY}:
            return self._number(value, holds, scope, path)
        return lambda text, _row: text

    def _date(self, value: Value, holds: Holds, path: Path) -> Callable[[str, Row], str]:
        declared, years, zone = value.date or self.mapping.date, value.shift_years, self.zone
        if declared is None:
            raise self.document.invalid(path, 'say how dates are written, e.g. `date: "%Y-%m-%d"`, here or at the top')

        def read(text: str) -> datetime:
            return conversion.shifted(conversion.parse_date(text, declared), years)

        if holds is Holds.DATE:
            return lambda text, _row: conversion.date_text(read(text))
        return lambda text, _row: conversion.instant_text(read(text), zone)

    def _number(self, value: Value, holds: Holds, scope: Scope, path: Path) -> Callable[[str, Row], Any]:
        number_of = _arithmetic(value, scope, path)
        if holds is Holds.INTEGER:
            return lambda text, row: conversion.whole_number(number_of(text, row))
        if holds is Holds.DECIMAL:
            return lambda text, row: conversion.decimal_text(number_of(text, row))
        currency = self.mapping.currency
        if currency is None:
            raise self.document.invalid(path, "an amount of money needs a currency: say `currency: USD` at the top")
        return lambda text, row: {"amount": conversion.decimal_text(number_of(text, row)), "currency": currency}

    def _reference(self, value: Value, kind: str) -> Callable[[str, Row], Reference]:
        system, find = value.system or self.mapping.system, self.catalogue.find
        exactly = value.match == "exactly" or value.system is not None
        notes = self.notes

        def refer(text: str, _row: Row) -> Reference:
            if exactly:
                return Reference(kind, system, text)
            found = find(kind, text)
            if found != text:
                notes.add(
                    f"'{text}' read as '{found}' (the only one of the {kind} that is the same but for spaces and case)"
                )
            return Reference(kind, system, found)

        return refer

    def named(self, values: Mapping[str, Value], scope: Scope, path: Path) -> ValueOf:
        """Compile texts by name; empty ones are left out."""
        compiled = {name: self.value(value, Holds.TEXT, scope, (*path, name)) for name, value in values.items()}
        return lambda row: {name: text for name, text_of in compiled.items() if (text := text_of(row))} or None


def _if(condition: Callable[[Row], bool], text_of: TextOf) -> TextOf:
    return lambda row: text_of(row) if condition(row) else ""


def _part(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def part(text: str) -> str:
        found = pattern.search(text)
        return (found[pattern.groups] or "") if found else ""

    return part


def _template(template: str, scope: Scope, path: Path) -> TextOf:
    """Compile `"{First} {Last}"`: empty when all its columns are, a missing one leaves no double space."""
    pieces: list[tuple[str, int, Callable[[str], str] | None]] = []
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        column, name = found[1], found[2]
        if name is not None and name not in TEXT_FILTERS:
            raise scope.document.invalid(path, f"'{name}' is not one of {', '.join(TEXT_FILTERS)}")
        pieces.append((template[end : found.start()], scope.index(column, path), TEXT_FILTERS.get(name or "")))
        end = found.end()
    tail = template[end:]
    if not pieces:
        raise scope.document.invalid(path, "no column in braces: for a constant write `value:`")

    def filled(row: Row) -> str:
        texts = [(row[index], before, change) for before, index, change in pieces]
        if not any(text for text, _, _ in texts):
            return ""
        parts = [before + (change(text) if change else text) for text, before, change in texts]
        return " ".join(("".join(parts) + tail).split())

    return filled


def _arithmetic(value: Value, scope: Scope, path: Path) -> Callable[[str, Row], Decimal]:
    times, places = value.times, value.round
    share = None if value.less_share is None else scope.index(value.less_share, (*path, "less_share"))

    def computed(text: str, row: Row) -> Decimal:
        number = parse_number(text)
        if times is not None:
            number *= times
        if share is not None and row[share]:
            number *= 1 - parse_number(row[share])
        return number if places is None else conversion.rounded(number, places)

    return computed
