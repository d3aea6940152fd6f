"""Invariant 6: who sees a customer, who may do what, and that the others learn nothing."""

from typing import Any
from uuid import UUID

import pytest

from servicekit.data.transactions import writing
from servicekit.events.consumers import Event
from servicekit.values.ids import new_id
from services.customer.consumers import on_opportunity
from tests.house import Client, House
from tests.make import Make, word


async def sees(client: Client, customer_id: str) -> bool:
    """Whether somebody reads the customer; list, search, count and contacts must say the same."""
    read = await client.get(f"/v1/customers/{customer_id}")
    assert read.status_code in {200, 404}
    listed = await client.done("GET", "/v1/customers?limit=500&sort=-created_at")
    is_listed = customer_id in {item["id"] for item in listed["items"]}
    assert is_listed == (read.status_code == 200)
    return is_listed


async def take_part(
    house: House, customer_id: str | None, principal: Client, *members: Client, opportunity_id: UUID | None = None
) -> UUID:
    """Let the service hear of an opportunity."""
    opportunity_id = opportunity_id or new_id()
    data: dict[str, Any] = {
        "customer_id": customer_id,
        "principal_id": principal.id,
        "sales_team": [{"person_id": member.id} for member in members],
    }
    event = Event(1, new_id(), "opportunity.created", opportunity_id, "", "", data)
    async with writing(house.service("customer").database) as tx:
        await on_opportunity(tx, event)
    return opportunity_id


async def test_the_manager_and_their_superiors_see_and_nobody_else(make: Make) -> None:
    top, middle, seller = await make.line(3)
    peer, elsewhere = await make.person(middle), await make.person()
    customer = (await make.customer(seller))["id"]

    assert [await sees(person, customer) for person in (top, middle, seller)] == [True] * 3
    assert [await sees(person, customer) for person in (peer, elsewhere)] == [False] * 2


async def test_an_unassigned_one_is_seen_by_who_entered_it_and_their_superiors(make: Make) -> None:
    top, seller = await make.line(2)
    peer = await make.person(top)
    customer = (await make.customer(seller, account_manager_id=None))["id"]

    assert [await sees(person, customer) for person in (top, seller, peer)] == [True, True, False]
    await top.done("POST", f"/v1/customers/{customer}/assignments", {"account_manager_id": peer.id, "reason": "closer"})
    assert [await sees(person, customer) for person in (top, seller, peer)] == [True, False, True]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("admin", True),
        ("sales_operations", True),
        ("auditor", True),
        ("marketing", False),
        ("finance", False),
        ("production_planner", False),
    ],
)
async def test_some_roles_see_all(make: Make, role: str, expected: bool) -> None:
    customer = (await make.customer(await make.seller()))["id"]
    person = await make.person(roles=[role])
    assert (await person.get(f"/v1/customers/{customer}")).status_code == (200 if expected else 404)


async def test_who_takes_part_in_an_opportunity_sees_its_customer(make: Make, house: House) -> None:
    manager, (head, principal), member = await make.seller(), await make.line(2), await make.seller()
    member_head, stranger = await make.person(), await make.seller()
    customer = (await make.customer(manager))["id"]
    assert not await sees(principal, customer)

    opportunity = await take_part(house, customer, principal, member)

    assert [await sees(person, customer) for person in (head, principal, member)] == [True] * 3
    assert [await sees(person, customer) for person in (member_head, stranger)] == [False] * 2

    await take_part(house, customer, stranger, opportunity_id=opportunity)
    assert [await sees(person, customer) for person in (head, principal, member, stranger)] == [False] * 3 + [True]
    await take_part(house, None, stranger, opportunity_id=opportunity)
    assert not await sees(stranger, customer)


async def test_a_team_stays_while_the_opportunity_waits_for_its_customer(make: Make, house: House) -> None:
    customer = (await make.customer(await make.seller()))["id"]
    principal, member = await make.seller(), await make.seller()
    opportunity = await take_part(house, None, principal, member)
    data = {"customer_id": customer, "principal_id": principal.id}
    event = Event(1, new_id(), "opportunity.updated", opportunity, "", "", data)

    async with writing(house.service("customer").database) as tx:
        await on_opportunity(tx, event)

    assert [await sees(person, customer) for person in (principal, member)] == [True, True]


async def test_the_service_hears_of_opportunities(make: Make, house: House, operations: Client) -> None:
    head, principal = await make.line(2)
    member = await make.seller()
    customer = (await make.customer(operations))["id"]
    assert not await sees(head, customer)
    opportunity = await make.opportunity(operations, principal_id=principal.id, customer_id=customer)
    joining = {"person_id": member.id, "role": "presales"}
    await principal.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", joining)

    await house.settle()

    assert [await sees(person, customer) for person in (head, principal, member)] == [True] * 3


async def test_who_takes_part_in_two_roles_goes_on_in_the_other(make: Make, house: House, operations: Client) -> None:
    """A principal who is in the team as well is still there when another becomes principal."""
    head, first, second = await make.line(3)
    customer = (await make.customer(operations))["id"]
    await house.settle()
    opportunity = await make.opportunity(operations, principal_id=second.id, customer_id=customer)
    path = f"/v1/opportunities/{opportunity['id']}"
    await second.done("POST", f"{path}/sales-team", {"person_id": second.id, "role": "co_seller"})

    change = {"principal_id": first.id, "reason": "another region"}
    await head.done("POST", f"{path}/principal-changes", change)
    await house.settle()

    assert (await second.get(f"/v1/customers/{customer}")).status_code == 200
    assert (await second.get(path)).status_code == 200


