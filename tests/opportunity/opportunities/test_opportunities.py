import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from orgchart.chart import Member
from orgchart.reach import people_of
from orgchart.viewer import Viewer
from servicekit.values.ids import new_id
from services.opportunity.scopes.reach import Breadth, Reach
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import batch, item


async def ids_seen(client: Client, query: str = "") -> set[str]:
    found: set[str] = set()
    cursor = ""
    while True:
        page = await client.done("GET", f"/v1/opportunities?limit=2{query}{cursor}")
        found |= {one["id"] for one in page["items"]}
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def entered_for(principal: Client, make: Make, **given: Any) -> dict[str, Any]:
    """Let sales operations enter what somebody sells to a customer whom they do not see yet."""
    return await make.opportunity(await make.house.import_client(), principal_id=principal.id, **given)


async def test_a_seller_sells_to_customers_whom_they_see(make: Make, house: House) -> None:
    keeper, seller = await make.seller(), await make.seller()
    customer = await make.customer(keeper)
    body = {"name": "Soles", "currency": "USD", "customer_id": customer["id"]}
    waiting = await make.opportunity(seller)
    for _ in range(2):  # once before the event of the customer has come, once after
        for answer in (
            await seller.post("/v1/opportunities", body),
            await seller.patch(
                f"/v1/opportunities/{waiting['id']}", {"customer_id": customer["id"]}, if_match=waiting["version"]
            ),
        ):
            assert answer.status_code == 422
            assert answer.json()["code"] == "unknown_customer"
            assert customer["legal_name"] not in answer.text
        await house.settle()


