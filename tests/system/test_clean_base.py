"""SPEC 1.4 walked through as users do: search, duplicates, files in and out, a contact's data, beside who may not.

Ada is the head of Ben and Cai, who look after one customer each that turn out to be one; Eve sells elsewhere.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from tests.customer.customers.test_files import HEADING, import_file, table_of
from tests.customer.finding.test_search import mark
from tests.customer.merging.companies import merge, preview, request_of, undo
from tests.house import Client, House
from tests.make import Make
from tests.system.test_exports import exported

Record = dict[str, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Walk:
    """Who takes part, and what they have made."""

    house: House
    make: Make
    ada: Client
    ben: Client
    cai: Client
    eve: Client
    name: str = field(default_factory=mark)
    made: dict[str, Record] = field(default_factory=dict)

    async def eve_tries(self, method: str, path: str, body: Any = None, *, status: int = 404) -> None:
        """Let the second person try what they may not."""
        answer = await self.eve.request(method, path, body)
        assert answer.status_code == status, answer.text

    async def figures(self) -> Record:
        """Return what is open with the customer of Ben, as its funnel tells."""
        told: Record = await self.ada.done("GET", f"/v1/funnel?scope=customer&customer_id={self.made['ben']['id']}")
        return {"open": told["open"], "unconverted": told.get("unconverted")}


@pytest.fixture
async def walk(house: House, make: Make) -> Walk:
    ada = await make.person()
    return Walk(house, make, ada, await make.seller(ada), await make.seller(ada), await make.seller())


async def test_from_two_records_of_one_company_to_a_clean_base(walk: Walk) -> None:
    await enter(walk)
    await find(walk)
    await merge_and_undo(walk)
    await import_the_same_twice(walk, "csv", "text/csv")
    await import_the_same_twice(walk, "xlsx", XLSX)
    await export(walk)
    await erase_a_contact(walk)


async def enter(walk: Walk) -> None:
    """Ben enters the company in English, Cai in Chinese; each sells to it."""
    english = {"legal_name": f"{walk.name} Footwear Ltd.", "country": "CN", "city": "Shenzhen"}
    chinese = {"legal_name": f"深圳市宝安{walk.name}鞋业有限公司", "country": "CN", "city": "深圳"}
    walk.made["ben"] = await walk.make.customer(walk.ben, **english)
    walk.made["cai"] = await walk.make.customer(walk.cai, **chinese)
    for name, seller, amount in (("ben", walk.ben, "100.00"), ("cai", walk.cai, "20.00")):
        customer_id = walk.made[name]["id"]
        walk.made[f"{name}_deal"] = await walk.make.opportunity(seller, customer_id=customer_id, amount=amount)
    person = {"customer_id": walk.made["cai"]["id"], "name": "王小明", "email": f"{walk.name}@bata.cn"}
    walk.made["contact"] = await walk.cai.done("POST", "/v1/contacts", person)
    await walk.house.settle()


async def find(walk: Walk) -> None:
    """Both are found by what somebody mistypes; Eve is told who looks after them, and no more."""
    typed = f"{walk.name[:5]}{walk.name[6:]} Footwaer"
    for query, name in ((typed, "ben"), (f"宝按{walk.name}鞋业", "cai"), ("深圳宝安鞋业" + walk.name, "cai")):
        path = f"/v1/search?q={quote(query)}"
        found = (await walk.ada.done("GET", path))["items"]
        assert found[0]["customer_id"] == walk.made[name]["id"], query
        masked = (await walk.eve.done("GET", path))["items"]
        assert walk.made[name]["legal_name"] in {each["legal_name"] for each in masked}
        assert {each["customer_id"] for each in masked} == {None}
    contacts = (await walk.eve.done("GET", f"/v1/search?q={quote('王小明')}"))["contacts"]
    assert walk.made["contact"]["id"] not in {each["id"] for each in contacts}


async def merge_and_undo(walk: Walk) -> None:
    """Ada sees what would become of the two, merges them, finds it was a mistake, and merges again."""
    ours, theirs = walk.made["ben"]["id"], walk.made["cai"]["id"]
    seen = await preview(walk.ada, ours, theirs)
    assert {each["field"] for each in seen["undecided"]} == {"account_manager_id"}
    assert walk.made["cai"]["legal_name"] in {each["value"] for each in seen["names"]}
    body = await request_of(walk.ada, ours, theirs)
    await walk.eve_tries("GET", f"/v1/customers/{ours}/merge-preview?merged_id={theirs}")
    await walk.eve_tries("POST", f"/v1/customers/{ours}/merges", body)
    apart = await walk.figures()

    made = await merge(walk.ada, ours, theirs)
    await walk.house.settle()
    walk.made["merge"] = made
    assert (await walk.figures())["open"]["amount"] == "120.00"
    assert (await walk.ben.done("GET", f"/v1/customers/{theirs}"))["id"] == ours
    await walk.eve_tries("POST", f"/v1/customers/{ours}/merges/{made['id']}/undo", {"reason": "mine"})

    await undo(walk.ada, ours, made["id"])
    await walk.house.settle()
    assert await walk.figures() == apart
    assert (await walk.cai.done("GET", f"/v1/customers/{theirs}"))["id"] == theirs
    await merge(walk.ada, ours, theirs)
    await walk.house.settle()


async def import_the_same_twice(walk: Walk, form: str, media_type: str) -> None:
    """Ben tries a file dry, imports it, and imports it again, which changes nothing."""
    system = f"{form}{walk.name}"
    rows = [HEADING]
    rows += [[system, str(n), f"{form} {walk.name} 公司 {n}", "CN", "上海", "10.50", "CNY", ""] for n in range(20)]
    content = table_of([*rows, [system, "x", "", "CN", "", "", "", ""]], form)
    made = {"created": 20, "rejected": 1}
    listed = f"/v1/customers?external_system={system}&total=true"

    assert await import_file(walk.house, walk.ben, "/v1/customers/batches?dry_run=true", content, media_type) == made
    assert (await walk.ben.done("GET", listed))["total"] == "0"
    assert await import_file(walk.house, walk.ben, "/v1/customers/batches", content, media_type) == made
    again = await import_file(walk.house, walk.ben, "/v1/customers/batches", content, media_type)
    assert again == {"unchanged": 20, "rejected": 1}
    assert (await walk.ada.done("GET", listed))["total"] == "20"
    assert (await walk.eve.done("GET", listed))["total"] == "0"
    theirs = await import_file(walk.house, walk.eve, "/v1/customers/batches", content, media_type)
    assert theirs == {"rejected": 21}, "nobody takes another's customers by a file"


async def export(walk: Walk) -> None:
    """Ada's export holds what she sees, the merged customer once and by its survivor; Eve's holds nothing of it."""
    listed = await exported(walk.house, walk.ada, "/v1/customers/exports?country=CN", "csv")
    assert listed.text.count(walk.made["ben"]["legal_name"]) == 1
    assert f"\n{walk.made['cai']['id']}" not in listed.text
    assert f"csv {walk.name} 公司 7" in listed.text
    assert walk.name not in (await exported(walk.house, walk.eve, "/v1/customers/exports?country=CN", "jsonl")).text


async def erase_a_contact(walk: Walk) -> None:
    """Ada exports and erases the personal data of the contact that came with the duplicate; no figure changes."""
    path, figures = f"/v1/contacts/{walk.made['contact']['id']}", await walk.figures()
    for tried in ("personal-data", "erasure"):
        await walk.eve_tries("GET" if tried == "personal-data" else "POST", f"{path}/{tried}")
    refused = await walk.ben.post(f"{path}/erasure")
    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter"), "whoever looks after it does not"

    told = await walk.ada.done("GET", f"{path}/personal-data")
    assert (told["contact"]["name"], told["contact"]["email"]) == ("王小明", f"{walk.name}@bata.cn")
    erased = await walk.ada.done("POST", f"{path}/erasure")

    assert (erased["name"], erased["email"]) == ("", None)
    assert await walk.figures() == figures
    found = await walk.ada.done("GET", f"/v1/contacts?customer_id={walk.made['ben']['id']}&search={quote('王小明')}")
    assert found["items"] == []
    contacts = (await walk.ada.done("GET", f"/v1/search?q={walk.name}%40bata.cn"))["contacts"]
    assert contacts == []
