"""From mapping and files to the whole plan: every record that would be sent, every row that would not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from keyaccount.importing.catalogue import Catalogue, Named, Planned, Reference
from keyaccount.importing.document import Document
from keyaccount.importing.entries import Strays
from keyaccount.importing.fields import ItemOf, compile_item
from keyaccount.importing.files import Table, read_table
from keyaccount.importing.joins import joined
from keyaccount.importing.kinds import KINDS
from keyaccount.importing.mapping import ImportMapping, Records
from keyaccount.importing.notes import Notes
from keyaccount.importing.problems import NothingUsable, RowRefused
from keyaccount.importing.scope import Path as MappingPath
from keyaccount.importing.scope import Predicate
from keyaccount.importing.values import Compiler, TextOf
from servicekit.values.sheets import Row


@dataclass(frozen=True)
class LeftOut:
    """A row that gives no record: `skipped` by the mapping's own word, else refused."""

    kind: str
    file: str
    line: int
    id: str
    reason: str
    skipped: bool


@dataclass
class RecordSet:
    """The records of one part of the mapping, in the order of their rows."""

    kind: str
    records: list[Planned] = field(default_factory=list)


@dataclass
class Plan:
    """Everything an import would do."""

    mapping: ImportMapping
    sets: list[RecordSet]
    left_out: list[LeftOut]
    catalogue: Catalogue
    notes: Notes


def make_plan(mapping: ImportMapping, document: Document, folder: Path, time_zone: str = "UTC") -> Plan:
    """Read all files and make every record; nothing is sent, nothing outside `folder` is asked.

    `time_zone` is the instance's: there a day begins, unless the mapping names another.
    """
    tables = {name: read_table(folder, described) for name, described in mapping.files.items()}
    catalogue, notes = Catalogue(mapping.system), Notes()
    try:
        zone = ZoneInfo(mapping.time_zone or time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise document.invalid(("time_zone",), f"there is no time zone '{mapping.time_zone}'") from error
    compiler = Compiler(document, mapping, tables, catalogue, notes, zone, Strays())
    _check_order(mapping, document)
    plan = Plan(mapping, [], [], catalogue, notes)
    # Every part is compiled before the first row is read: a wrong column late in the mapping shows at once.
    parts = [_Part.compile(compiler, records, ("records", at)) for at, records in enumerate(mapping.records)]
    for part in parts:
        part.plan_rows(plan)
    file_of = {part.records.kind: part.file for part in reversed(parts)}
    plan.left_out += [LeftOut(*stray, skipped=False) for stray in compiler.strays.refused(file_of.__getitem__)]
    return plan


def _check_order(mapping: ImportMapping, document: Document) -> None:
    kinds = [records.kind for records in mapping.records]
    for at, records in enumerate(mapping.records):
        for name, target in _targets(records.kind):
            if name in records.fields and target in kinds and kinds.index(target) > at:
                place = ("records", at, "fields", name)
                raise document.invalid(place, f"this refers to {target}, which come later: list them before")


def _targets(kind: str) -> Iterator[tuple[str, str]]:
    for name, holds in KINDS[kind].fields.items():
        if hasattr(holds, "kind"):
            yield name, holds.kind


@dataclass(frozen=True)
class _Part:
    records: Records
    notes: Notes
    file: str
    rows: list[tuple[int, Row]]
    broken: list[tuple[int, str]]
    condition: Predicate | None
    skips: list[tuple[Predicate, str]]
    id_of: TextOf
    item_of: ItemOf
    has_reference: bool

    @classmethod
    def compile(cls, compiler: Compiler, records: Records, path: MappingPath) -> "_Part":
        tables = compiler.tables
        if records.from_ is not None and records.from_ not in tables:
            raise compiler.document.invalid((*path, "from"), f"there is no file '{records.from_}' in `files`")
        # Without a file there is one record of constants, as if made from one row without cells.
        table = tables[records.from_] if records.from_ is not None else Table("the mapping", (), [(0, ())], [])
        scope, rows = joined(compiler.document, table, records.join, tables, (*path, "join"))
        kind = KINDS[records.kind]
        skips = [
            (scope.predicate(skip, (*path, "skip", number)) or _always, skip.because)
            for number, skip in enumerate(records.skip)
        ]
        item_of = compile_item(compiler, kind, records.fields, scope, (*path, "fields"))
        compiler.strays.look(records.kind, rows)
        return cls(
            records=records,
            notes=compiler.notes,
            file=table.name,
            rows=rows,
            broken=table.broken,
            condition=scope.predicate(records, path),
            skips=skips,
            id_of=compiler.text(records.id, scope, (*path, "id")),
            item_of=item_of,
            has_reference=kind.has_reference,
        )

    def plan_rows(self, plan: Plan) -> None:
        made = RecordSet(self.records.kind)
        plan.sets.append(made)
        before = len(plan.left_out)
        for line, reason in self.broken:
            self._leave_out(plan, line, "", reason)
        for line, row in self.rows:
            self._plan_row(plan, made, line, row)
        refused = [out for out in plan.left_out[before:] if not out.skipped]
        if refused and not made.records:
            first = refused[0]
            raise NothingUsable(
                f"{first.file}:{first.line}: {first.reason}. No row could be used for {first.kind} "
                f"({len(refused):,} like this), so nothing was sent: mend the mapping or the file."
            )

    def _plan_row(self, plan: Plan, made: RecordSet, line: int, row: Row) -> None:
        if self.condition is not None and not self.condition(row):
            return
        self.notes.begin_row()
        identifier = ""
        try:
            identifier = self.id_of(row)
            because = next((because for test, because in self.skips if test(row)), None)
            if because is not None:
                self._leave_out(plan, line, identifier, because, skipped=True)
                return
            record = self._record(plan.mapping.system, line, identifier, row)
            if self._is_new(plan.catalogue, record):
                record.note = self.notes.keep(record.kind)
                plan.catalogue.add(record)
                made.records.append(record)
        except RowRefused as refusal:
            self._leave_out(plan, line, identifier, refusal.reason)

    def _record(self, system: str, line: int, identifier: str, row: Row) -> Planned:
        if not identifier:
            raise RowRefused("the id is empty: without it a second import could not know the record again")
        item = self.item_of(row)
        references = tuple(references_in(item))
        if self.has_reference:
            item = {"external_reference": {"system": system, "id": identifier}, **item}
        return Planned(self.records.kind, self.file, line, identifier, item, references)

    def _is_new(self, catalogue: Catalogue, record: Planned) -> bool:
        earlier = catalogue.planned[record.kind].get(record.id)
        if earlier is None:
            return True
        if not self.records.distinct:
            raise RowRefused(f"the id is that of line {earlier.line} of {earlier.file} too")
        if earlier.item != record.item:
            differing = [name for name, value in record.item.items() if earlier.item.get(name) != value]
            raise RowRefused(f"line {earlier.line} says otherwise about {', '.join(differing) or 'an empty field'}")
        return False

    def _leave_out(self, plan: Plan, line: int, identifier: str, reason: str, *, skipped: bool = False) -> None:
        plan.left_out.append(LeftOut(self.records.kind, self.file, line, identifier, reason, skipped))


def _always(_row: Row) -> bool:
    return True


def references_in(value: Any) -> Iterator[Named]:
    """Yield what an item refers to, wherever in it that stands."""
    if isinstance(value, Reference):
        yield value.target
    elif isinstance(value, dict):
        for inner in value.values():
            yield from references_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references_in(inner)
