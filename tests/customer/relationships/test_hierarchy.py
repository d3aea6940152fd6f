"""Groups of companies: any depth, no cycles, also not by many at once."""

import asyncio
import random
from typing import Any

from tests.house import Client
from tests.make import Make


async def put_under(by: Client, child: dict[str, Any], parent: dict[str, Any] | None) -> Any:
    body = {"parent_id": parent["id"] if parent else None}
    return await by.post(f"/v1/customers/{child['id']}/parent-changes", body)


async def test_group_company_and_site(make: Make, operations: Client) -> None:
    group, company, site = [await make.customer(operations) for _ in range(3)]
    assert (await put_under(operations, company, group)).status_code == 201
    assert (await put_under(operations, site, company)).status_code == 201

    answer = await operations.done("GET", f"/v1/customers/{company['id']}/hierarchy")

    assert [(one["id"], one["distance"]) for one in answer["above"]] == [(group["id"], -1)]
    assert [(one["id"], one["distance"]) for one in answer["below"]] == [(site["id"], 1)]
    assert (answer["parent_id"], answer["more_below"]) == (group["id"], False)
    circle = await put_under(operations, group, site)
    assert (circle.status_code, circle.json()["code"]) == (422, "hierarchy_cycle")
    assert circle.json()["path"] == [site["id"], company["id"], group["id"]]
    assert (await put_under(operations, group, group)).status_code == 422
    assert (await put_under(operations, company, group)).json()["code"] == "already_so"
    assert (await put_under(operations, company, None)).json()["parent_id"] is None


async def test_one_sees_of_a_group_what_one_sees_anyway(make: Make, operations: Client) -> None:
    seller, other = await make.seller(), await make.seller()
    group = await make.customer(operations)
    mine = await make.customer(operations, parent_id=group["id"], account_manager_id=seller.id)
    theirs = await make.customer(operations, parent_id=group["id"], account_manager_id=other.id)

    answer = await seller.done("GET", f"/v1/customers/{mine['id']}/hierarchy")
    assert (answer["above"], answer["below"]) == ([], [])
    whole = await operations.done("GET", f"/v1/customers/{group['id']}/hierarchy")
    assert {one["id"] for one in whole["below"]} == {mine["id"], theirs["id"]}


async def test_a_refused_circle_names_no_company_that_is_not_shown(make: Make, operations: Client) -> None:
    seller, other = await make.seller(), await make.seller()
    group = await make.customer(operations, account_manager_id=seller.id)
    between = await make.customer(operations, parent_id=group["id"], account_manager_id=other.id)
    site = await make.customer(operations, parent_id=between["id"], account_manager_id=seller.id)

    circle = await put_under(seller, group, site)

    assert (circle.status_code, circle.json()["code"]) == (422, "hierarchy_cycle")
    assert circle.json()["path"] == [site["id"], group["id"]]


async def test_many_changes_at_once_close_no_circle(make: Make, operations: Client) -> None:
    companies = [await make.customer(operations) for _ in range(8)]
    chance = random.Random(7)  # noqa: S311
    pairs = [chance.sample(companies, 2) for _ in range(60)]

    answers = await asyncio.gather(*(put_under(operations, child, parent) for child, parent in pairs))

    assert {answer.status_code for answer in answers} <= {201, 409, 422}
    parents = {}
    for company in companies:
        read = await operations.done("GET", f"/v1/customers/{company['id']}")
        parents[read["id"]] = read["parent_id"]
    for company_id in parents:
        seen, step = set(), company_id
        while step is not None:
            assert step not in seen
            seen.add(step)
            step = parents[step]


async def test_an_import_closes_no_circle_either(make: Make, operations: Client) -> None:
    def item(number: int, **given: Any) -> dict[str, Any]:
        reference = {"system": "circle", "id": str(number)}
        return {"legal_name": f"Circle {number}", "country": "DE", "external_reference": reference, **given}

    first = (await operations.done("POST", "/v1/customers/batches", {"items": [item(1), item(2)]}))["items"]
    items = [item(1, parent_id=first[1]["id"]), item(2, parent_id=first[0]["id"])]
    second = (await operations.done("POST", "/v1/customers/batches", {"items": items}))["items"]

    assert [outcome["outcome"] for outcome in second] == ["updated", "rejected"]
    assert second[1]["problem"]["code"] == "hierarchy_cycle"
