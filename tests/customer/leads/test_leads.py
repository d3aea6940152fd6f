"""Leads: kept, changed, dropped, by whom."""

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make

HEARD = {"heard": "They look for outsoles.", "source": "customer_talk"}


async def test_a_lead_names_a_customer_or_a_company_not_yet_known(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    of_customer = await seller.done("POST", "/v1/leads", HEARD | {"customer_id": customer["id"]})
    of_company = await seller.done("POST", "/v1/leads", HEARD | {"company_name": "Neue Schuhe GmbH"})
    of_nobody = await seller.post("/v1/leads", HEARD)
    assert (of_customer["state"], of_customer["owner_id"]) == ("open", seller.id)
    assert of_company["customer_id"] is None
    assert (of_nobody.status_code, of_nobody.json()["code"]) == (422, "lead_of_nobody")
    assert of_nobody.json()["errors"][0]["pointer"] == "/customer_id"
    listed = await seller.done("GET", "/v1/leads")
    assert [each["id"] for each in listed["items"]] == [of_company["id"], of_customer["id"]]


async def test_a_lead_is_changed_in_its_version_and_its_history_is_kept(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    lead = await seller.done("POST", "/v1/leads", HEARD | {"company_name": "Shoes"})
    path = f"/v1/leads/{lead['id']}"
    changed = await seller.done("PATCH", path, {"customer_id": customer["id"], "company_name": None}, if_match=1)
    assert (changed["customer_id"], changed["company_name"], changed["version"]) == (customer["id"], None, 2)
    assert (await seller.patch(path, {"heard": "more"}, if_match=1)).status_code == 412
    assert (await seller.patch(path, {"heard": "more"})).status_code == 428
    assert (await seller.patch(path, {"customer_id": None}, if_match=2)).json()["code"] == "lead_of_nobody"
    assert (await seller.patch(path, {"source": None}, if_match=2)).json()["code"] == "field_not_emptied"
    entries = (await seller.done("GET", f"{path}/history"))["items"]
    assert [(each["actor"], each["operation"]) for each in entries] == [(seller.id, "insert"), (seller.id, "update")]
    assert entries[1]["before"]["company_name"] == "Shoes"


async def test_a_dropped_lead_says_why_and_stays_dropped(make: Make) -> None:
    seller = await make.seller()
    lead = await seller.done("POST", "/v1/leads", HEARD | {"company_name": "Shoes"})
    path = f"/v1/leads/{lead['id']}"
    dropped = await seller.done("POST", f"{path}/drops", {"reason": "They make soles themselves."})
    assert (dropped["state"], dropped["drop_reason"]) == ("dropped", "They make soles themselves.")
    again = await seller.post(f"{path}/drops", {"reason": "Twice."})
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (409, "lead_not_open", "dropped")
    assert (await seller.patch(path, {"heard": "more"}, if_match=2)).status_code == 409
    assert (await seller.post(f"{path}/conversions", {"name": "N", "currency": "USD"})).status_code == 409


async def test_who_sees_a_lead_and_who_works_at_it(make: Make) -> None:
    top, superior, seller = await make.line(3)
    colleague, manager = await make.seller(superior), await make.seller()
    customer = await make.customer(manager)
    lead = await _for_customer_of_another(make, seller, manager, customer["id"])
    path = f"/v1/leads/{lead['id']}"
    for person in (seller, superior, top, manager):
        assert (await person.get(path)).status_code == 200
        assert lead["id"] in {each["id"] for each in (await person.done("GET", "/v1/leads"))["items"]}
    assert (await colleague.get(path)).status_code == 404
    assert lead["id"] not in {each["id"] for each in (await colleague.done("GET", "/v1/leads"))["items"]}
    body = {"reason": "not mine"}
    assert (await colleague.post(f"{path}/drops", body)).status_code == 404
    refused = await manager.post(f"{path}/drops", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "lead_not_allowed")
    to_colleague = {"owner_id": colleague.id}
    assert (await seller.patch(path, to_colleague, if_match=1)).json()["code"] == "lead_not_allowed"
    assert (await superior.done("PATCH", path, to_colleague, if_match=1))["owner_id"] == colleague.id
    assert (await seller.get(path)).status_code == 404


async def _for_customer_of_another(make: Make, seller: Client, manager: Client, customer_id: str) -> dict[str, str]:
    """Let a seller, who takes part in an opportunity of the customer, hear of more there."""
    opportunity = await make.opportunity(manager, customer_id=customer_id)
    member = {"person_id": seller.id, "role": "presales"}
    await manager.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await make.house.settle()
    lead: dict[str, str] = await seller.done("POST", "/v1/leads", HEARD | {"customer_id": customer_id})
    return lead


async def test_what_a_lead_cannot_name(house: House, make: Make) -> None:
    seller, stranger = await make.seller(), await make.seller()
    hidden = await make.customer(stranger)
    unknown = await seller.post("/v1/leads", HEARD | {"customer_id": hidden["id"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_customer")
    given = await seller.post("/v1/leads", HEARD | {"company_name": "Shoes", "owner_id": stranger.id})
    assert given.status_code == 403
    operations = await house.import_client()
    nobody = await operations.post("/v1/leads", HEARD | {"company_name": "Shoes", "owner_id": str(new_id())})
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/owner_id")
    for body in ({"heard": "x", "source": "rumour", "company_name": "Shoes"}, HEARD | {"shoe": 1}):
        assert (await seller.post("/v1/leads", body)).status_code == 400
