"""A plan as CSV and as a workbook that name things as we do: what the plan says, to the cent and the unit."""

import io
from datetime import date

from python_calamine import CalamineWorkbook

from tests.forecast.erp.handing import line, planned, planner, table
from tests.forecast.world import World


async def test_csv_and_workbook_say_what_the_plan_says(world: World) -> None:
    boot, glue = world.peers.add_product(), world.peers.add_product("kg", is_whole=False)
    lines = (line(boot, "3", "2026-12", "=cmd|'/C calc'!A1"), line(glue, "1.25", "2027-01", None))
    plan = await planned(world, *lines, name="Öffnung / Q4")
    keeper = await planner(world)

    written = await keeper.get(f"/v1/demand-plans/{plan['id']}/files/csv")
    book = await keeper.get(f"/v1/demand-plans/{plan['id']}/files/xlsx")

    assert written.headers["content-type"].startswith("text/csv")
    accepted = await keeper.get(f"/v1/demand-plans/{plan['id']}", headers={"accept": "text/csv"})
    assert written.text == accepted.text
    name = "attachment; filename*=UTF-8''demand-plan-%C3%B6ffnung-q4-v1.csv"
    assert written.headers["content-disposition"] == name
    rows = {row["product_code"]: row for row in table(written.text)}
    first, second = rows[boot["code"]], rows[glue["code"]]
    assert (first["place"], first["quantity"], first["amount"]) == ("'=cmd|'/C calc'!A1", "3", "30.00")
    assert (second["place"], second["quantity"], second["month"]) == ("unspecified", "1.25", "2027-01-01")
    (sheet,) = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).sheet_names
    heading, *cells = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_name(sheet).to_python()
    assert heading == list(first)
    by_code = {str(row[1]): dict(zip(heading, row, strict=True)) for row in cells}
    assert by_code[boot["code"]]["place"] == "=cmd|'/C calc'!A1"
    assert (by_code[glue["code"]]["quantity"], by_code[glue["code"]]["month"]) == (1.25, date(2027, 1, 1))


async def test_a_file_is_seen_by_who_sees_the_plan(world: World) -> None:
    plan = await planned(world, line(world.peers.add_product(), "3", "2026-12"))
    seller = await world.person()
    for form in ("csv", "xlsx"):
        assert (await seller.get(f"/v1/demand-plans/{plan['id']}/files/{form}")).status_code == 404
    unknown = await seller.get(f"/v1/demand-plans/{plan['id']}/files/pdf")
    assert (unknown.status_code, "csv" in unknown.text) == (400, True)
