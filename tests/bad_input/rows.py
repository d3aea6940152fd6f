"""What a request has written, by the numbers that PostgreSQL gives its transactions.

A transaction that writes gets a number, and every row version that it writes carries it. Between two looks at which
nothing else runs, the rows with newer numbers are therefore what the request has written, and no number given out means
that nothing was.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import Table

from servicekit.data.tables import Audited
from servicekit.values.scopes import SERVICES

Row = Mapping[str, Any]

NEXT_NUMBER = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
TABLES = """
SELECT format('%s.%s', spaces.nspname, tables.relname) AS name, array_agg(columns.attname::text) AS key
FROM pg_index AS keys
JOIN pg_class AS tables ON tables.oid = keys.indrelid
JOIN pg_namespace AS spaces ON spaces.oid = tables.relnamespace
JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum = ANY(keys.indkey)
WHERE keys.indisprimary AND spaces.nspname = ANY($1) AND tables.relname NOT LIKE 'alembic%' GROUP BY 1 ORDER BY 1
"""
WITHOUT_KEY = """
SELECT count(*) FROM pg_class AS tables JOIN pg_namespace AS spaces ON spaces.oid = tables.relnamespace
WHERE spaces.nspname = ANY($1) AND tables.relkind IN ('r', 'p')
AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = tables.oid AND indisprimary)
"""

KEPT_AFTER_A_REFUSAL = {
    "audit": "a refusal that the domain must remember",
    "audit_head": "the last link of that entry's chain",
    "sign_in_event": "that somebody tried to sign in by this person's name",
    "orgchart_person": "a copy of the org chart that a request with a newer version has brought up to date",
    "orgchart_edge": "the same",
    "orgchart_unit": "the same",
    "orgchart_stand_in": "the same",
    "orgchart_state": "the same",
}
"""What may be there after a refused request, and why; of the audit trail only entries that tell of a refusal."""

WITHOUT_EVENTS = {"opportunity.funnel_draft": "nobody else's business until it is published, when a version appears"}
"""Tables of rows with versions that nothing tells of, and why."""
WRITTEN_BY_READING = {name for name in KEPT_AFTER_A_REFUSAL if name.startswith("orgchart")}


@dataclass(frozen=True)
class Kept:
    """What is declared of a table."""

    audited: Audited | None
    has_version: bool


@dataclass
class Written:
    """Rows that are new or others than before by table (`service.name`), and by how many each table has grown."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    growth: dict[str, int] = field(default_factory=dict)

    def tables(self) -> set[str]:
        return set(self.rows) | {table for table, count in self.growth.items() if count}

    def of(self, service: str, name: str) -> Sequence[Row]:
        return self.rows.get(f"{service}.{name}", ())


def declared_tables() -> dict[str, Kept]:
    """Return what the services declare of their tables."""
    found = {}
    for service in SERVICES:
        tables: Mapping[str, Table] = importlib.import_module(f"services.{service}.tables").metadata.tables
        for name, table in tables.items():
            found[f"{service}.{name}"] = Kept(table.info.get("audited"), "version" in table.c)
    return found


class Rows:
    """Looks at all tables of a database that nobody else writes to."""

    def __init__(self, connection: asyncpg.Connection, tables: Mapping[str, Sequence[str]]) -> None:
        self._connection = connection
        self._keys = tables
        self._present: dict[str, dict[tuple[Any, ...], Row]] = {table: {} for table in tables}
        parts = [
            f"SELECT '{table}', count(*), coalesce(jsonb_agg(to_jsonb(row)) "
            f"FILTER (WHERE row.xmin::text::bigint >= $1), '[]') FROM {table} AS row"
            for table in tables
        ]
        self._question = " UNION ALL ".join(parts)
        self._counts: dict[str, int] = {}
        self._next = 0
        self.declared = declared_tables()

    @classmethod
    async def opened(cls, url: str) -> "Rows":
        """Connect as somebody who may see everything, and look for the first time."""
        connection = await asyncpg.connect(url)
        tables = {row["name"]: row["key"] for row in await connection.fetch(TABLES, list(SERVICES))}
        assert len(tables) > len(SERVICES), "there are no tables to look at"
        assert not await connection.fetchval(WITHOUT_KEY, list(SERVICES)), "a table without a key cannot be looked at"
        rows = cls(connection, tables)
        await rows.look()
        return rows

    async def close(self) -> None:
        await self._connection.close()

    async def done(self, sql: str) -> None:
        """Change the database, as a planted fault does."""
        await self._connection.execute(sql)

    async def look(self) -> Written:
        """Return what was written since one looked last."""
        following = await self._connection.fetchval(NEXT_NUMBER)
        written = Written()
        if following == self._next:
            return written
        for table, count, rows in await self._connection.fetch(self._question, self._next):
            written.growth[table] = count - self._counts.get(table, 0)
            self._counts[table] = count
            if found := [row for row in json.loads(rows) if self._is_news(table, row)]:
                written.rows[table] = found
        self._next = following
        return written

    def _is_news(self, table: str, row: Row) -> bool:
        """Whether a row that was written is another than before: an update may change nothing."""
        key = tuple(row[name] for name in self._keys[table])
        former, self._present[table][key] = self._present[table].get(key), row
        return former != row


