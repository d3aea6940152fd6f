"""What arrives is kept as it came, and becomes a customer, part of one, or a question."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make, word


def about(name: str, **company: Any) -> dict[str, Any]:
    return {"source": "referral", "company": {"legal_name": name, "country": "DE", "city": "Köln", **company}}


async def arrive(by: Client, body: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = await by.done("POST", "/v1/intakes", body)
    return made


async def test_what_is_new_becomes_a_customer_that_nobody_looks_after_yet(make: Make) -> None:
    seller, name = await make.seller(), word()
    body = about(f"{name} GmbH", phone="+49 221 1", identifiers=[{"scheme": "domain", "value": f"{name}.com"}])

    made = await arrive(seller, body | {"received_on": "2026-01-05"})

    assert (made["outcome"], made["received_on"], made["candidates"]) == ("new", "2026-01-05", [])
    assert made["company"] == body["company"]
    assert [(one["outcome"], one["decided_by"]) for one in made["history"]] == [("new", seller.id)]
    customer = await seller.done("GET", f"/v1/customers/{made['customer_id']}")
    assert (customer["legal_name"], customer["phone"], customer["account_manager_id"]) == (
        f"{name} GmbH",
        "+49 221 1",
        None,
    )
    assert customer["identifiers"][0]["value"] == f"{name}.com"
    assert await seller.done("GET", f"/v1/intakes/{made['id']}") == made


async def test_a_name_in_its_place_and_an_identifier_are_recognised_in_any_spelling(
    make: Make, credit_code: Callable[[], str]
) -> None:
    seller, name, code = await make.seller(), word(), {"scheme": "uscc", "value": credit_code()}
    first = await arrive(seller, about(f"{name} GmbH", identifiers=[code]))

    by_name = await arrive(seller, about(f"{name.upper()} G.m.b.H.", city="KOLN"))
    by_code = await arrive(seller, about(f"Other {word()}", country="CN", city="上海", identifiers=[code]))

    assert {by_name["outcome"], by_code["outcome"]} == {"matched"}
    assert {by_name["customer_id"], by_code["customer_id"]} == {first["customer_id"]}
    assert {"name", "place"} <= set(by_name["candidates"][0]["agreed"])
    assert "identifiers" in by_code["candidates"][0]["agreed"]


async def test_a_name_that_an_identifier_contradicts_is_a_question(make: Make, credit_code: Callable[[], str]) -> None:
    seller, name = await make.seller(), word()
    await arrive(seller, about(name, identifiers=[{"scheme": "uscc", "value": credit_code()}]))

    asked = await arrive(seller, about(name, identifiers=[{"scheme": "uscc", "value": credit_code()}]))

    assert (asked["outcome"], asked["customer_id"], asked["customer"]) == ("review", None, None)
    assert "identifiers" in asked["candidates"][0]["contradicts"]


async def test_whoever_does_not_see_the_customer_learns_only_what_everybody_may_know(make: Make) -> None:
    owner, other, name = await make.seller(), await make.seller(), word()
    customer = await make.customer(owner, legal_name=name, city="Köln", phone="+49 1")

    made = await arrive(other, about(name))

    assert made["outcome"] == "matched"
    assert made["customer_id"] is None
    masked = {"id": None, "legal_name": name, "tier": None, "account_manager_id": owner.id}
    assert made["customer"] == masked
    assert made["candidates"] == [
        {"id": made["candidates"][0]["id"], "customer": masked, "score": None, "agreed": None, "contradicts": None}
    ]
    assert customer["id"] not in (await other.get("/v1/intakes")).text
    theirs = await owner.done("GET", f"/v1/intakes?customer_id={customer['id']}")
    assert [(one["id"], one["customer_id"]) for one in theirs["items"]] == [(made["id"], customer["id"])]
    assert (await (await make.seller()).get(f"/v1/intakes/{made['id']}")).status_code == 404


async def test_the_list_is_filtered_and_shows_what_people_below_entered(make: Make) -> None:
    head, seller, junior = await make.line(3)
    peer = await make.person(head)
    mine = await arrive(seller, about(word()))
    theirs = await arrive(junior, about(word()) | {"source": "web_form"})

    def ids(answer: dict[str, Any]) -> list[str]:
        return [one["id"] for one in answer["items"]]

    assert ids(await head.done("GET", "/v1/intakes")) == [theirs["id"], mine["id"]]
    assert ids(await seller.done("GET", "/v1/intakes?sort=at&limit=1")) == [mine["id"]]
    assert ids(await seller.done("GET", "/v1/intakes?source=web_form&outcome=new")) == [theirs["id"]]
    assert ids(await seller.done("GET", f"/v1/intakes?entered_by={junior.id}")) == [theirs["id"]]
    assert ids(await peer.done("GET", "/v1/intakes")) == []
    assert (await seller.done("GET", "/v1/intakes?total=true&outcome=review"))["total"] == "0"
    first = await head.done("GET", "/v1/intakes?limit=1")
    assert ids(await head.done("GET", f"/v1/intakes?limit=1&cursor={first['next']}")) == [mine["id"]]


async def test_a_channel_partner_is_a_customer_of_that_kind_that_one_sees(make: Make) -> None:
    seller = await make.seller()
    partner = await make.customer(seller, kind="channel")
    plain = await make.customer(seller)
    body = about(word()) | {"source": "channel_partner"}

    for channel, code in (
        (None, "channel_missing"),
        (plain["id"], "unknown_channel"),
        (str(new_id()), "unknown_channel"),
    ):
        answer = await seller.post("/v1/intakes", body | {"channel_id": channel})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == "/channel_id"
    hidden = await (await make.seller()).post("/v1/intakes", body | {"channel_id": partner["id"]})
    assert hidden.json()["code"] == "unknown_channel"
    made = await arrive(seller, body | {"channel_id": partner["id"]})
    listed = await seller.done("GET", f"/v1/intakes?channel_id={partner['id']}")
    assert [one["id"] for one in listed["items"]] == [made["id"]]


@pytest.mark.parametrize(
    ("company", "status", "pointer"),
    [
        ({"identifiers": [{"scheme": "uscc", "value": "91110000600037341X"}]}, 422, "/company/identifiers/0/value"),
        ({"identifiers": [{"scheme": "domain", "value": "gmail.com"}]}, 422, "/company/identifiers/0/value"),
        ({"legal_name": "...!"}, 422, "/company/legal_name"),
        ({"country": "UK"}, 400, "/company/country"),
        ({"other_names": [{"kind": "short", "name": "!!"}]}, 422, "/company/other_names/0/name"),
        ({"addresses": [{"kind": "other", "line_1": "1", "country": "XX"}]}, 400, "/company/addresses/0/country"),
        ({"annual_revenue": {"amount": "-1.00", "currency": "EUR"}}, 400, "/company"),
        ({"tier": "key"}, 400, "/company/tier"),
    ],
)
async def test_bad_input_is_told_where_it_is(make: Make, company: dict[str, Any], status: int, pointer: str) -> None:
    seller = await make.seller()

    answer = await seller.post("/v1/intakes", about(word()) | {"company": about(word())["company"] | company})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert (await seller.done("GET", "/v1/intakes"))["items"] == []


async def test_a_list_keeps_an_identifier_that_fails_its_check_and_it_decides_nothing(
    make: Make, operations: Client
) -> None:
    wrong = {"scheme": "uscc", "value": "91110000600037341X"}

    first = await arrive(operations, about(word(), identifiers=[wrong]) | {"source": "import"})
    second = await arrive(operations, about(word(), identifiers=[wrong]) | {"source": "purchased_list"})

    assert (first["outcome"], second["outcome"]) == ("new", "new")
    customer = await operations.done("GET", f"/v1/customers/{first['customer_id']}")
    assert [(one["value"], one["verified"]) for one in customer["identifiers"]] == [(wrong["value"], False)]


async def test_what_arrives_twice_is_kept_once(make: Make) -> None:
    seller, reference = await make.seller(), {"system": "web", "id": word()}
    body = about(word()) | {"external_reference": reference}
    made = await arrive(seller, body)

    again = await seller.post("/v1/intakes", body)
    batch = await seller.done("POST", "/v1/intakes/batches", {"items": [body, about(word()), about("...")]})
    elsewhere = await (await make.seller()).done("POST", "/v1/intakes/batches", {"items": [body]})

    assert (again.status_code, again.json()["code"]) == (409, "intake_taken")
    assert [one["outcome"] for one in batch["items"]] == ["unchanged", "created", "rejected"]
    assert batch["items"][0]["id"] == made["id"]
    assert elsewhere["items"][0]["problem"]["code"] == "intake_taken"


async def test_a_batch_recognises_its_own(make: Make) -> None:
    seller, name = await make.seller(), word()

    answer = await seller.done("POST", "/v1/intakes/batches", {"items": [about(name), about(f"{name} GmbH")] * 3})

    assert {one["outcome"] for one in answer["items"]} == {"created"}
    kept = (await seller.done("GET", "/v1/intakes?sort=at"))["items"]
    assert sorted(one["outcome"] for one in kept) == ["matched"] * 5 + ["new"]
    assert len({one["customer_id"] for one in kept}) == 1


async def test_what_is_said_of_people_is_apart_and_not_in_the_trail(make: Make, house: House) -> None:
    seller, name = await make.seller(), f"Erika {word()}"
    body = about(word()) | {
        "person": {"name": name, "email": "e@example.com"},
        "note": "called",
        "raw": {"form": [1, {}]},
    }

    made = await arrive(seller, body)

    personal = await seller.done("GET", f"/v1/intakes/{made['id']}/personal-data")
    assert personal == {
        "intake_id": made["id"],
        "person": body["person"],
        "note": "called",
        "raw": {"form": [1, {}]},
        "erased_at": None,
    }
    trail = await (await house.admin()).get(f"/v1/customer/audit?aggregate=intake&aggregate_id={made['id']}")
    assert name not in trail.text
    assert "sha256:" in trail.text
    assert name not in str(made)
    assert (await (await make.seller()).get(f"/v1/intakes/{made['id']}/personal-data")).status_code == 404


async def test_intakes_are_kept_for_ever(make: Make, house: House) -> None:
    made = await arrive(await make.seller(), about(word()))
    connection = await asyncpg.connect(house.urls["customer"].login)
    owner = await asyncpg.connect(house.urls["customer"].owner)
    try:
        for table, column in (("intake", "id"), ("intake_outcome", "intake_id"), ("intake_candidate", "intake_id")):
            for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        for statement in ("UPDATE intake SET legal_name = 'x'", "DELETE FROM intake", "DELETE FROM intake_outcome"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(statement)
    finally:
        await connection.close()
        await owner.close()
    assert made["id"]
