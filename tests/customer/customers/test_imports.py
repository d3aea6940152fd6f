"""Upserts by another system's id: what comes again changes nothing, what people changed here stands."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client
from tests.make import Make, word


def item(**given: Any) -> dict[str, Any]:
    mark = word()
    return {
        "legal_name": f"Company {mark}",
        "country": "DE",
        "city": "Hamburg",
        "external_reference": {"system": "crm", "id": mark},
        **given,
    }


async def send(client: Client, items: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    answer = await client.done("POST", "/v1/customers/batches", {"items": items, **options})
    outcomes: list[dict[str, Any]] = answer["items"]
    assert [outcome["index"] for outcome in outcomes] == list(range(len(items)))
    return outcomes


def kinds(outcomes: list[dict[str, Any]]) -> list[str]:
    return [outcome["outcome"] for outcome in outcomes]


async def test_the_same_again_changes_nothing(make: Make, operations: Client, credit_code: Callable[[], str]) -> None:
    seller = await make.seller()
    items = [
        item(
            kind="channel",
            phone="1",
            annual_revenue={"amount": "10.00", "currency": "EUR"},
            account_manager_id=seller.id,
            tier="key",
            other_names=[{"kind": "short", "name": "x"}],
            identifiers=[{"scheme": "uscc", "value": credit_code()}],
            addresses=[{"kind": "delivery", "line_1": "x", "country": "DE"}],
            attributes={"a": "1"},
        )
        for _ in range(60)
    ]

    first, second = await send(operations, items), await send(operations, items)

    assert (Counter(kinds(first)), Counter(kinds(second))) == ({"created": 60}, {"unchanged": 60})
    assert [outcome["id"] for outcome in first] == [outcome["id"] for outcome in second]
    read = await seller.done("GET", f"/v1/customers/{first[0]['id']}")
    assert (read["version"], read["origin"], read["tier"]) == (1, "imported", "key")
    assert len((await seller.done("GET", f"/v1/customers/{read['id']}/assignments"))["items"]) == 1


async def test_only_what_the_other_system_changed_is_written(make: Make, operations: Client) -> None:
    seller, other = await make.seller(), await make.seller()
    sent = item(phone="1", industry="shoes", account_manager_id=seller.id, tier="key")
    customer = (await send(operations, [sent]))[0]["id"]
    path = f"/v1/customers/{customer}"
    await seller.done("PATCH", path, {"phone": "2"}, if_match=1)
    await operations.done("POST", f"{path}/assignments", {"account_manager_id": other.id, "reason": "closer"})

    assert kinds(await send(operations, [sent])) == ["unchanged"]
    assert kinds(await send(operations, [{**sent, "industry": "bags"}])) == ["updated"]

    read = await operations.done("GET", path)
    assert (read["phone"], read["industry"], read["account_manager_id"]) == ("2", "bags", other.id)
    assert kinds(await send(operations, [{**sent, "industry": "bags", "phone": "3"}])) == ["updated"]
    assert (await operations.done("GET", path))["phone"] == "3"


async def test_parts_are_taken_over(make: Make, operations: Client, credit_code: Callable[[], str]) -> None:
    parent = await make.customer(operations)
    one, two = ({"kind": "delivery", "line_1": line, "city": "Bonn", "country": "DE"} for line in ("1", "2"))
    sent = item(addresses=[one], other_names=[{"kind": "short", "name": "a"}])
    customer = (await send(operations, [sent]))[0]["id"]

    later = {
        **sent,
        "addresses": [two],
        "other_names": [{"kind": "short", "name": "b"}],
        "identifiers": [{"scheme": "uscc", "value": credit_code()}],
        "parent_id": parent["id"],
        "tier": "growth",
    }
    assert kinds(await send(operations, [later])) == ["updated"]

    read = await operations.done("GET", f"/v1/customers/{customer}")
    assert [(address["line_1"], address["ended_on"] is None) for address in read["addresses"]] == [
        ("1", False),
        ("2", True),
    ]
    assert [name["name"] for name in read["other_names"]] == ["a", "b"]
    assert (len(read["identifiers"]), read["parent_id"], read["tier"]) == (1, parent["id"], "growth")


async def test_each_bad_item_is_refused_by_itself(make: Make, operations: Client) -> None:
    existing = await make.customer(operations)
    same_name = {name: existing[name] for name in ("legal_name", "country", "city")}
    good = [item() for _ in range(3)]
    bad = [
        (item(country="UK"), "country_unknown"),
        (item(turnover=1), "item_malformed"),
        (item(legal_name="!"), "name_without_letters"),
        (item(parent_id=str(new_id())), "unknown_parent"),
        (item(account_manager_id=str(new_id())), "unknown_person"),
        (item(identifiers=[{"scheme": "domain", "value": "qq.com"}]), "domain_shared"),
        (item(**same_name), "customer_exists"),
        ("x", "item_malformed"),
    ]
    items: list[Any] = [good[0], *[wrong for wrong, _ in bad], *good[1:]]

    outcomes = await send(operations, items)

    assert kinds(outcomes) == ["created"] + ["rejected"] * len(bad) + ["created"] * 2
    assert [outcome["problem"]["code"] for outcome in outcomes[1 : len(bad) + 1]] == [code for _, code in bad]
    assert outcomes[7]["problem"]["customer_id"] == existing["id"]


async def test_one_reference_twice_in_a_batch_is_one_customer(operations: Client) -> None:
    first = item()
    outcomes = await send(operations, [first, {**first, "phone": "2"}, first])
    assert kinds(outcomes) == ["created", "updated", "unchanged"]
    assert len({outcome["id"] for outcome in outcomes}) == 1


async def test_an_atomic_batch_does_all_or_nothing(operations: Client) -> None:
    good, mark = [item() for _ in range(60)], word()
    good[0]["legal_name"] = mark

    answer = await operations.post("/v1/customers/batches", {"items": [*good, item(country="UK")], "atomic": True})

    assert answer.status_code == 422
    assert [refused["index"] for refused in answer.json()["items"]] == [60]
    assert (await operations.done("GET", f"/v1/customers?search={mark}"))["items"] == []
    assert Counter(kinds(await send(operations, good, atomic=True))) == {"created": 60}


async def test_a_batch_sent_again_answers_the_same(operations: Client) -> None:
    body, key = {"items": [item() for _ in range(120)]}, word()

    first = await operations.done("POST", "/v1/customers/batches", body, key=key)
    again = await operations.done("POST", "/v1/customers/batches", body, key=key)

    assert first == again
    assert Counter(kinds(first["items"])) == {"created": 120}


@pytest.mark.parametrize("body", [{"items": []}, {"items": [{}] * 501}, {}, {"items": "x"}])
async def test_a_batch_has_1_to_500_items(operations: Client, body: dict[str, Any]) -> None:
    assert (await operations.post("/v1/customers/batches", body)).status_code == 400


async def test_a_seller_imports_within_their_scope_only(make: Make, operations: Client) -> None:
    head = await make.person()
    seller, stranger = await make.person(head), await make.seller()
    sent = item()
    assert kinds(await send(seller, [sent])) == ["created"]

    theirs = await send(stranger, [{**sent, "phone": "2"}, item(account_manager_id=seller.id), item(tier="key")])

    assert [outcome["problem"]["code"] for outcome in theirs] == ["not_found", "assignment_not_allowed", "own_matter"]
    mine = await seller.done("GET", "/v1/customers")
    assert [(customer["phone"], customer["account_manager_id"]) for customer in mine["items"]] == [(None, seller.id)]


async def test_a_put_makes_and_then_changes(make: Make) -> None:
    seller, mark = await make.seller(), word()
    path = f"/v1/customers/by-reference/erp/{mark}"
    body = {"legal_name": mark, "country": "DE", "phone": "1"}

    made = await seller.put(path, body)
    same = await seller.put(path, body)
    changed = await seller.put(path, {"legal_name": mark, "country": "DE", "phone": "2"})

    assert [answer.status_code for answer in (made, same, changed)] == [201, 200, 200]
    assert [answer.json()["version"] for answer in (made, same, changed)] == [1, 1, 2]
    assert made.json()["external_reference"] == {"system": "erp", "id": mark}
    assert (await seller.put("/v1/customers/by-reference/No System/1", body)).status_code == 400


async def test_batches_at_once_on_the_same_references_agree(operations: Client) -> None:
    items = [item() for _ in range(100)]

    answers = await asyncio.gather(
        *(send(operations, items if caller % 2 else list(reversed(items))) for caller in range(6))
    )

    outcomes = Counter(outcome["outcome"] for answer in answers for outcome in answer)
    assert outcomes["created"] == 100
    assert outcomes["updated"] == 0
    ids = {outcome["id"] for answer in answers for outcome in answer if outcome["id"]}
    assert len(ids) == 100
