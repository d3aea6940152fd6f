"""A small service with one table, to try the walls without a house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Query, Request, Response
from pydantic import Field
from sqlalchemy import Column, Integer, Table, Text, Uuid, bindparam, insert, select, update

from keyaccount.provisioning import SERVICES, drop_database
from orgchart.viewer import Viewer
from servicekit.data.chunks import Done, one_by_one
from servicekit.data.lists import SortKey
from servicekit.data.statements import prepared
from servicekit.data.tables import service_metadata
from servicekit.data.transactions import Writing
from servicekit.data.violations import register_violations
from servicekit.run.settings import Settings
from servicekit.values.errors import Conflict, NotSignedIn, RecordedRefusal, RuleViolated
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from servicekit.web.application import Parts, Runtime, assemble
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, ListQuery, Page
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.schemas import Input, Line, MoneyField, Output
from servicekit.web.service import Service
from tests.conftest import Template

PERSON = UUID("00000000-0000-7000-8000-000000000001")

metadata = service_metadata()
shelf = Table(
    "shelf",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("boxes", Integer),
)

CREATE = """
CREATE TABLE shelf (
    id uuid PRIMARY KEY, version integer NOT NULL, name text NOT NULL CONSTRAINT uq_shelf_name UNIQUE, boxes integer
);
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON shelf
    FOR EACH ROW EXECUTE FUNCTION audit_change('shelf', 'id', '')
"""


class NameTaken(Conflict):
    """A shelf of that name exists."""

    code = "name_taken"

    def __init__(self) -> None:
        super().__init__("A shelf of that name exists: take another name.", field="/name")


class NotYours(RecordedRefusal):
    """Somebody else's shelf."""

    code = "not_yours"
    aggregate = "shelf"


class TooMany(RuleViolated):
    """More boxes than fit."""

    code = "too_many"


register_violations({"uq_shelf_name": NameTaken})


@dataclass(frozen=True, slots=True)
class Shelf:
    id: UUID
    version: int
    name: str
    boxes: int | None


class ShelfBody(Input):
    name: Line
    boxes: int | None = Field(default=None, ge=0)
    value: MoneyField | None = None


class ShelfAnswer(Output):
    id: UUID
    version: int
    name: str
    boxes: int | None


class ShelfQuery(ListQuery):
    boxes_gte: int | None = None


INSERT = prepared(
    insert(shelf)
    .values(id=bindparam("id"), version=1, name=bindparam("name"), boxes=bindparam("boxes"))
    .returning(shelf),
    into=Shelf,
)
LOCK = prepared(select(shelf).where(shelf.c.id == bindparam("id")).with_for_update(), into=Shelf)
RENAME = prepared(
    update(shelf)
    .where(shelf.c.id == bindparam("shelf_id"))
    .values(name=bindparam("new_name"), version=shelf.c.version + 1)
    .returning(shelf),
    into=Shelf,
)
SORTS = {"name": SortKey(shelf.c.name), "boxes": SortKey(shelf.c.boxes, filler=0)}

router = Router(prefix="/v1/shelves", tags=["shelves"])


async def add(tx: Writing, body: ShelfBody) -> Shelf:
    if body.boxes is not None and body.boxes > 100:
        raise TooMany("A shelf holds 100 boxes.", field="/boxes")
    made = await tx.one(INSERT, id=new_id(), name=body.name, boxes=body.boxes)
    tx.publish("shelf.added", made.id, {"name": made.name})
    return made


@router.post("", status_code=201)
async def create_shelf(body: ShelfBody, tx: CurrentWriting) -> ShelfAnswer:
    """Add a shelf."""
    return ShelfAnswer.model_validate(await add(tx, body))


@batch_operation(router)
async def create_shelves(body: Batch[ShelfBody], batches: CurrentBatches) -> BatchAnswer:
    """Add shelves."""

    async def step(tx: Writing, item: ShelfBody) -> Done:
        made = await add(tx, item)
        if item.name.startswith("yours "):
            raise NotYours("It is somebody else's.", aggregate_id=PERSON, attempted={"name": item.name})
        return Done("created", made.id)

    return await batches.run(body, one_by_one(step))


@router.patch("/{shelf_id}")
async def rename_shelf(shelf_id: UUID, body: ShelfBody, expected: IfMatch, tx: CurrentWriting) -> ShelfAnswer:
    """Rename a shelf."""
    found = await tx.one(LOCK, id=shelf_id)
    check_version(found.version, expected)
    return ShelfAnswer.model_validate(await tx.one(RENAME, shelf_id=shelf_id, new_name=body.name))


@router.post("/{shelf_id}/takings")
async def take_shelf(shelf_id: UUID, tx: CurrentWriting) -> ShelfAnswer:
    """Try to take somebody else's shelf: changed first, refused then."""
    await tx.one(RENAME, shelf_id=shelf_id, new_name=f"taken {shelf_id}")
    raise NotYours("It is somebody else's.", aggregate_id=shelf_id, attempted={"take": str(shelf_id)})


@router.get("")
async def list_shelves(
    query: Annotated[ShelfQuery, Query()], tx: CurrentReading, pages: CurrentPages
) -> Page[ShelfAnswer]:
    """List shelves."""
    window = pages.window(query, SORTS, shelf.c.id, "name")
    wanted = select(shelf).order_by(*window.order.by()).limit(bindparam("limit"))
    if window.is_continued:
        wanted = wanted.where(window.order.after())
    if query.boxes_gte is not None:
        wanted = wanted.where(shelf.c.boxes >= query.boxes_gte)
    rows = await tx.all(prepared(wanted, into=Shelf), **window.binds)
    return pages.page(query, window.slice(rows), ShelfAnswer)


@export_operation(router, of=list_shelves, item=ShelfAnswer)
async def export_shelves(
    query: Annotated[ShelfQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write shelves into a file."""
    return await exports.begin(query, body)


async def authenticate(request: Request) -> Viewer:
    if "authorization" not in request.headers:
        raise NotSignedIn("Sign in.")
    return Viewer(PERSON, frozenset({"auditor"}), "nowhere", is_machine=True)


@dataclass
class Walls:
    """The small service and the doors to it."""

    app: FastAPI
    client: httpx.AsyncClient
    owner_url: str

    async def post(self, path: str, body: Any = None, key: str | None = None, **options: Any) -> httpx.Response:
        headers = {"idempotency-key": key} if key else {}
        return await self.client.post(path, json=body, headers=headers, **options)

    async def work(self) -> None:
        """Do jobs until none is due."""
        service: Service = self.app.state.service
        while await service.jobs.step():
            pass


@asynccontextmanager
async def open_walls(template: Template, private_addresses: str = "off", **given: Any) -> AsyncIterator[Walls]:
    """Start the small service on a clone of its own; `given` is for its runtime."""
    name, urls = await template.clone()
    owner = await asyncpg.connect(urls["team"].owner)
    await owner.execute(CREATE)
    await owner.close()
    parts = Parts(name="team", title="Walls", routers=[router], authenticate=lambda _: authenticate)
    settings = Settings(
        "team",
        urls["team"].login,
        template.secrets,
        dict.fromkeys(SERVICES, ""),
        log_level="WARNING",
        webhook_private_addresses=private_addresses,
    )
    app = assemble(parts, Runtime(settings, background=False, **given))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://walls.test", headers={"authorization": "x"}) as client,
    ):
        yield Walls(app, client, urls["team"].owner)
    await drop_database(template.admin_url, name)


@pytest.fixture(scope="session")
async def walls(template: Template) -> AsyncIterator[Walls]:
    async with open_walls(template) as opened:
        yield opened
