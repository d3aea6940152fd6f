"""Publishing a plan of thousands of lines: in its settled order, and without holding them."""

import tracemalloc
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from tests.forecast.demand_plan.plans import approved, ordered, publish
from tests.forecast.world import Record, World

PRODUCT_LINE = "('00000000-0000-7000-8000-' || lpad((number % 40)::text, 12, '0'))::uuid"
PLACE = "(ARRAY['Ghent', 'ghent', 'Åre', 'zürich', 'Zug', '北京', '-'])[1 + number % 7] || number"
CELLS = f"""
INSERT INTO submission_cell (id, forecast_id, category, product_line_id, unit, unit_is_whole, month, place,
    own_quantity, own_amount, gathered_quantity, gathered_amount, adjustment_quantity, adjustment_amount)
SELECT uuidv7(), forecast_id, 'commit', {PRODUCT_LINE}, 'pair', true, '2026-11-01', {PLACE}, 0, 0, 2, 3, 0, 0
FROM demand_plan_source, generate_series(1, $2::int) AS number WHERE plan_id = $1
"""
SAID_BEFORE = f"""
INSERT INTO demand_plan_line (id, plan_id, product_line_id, unit, unit_is_whole, month, place,
    quantity, amount, change_quantity, change_amount)
SELECT uuidv7(), $1, {PRODUCT_LINE}, 'pair', true, '2026-11-01', {PLACE}, 1, 1, 1, 1
FROM generate_series($2::int / 2 + 1, $2::int / 2 * 3) AS number
"""
LINES = """
SELECT coalesce(product_line_id::text, ''), coalesce(product_id::text, ''), unit, month, place, amount, change_amount
FROM demand_plan_line WHERE plan_id = $1 ORDER BY id
"""
FEW, MANY = 2_000, 8_000


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_plan_of_many_lines_takes_no_more_memory_than_one_of_few(world: World) -> None:
    boot = world.peers.add_product()
    await _published(world, boot, FEW)  # what is made once, at the first time, is no matter
    few = await _published(world, boot, FEW)
    many = await _published(world, boot, MANY)
    assert many < few + 1024 * 1024, f"{few / 1e6:.1f} MB, then {many / 1e6:.1f} MB"


async def _published(world: World, boot: Record, count: int) -> int:
    """Publish a version of so many lines after one that says half of them and more; return the bytes held meanwhile."""
    top, seller = await world.line(2)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle, "10.00", lines=[ordered(boot, "1", "10", "Ghent")])
    await approved(world, cycle, seller, top)
    first = await publish(world, cycle)
    connection = await asyncpg.connect(world.house.urls["forecast"].owner)
    try:
        for statement in (CELLS, SAID_BEFORE):
            await connection.execute(statement, UUID(first["id"]), count)
        tracemalloc.start()
        try:
            second = await publish(world, cycle)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        lines = await connection.fetch(LINES, UUID(second["id"]))
        left = await connection.fetchval("SELECT count(*) FROM demand_plan_part")
    finally:
        await connection.close()
    where = [tuple(line)[:5] for line in lines]
    assert (left, where) == (0, sorted(where))
    assert (second["line_count"], len(lines)) == (count // 2 * 3 + 1, count // 2 * 3 + 1)
    assert Decimal(second["total"]) == 10 + 3 * count == sum(line["amount"] for line in lines)
    assert Decimal(second["change"]) == 3 * count - count == sum(line["change_amount"] for line in lines)
    return peak