async def test_the_three_legs_of_visibility(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    keeper_head, keeper = await make.line(2)
    member, stranger = await make.person(), await make.person()
    customer = await make.customer(keeper)
    await house.settle()
    opportunity = await entered_for(seller, make, customer_id=customer["id"])
    other = await make.opportunity(seller)
    await seller.done(
        "POST", f"/v1/opportunities/{opportunity['id']}/sales-team", {"person_id": member.id, "role": "presales"}
    )
    await house.settle()

    for viewer, seen in (
        (seller, {opportunity["id"], other["id"]}),
        (manager, {opportunity["id"], other["id"]}),
        (head, {opportunity["id"], other["id"]}),
        (keeper, {opportunity["id"]}),
        (keeper_head, {opportunity["id"]}),
        (member, {opportunity["id"]}),
        (stranger, set()),
    ):
        assert await ids_seen(viewer) == seen
        for one in (opportunity["id"], other["id"]):
            assert (await viewer.get(f"/v1/opportunities/{one}")).status_code == (200 if one in seen else 404)
        total = await viewer.done("GET", "/v1/opportunities?total=true")
        assert total["total"] == str(len(seen))

    for onlooker in (keeper, keeper_head, member):
        answer = await onlooker.patch(f"/v1/opportunities/{opportunity['id']}", {"name": "Mine"}, if_match=1)
        assert answer.status_code == 403


async def test_who_looks_after_the_customer_now_sees_what_is_sold_to_it(make: Make, house: House) -> None:
    manager = await make.person()
    first, second = await make.person(manager), await make.person(manager)
    customer = await make.customer(first)
    await house.settle()
    seller = await make.seller()
    opportunity = await entered_for(seller, make, customer_id=customer["id"])
    await manager.done(
        "POST", f"/v1/customers/{customer['id']}/assignments", {"account_manager_id": second.id, "reason": "balance"}
    )
    await house.settle()
    assert await ids_seen(first) == set()
    assert await ids_seen(second) == {opportunity["id"]}


async def test_a_customer_of_whom_no_event_came_yet_is_asked_for(make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    opportunity = await make.opportunity(seller, customer_id=customer["id"])
    assert opportunity["customer_name"] == customer["legal_name"]
    assert opportunity["account_manager_id"] == seller.id


async def test_filters_and_sorts_over_pages(make: Make) -> None:
    manager, seller = await make.line(2)
    peer = await make.person(manager)
    made = [
        await make.opportunity(
            (seller, peer)[place % 2],
            amount=None if place == 4 else f"{100 * place + 1}.00",
            expected_close=None if place == 2 else f"2027-0{place + 1}-01",
            name=f"Größe {place}",
        )
        for place in range(6)
    ]

    async def names(query: str) -> list[str]:
        found: list[str] = []
        cursor = ""
        while True:
            page = await manager.done("GET", f"/v1/opportunities?limit=2&{query}{cursor}")
            found += [one["name"][-1] for one in page["items"]]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    assert await names("sort=expected_close") == ["0", "1", "3", "4", "5", "2"]
    assert await names("sort=-expected_close") == ["5", "4", "3", "1", "0", "2"]
    assert await names("sort=amount") == ["0", "1", "2", "3", "5", "4"]
    assert await names("sort=-amount") == ["5", "3", "2", "1", "0", "4"]
    assert await names("sort=created_at") == list("012345")
    assert await names("sort=created_at&amount_gte=201&amount_lte=301.00") == ["2", "3"]
    assert await names("sort=created_at&expected_close_gte=2027-04-01&expected_close_lt=2027-06-01") == ["3", "4"]
    assert await names(f"sort=created_at&principal_id={seller.id}") == ["0", "2", "4"]
    assert await names("search=GROSSE&sort=created_at&stage=find_contact&stage=shortlist&state=open") == list("012345")
    assert await names("without_customer=false") == []
    assert await names("currency=EUR") == []
    assert made[2]["expected_close"] is None


def leaving_out_others(viewer: Viewer, members: Mapping[UUID, Member]) -> Reach:
    """Return the viewer's reach by whom they do not see, however many these are in a shared house."""
    seen = people_of(viewer, members)
    return Reach(Breadth.MOST, [one for one in members if one not in seen])


@pytest.mark.parametrize("form", ["everything", "many", "multitude", "most"])
async def test_every_form_of_the_list_says_the_same(
    make: Make, house: House, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    head, manager, seller = await make.line(3)
    customer = await make.customer(await make.person(manager))
    await house.settle()
    own = [await make.opportunity(one, amount=f"{50 + place}.00") for place, one in enumerate((head, manager, seller))]
    stranger = await make.person()
    foreign = await entered_for(stranger, make, customer_id=customer["id"])
    expected = {one["id"] for one in (*own, foreign)}
    assert await ids_seen(head) == expected
    if form in {"many", "multitude"}:
        monkeypatch.setattr("services.opportunity.scopes.reach.FEW", 0)
        monkeypatch.setattr("services.opportunity.scopes.reach.HUNDREDS", 200 if form == "many" else 0)
        assert await ids_seen(head) == expected
        assert await ids_seen(head, "&amount_gte=51&amount_lte=52&sort=-amount") == {own[1]["id"], own[2]["id"]}
    elif form == "most":
        monkeypatch.setattr("services.opportunity.scopes.seeing.reach_of", leaving_out_others)
        assert await ids_seen(head) == expected
        assert await ids_seen(head, "&amount_gte=51&amount_lte=52&sort=-amount") == {own[1]["id"], own[2]["id"]}
    else:
        operations = await make.person(roles=["sales_operations"])
        assert expected <= await ids_seen(operations, "&sort=-expected_close&limit=500")
        rare = f"&principal_id={seller.id}&amount_gte=52"
        assert await ids_seen(operations, rare) == {own[2]["id"]}


async def test_a_product_line_filters_with_every_line_below_it(make: Make, house: House) -> None:
    operations, seller = await house.import_client(), await make.seller()
    product = await make.product()
    parent = await operations.done("POST", "/v1/product-lines", {"name": f"Parent {new_id()}"})
    line = await operations.done("GET", f"/v1/product-lines/{product['product_line_id']}")
    patched = await operations.patch(
        f"/v1/product-lines/{line['id']}", {"parent_id": parent["id"]}, if_match=line["version"]
    )
    assert patched.status_code == 200
    wanted = await make.opportunity(seller, lines=[{"product_id": product["id"], "quantity": "3"}])
    await make.opportunity(seller)
    assert await ids_seen(seller, f"&product_line_id={parent['id']}") == {wanted["id"]}
    cycle = await operations.patch(
        f"/v1/product-lines/{parent['id']}", {"parent_id": line["id"]}, if_match=parent["version"]
    )
    assert cycle.json()["code"] == "product_line_cycle"


async def test_a_change_keeps_its_date_and_needs_the_version(make: Make, house: House) -> None:
    seller = await make.seller()
    product = await make.product()
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}"
    assert (await seller.patch(path, {"amount": "2.00"})).status_code == 428
    lines = [{"product_id": product["id"], "quantity": "4", "unit_price": "1.115", "delivery_date": "2027-01-31"}]
    changed = await seller.patch(path, {"amount": {"amount": "2.00", "currency": "USD"}, "lines": lines}, if_match=1)
    assert changed.headers["etag"] == '"2"'
    assert changed.json()["amount"] == {"amount": "2.00", "currency": "USD"}
    assert changed.json()["lines"][0]["amount"] == "4.46"
    assert (await seller.patch(path, {"amount": "3.00"}, if_match=1)).status_code == 412
    unknown = await seller.patch(path, {"amount": None}, if_match=2)
    assert unknown.json()["amount"] is None
    same = await seller.patch(path, {"amount": None}, if_match=3)
    assert same.json()["version"] == 3
    rows = await house.service("opportunity").database.pool.fetch(
        "SELECT amount FROM terms_change WHERE opportunity_id = $1 ORDER BY at, id", opportunity["id"]
    )
    assert [row[0] for row in rows] == [1000, 2, None]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"amount": "-1.00"}, 422, "negative_amount"),
        ({"amount": "1.001"}, 400, "amount_not_exact"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, 422, "currency_mismatch"),
        ({"currency": "usd"}, 400, "malformed"),
        ({"amount": 12.5, "colour": "red"}, 400, "malformed"),
        ({"customer_id": "01890000-0000-7000-8000-000000000000"}, 422, "unknown_customer"),
        ({"stage": "prospecting"}, 422, "unknown_stage"),
        ({"stage": "set_target"}, 422, "exit_criteria_unmet"),
        ({"stage": "close", "criteria": ["contact_named", "budget_known"]}, 422, "stage_entered_by_outcome"),
        ({"criteria": ["coffee_drunk"]}, 422, "unknown_criterion"),
        ({"lines": [{"product_id": "01890000-0000-7000-8000-000000000000", "quantity": "1"}]}, 422, "unknown_product"),
        ({"lines": [{"product_id": "01890000-0000-7000-8000-000000000000", "quantity": "-1"}]}, 400, "malformed"),
        ({"expected_close": "2300-01-01"}, 422, "expected_close_not_possible"),
        ({"principal_id": "01890000-0000-7000-8000-000000000000"}, 403, "may_not_name_principal"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_written(
    make: Make, given: dict[str, Any], status: int, code: str
) -> None:
    seller = await make.seller()
    body = {"name": "Bad", "currency": "USD", **given}
    answer = await seller.post("/v1/opportunities", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await ids_seen(seller) == set()


async def test_an_unknown_currency_is_named(make: Make) -> None:
    answer = await (await make.seller()).post("/v1/opportunities", {"name": "Bad", "currency": "XQQ"})
    assert answer.status_code == 400
    assert "XQQ" in answer.json()["detail"]


async def test_a_superior_names_a_seller_of_theirs_and_nobody_elses(make: Make) -> None:
    manager, seller = await make.line(2)
    stranger = await make.person()
    made = await make.opportunity(manager, principal_id=seller.id)
    assert made["principal_id"] == seller.id
    body = {"name": "Theirs", "currency": "USD", "principal_id": stranger.id}
    assert (await manager.post("/v1/opportunities", body)).status_code == 403


async def test_list_prices_stand_in_marked_as_an_estimate(make: Make) -> None:
    seller = await make.seller()
    product = await make.product(list_price={"amount": "12.50", "currency": "USD"})
    lines = [{"product_id": product["id"], "quantity": "3"}]
    plain = await make.opportunity(seller, amount=None, lines=lines)
    stood_in = await make.opportunity(seller, amount=None, lines=lines, amount_from_list_price=True)
    assert plain["amount"] is None
    assert (stood_in["amount"]["amount"], stood_in["amount_is_estimate"]) == ("37.50", True)
    half = await seller.post(
        "/v1/opportunities",
        {"name": "Half", "currency": "USD", "lines": [{"product_id": product["id"], "quantity": "0.5"}]},
    )
    assert half.json()["code"] == "quantity_not_possible"


async def test_two_with_one_reference_at_once_make_one(make: Make) -> None:
    seller = await make.seller()
    reference = {"system": "erp", "id": str(new_id())}
    body = {"name": "Once", "currency": "USD", "external_reference": reference}
    answers = await asyncio.gather(*(seller.post("/v1/opportunities", body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"reference_taken"}
    found = await seller.done("GET", f"/v1/opportunities?external_system=erp&external_id={reference['id']}")
    assert len(found["items"]) == 1


async def test_every_change_is_in_the_audit_trail_and_in_the_feed(make: Make, house: House) -> None:
    seller = await make.seller()
    auditor = await make.person(roles=["auditor"])
    opportunity = await make.opportunity(seller)
    await seller.patch(f"/v1/opportunities/{opportunity['id']}", {"amount": "7.00"}, if_match=1)
    await house.settle()
    trail = await auditor.done("GET", f"/v1/opportunity/audit?aggregate=opportunity&aggregate_id={opportunity['id']}")
    assert [one["operation"] for one in trail["items"]] == ["insert", "update"]
    assert all(one["actor"] == seller.id for one in trail["items"])
    machine = await house.import_client()
    events = []
    position = 0
    while True:
        page = await machine.done("GET", f"/v1/opportunity/events?after={position}&limit=1000")
        events += [one for one in page["items"] if one["subject"] == opportunity["id"]]
        if not page["items"]:
            break
        position = page["next_after"]
    assert [one["type"] for one in events] == ["opportunity.created", "opportunity.updated"]
    assert [(one["data"]["version"], one["data"]["amount"]) for one in events] == [(1, "1000.00"), (2, "7.00")]


async def test_simulated_data_say_so(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    (outcome,) = await batch(machine, item(seller, origin="simulated"))
    assert (await seller.done("GET", f"/v1/opportunities/{outcome['id']}"))["origin"] == "simulated"
    funnel = await seller.done("GET", "/v1/funnel?scope=person")
    assert (funnel["simulated_count"], funnel["stages"][0]["simulated_count"]) == (1, 1)


async def test_what_comes_in_while_its_customer_is_reassigned_follows_the_new_manager(make: Make, house: House) -> None:
    manager = await make.person()
    first, second = await make.person(manager), await make.person(manager)
    customer = await make.customer(first)
    await house.settle()
    bodies = [{"name": f"At once {number}", "currency": "USD", "customer_id": customer["id"]} for number in range(10)]
    change = {"account_manager_id": second.id, "reason": "balance"}
    consuming = next(one for one in house.service("opportunity").consuming if one.consumer.peer == "customer")

    async def reassign() -> None:
        await manager.done("POST", f"/v1/customers/{customer['id']}/assignments", change)
        await house.service("customer").relay.step()
        await consuming.step()

    answers, _ = await asyncio.gather(
        asyncio.gather(*(manager.post("/v1/opportunities", body) for body in bodies)), reassign()
    )
    await house.settle()

    assert {answer.status_code for answer in answers} == {201}
    page = await manager.done("GET", f"/v1/opportunities?customer_id={customer['id']}")
    assert {one["account_manager_id"] for one in page["items"]} == {second.id}
    assert len(page["items"]) == 10
