"""ERP systems and what they call things of ours, through the API."""

import asyncio

from servicekit.values.ids import new_id
from tests.forecast.erp.handing import call, planner, system
from tests.forecast.world import World

SYSTEMS, REFERENCES = "/v1/erp-systems", "/v1/erp-references"


async def test_an_erp_that_requires_something_is_not_taken_without_it(world: World) -> None:
    keeper = await planner(world)
    for kind, needed in (("erpnext", "company"), ("frepple", "customer"), ("business_central", "forecast_name")):
        answer = await keeper.post(SYSTEMS, {"name": f"x{new_id().hex}"[:20], "kind": kind})
        assert (answer.status_code, answer.json()["code"]) == (422, "erp_setting_missing")
        assert answer.json()["errors"][0]["pointer"] == f"/{needed}"


async def test_a_system_is_changed_by_version_and_its_name_is_its_own(world: World) -> None:
    keeper = await planner(world)
    name = await system(keeper, "erpnext")
    again = await keeper.post(SYSTEMS, {"name": name, "kind": "odoo"})
    assert (again.status_code, again.json()["code"]) == (409, "erp_system_taken")
    (kept,) = (await keeper.done("GET", f"{SYSTEMS}?name={name}"))["items"]

    path = f"{SYSTEMS}/{kept['id']}"
    refused = await keeper.patch(path, {"company": None}, headers={"if-match": '"1"'})
    changed = await keeper.patch(path, {"company": "Shoes Ltd"}, headers={"if-match": '"1"'})
    stale = await keeper.patch(path, {"company": "Socks Ltd"}, headers={"if-match": '"1"'})

    assert refused.json()["code"] == "erp_setting_missing"
    assert (changed.json()["version"], changed.json()["company"], changed.headers["etag"]) == (2, "Shoes Ltd", '"2"')
    assert stale.status_code == 412


async def test_a_code_is_of_one_thing_said_once_changed_and_forgotten(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    name = await system(keeper, "odoo")
    made = await call(keeper, name, "stock.boot", product_id=boot["id"])
    assert (made["kind"], made["product_id"], made["place"]) == ("product", boot["id"], None)

    twice = await keeper.post(REFERENCES, {"system": name, "code": "other", "product_id": boot["id"]})
    both = await keeper.post(REFERENCES, {"system": name, "code": "x", "product_id": boot["id"], "place": "Ghent"})
    nowhere = await keeper.post(REFERENCES, {"system": "nowhere", "code": "x", "place": "Ghent"})
    unknown = await keeper.post(REFERENCES, {"system": name, "code": "x", "product_id": str(new_id())})
    codes = [answer.json()["code"] for answer in (twice, both, nowhere, unknown)]
    assert codes == ["erp_reference_taken", "reference_names_not_one", "unknown_erp_system", "product_unknown"]
    assert name in nowhere.json()["systems"]

    path = f"{REFERENCES}/{made['id']}"
    changed = await keeper.patch(path, {"code": "stock.boots"}, headers={"if-match": '"1"'})
    assert (changed.json()["version"], changed.json()["code"]) == (2, "stock.boots")
    assert (await keeper.delete(path, headers={"if-match": '"1"'})).status_code == 412
    assert (await keeper.delete(path, headers={"if-match": '"2"'})).status_code == 204
    assert (await keeper.get(path)).status_code == 404


async def test_a_batch_says_changes_and_leaves_alone(world: World) -> None:
    keeper, boot = await planner(world), world.peers.add_product()
    name = await system(keeper, "odoo")
    items = [
        {"system": name, "code": "BOOT", "product_id": boot["id"]},
        {"system": name, "code": "LINE", "product_line_id": boot["product_line_id"]},
        {"system": name, "code": "WH/Ghent", "place": "Ghent"},
        {"system": name, "code": "PAIR", "unit": "pair"},
        {"system": name, "code": "nothing"},
    ]

    async def outcomes() -> list[str]:
        answer = await keeper.done("POST", f"{REFERENCES}/batches", {"items": items})
        return [each["outcome"] for each in answer["items"]]

    assert await outcomes() == ["created"] * 4 + ["rejected"]
    assert await outcomes() == ["unchanged"] * 4 + ["rejected"]
    items[2]["code"] = "WH/Gent"
    assert await outcomes() == ["unchanged", "unchanged", "updated", "unchanged", "rejected"]
    listed = await keeper.done("GET", f"{REFERENCES}?system={name}&kind=place")
    assert [(each["place"], each["code"], each["version"]) for each in listed["items"]] == [("Ghent", "WH/Gent", 2)]


async def test_said_by_many_at_once_it_is_one_code(world: World) -> None:
    keeper = await planner(world)
    name = await system(keeper, "odoo")
    body = {"items": [{"system": name, "code": "WH", "place": "Ghent"}]}
    answers = await asyncio.gather(*[keeper.post(f"{REFERENCES}/batches", body) for _ in range(6)])
    outcomes = sorted(answer.json()["items"][0]["outcome"] for answer in answers)
    assert outcomes.count("created") == 1
    assert len((await keeper.done("GET", f"{REFERENCES}?system={name}"))["items"]) == 1


async def test_who_keeps_and_who_sees_what_erps_are_told(world: World) -> None:
    keeper = await planner(world)
    name = await system(keeper, "odoo")
    made = await call(keeper, name, "WH", place="Ghent")
    body = {"system": name, "code": "X", "place": "Bruges"}
    seller, marketing = await world.person(), await world.person(None, "marketing")
    for somebody, seen, status in ((seller, 0, 404), (marketing, 1, 403)):
        assert len((await somebody.done("GET", f"{REFERENCES}?system={name}"))["items"]) == seen
        path = f"{REFERENCES}/{made['id']}"
        changed = await somebody.patch(path, {"code": "Y"}, headers={"if-match": '"1"'})
        removed = await somebody.delete(path, headers={"if-match": '"1"'})
        added = await somebody.post(REFERENCES, body)
        batch = await somebody.post(f"{REFERENCES}/batches", {"items": [body]})
        codes = [answer.status_code for answer in (changed, removed, added, batch)]
        assert codes == [status, status, 403, 403]
        made_system = await somebody.post(SYSTEMS, {"name": "theirs", "kind": "odoo"})
        assert made_system.json()["code"] == "may_not_keep_erp"
