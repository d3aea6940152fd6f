"""Customers and contacts out of files, as their exports head them."""

import io

import pytest
from xlsxwriter import Workbook

from tests.customer.relationships.test_erasure import work_off
from tests.house import Client, House
from tests.make import Make, word

HEADING = [
    "external_reference.system",
    "external_reference.id",
    "legal_name",
    "country",
    "city",
    "annual_revenue.amount",
]
HEADING += ["annual_revenue.currency", "other_names"]


def table_of(rows: list[list[str]], form: str) -> bytes:
    if form == "csv":
        return "\r\n".join(";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows).encode()
    content = io.BytesIO()
    with Workbook(content) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return content.getvalue()


async def import_file(house: House, by: Client, path: str, content: bytes, form: str) -> dict[str, int]:
    """Import a file, and return how many rows had which outcome."""
    taken = await by.done("POST", path, content=content, headers={"content-type": form}, key=word())
    await work_off(house)
    job = await by.done("GET", f"/v1/customer/jobs/{taken['id']}")
    assert (job["state"], job["progress"]["done"]) == ("succeeded", job["progress"]["total"]), job
    counts: dict[str, int] = job["counts"]
    return counts


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("csv", "text/csv"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")],
)
async def test_a_file_of_companies_is_tried_imported_and_the_same_again(
    house: House, make: Make, form: str, media_type: str
) -> None:
    seller, system, mark = await make.seller(), word(), word()
    brand = f'[{{"kind": "brand", "name": "Brand {mark}"}}]'
    rows = [HEADING] + [[system, f"0{n}", f"{mark} 公司 {n}", "CN", "上海", "1000.50", "CNY", brand] for n in range(60)]
    rows.append([system, "99", "", "CN", "", "", "", ""])
    content = table_of(rows, form)

    tried = await import_file(house, seller, "/v1/customers/batches?dry_run=true", content, media_type)
    assert tried == {"created": 60, "rejected": 1}
    found = await seller.done("GET", f"/v1/customers?external_system={system}&total=true")
    assert found["total"] == "0"
    assert await import_file(house, seller, "/v1/customers/batches", content, media_type) == tried
    again = await import_file(house, seller, "/v1/customers/batches", content, media_type)
    assert again == {"unchanged": 60, "rejected": 1}

    [one] = (await seller.done("GET", f"/v1/customers?external_system={system}&external_id=07"))["items"]
    assert (one["legal_name"], one["annual_revenue"]) == (f"{mark} 公司 7", {"amount": "1000.50", "currency": "CNY"})