async def test_who_takes_part_sees_but_does_not_change(make: Make, house: House) -> None:
    manager, principal = await make.seller(), await make.seller()
    customer = (await make.customer(manager))["id"]
    contact = await manager.done("POST", "/v1/contacts", {"customer_id": customer, "name": "Wang"})
    await take_part(house, customer, principal)

    assert (await principal.get(f"/v1/contacts/{contact['id']}")).status_code == 200
    refused = [
        await principal.patch(f"/v1/customers/{customer}", {"phone": "1"}, if_match=1),
        await principal.post(f"/v1/customers/{customer}/names", {"kind": "short", "name": "x"}),
        await principal.post(f"/v1/customers/{customer}/addresses", {"kind": "other", "line_1": "x", "country": "DE"}),
        await principal.post(f"/v1/customers/{customer}/assignments", {"account_manager_id": None, "reason": "x"}),
        await principal.post(f"/v1/customers/{customer}/tier-changes", {"tier": "key", "reason": "x"}),
        await principal.post(f"/v1/customers/{customer}/parent-changes", {"parent_id": customer}),
        await principal.post("/v1/contacts", {"customer_id": customer, "name": "Li"}),
        await principal.patch(f"/v1/contacts/{contact['id']}", {"title": "x"}, if_match=1),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert (await manager.done("GET", f"/v1/customers/{customer}"))["version"] == 1


async def test_an_auditor_reads_and_does_not_write(make: Make) -> None:
    customer = (await make.customer(await make.seller()))["id"]
    auditor = await make.person(roles=["auditor"])
    assert (await auditor.patch(f"/v1/customers/{customer}", {"phone": "1"}, if_match=1)).status_code == 403


async def test_what_one_may_not_see_answers_like_what_is_not_there(make: Make) -> None:
    owner, stranger = await make.seller(), await make.seller()
    customer = await make.customer(owner, other_names=[{"kind": "short", "name": "x"}])
    contact = await owner.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": "Wang"})
    absent = str(new_id())
    part = customer["other_names"][0]["id"]

    def requests(customer_id: str, contact_id: str) -> list[tuple[str, str, Any]]:
        base = f"/v1/customers/{customer_id}"
        return [
            ("GET", base, None),
            ("PATCH", base, {"phone": "1"}),
            ("POST", f"{base}/names", {"kind": "short", "name": "y"}),
            ("POST", f"{base}/names/{part}/endings", {}),
            ("POST", f"{base}/identifiers", {"scheme": "duns", "value": "150483782"}),
            ("POST", f"{base}/addresses", {"kind": "other", "line_1": "x", "country": "DE"}),
            ("GET", f"{base}/assignments", None),
            ("POST", f"{base}/assignments", {"account_manager_id": stranger.id, "reason": "x"}),
            ("GET", f"{base}/tier-changes", None),
            ("POST", f"{base}/tier-changes", {"tier": "key", "reason": "x"}),
            ("GET", f"{base}/hierarchy", None),
            ("POST", f"{base}/parent-changes", {"parent_id": None}),
            ("GET", f"{base}/history", None),
            ("GET", f"/v1/contacts/{contact_id}", None),
            ("PATCH", f"/v1/contacts/{contact_id}", {"title": "x"}),
            ("POST", "/v1/contacts", {"customer_id": customer_id, "name": "Li"}),
        ]

    pairs = zip(requests(customer["id"], contact["id"]), requests(absent, absent), strict=True)
    for (method, path, body), (_, path_of_absent, body_of_absent) in pairs:
        hidden = await stranger.request(method, path, body, if_match=1)
        nothing = await stranger.request(method, path_of_absent, body_of_absent, if_match=1)
        assert hidden.status_code == nothing.status_code, path
        assert hidden.status_code in {404, 422}, path
        masked = [
            {name: value for name, value in answer.json().items() if name not in {"trace_id", "detail"}}
            for answer in (hidden, nothing)
        ]
        assert masked[0] == masked[1], path


async def test_a_customer_of_another_is_no_parent_and_no_reference(make: Make) -> None:
    owner, stranger, reference = await make.seller(), await make.seller(), word()
    theirs = await make.customer(owner, external_reference={"system": "erp", "id": reference})
    mine = await make.customer(stranger)

    parent = await stranger.post(f"/v1/customers/{mine['id']}/parent-changes", {"parent_id": theirs["id"]})
    put = await stranger.put(f"/v1/customers/by-reference/erp/{reference}", {"legal_name": "x", "country": "DE"})

    assert (parent.status_code, parent.json()["code"]) == (422, "unknown_parent")
    assert put.status_code == 404
    filtered = await stranger.done("GET", f"/v1/customers?external_system=erp&external_id={reference}")
    assert filtered["items"] == []


async def test_nobody_unsigned_gets_anything(make: Make, house: House) -> None:
    customer = (await make.customer(await make.seller()))["id"]
    for path in ("/v1/customers", f"/v1/customers/{customer}", "/v1/contacts", "/v1/customer/events"):
        assert (await house.stranger().get(path)).status_code == 401


async def test_a_mover_sees_what_the_new_place_shows(make: Make, house: House) -> None:
    old, new = await make.person(), await make.person()
    seller = await make.person(old)
    customer = (await make.customer(seller))["id"]
    admin = await house.admin()

    await admin.done(
        "POST", f"/v1/people/{seller.id}/superior-changes", {"superior_id": new.id, "reason": "another team"}
    )

    assert [await sees(person, customer) for person in (old, new, seller)] == [False, True, True]
