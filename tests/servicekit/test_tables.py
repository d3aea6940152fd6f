"""Imports out of CSV and spreadsheets: headed by fields' names, whole or not at all, and dry."""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from xlsxwriter import Workbook

from servicekit.web.jobs.columns import Column, Form, as_text, as_typed
from tests.conftest import Template
from tests.make import word
from tests.servicekit.conftest import Walls, open_walls
from tests.servicekit.test_jobs import job_of, made_of, outcomes, owner_sql

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
async def walls(template: Template) -> AsyncIterator[Walls]:
    """Return walls in which no other test's jobs are due."""
    async with open_walls(template) as opened:
        yield opened


def sheet_of(rows: Sequence[Sequence[Any]]) -> bytes:
    content = io.BytesIO()
    with Workbook(content) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return content.getvalue()


async def send(walls: Walls, content: bytes, form: str = "text/csv", query: str = "") -> httpx.Response:
    path = f"/v1/shelves/batches{query}"
    return await walls.client.post(path, content=content, headers={"content-type": form})


async def finished(walls: Walls, answer: httpx.Response) -> list[dict[str, Any]]:
    """Do the job, and return the outcomes of its items."""
    assert answer.status_code == 202, answer.text
    await walls.work()
    assert (await job_of(walls, answer))["state"] == "succeeded"
    return await outcomes(walls, answer)


async def boxes_of(walls: Walls, name: str) -> list[int | None]:
    return [row["boxes"] for row in await owner_sql(walls, "SELECT boxes FROM shelf WHERE name = $1", name)]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("name,boxes\r\n{name},7\r\n,\r\n", "text/csv"),
        ('\ufeffname;boxes\n"{name}";7\n\n', "text/csv"),
        ("boxes\tname\n7\t {name} \n", "text/csv; charset=UTF-16"),
        ("name,boxes\n{name},7", "text/csv; charset=GB2312"),
    ],
)
async def test_rows_of_a_table_become_items(walls: Walls, content: str, form: str) -> None:
    name = f"货架 {word()}"
    charset = form.rpartition("=")[2] if "=" in form else "utf-8"
    done = await finished(walls, await send(walls, content.replace("{name}", name).encode(charset), form))
    assert [one["outcome"] for one in done] == ["created"]
    assert await boxes_of(walls, name) == [7]


async def test_a_spreadsheet_is_read_like_it(walls: Walls) -> None:
    names = [word(), word(), word()]
    rows: list[list[Any]] = [
        ["name", "boxes", "value.amount", "value.currency"],
        [names[0], 7, "1.50", "EUR"],
        [],
        [names[1]],
        [names[2], 3.5],
    ]
    done = await finished(walls, await send(walls, sheet_of(rows), SHEET))
    assert [one["outcome"] for one in done] == ["created", "created", "rejected"]
    assert done[2]["problem"]["errors"][0]["pointer"] == "/boxes"
    assert (await boxes_of(walls, names[0]), await boxes_of(walls, names[1])) == ([7], [None])


async def test_a_heading_may_stand_for_a_field(walls: Walls) -> None:
    name = word()
    content = f"Firma,Boxes: all,Notes\n{name},7,x\n".encode()
    query = "?column=Firma:name&column=Boxes: all:boxes&column=Notes:"
    await finished(walls, await send(walls, content, query=query))
    assert await boxes_of(walls, name) == [7]


