"""Merging: a merged id stands for the survivor wherever it is asked for."""

import asyncio
from collections.abc import Callable

import pytest

from tests.customer.merging.companies import line_of, merge, preview, request_of, state_of, undo
from tests.house import Client, House
from tests.make import Make, word

REASON = {"reason": "because"}


async def test_a_preview_says_what_would_be_combined_and_what_is_to_be_decided(
    make: Make, operations: Client, credit_code: Callable[[], str]
) -> None:
    line, code, email = await line_of(make), credit_code(), f"{word()}@firm.com"
    ours = await make.customer(line.first, phone="+49 40 1")
    theirs = await make.customer(
        line.second,
        other_names=[{"kind": "brand", "name": "Bata"}],
        identifiers=[{"scheme": "uscc", "value": code, "country": "CN"}],
        addresses=[{"kind": "delivery", "line_1": "Street 1", "city": "Bremen", "country": "DE"}],
    )
    child = await make.customer(line.second, parent_id=theirs["id"])
    for each, tier in ((ours, "key"), (theirs, "growth")):
        await line.head.done("POST", f"/v1/customers/{each['id']}/tier-changes", {"tier": tier, **REASON})
        await operations.done("POST", "/v1/contacts", {"customer_id": each["id"], "name": "Li", "email": email})
    await operations.done("POST", "/v1/contacts", {"customer_id": theirs["id"], "name": "Wang"})

    seen = await preview(line.head, ours["id"], theirs["id"])

    assert {each["field"]: (each["survivor"], each["merged"]) for each in seen["undecided"]} == {
        "account_manager_id": (line.first.id, line.second.id),
        "tier": ("key", "growth"),
    }
    assert {"field": "phone", "survivor": "+49 40 1", "merged": None} in seen["differences"]
    assert [each["value"] for each in seen["names"]] == [theirs["legal_name"], "Bata"]
    assert [each["value"] for each in seen["identifiers"]] == [code]
    assert [each["value"] for each in seen["addresses"]] == ["Street 1, Bremen, DE"]
    assert (seen["contacts"], len(seen["same_contacts"])) == (2, 1)
    assert [each["id"] for each in seen["children"]] == [child["id"]]
    assert (await state_of(line.head, theirs["id"]))["customer"]["id"] == theirs["id"], "nothing is written"


async def test_a_merged_id_stands_for_the_survivor(
    make: Make, operations: Client, credit_code: Callable[[], str]
) -> None:
    line, code = await line_of(make), credit_code()
    ours, group = await make.customer(line.first), await make.customer(line.first)
    reference = {"system": "erp", "id": word()}
    theirs = await make.customer(
        line.second,
        identifiers=[{"scheme": "uscc", "value": code, "country": "CN"}],
        external_reference=reference,
        parent_id=None,
    )
    child = await make.customer(line.second, parent_id=theirs["id"])
    contact = await operations.done("POST", "/v1/contacts", {"customer_id": theirs["id"], "name": f"Wang {word()}"})

    made = await merge(line.head, ours["id"], theirs["id"])

    assert made["survivor_id"] == ours["id"]
    for asked in (ours["id"], theirs["id"]):
        answer = await line.first.done("GET", f"/v1/customers/{asked}")
        assert (answer["id"], answer["merged_ids"]) == (ours["id"], [theirs["id"]])
        assert answer["account_manager_id"] == line.first.id
        assert [each["value"] for each in answer["identifiers"]] == [code]
        assert theirs["legal_name"] in [each["name"] for each in answer["other_names"]]
        contacts = await line.first.done("GET", f"/v1/contacts?customer_id={asked}")
        assert [(each["id"], each["customer_id"]) for each in contacts["items"]] == [(contact["id"], ours["id"])]
        below = await line.head.done("GET", f"/v1/customers?parent_id={asked}")
        assert [(each["id"], each["parent_id"]) for each in below["items"]] == [(child["id"], ours["id"])]
        hierarchy = await line.head.done("GET", f"/v1/customers/{asked}/hierarchy")
        assert (hierarchy["id"], [each["id"] for each in hierarchy["below"]]) == (ours["id"], [child["id"]])
    found = await line.head.done("GET", f"/v1/customers?search={theirs['legal_name']}")
    assert [each["id"] for each in found["items"]] == [ours["id"]], "found by the merged one's name, once"
    for named in (f"external_system=erp&external_id={reference['id']}", f"external_id={reference['id']}"):
        found = await line.head.done("GET", f"/v1/customers?{named}")
        assert [each["id"] for each in found["items"]] == [ours["id"]], "found by the merged one's reference"
    assert (await line.second.get(f"/v1/customers/{theirs['id']}")).status_code == 404, "it is looked after by another"

    version = (await line.first.done("GET", f"/v1/customers/{ours['id']}"))["version"]
    changed = await line.first.patch(f"/v1/customers/{theirs['id']}", {"phone": "+49 40 2"}, if_match=version)
    assert (changed.json()["id"], changed.json()["phone"]) == (ours["id"], "+49 40 2")
    refused = await operations.post("/v1/customers", {**_company(theirs)})
    assert (refused.status_code, refused.json()["customer_id"]) == (409, ours["id"])
    taken = {"scheme": "uscc", "value": code, "country": "CN"}
    refused = await line.first.post(f"/v1/customers/{group['id']}/identifiers", taken)
    assert (refused.status_code, refused.json()["customer_id"]) == (409, ours["id"])
    put = await operations.put(
        f"/v1/customers/by-reference/erp/{reference['id']}", {**_company(theirs), "phone": "+86 1"}
    )
    assert (put.status_code, put.json()["id"], put.json()["phone"]) == (200, ours["id"], "+49 40 2")


