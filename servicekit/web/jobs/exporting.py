"""Exports: the whole of a list as a file, page by page through the list's own operation.

So it has the list's filters and order, and what its asker may see while it runs.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from pydantic import Field

from servicekit.jobs import store
from servicekit.jobs.store import Asked
from servicekit.jobs.turns import Progress, Turn
from servicekit.run.tracing import current_trace_id
from servicekit.web.jobs import files
from servicekit.web.jobs.accepting import job_answer
from servicekit.web.jobs.columns import Column, columns_of
from servicekit.web.jobs.files import MEDIA_TYPES, Format
from servicekit.web.jobs.inside import Inside
from servicekit.web.jobs.refusals import ExportNotPaged
from servicekit.web.jobs.schemas import JobAnswer
from servicekit.web.pages import ListQuery
from servicekit.web.problems import problems
from servicekit.web.router import Router
from servicekit.web.schemas import Input, Output
from servicekit.web.unit import Unit

KIND = "export"
ROWS_OF_A_CHUNK = 100


class ExportRequest(Input):
    """The form of the file."""

    format: Format = Field(description="`csv`, `xlsx` or `jsonl`.")


@dataclass(frozen=True, slots=True)
class Exported:
    """A list that can be exported: which operation reads it, what it is called, its columns."""

    operation: str
    name: str
    columns: Sequence[Column]


_lists: dict[str, Exported] = {}
"""By path; filled by the routes when they are declared."""


class Exports:
    """Takes exports in."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def begin(self, query: ListQuery, body: ExportRequest) -> Response:
        """Take in the export of the list that the route belongs to.

        Raises:
            ExportNotPaged: the query names a page.
        """
        for name in ("limit", "cursor", "total"):
            if name in query.model_fields_set:
                raise ExportNotPaged(name)
        request = self._request
        unit: Unit = request.state.unit
        path = request.url.path.removesuffix("/exports")
        given = query.model_dump(mode="json", exclude_none=True, include=query.model_fields_set)
        asked = Asked(
            KIND,
            _lists[path].operation,
            {"path": path, "query": urlencode(_texts(given), doseq=True), "format": body.format},
        )
        job = await store.insert(unit.writing(), request.state.caller.subject, asked, current_trace_id())
        return job_answer(request, job)


def _texts(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}


async def _exports(request: Request) -> Exports:
    return Exports(request)


CurrentExports = Annotated[Exports, Depends(_exports)]


def export_operation(
    router: Router, *, of: Callable[..., Any], item: type[Output], **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function the export of its router's list, which is read by `of` and has such items."""
    columns = columns_of(item)
    name = router.prefix.rpartition("/")[2]
    _lists[router.prefix] = Exported(of.__name__, name, columns)
    responses = problems(ExportNotPaged) | (options.pop("responses", None) or {})
    responses[202] = {
        "description": "It was taken in as a job; `Location` says where to follow it.",
        "model": JobAnswer,
    }

    def add(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        described = f"{endpoint.__doc__}\n\nThe list's filters and `sort`, without a page. Columns: {_told(columns)}."
        router.add_api_route(
            "/exports",
            endpoint,
            methods=["POST"],
            status_code=202,
            response_model=JobAnswer,
            responses=responses,
            description=described,
            **options,
        )
        return endpoint

    return add


def _told(columns: Sequence[Column]) -> str:
    return ", ".join(f"`{column.name}` ({column.form.value})" for column in columns)


class Exporting:
    """Does exports: pages are kept as they are read, a spreadsheet is made of them at the end."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def __call__(self, turn: Turn) -> bool:
        """Read the next page, or make the file of what was read."""
        job = turn.job
        exported, position = _lists[job.request["path"]], job.position or {}
        if position.get("is_read"):
            await _make_spreadsheet(turn, exported)
            return False
        page = await self._page(turn, position.get("cursor"))
        is_last = page["next"] is None
        makes_later = job.request["format"] == "xlsx"
        async with turn.writing() as tx:
            role, content = _piece(job.request["format"], exported, page["items"], headed=job.chunk == 0)
            await turn.add_parts(tx, role, [content], start=job.chunk)
            following = {"is_read": True} if is_last else {"cursor": page["next"]}
            await turn.advance(tx, Progress(len(page["items"]), position=following, total=_total(page)))
            if is_last and not makes_later:
                await turn.succeed(tx, described(turn, exported))
        return makes_later or not is_last

    async def _page(self, turn: Turn, cursor: str | None) -> Any:
        asked: dict[str, str | int] = {"limit": ROWS_OF_A_CHUNK}
        asked |= {"cursor": cursor} if cursor else {"total": "true"}
        query = "&".join(part for part in (turn.job.request["query"], urlencode(asked)) if part)
        return await self._inside.ask(turn, "GET", turn.job.request["path"], query=query)


def _total(page: Mapping[str, Any]) -> int | None:
    told = page["total"]
    return int(told) if told and told.isdigit() else None


def _piece(form: str, exported: Exported, items: Sequence[Any], *, headed: bool) -> tuple[str, bytes]:
    if form == "csv":
        return "file", files.comma_separated(exported.columns, items, headed=headed)
    return ("file" if form == "jsonl" else "page"), files.lines(items)


def described(turn: Turn, exported: Exported) -> dict[str, Any]:
    """Return what is said of the file of an export."""
    job = turn.job
    name = f"{exported.name}-{job.created_at:%Y-%m-%d-%H%M}.{job.request['format']}"
    return {"name": name, "media_type": MEDIA_TYPES[job.request["format"]], "role": "file"}


async def _make_spreadsheet(turn: Turn, exported: Exported) -> None:
    with files.workshop() as folder:
        path = Path(folder) / "export.xlsx"
        await files.spreadsheet(exported.name, exported.columns, _pages(turn), path)
        async with turn.writing() as tx:
            for number, piece in enumerate(files.pieces_of(path)):
                await turn.add_parts(tx, "file", [piece], start=number)
            await turn.succeed(tx, described(turn, exported), drop=["page"])


async def _pages(turn: Turn) -> AsyncIterator[bytes]:
    """Yield what was read, and say now and then that this worker is still at it."""
    for number in range(turn.job.chunk):
        page = await turn.part("page", number)
        if page is None:
            raise LookupError(f"page {number}")
        if number % HOLD_EVERY == 0:
            await turn.hold()
        yield page


HOLD_EVERY = 20