@pytest.mark.parametrize(
    ("sent", "field", "told"),
    [
        ((b"name,colour\nx,red\n", "text/csv", ""), None, "There is no field 'colour'; there are: name, boxes"),
        ((b"name,N\nx,y\n", "text/csv", "?column=N:name"), None, "Two columns stand for the field 'name'"),
        ((b"name\nx\n", "text/csv", "?column=N:name"), "query:column", "no column 'N'"),
        ((b"name\nx\n", "text/csv", "?column=name"), "query:column", "does not name a column"),
        ((b"name,boxes\nx,1\ny,1,2\n", "text/csv", ""), None, "Line 3 has 3 cells, the heading has 2"),
        ((b'name\n"x\n', "text/csv", ""), None, "not well-formed"),
        (("name\nSchränke\n".encode("latin-1"), "text/csv", ""), "header:content-type", "this is not utf-8 text"),
        ((b"name\nx\n", "text/csv; charset=klingon", ""), "header:content-type", "no charset 'klingon'"),
        ((b"", "text/csv", ""), None, "must name the columns"),
        ((b"name\n", "text/csv", ""), "/items", "at least one"),
        ((b"name\nx\n", "text/csv", "?dry_run=maybe"), "query:dry_run", "`true` or `false`"),
        ((b'{"name":"x"}\n', "application/jsonl", "?column=N:name"), "query:column", "Only the columns of a table"),
        ((b"no spreadsheet", SHEET, ""), None, "cannot be read"),
    ],
)
async def test_what_is_no_table_is_refused_as_a_whole(
    walls: Walls, sent: tuple[bytes, str, str], field: str | None, told: str
) -> None:
    answer = await send(walls, *sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "import_malformed")
    assert told in answer.json()["detail"]
    assert [fault["pointer"] for fault in answer.json().get("errors", [])] == ([field] if field else [])
    assert await made_of(walls, [{"name": "x"}, {"name": "y"}]) == 0


async def test_a_spreadsheet_that_unfolds_into_gigabytes_is_refused(walls: Walls) -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheet_of([["name"], *[["x"]] * 40]))) as honest,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for part in honest.infolist():
            content = honest.read(part)
            if part.filename == "xl/sharedStrings.xml":
                content = content.replace(b"<t>x</t>", b"<t>" + b"x" * 40_000_000 + b"</t>")
            bomb.writestr(part.filename, content)
    assert len(packed.getvalue()) < 1_000_000
    answer = await send(walls, packed.getvalue(), SHEET)
    assert (answer.status_code, answer.json()["code"]) == (400, "import_malformed")


async def test_a_dry_run_says_what_would_be_and_changes_nothing(walls: Walls) -> None:
    items: list[dict[str, Any]] = [{"name": word()}, {"name": word(), "boxes": 101}, {"name": ""}]
    table = "name,boxes\n" + "".join(f"{one['name']},{one.get('boxes', '')}\n" for one in items)
    asked = await send(walls, table.encode(), query="?dry_run=true")
    done = await finished(walls, asked)
    at_once = await walls.client.post("/v1/shelves/batches?dry_run=true", json={"items": items})
    for told in (done, at_once.json()["items"]):
        assert [one["outcome"] for one in told][:2] == ["created", "rejected"]
        assert told[0]["id"] is None
    assert await made_of(walls, items) == 0
    job = await job_of(walls, asked)
    assert (job["dry_run"], job["counts"]["created"]) == (True, 1)
    wet = await send(walls, table.encode())
    assert [one["outcome"] for one in await finished(walls, wet)][:2] == ["created", "rejected"]
    assert (await made_of(walls, items), (await job_of(walls, wet))["dry_run"]) == (1, False)


async def test_a_dry_run_does_not_use_up_the_key(walls: Walls) -> None:
    items, headers = [{"name": word()}], {"idempotency-key": word()}
    for query, made in (("?dry_run=true", 0), ("?dry_run=true", 0), ("", 1)):
        answer = await walls.client.post(f"/v1/shelves/batches{query}", json={"items": items}, headers=headers)
        assert answer.json()["items"][0]["outcome"] == "created", answer.text
        assert await made_of(walls, items) == made


@pytest.mark.parametrize("text", ["=1+1", "  @x", "plain", "'quoted'", "-5"])
def test_what_is_made_harmless_comes_back_as_it_was(text: str) -> None:
    column = Column(("name",), Form.TEXT)
    assert as_typed(column, as_text(column, text)) == text
