"""Exports hold what their asker may see while they run; an import stops when its asker has left or lost the role."""

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.house import Client, House
from tests.make import Make, word


async def work(house: House, service: str) -> None:
    while await house.service(service).jobs.step():
        pass


async def exported(house: House, client: Client, path: str, form: str) -> Any:
    service = "customer"
    job = await client.done("POST", path, {"format": form})
    await work(house, service)
    ended = await client.done("GET", f"/v1/{service}/jobs/{job['id']}")
    assert ended["state"] == "succeeded", ended
    answer = await client.get(ended["result"]["path"])
    assert answer.headers["content-type"].startswith(ended["result"]["media_type"])
    return answer


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
async def test_an_export_holds_the_list_and_no_formula(house: House, make: Make, form: str) -> None:
    seller, other, mark = await make.seller(), await make.seller(), word()
    for place in range(3):
        await make.customer(seller, legal_name=f"=SUM({place}) {mark}", city="Hamburg")
    await make.customer(seller, legal_name=f"Elsewhere {mark}", city="Köln")
    await make.customer(other, legal_name=f"Other {mark}", city="Hamburg")
    answer = await exported(house, seller, "/v1/customers/exports?city=Hamburg&sort=name", form)
    if form == "xlsx":
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert (rows[0][0], len(rows)) == ("id", 4)
        assert {str(row[rows[0].index("legal_name")])[:5] for row in rows[1:]} == {"'=SUM"}
        return
    assert len(answer.text.splitlines()) == (4 if form == "csv" else 3)
    assert ("Other" in answer.text, "Elsewhere" in answer.text) == (False, False)
    assert answer.text.count("'=SUM") == (3 if form == "csv" else 0)


async def test_a_page_is_not_exported(make: Make) -> None:
    seller = await make.seller()
    answer = await seller.post("/v1/customers/exports?limit=5", {"format": "csv"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "query:limit")


async def test_who_has_left_has_nothing_done_any_more(house: House, make: Make) -> None:
    admin, seller = await house.admin(), await make.seller()
    job = await seller.done("POST", "/v1/customers/exports", {"format": "csv"})
    await admin.done("POST", f"/v1/people/{seller.id}/departures", {"on": "2020-01-01"})
    await house.settle()
    await work(house, "customer")
    ended = await admin.done("GET", f"/v1/customer/jobs/{job['id']}")
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "job_owner_gone")


async def test_jobs_are_their_owners_business(house: House, make: Make) -> None:
    seller, other, admin = await make.seller(), await make.seller(), await house.admin()
    job = await seller.done("POST", "/v1/customers/exports", {"format": "csv"})
    path = f"/v1/customer/jobs/{job['id']}"
    assert (await other.get(path)).status_code == 404
    assert (await other.post(f"{path}/cancel", {})).status_code == 404
    assert (await admin.get(path)).status_code == 200
    assert (await seller.post(f"{path}/cancel", {})).json()["state"] == "cancelled"