def _company(customer: dict[str, object]) -> dict[str, object]:
    return {name: customer[name] for name in ("legal_name", "country", "city")}


async def test_a_check_and_a_search_lead_to_the_survivor(make: Make, operations: Client) -> None:
    line, name = await line_of(make), f"Zalando {word()} Schuhe"
    ours, theirs = await make.customer(line.first), await make.customer(line.second, legal_name=name)
    asked = {"companies": [{"legal_name": name, "country": "DE", "city": "Hamburg"}]}
    made = await merge(line.head, ours["id"], theirs["id"])

    checked = (await operations.done("POST", "/v1/matches", asked))["items"][0]
    assert [each["customer_id"] for each in checked["candidates"]] == [ours["id"]]
    found = (await operations.done("GET", f"/v1/search?q={name}"))["items"]
    assert [each["customer_id"] for each in found if each["legal_name"] in {name, ours["legal_name"]}] == [ours["id"]]
    await undo(line.head, ours["id"], made["id"])
    checked = (await operations.done("POST", "/v1/matches", asked))["items"][0]
    assert checked["candidates"][0]["customer_id"] == theirs["id"]


async def test_what_differs_has_to_be_decided_and_is_restored_by_an_undoing(make: Make) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    body = await request_of(line.head, ours["id"], theirs["id"])
    path = f"/v1/customers/{ours['id']}/merges"

    undecided = await line.head.post(path, {name: body[name] for name in body if name != "account_manager_id"})
    assert (undecided.status_code, undecided.json()["undecided"]) == (422, ["account_manager_id"])
    other = await line.head.post(path, body | {"account_manager_id": line.head.id})
    assert (other.status_code, other.json()["code"]) == (422, "decision_unknown")
    stale = await line.head.post(path, body | {"merged_version": body["merged_version"] + 1})
    assert stale.status_code == 412

    made = await line.head.done("POST", path, body | {"account_manager_id": line.second.id})
    assert made["settled"] == {"account_manager_id": [line.first.id, line.second.id]}
    assert (await line.second.done("GET", f"/v1/customers/{ours['id']}"))["account_manager_id"] == line.second.id
    await undo(line.head, ours["id"], made["id"])
    assert (await line.first.done("GET", f"/v1/customers/{ours['id']}"))["account_manager_id"] == line.first.id
    assigned = await line.head.done("GET", f"/v1/customers/{ours['id']}/assignments")
    assert [each["account_manager_id"] for each in assigned["items"]] == [line.first.id, line.second.id, line.first.id]


async def test_who_may_merge_and_undo(make: Make, operations: Client) -> None:
    line, elsewhere = await line_of(make), await make.person()
    admin = await make.house.admin()
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    body = await request_of(line.head, ours["id"], theirs["id"])
    path = f"/v1/customers/{ours['id']}/merges"
    own = await make.customer(line.first)

    assert (await line.second.post(path, body)).status_code == 404, "who does not see the survivor"
    assert (await elsewhere.post(path, body)).status_code == 404
    assert (await line.first.post(path, body)).json()["code"] == "unknown_duplicate", "who does not see the duplicate"
    mine = {**body, "merged_id": own["id"], "merged_version": 1}
    assert (await line.first.post(path, mine)).json()["code"] == "own_matter", "who looks after both"
    boss = await make.person()
    stranger = await make.customer(await make.seller(boss))
    seen = await line.head.post(path, {**body, "merged_id": stranger["id"]})
    assert (seen.status_code, seen.json()["code"]) == (422, "unknown_duplicate"), "a superior of one of the two"
    auditor = await make.person(roles=["auditor"])
    assert (await auditor.post(path, body)).json()["code"] == "merge_not_allowed", "who sees all and keeps nothing"

    made = await admin.done("POST", path, body)
    undoing = f"{path}/{made['id']}/undo"
    assert (await line.first.post(undoing, REASON)).json()["code"] == "own_matter"
    assert (await auditor.post(undoing, REASON)).json()["code"] == "merge_not_allowed"
    assert (await line.second.post(undoing, REASON)).status_code == 404
    assert (await operations.post(undoing, REASON)).status_code == 200
    assert (await line.head.post(undoing, REASON)).json()["code"] == "merge_undone"
    listed = await line.first.done("GET", path)
    assert [(each["id"], each["undone_by"]) for each in listed["items"]] == [(made["id"], operations.id)]


