"""The same statements through `pgbench`: what PostgreSQL alone takes for them."""

import asyncio
import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from bench.load import cpu_seconds
from bench.loading import Measured, RunFailed
from bench.scripts import Asked, Fresh, FreshClaim, FreshText, Recording
from keyaccount.postgres.places import wheel_binaries

_PLACEHOLDER = re.compile(r"(:?)\$(\d+)")
"""With the colon of a slice before it, which would make a variable of pgbench of what follows."""
_LONGER = (1, 5, 30)
"""So many times as long as it should be a run may take, until something is done."""
_COLD_SECONDS = 0.4
"""What new connections take to plan their statements and to compile the triggers."""


async def script_of(connection: asyncpg.Connection, recording: Recording, slots: int) -> str:
    """Return the pgbench script that repeats an operation's statements, each time for another of its recordings."""
    scripts = recording.scripts
    lines = ["\\set r random(1, 9000000000000000000)", f"\\set i {_chosen(recording, slots)}"]
    for place in range(len(scripts[0].asked)):
        lines += await _lines(connection, [script.asked[place] for script in scripts])
    return "\n".join(lines) + "\n"


def _chosen(recording: Recording, slots: int) -> str:
    each = len(recording.of_slot(0, slots))
    if each == len(recording.scripts):
        return f"random(1, {each})"
    return f":client_id * {each} + random(1, {each})"


async def _lines(connection: asyncpg.Connection, asked: Sequence[Asked]) -> list[str]:
    """Return the commands of one statement; what asyncpg sends as one message is a pipeline."""
    first = asked[0]
    if not first.args:
        return _pipeline(_plain_commands(first))
    statement = await connection.prepare(first.sql)
    types = [_name_of(one) for one in statement.get_parameters()]
    if not first.many:
        return [_command(first.sql, types, [one.args for one in asked])]
    rows = range(len(first.args))
    return _pipeline([_command(first.sql, types, [one.args[row] for one in asked]) for row in rows])


def _name_of(kind: Any) -> str:
    plain = kind.name.removesuffix("[]")
    return f'"{kind.schema}"."{plain}"{kind.name[len(plain) :]}'


def _pipeline(commands: Sequence[str]) -> list[str]:
    return list(commands) if len(commands) == 1 else ["\\startpipeline", *commands, "\\endpipeline"]


def _plain_commands(asked: Asked) -> list[str]:
    text = asked.sql
    if asked.claim:
        text = text.replace(f"'\\x{asked.claim}'", " sha256(convert_to(CAST(:r AS text), 'UTF8')) ")
    return [f"{_one_line(part)};" for part in text.split(";") if part.strip()]


def _command(sql: str, types: Sequence[str], arguments: Sequence[Sequence[Any]]) -> str:
    """Return a statement with its arguments in it, one of several each time."""
    values = [_expression([one[place] for one in arguments], kind) for place, kind in enumerate(types)]
    filled = _PLACEHOLDER.sub(lambda found: (": " if found[1] else "") + values[int(found[2]) - 1], _one_line(sql))
    return f"{filled.rstrip(' ;')};"


def _expression(values: Sequence[Any], kind: str) -> str:
    """Return the SQL of an argument: a constant where it is always the same, else one of an array."""
    if any(_is_fresh(value) for value in values):
        return f"CAST({_fresh(values[0])} AS {kind})"
    texts = [_text(value, kind) for value in values]
    if all(text == texts[0] for text in texts):
        return "NULL" if texts[0] is None else f"CAST({_quoted(texts[0])} AS {kind})"
    return f"CAST((CAST({_quoted(_array(texts))} AS text[]))[CAST(:i AS int)] AS {kind})"


def _is_fresh(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_fresh(item) for item in value)
    return isinstance(value, Fresh | FreshClaim | FreshText)


def _fresh(value: Any) -> str:
    if isinstance(value, Fresh):
        return f"CAST(md5(CAST(:r AS text) || '{value.number}') AS uuid)"
    if isinstance(value, FreshClaim):
        return "sha256(convert_to(CAST(:r AS text), 'UTF8'))"
    if isinstance(value, FreshText):
        return f"({_quoted(value.before)} || md5(CAST(:r AS text)) || {_quoted(value.after)})"
    items = [_fresh(item) if _is_fresh(item) else _quoted_or_null(_text(item)) for item in value]
    return f"ARRAY[{', '.join(items)}]"


def _text(value: Any, kind: str = "") -> str | None:
    """Return a value as PostgreSQL reads it."""
    if value is None:
        return None
    if kind.endswith('"jsonb"') or isinstance(value, dict):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, list | tuple):
        return _array([_text(item) for item in value])
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _array(texts: Sequence[str | None]) -> str:
    items = ["NULL" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]
    return "{" + ",".join(items) + "}"


def _quoted(text: str) -> str:
    """Return a literal without a colon, after which pgbench looks for its variables."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3a").replace("\n", "\\n")
    return f"E'{escaped}'"


def _quoted_or_null(text: str | None) -> str:
    return "NULL" if text is None else _quoted(text)


def _one_line(sql: str) -> str:
    return " ".join(sql.split())


class Pgbench:
    """Runs scripts against one database, as the service's login role."""

    def __init__(self, url: str, folder: Path, server_pid: int) -> None:
        self._url = url
        self._folder = folder
        self._server_pid = server_pid

    async def prepare(self, recording: Recording, slots: int) -> None:
        """Write the script of an operation."""
        connection = await asyncpg.connect(self._url)
        try:
            self._script(recording.operation).write_text(await script_of(connection, recording, slots))
        finally:
            await connection.close()

    async def run(self, operation: str, connections: int, seconds: float) -> Measured:
        """Run an operation's script on so many connections; only the last `seconds` count, when all is warm.

        Raises:
            RunFailed: a statement was refused.
        """
        done: list[tuple[float, float]] = []
        cpu = 0.0
        for longer in _LONGER:  # where the machine is busy, nothing may be done in the shortest
            before = self._cpu()
            await self._pgbench(operation, connections, math.ceil(seconds + _COLD_SECONDS) * longer)
            cpu = self._cpu() - before
            if done := self._take_log():
                break
        if not done:
            raise RunFailed(f"pgbench, {operation}: nothing was done.")
        since = max(at for at, _ in done) - seconds
        counted = [latency for at, latency in done if at > since]
        return Measured.of(counted, seconds, {"postgres": cpu * len(counted) / len(done)})

    async def _pgbench(self, operation: str, connections: int, seconds: int) -> None:
        options = f"-n -M prepared -c {connections} -j 1 -T {seconds} -l --log-prefix={self._log}".split()
        process = await asyncio.create_subprocess_exec(
            wheel_binaries() / "pgbench",
            *options,
            "-f",
            self._script(operation),
            self._url,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, complaint = await process.communicate()
        if process.returncode:
            raise RunFailed(f"pgbench, {operation}: {complaint.decode()[-600:]}")

    def _take_log(self) -> list[tuple[float, float]]:
        """Return each transaction's end in seconds since 1970 and its latency in milliseconds."""
        done = []
        for log in self._folder.glob(f"{self._log.name}.*"):
            for line in log.read_text().splitlines():
                _, _, latency, _, second, microsecond = line.split()
                done.append((int(second) + int(microsecond) / 1e6, int(latency) / 1000))
            log.unlink()
        return done

    @property
    def _log(self) -> Path:
        return self._folder / "latency"

    def _script(self, operation: str) -> Path:
        return self._folder / f"{operation}.sql"

    def _cpu(self) -> float:
        return cpu_seconds({"postgres": [self._server_pid]})["postgres"]
