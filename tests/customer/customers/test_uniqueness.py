"""Invariant 1: one customer for each company, however many enter it at once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make, word

CALLERS = 32


async def test_one_name_in_one_place_is_one_customer_in_any_spelling(make: Make, operations: Client) -> None:
    name = word()
    made = await make.customer(operations, legal_name=f"{name} GmbH", country="DE", city="Köln")

    for spelling, city in ((f"{name.upper()} G.m.b.H.", "KOLN"), (f"{name} Gmbh & Co. KG", "Ｋöln")):
        answer = await operations.post("/v1/customers", {"legal_name": spelling, "country": "DE", "city": city})
        assert answer.status_code == 409
        assert (answer.json()["code"], answer.json()["customer_id"]) == ("customer_exists", made["id"])
        assert answer.json()["agreed_on"] == "name_country_and_city"
    for place in ({"country": "DE", "city": "Bonn"}, {"country": "AT", "city": "Köln"}, {"country": "DE"}):
        assert (await operations.post("/v1/customers", {"legal_name": name, **place})).status_code == 201


async def test_one_identifier_is_one_customer_whatever_the_name(
    make: Make, operations: Client, credit_code: Callable[[], str]
) -> None:
    identifier = {"scheme": "uscc", "value": credit_code()}
    made = await make.customer(operations, identifiers=[identifier])

    answer = await operations.post(
        "/v1/customers", {"legal_name": word(), "country": "CN", "identifiers": [identifier]}
    )

    assert (answer.status_code, answer.json()["customer_id"]) == (409, made["id"])
    assert answer.json()["agreed_on"] == "uscc"


async def test_who_may_not_see_the_existing_one_learns_only_that_it_exists(make: Make) -> None:
    mine, name = await make.seller(), word()
    await make.customer(mine, legal_name=name)

    answer = await (await make.seller()).post("/v1/customers", {"legal_name": name, "country": "DE", "city": "Hamburg"})

    assert (answer.status_code, answer.json()["customer_id"]) == (409, None)
    assert mine.id not in answer.text


async def test_an_ended_identifier_is_free_for_another(
    make: Make, operations: Client, credit_code: Callable[[], str]
) -> None:
    identifier = {"scheme": "uscc", "value": credit_code()}
    made = await make.customer(operations, identifiers=[identifier])
    part = made["identifiers"][0]["id"]

    await operations.done("POST", f"/v1/customers/{made['id']}/identifiers/{part}/endings", {})

    assert (await make.customer(operations, identifiers=[identifier]))["identifiers"][0]["value"] == identifier["value"]
    back = await operations.post(f"/v1/customers/{made['id']}/identifiers", identifier)
    assert back.status_code == 409


async def test_a_name_cannot_be_changed_into_anothers(make: Make) -> None:
    seller = await make.seller()
    one, other = await make.customer(seller), await make.customer(seller)

    answer = await seller.patch(f"/v1/customers/{other['id']}", {"legal_name": one["legal_name"]}, if_match=1)

    assert (answer.status_code, answer.json()["customer_id"]) == (409, one["id"])
    assert (await seller.done("GET", f"/v1/customers/{other['id']}"))["version"] == 1


async def entered(client: Client, body: dict[str, Any]) -> tuple[int, str | None]:
    answer = await client.post("/v1/customers", body)
    assert answer.status_code in {201, 409}, answer.text
    content = answer.json()
    return answer.status_code, content["id"] if answer.status_code == 201 else content.get("customer_id")


@pytest.mark.parametrize("round_", range(3))
async def test_many_at_once_make_one_of_each_company(
    operations: Client, credit_code: Callable[[], str], round_: int
) -> None:
    companies = [(f"{word()} Ltd", credit_code()) for _ in range(12)]
    attempts = []
    for caller in range(CALLERS):
        for name, code in companies:
            by_code = {"legal_name": f"{name} {caller}", "identifiers": [{"scheme": "uscc", "value": code}]}
            by_name = {"legal_name": name.upper() if caller % 2 else name}
            attempts.append((name, (by_code if caller % 4 == 3 else by_name) | {"country": "CN", "city": "上海"}))

    answers = await asyncio.gather(*(entered(operations, body) for _, body in attempts))

    made: Counter[tuple[str, str]] = Counter()
    for (name, body), (status, _) in zip(attempts, answers, strict=True):
        made[name, "code" if "identifiers" in body else "name"] += status == 201
    assert set(made.values()) == {1}
    ids = {customer_id for _, customer_id in answers}
    assert None not in ids
    assert len(ids) == 2 * len(companies)


async def test_many_batches_at_once_make_one_of_each_company(operations: Client) -> None:
    mark = word()
    names = [f"Company {mark} {number}" for number in range(40)]

    async def send(caller: int) -> list[dict[str, Any]]:
        order = names if caller % 2 else list(reversed(names))
        items = [
            {"legal_name": name, "country": "FR", "external_reference": {"system": f"crm-{caller}", "id": name}}
            for name in order
        ]
        answer = await operations.done("POST", "/v1/customers/batches", {"items": items})
        outcomes: list[dict[str, Any]] = answer["items"]
        return outcomes

    answers = await asyncio.gather(*(send(caller) for caller in range(8)))

    outcomes = Counter(outcome["outcome"] for answer in answers for outcome in answer)
    assert outcomes == {"created": 40, "rejected": 280}
    codes = {item["problem"]["code"] for answer in answers for item in answer if item["problem"]}
    assert codes <= {"customer_exists", "busy"}
    total = await operations.done("GET", f"/v1/customers?search={mark}&total=true&limit=1")
    assert total["total"] == "40"


async def test_one_reference_at_once_is_one_customer(operations: Client) -> None:
    reference = word()
    path = f"/v1/customers/by-reference/erp/{reference}"

    answers = await asyncio.gather(
        *(operations.put(path, {"legal_name": f"Company {reference}", "country": "FR"}) for _ in range(CALLERS))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CALLERS - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_two_who_rename_to_one_name_do_not_both(make: Make, operations: Client, house: House) -> None:
    target = word()
    customers = [await make.customer(operations) for _ in range(10)]

    answers = await asyncio.gather(
        *(operations.patch(f"/v1/customers/{c['id']}", {"legal_name": target}, if_match=1) for c in customers)
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
