"""The uniqueness check as an endpoint: what it decides, and what it tells whom."""

from typing import Any

import pytest

from tests.house import Client
from tests.make import Make, word

LETTERS = str.maketrans("0123456789", "ghijklmnop")


def mark() -> str:
    """Return a word of letters that nothing else in the house is called."""
    return word().translate(LETTERS)


async def check(client: Client, **company: Any) -> dict[str, Any]:
    answer = await client.done("POST", "/v1/matches", {"companies": [company]})
    item: dict[str, Any]
    (item,) = answer["items"]
    return item


async def test_a_company_that_the_base_has_is_matched(make: Make) -> None:
    seller = await make.seller()
    name = mark()
    customer = await make.customer(seller, legal_name=f"{name} Schuh GmbH", city="Köln")
    found = await check(seller, legal_name=f"{name.upper()} SCHUH", country="DE", city="koln")
    assert (found["decision"], found["customer_id"]) == ("matched", customer["id"])
    (candidate,) = found["candidates"]
    assert candidate["visible"]
    assert candidate["score"] > 0.5
    assert {part["field"] for part in candidate["agreements"]} >= {"name", "place"}
    assert next(part for part in candidate["agreements"] if part["field"] == "name")["words"] == "name equal"


async def test_a_company_that_nobody_has_heard_of_is_new(make: Make) -> None:
    seller = await make.seller()
    found = await check(seller, legal_name=f"{mark()} {mark()}", country="DE", city="Köln")
    assert (found["decision"], found["customer_id"], found["candidates"]) == ("new", None, [])


async def test_an_identifier_decides_alone_whatever_the_company_is_called(make: Make, entity_code: Any) -> None:
    seller = await make.seller()
    code = entity_code()
    customer = await make.customer(seller, identifiers=[{"scheme": "lei", "value": code}])
    found = await check(seller, legal_name=f"{mark()} {mark()}", identifiers=[{"scheme": "lei", "value": code}])
    assert (found["decision"], found["customer_id"]) == ("matched", customer["id"])
    assert found["candidates"][0]["verdict"] == "identified"


async def test_a_former_name_leads_to_the_company(make: Make) -> None:
    seller = await make.seller()
    name = mark()
    customer = await make.customer(seller, city="Bremen")
    await seller.done("POST", f"/v1/customers/{customer['id']}/names", {"kind": "former", "name": f"{name} Werke AG"})
    found = await check(seller, legal_name=f"{name} Werke", country="DE", city="Bremen")
    assert (found["decision"], found["customer_id"]) == ("matched", customer["id"])


async def test_a_list_is_answered_in_its_order(make: Make) -> None:
    seller = await make.seller()
    names = [mark() for _ in range(25)]
    for name in names[::5]:
        await make.customer(seller, legal_name=f"{name} Leder", city="Köln")
    companies = [{"legal_name": f"{name} leder", "country": "DE", "city": "Köln"} for name in names]
    answer = await seller.done("POST", "/v1/matches", {"companies": companies})
    decisions = [item["decision"] for item in answer["items"]]
    assert decisions == ["matched" if place % 5 == 0 else "new" for place in range(25)]


async def test_a_renamed_or_moved_company_is_found_as_it_is_now(make: Make) -> None:
    seller = await make.seller()
    phone = "+49 221 " + str(int(word(), 16) % 10_000_000).zfill(7)
    customer = await make.customer(seller, legal_name=f"{mark()} Optik", city="Köln")
    name = mark()
    patch = {"legal_name": f"{name} Optik GmbH", "phone": phone, "city": "Essen"}
    await seller.done(
        "PATCH", f"/v1/customers/{customer['id']}", patch, headers={"If-Match": f'"{customer["version"]}"'}
    )
    found = await check(seller, legal_name=f"{name} optik", country="DE", city="Essen", phones=[phone])
    assert (found["decision"], found["customer_id"]) == ("matched", customer["id"])
    parts = {part["field"]: part["agreement"] for part in found["candidates"][0]["agreements"]}
    assert (parts["name"], parts["phone"]) == ("equal", "same")


