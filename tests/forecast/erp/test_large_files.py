"""Files of a plan of 20,000 lines: whole, and written without holding them."""

import tracemalloc
from uuid import UUID

import asyncpg
import pytest

from tests.forecast.erp.handing import call, line, planned, planner, system
from tests.forecast.world import World

PRODUCTS, MONTHS, PLACES = 1_000, 5, 4
LINES = """
INSERT INTO demand_plan_line (id, plan_id, product_id, product_code, product_name, product_line_id, unit, unit_is_whole,
    month, place, quantity, amount, change_quantity, change_amount)
SELECT gen_random_uuid(), $1, ('00000000-0000-7000-8000-' || lpad(product::text, 12, '0'))::uuid, 'P' || product,
    'Boot', NULL, 'pair', true, ('2027-01-01'::date + make_interval(months => month))::date, 'Place ' || place,
    product, 1, product, 1
FROM generate_series(1, $2) AS product, generate_series(0, $3 - 1) AS month, generate_series(1, $4) AS place
"""
CODES = """
INSERT INTO erp_reference (id, system, kind, subject, code, created_at)
SELECT gen_random_uuid(), $1, 'product', '00000000-0000-7000-8000-' || lpad(product::text, 12, '0'), 'P' || product,
    now()
FROM generate_series(1, $2) AS product
UNION ALL SELECT gen_random_uuid(), $1, 'place', 'Place ' || place, 'WH ' || place, now()
FROM generate_series(1, $3) AS place
"""
MOST_HELD = {"csv": 4, "odoo-csv": 4, "frepple-forecastplan-csv": 4, "frepple-xlsx": 6, "erpnext-json": 12}
"""Megabytes of Python objects at any time, the answer of the test's own client aside; a workbook keeps its texts."""


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_a_file_of_a_large_plan_is_whole_and_takes_little_memory(world: World) -> None:
    boot = world.peers.add_product()
    plan = await planned(world, line(boot, "1", "2027-01", "Place 1"))
    keeper = await planner(world)
    names = {kind: await system(keeper, kind) for kind in ("odoo", "frepple", "erpnext")}
    connection = await asyncpg.connect(world.house.urls["forecast"].owner)
    try:
        await connection.execute(LINES, UUID(plan["id"]), PRODUCTS, MONTHS, PLACES)
        await connection.execute("ALTER TABLE erp_reference DISABLE TRIGGER audited")  # nobody acts here
        for name in names.values():
            await connection.execute(CODES, name, PRODUCTS, PLACES)
        await connection.execute("ALTER TABLE erp_reference ENABLE TRIGGER audited")
        for name in names.values():
            await call(keeper, name, "BOOT", product_id=boot["id"])
        await connection.execute("ANALYZE demand_plan_line, erp_reference")
    finally:
        await connection.close()
    for form, most in MOST_HELD.items():
        name = names.get(form.partition("-")[0], "any")
        tracemalloc.start()
        try:
            answer = await keeper.get(f"/v1/demand-plans/{plan['id']}/files/{form}?system={name}")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert answer.status_code == 200, answer.text
        held = peak - 2 * len(answer.content)
        assert held < most * 1024 * 1024, f"{form}: {held / 1024 / 1024:.1f} MB"
        if form.endswith("csv"):
            assert answer.text.count("\r\n") == PRODUCTS * MONTHS * PLACES + 2