def unwanted_of_refusal(written: Written) -> list[str]:
    """Return what a refused request has left behind and should not have."""
    faults = []
    for table in sorted(written.tables()):
        service, name = table.split(".")
        if name not in KEPT_AFTER_A_REFUSAL:
            faults.append(f"half-written: {table} {_some(written.rows.get(table, ()))}")
        elif name == "audit":
            entries = [row for row in written.of(service, name) if row["operation"] != "refused"]
            others = [row for row in entries if not _tells_of_a_refused_sign_in(row)]
            if others:
                faults.append(f"half-written: {table} tells of a change {_some(others)}")
    return faults


def _tells_of_a_refused_sign_in(entry: Row) -> bool:
    return bool(entry["table_name"] == "sign_in_event" and entry["after"]["step"] == "refused")


def unwanted_of_reading(written: Written) -> list[str]:
    """Return what a request that only asks has written."""
    tables = {table for table in written.tables() if table.split(".")[1] not in WRITTEN_BY_READING}
    return [f"written by reading: {table}" for table in sorted(tables)]


def faults_of_change(written: Written, declared: Mapping[str, Kept]) -> list[str]:
    """Return where row, audit trail and events of an accepted change do not agree."""
    faults = []
    for table, kept in declared.items():
        service, name = table.split(".")
        if kept.audited is None:
            continue
        entries = [row for row in written.of(service, "audit") if row["table_name"] == name]
        if written.growth.get(table, 0) < 0 and not any(entry["operation"] == "delete" for entry in entries):
            faults.append(f"unaudited: rows of {table} are gone")
        for row in written.rows.get(table, ()):
            own = [entry for entry in entries if entry["aggregate_id"] == row[kept.audited.id_column]]
            if not own:
                faults.append(f"unaudited: {table} {_some([row])}")
            elif kept.has_version and kept.audited.id_column == "id":
                faults += _version_faults(table, row, own, written)
            elif kept.has_version and not any(
                _events(table, row[name], written) for name in (kept.audited.id_column, "id") if name in row
            ):
                faults.append(f"without event: {table} {_some([row])}")
    return faults


def _version_faults(table: str, row: Row, entries: Sequence[Row], written: Written) -> list[str]:
    """Each version has one entry of the audit trail, the last is the row's, and the change is an event."""
    versions = [entry["after"]["version"] for entry in entries if "version" in (entry["after"] or {})]
    if not versions:
        return [f"without version: {table} {row['id']} was changed and kept version {row['version']}"]
    faults = []
    if len(set(versions)) < len(versions) or max(versions) != row["version"]:
        faults.append(f"audit and row differ: {table} {row['id']} is {row['version']}, the trail says {versions}")
    events = _events(table, row["id"], written)
    if not events and table not in WITHOUT_EVENTS:
        faults.append(f"without event: {table} {row['id']} version {row['version']}")
    told = [each["data"]["version"] for each in events if isinstance(each["data"].get("version"), int)]
    if told and max(told) != row["version"]:
        faults.append(f"event and row differ: {table} {row['id']} is {row['version']}, the events say {told}")
    return faults


def _events(table: str, aggregate_id: Any, written: Written) -> list[Row]:
    service, _ = table.split(".")
    return [each for each in written.of(service, "outbox") if each["aggregate_id"] == aggregate_id]


def _some(rows: Sequence[Row]) -> str:
    return f"({len(rows)}) " + json.dumps(rows[:1], default=str)[:400]