async def test_imported_companies_are_found(make: Make, operations: Client) -> None:
    names = [mark() for _ in range(3)]
    items = [
        {
            "legal_name": f"{name} Textil AG",
            "country": "DE",
            "city": "Ulm",
            "external_reference": {"system": "erp", "id": word()},
        }
        for name in names
    ]
    done = await operations.done("POST", "/v1/customers/batches", {"items": items})
    companies = [{"legal_name": f"{name} textil", "country": "DE", "city": "Ulm"} for name in names]
    answer = await operations.done("POST", "/v1/matches", {"companies": companies})
    assert [item["customer_id"] for item in answer["items"]] == [item["id"] for item in done["items"]]


async def test_who_does_not_see_a_customer_learns_its_name_tier_and_manager_alone(make: Make) -> None:
    superior = await make.seller()
    seller, stranger = await make.seller(superior), await make.seller()
    name, digits = mark(), str(int(word(), 16) % 10_000_000).zfill(7)
    customer = await make.customer(seller, legal_name=f"{name} Plast GmbH", city="Köln", phone=f"0221 {digits}")
    asked = {"legal_name": f"{name} Plast", "country": "DE", "city": "Köln", "phones": [f"0221 {digits}"]}

    seen = await check(superior, **asked)
    assert (seen["customer_id"], seen["candidates"][0]["customer_id"]) == (customer["id"], customer["id"])

    hidden = await check(stranger, **asked)
    assert (hidden["decision"], hidden["customer_id"], hidden["reason"]) == ("matched", None, None)
    (candidate,) = hidden["candidates"]
    assert {field: value for field, value in candidate.items() if value} == {
        "legal_name": f"{name} Plast GmbH",
        "account_manager_id": str(seller.id),
    }


async def test_a_phone_alone_names_nobody_out_of_sight(make: Make) -> None:
    """Naming a company whose name is nothing like what was asked for would say that the phone or address is its own."""
    seller, stranger = await make.seller(), await make.seller()
    phone = "+49 40 " + str(int(word(), 16) % 10_000_000).zfill(7)
    street = {"line_1": f"{mark()}straße 17", "city": "Hamburg", "postal_code": "20095"}
    customer = await make.customer(
        seller, legal_name=mark(), phone=phone, addresses=[street | {"kind": "headquarters", "country": "DE"}]
    )
    asked = {"legal_name": mark(), "country": "DE", "city": "Hamburg", "phones": [phone], "addresses": [street]}
    seen, hidden = await check(seller, **asked), await check(stranger, **asked)
    assert [one["customer_id"] for one in seen["candidates"]] == [customer["id"]]
    assert hidden["candidates"] == []


@pytest.mark.parametrize(
    ("company", "field"),
    [
        ({"legal_name": "A", "country": "XX"}, "/companies/0/country"),
        (
            {"legal_name": "A", "country": "DE", "identifiers": [{"scheme": "lei", "value": "12"}]},
            "/companies/0/identifiers/0/value",
        ),
        ({"country": "DE"}, "/companies/0/legal_name"),
        ({"legal_name": "A", "phone": "1"}, "/companies/0/phone"),
    ],
)
async def test_what_cannot_be_checked_is_named(make: Make, company: dict[str, Any], field: str) -> None:
    answer = await (await make.seller()).post("/v1/matches", {"companies": [company]})
    assert answer.status_code in {400, 422}
    assert [error["pointer"] for error in answer.json()["errors"]] == [field]


async def test_a_name_of_nothing_but_signs_is_new(make: Make) -> None:
    assert (await check(await make.seller(), legal_name="***"))["decision"] == "new"


async def test_too_many_companies_are_refused(make: Make) -> None:
    seller = await make.seller()
    answer = await seller.post("/v1/matches", {"companies": [{"legal_name": "A"}] * 101})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("深圳市德赛电池科技股份有限公司", "德賽電池"),
        ("深圳市德赛电池科技股份有限公司", "Shenzhen Desay Battery Technology Co., Ltd."),
        ("珠海格力电器股份有限公司", "*ST格力"),
        ("Xi'an Longji Silicon Materials Corp.", "西安隆基硅材料股份有限公司"),
    ],
)
async def test_a_chinese_company_is_found_by_its_other_names(make: Make, kept: str, asked: str) -> None:
    seller = await make.seller()
    customer = await make.customer(seller, legal_name=kept, country="CN", city=mark())
    found = await check(seller, legal_name=asked, country="CN")
    assert found["decision"] == "review"
    assert customer["id"] in [candidate["customer_id"] for candidate in found["candidates"]]