async def test_it_is_too_late_after_thirty_days(make: Make, house: House) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    made = await merge(line.head, ours["id"], theirs["id"])
    house.clock.move(days=30, seconds=1)
    try:
        late = await line.head.post(f"/v1/customers/{ours['id']}/merges/{made['id']}/undo", REASON)
    finally:
        house.clock.move(days=-30, seconds=-1)
    assert (late.status_code, late.json()["code"]) == (422, "undo_too_late")
    await undo(line.head, ours["id"], made["id"])


async def test_a_chain_leads_to_its_end_and_comes_apart_link_by_link(make: Make) -> None:
    line = await line_of(make)
    first, second, third = [await make.customer(line.first) for _ in range(3)]
    before = {each["id"]: await state_of(line.head, each["id"]) for each in (first, second, third)}
    inner = await merge(line.head, second["id"], first["id"])
    outer = await merge(line.head, third["id"], second["id"])
    merged = await line.head.done("GET", f"/v1/customers/{first['id']}")
    assert (merged["id"], merged["merged_ids"]) == (third["id"], sorted([first["id"], second["id"]]))

    await undo(line.head, third["id"], inner["id"])
    assert await state_of(line.head, first["id"]) == before[first["id"]]
    assert (await line.head.done("GET", f"/v1/customers/{second['id']}"))["id"] == third["id"]
    again = await merge(line.head, second["id"], first["id"])
    assert again["survivor_id"] == third["id"], "a merged id stands for its survivor here too"
    await undo(line.head, first["id"], outer["id"])
    await undo(line.head, third["id"], again["id"])
    assert {each: await state_of(line.head, each) for each in before} == before


