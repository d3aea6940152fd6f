"""How Alembic reaches a service's schema: as its owner, through asyncpg, giving up soon on a lock."""

import asyncio
import importlib
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

from servicekit.data.migrations import Part
from servicekit.data.types import Ltree

LOCK_TIMEOUT = "5s"

ischema_names["ltree"] = Ltree


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Compare only the tables of the part at hand."""
    tables: Any = context.config.attributes["metadata"]
    return kind != "table" or name in tables.tables


def run_on(connection: Connection) -> None:
    """Run the part's revisions in one transaction."""
    part: Part = context.config.attributes["part"]
    metadata = importlib.import_module(part.tables).metadata
    context.config.attributes["metadata"] = metadata
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("SELECT set_config('keyaccount.actor', 'service:migration', false)"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=part.version_table,
        include_name=include_name,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    """Connect as the owner and run; who comes second waits and then finds nothing left to do.

    The turn is taken in a transaction of its own, so that a pooler may stand in between.
    """
    url: str = context.config.attributes["owner_url"]
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool)
    async with engine.connect() as turn, engine.connect() as connection:
        await turn.execute(text("SELECT pg_advisory_xact_lock(hashtext('migration of ' || current_schema()))"))
        await connection.run_sync(run_on)
    await engine.dispose()


asyncio.run(run())
