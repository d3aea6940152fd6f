"""What is submitted never changes, by privilege and by trigger; what changes is in the audit trail."""

import asyncpg
import pytest

from services.forecast.tables import metadata
from tests.forecast.world import World

APPEND_ONLY = sorted(name for name, table in metadata.tables.items() if table.info.get("append_only"))
AUDITED = {name: table.info["audited"].aggregate for name, table in metadata.tables.items() if "audited" in table.info}
SUBMITTED = {
    "submission",
    "submission_part",
    "submission_confirmation",
    "submission_adjustment",
    "submission_cell",
    "submission_total",
    "confirmation",
    "confirmation_line",
    "adjustment",
    "decision",
    "demand_plan",
    "demand_plan_line",
    "demand_plan_source",
    "seat",
    "frozen_rate",
}


def test_what_is_submitted_is_declared_append_only() -> None:
    assert set(APPEND_ONLY) >= SUBMITTED


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "change", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}"]
)
async def test_history_is_not_altered(world: World, table: str, change: str) -> None:
    column = next(iter(metadata.tables[table].c)).name
    statement = change.format(table=table, column=column)
    pool = world.house.service("forecast").database.pool
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


async def test_not_even_the_owner_alters_it(world: World) -> None:
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    await world.submit(seller, cycle)
    owner = await asyncpg.connect(world.house.urls["forecast"].owner)
    try:
        for statement in (
            "UPDATE submission_cell SET own_amount = 0",
            "DELETE FROM confirmation_line",
            "UPDATE submission_total SET own = own + 1",
            "TRUNCATE submission CASCADE",
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(statement)
    finally:
        await owner.close()


async def test_every_step_is_in_the_audit_trail(world: World) -> None:
    top, seller = await world.line(2)
    auditor = await world.person(None, "auditor")
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle)
    submitted = await world.submit(seller, cycle)
    await world.decide(top, submitted, "returns")

    async def trail(aggregate: str, aggregate_id: str) -> list[tuple[str, str, str]]:
        path = f"/v1/forecast/audit?aggregate={aggregate}&aggregate_id={aggregate_id}"
        answer = await auditor.done("GET", path)
        return [(entry["actor"], entry["table_name"], entry["operation"]) for entry in answer["items"]]

    assert await trail("forecast", submitted["id"]) == [
        (seller.id, "forecast", "insert"),
        (seller.id, "submission", "insert"),
        (seller.id, "forecast", "update"),
        (top.id, "forecast", "update"),
        (top.id, "decision", "insert"),
    ]
    seat = [(actor, table) for actor, table, _ in await trail("seat", submitted["seat_id"])]
    assert (seller.id, "confirmation") in seat
    assert (seller.id, "live_line") in seat
    assert (top.id, "standing") in seat
    assert [table for _, table, _ in await trail("forecast_cycle", cycle["id"])] == ["forecast_cycle"] * 2


async def test_triggers_are_installed_as_declared(world: World) -> None:
    pool = world.house.service("forecast").database.pool
    rows = await pool.fetch(
        "SELECT tgrelid::regclass::text AS name, tgname FROM pg_trigger "
        "JOIN pg_class ON pg_class.oid = tgrelid WHERE relnamespace = 'forecast'::regnamespace AND NOT tgisinternal"
    )
    installed = {(row["name"].removeprefix("forecast."), row["tgname"]) for row in rows}
    for table in APPEND_ONLY:
        assert {(table, "append_only_row"), (table, "append_only_table")} <= installed
    for table in AUDITED:
        assert (table, "audited") in installed