@pytest.mark.parametrize("way", ["twice", "crosswise"])
async def test_of_two_merges_at_once_one_is_done(make: Make, way: str) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    pairs = (
        [(ours["id"], theirs["id"])] * 4
        if way == "twice"
        else [(ours["id"], theirs["id"]), (theirs["id"], ours["id"])] * 2
    )
    bodies = [await request_of(line.head, *pair) for pair in pairs]

    answers = await asyncio.gather(
        *(line.head.post(f"/v1/customers/{pair[0]}/merges", body) for pair, body in zip(pairs, bodies, strict=True))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    both = [(await line.head.done("GET", f"/v1/customers/{each['id']}"))["id"] for each in (ours, theirs)]
    assert len(set(both)) == 1


async def test_a_merge_and_edits_at_once_lose_nothing(make: Make, operations: Client) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    names, emails = [f"Brand {word()}" for _ in range(4)], [f"{word()}@firm.com" for _ in range(4)]
    body = await request_of(line.head, ours["id"], theirs["id"])

    done = await asyncio.gather(
        *(operations.post(f"/v1/customers/{theirs['id']}/names", {"kind": "brand", "name": name}) for name in names),
        operations.post(f"/v1/customers/{ours['id']}/merges", body),
        *(
            operations.post("/v1/contacts", {"customer_id": each["id"], "name": "Li", "email": email})
            for email in emails
            for each in (theirs, ours)
        ),
    )

    assert {answer.status_code for answer in done} <= {201, 409, 412}
    if done[len(names)].status_code == 412:
        await merge(line.head, ours["id"], theirs["id"])
    after = await line.head.done("GET", f"/v1/customers/{ours['id']}")
    assert set(names) <= {each["name"] for each in after["other_names"]}
    contacts = await line.head.done("GET", f"/v1/contacts?customer_id={ours['id']}")
    assert sorted(each["email"] for each in contacts["items"]) == sorted(emails), "one of each address"


async def test_contacts_of_one_address_are_one_person_and_are_erased_as_one(make: Make, operations: Client) -> None:
    line, email = await line_of(make), f"{word()}@firm.com"
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    kept = await operations.done("POST", "/v1/contacts", {"customer_id": ours["id"], "name": "Li Wei", "email": email})
    other = await operations.done(
        "POST", "/v1/contacts", {"customer_id": theirs["id"], "name": "W. Li", "email": email}
    )
    below = await operations.done(
        "POST", "/v1/contacts", {"customer_id": theirs["id"], "name": "Wang", "reports_to_id": other["id"]}
    )
    made = await merge(line.head, ours["id"], theirs["id"])

    listed = await line.head.done("GET", f"/v1/contacts?customer_id={ours['id']}")
    assert {each["id"]: each["reports_to_id"] for each in listed["items"]} == {
        kept["id"]: None,
        below["id"]: kept["id"],
    }
    assert (await line.head.done("GET", f"/v1/contacts/{other['id']}"))["id"] == kept["id"]
    circle = await operations.patch(f"/v1/contacts/{kept['id']}", {"reports_to_id": below["id"]}, if_match=1)
    assert circle.json()["code"] == "reporting_cycle"
    again = await operations.post("/v1/contacts", {"customer_id": theirs["id"], "name": "Li", "email": email})
    assert (again.status_code, again.json()["contact_id"]) == (409, kept["id"])
    told = await line.head.done("GET", f"/v1/contacts/{other['id']}/personal-data")
    assert (told["contact"]["name"], [each["name"] for each in told["merged_contacts"]]) == ("Li Wei", ["W. Li"])

    await line.head.done("POST", f"/v1/contacts/{kept['id']}/erasure")
    await undo(line.head, ours["id"], made["id"])
    alone = await line.head.done("GET", f"/v1/contacts/{other['id']}")
    assert (alone["id"], alone["customer_id"], alone["name"], alone["email"]) == (other["id"], theirs["id"], "", None)
    assert (await line.head.done("GET", f"/v1/contacts/{below['id']}"))["reports_to_id"] == other["id"]


async def test_who_reported_across_reports_to_nobody_after_the_undoing(make: Make, operations: Client) -> None:
    line = await line_of(make)
    ours, theirs = await make.customer(line.first), await make.customer(line.second)
    one = await operations.done("POST", "/v1/contacts", {"customer_id": ours["id"], "name": "Li"})
    two = await operations.done("POST", "/v1/contacts", {"customer_id": theirs["id"], "name": "Wang"})
    made = await merge(line.head, ours["id"], theirs["id"])
    assert (
        await operations.patch(f"/v1/contacts/{one['id']}", {"reports_to_id": two["id"]}, if_match=1)
    ).status_code == 200
    await undo(line.head, ours["id"], made["id"])
    assert (await operations.done("GET", f"/v1/contacts/{one['id']}"))["reports_to_id"] is None


async def test_groups_close_no_circle_by_a_merge_or_its_undoing(make: Make, operations: Client) -> None:
    top = await make.customer(operations)
    middle = await make.customer(operations, parent_id=top["id"])
    below = await make.customer(operations, parent_id=middle["id"])
    refused = await operations.get(f"/v1/customers/{below['id']}/merge-preview?merged_id={top['id']}")
    assert refused.json()["code"] == "survivor_below"
    made = await merge(operations, top["id"], below["id"])
    assert (await operations.done("GET", f"/v1/customers/{below['id']}/hierarchy"))["above"] == []
    other = await make.customer(operations)
    await operations.done("POST", f"/v1/customers/{top['id']}/parent-changes", {"parent_id": other["id"]})
    circle = await operations.post(f"/v1/customers/{other['id']}/parent-changes", {"parent_id": below["id"]})
    assert circle.json()["code"] == "hierarchy_cycle"
    await undo(operations, top["id"], made["id"])
    line_up = await operations.done("GET", f"/v1/customers/{below['id']}/hierarchy")
    assert [each["id"] for each in line_up["above"]] == [middle["id"], top["id"], other["id"]]


async def test_an_undoing_that_would_close_a_circle_is_refused(make: Make, operations: Client) -> None:
    parent, survivor = await make.customer(operations), await make.customer(operations)
    merged = await make.customer(operations, parent_id=parent["id"])
    child = await make.customer(operations, parent_id=merged["id"])
    own = await make.customer(operations)
    await operations.done("POST", f"/v1/customers/{survivor['id']}/parent-changes", {"parent_id": own["id"]})
    made = await merge(operations, survivor["id"], merged["id"], parent_id=own["id"])
    await operations.done("POST", f"/v1/customers/{parent['id']}/parent-changes", {"parent_id": child["id"]})

    refused = await operations.post(f"/v1/customers/{survivor['id']}/merges/{made['id']}/undo", REASON)

    assert (refused.status_code, refused.json()["code"]) == (422, "hierarchy_cycle")
    await operations.done("POST", f"/v1/customers/{parent['id']}/parent-changes", {"parent_id": None})
    await undo(operations, survivor["id"], made["id"])
