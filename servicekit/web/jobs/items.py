"""Taking what was sent apart into the items of an import, each as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO, Any, get_type_hints

import orjson
from pydantic import BaseModel

from servicekit.web.jobs.columns import Column, columns_of
from servicekit.web.jobs.files import MEDIA_TYPES
from servicekit.web.jobs.refusals import LARGEST_ITEM, LARGEST_JSON, MOST_ITEMS, AtomicNotAsJob, ImportMalformed
from servicekit.web.jobs.spreadsheets import rows_of_sheet, unfolded
from servicekit.web.jobs.tables import Names, items_of, rows_of_csv

CHUNK = 50
JSON = "application/json"
LINES = frozenset({"application/jsonl", "application/x-ndjson"})
CSV, SPREADSHEET = MEDIA_TYPES["csv"], MEDIA_TYPES["xlsx"]
TABLES = frozenset({CSV, SPREADSHEET})
FORMS = (JSON, "application/jsonl", CSV, SPREADSHEET)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in: a file, the digest of all of it, and what its sender says of it."""

    content: IO[bytes]
    digest: bytes
    size: int
    form: str
    charset: str = "utf-8"
    names: Names | None = None


@cache
def columns_of_batch(endpoint: Callable[..., Any]) -> Sequence[Column]:
    """Return the columns that a table of an endpoint's items may have."""
    hints = get_type_hints(endpoint)
    for kind in hints.values():
        arguments = getattr(kind, "__pydantic_generic_metadata__", {}).get("args", ())
        if arguments and issubclass(arguments[0], BaseModel):
            return columns_of(arguments[0])
    raise TypeError(f"{endpoint.__name__} takes no batch")


async def items_in(sent: Sent, columns: Sequence[Column]) -> Iterator[bytes]:
    """Return the items one by one.

    Raises:
        ImportMalformed: it cannot be taken apart; some of that is found only on the way.
    """
    if sent.form in LINES:
        return _lines_of(sent.content)
    if sent.form == CSV:
        return items_of(rows_of_csv(sent.content, sent.charset), columns, sent.names or {})
    if sent.form == SPREADSHEET:
        return _items_of_sheet(await unfolded(sent.content), columns, sent.names or {})
    return _items_of_batch(sent)


def chunks_of(items: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the items by the chunks that a job does."""
    chunk: list[bytes] = []
    for place, item in enumerate(items):
        if place >= MOST_ITEMS:
            raise ImportMalformed(f"A job takes {MOST_ITEMS} items: send the rest as another.", field="/items")
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _items_of_sheet(text: IO[bytes], columns: Sequence[Column], names: Names) -> Iterator[bytes]:
    with text:
        yield from items_of(rows_of_sheet(text), columns, names)


def _lines_of(content: IO[bytes]) -> Iterator[bytes]:
    """Yield the items, each the JSON that was sent."""
    place = 0
    for number, line in enumerate(content, 1):
        stripped = line.strip()
        if not stripped:
            continue
        if len(stripped) > LARGEST_ITEM:
            raise ImportMalformed(f"Line {number} is longer than {LARGEST_ITEM // 2**20} MiB.", field=f"/items/{place}")
        if not isinstance(_decoded(stripped, f"line {number}", f"/items/{place}"), dict):
            raise ImportMalformed(f"Line {number} is not a JSON object.", field=f"/items/{place}")
        yield stripped
        place += 1


def _items_of_batch(sent: Sent) -> Iterator[bytes]:
    """Yield the items of a batch that was sent as one JSON object."""
    if sent.size > LARGEST_JSON:
        raise ImportMalformed(f"Send more than {LARGEST_JSON // 2**20} MiB as JSON lines (application/jsonl).")
    batch = _decoded(sent.content.read(), "The body", "")
    items = batch.get("items") if isinstance(batch, Mapping) else None
    if not isinstance(items, list):
        raise ImportMalformed("Send `items`, a list of objects.", field="/items")
    if unknown := sorted(set(batch) - {"items", "atomic"}):
        raise ImportMalformed(f"There is no `{unknown[0]}` in a batch.", field=f"/{unknown[0]}")
    if batch.get("atomic"):
        raise AtomicNotAsJob
    return map(orjson.dumps, items)


def _decoded(content: bytes, what: str, pointer: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ImportMalformed(f"{what} is not JSON: {error}.", field=pointer) from error
