"""Search over the whole base, as far as whoever asks may know."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.customer.merging.companies import line_of, merge, undo
from tests.house import Client
from tests.make import Make, word

LETTERS = str.maketrans("0123456789", "ghijklmnop")


def mark() -> str:
    """Return a word of letters that nothing else in the house is called."""
    return word().translate(LETTERS)


async def search(client: Client, query: str, limit: int = 20) -> list[dict[str, Any]]:
    found = await client.done("GET", f"/v1/search?q={quote(query)}&limit={limit}")
    return list(found["items"])


async def ids(client: Client, query: str) -> list[str | None]:
    return [item["customer_id"] for item in await search(client, query)]


async def test_names_former_names_and_identifiers_are_found(make: Make) -> None:
    seller = await make.seller()
    name = mark()
    customer = await make.customer(
        seller,
        legal_name=f"Zapatería {name} S.A. de C.V.",
        other_names=[{"kind": "former", "name": f"Ｏｌｄ{name}"}, {"kind": "english", "name": f"{name} Shoes"}],
        identifiers=[{"scheme": "domain", "value": f"www.{name}.com.mx"}],
    )
    expected = {
        f"zapateria {name}": "name",
        f"ZAPATERÍA {name} SA": "name",
        f"old{name}": "name",
        f"zapateria {name[:8]}": "beginning",
        name[:8]: "beginning",
        f"shoes {name}": "words",
        f"{name}.com.mx": "identifier",
        f"zapateria {name[:4]}{name[5:]}": "likeness",
    }
    for query, found_by in expected.items():
        best = (await search(seller, query))[0]
        assert (best["customer_id"], best["found_by"]) == (customer["id"], found_by), query


@pytest.mark.parametrize("query", ["宝安", "寶安鞋", "深圳市宝安", "宝安 鞋业", "宝安鞋业有限公司", "安鞋业"])
async def test_chinese_is_found_by_any_part_in_either_script(make: Make, query: str) -> None:
    seller = await make.seller()
    name = mark()
    customer = await make.customer(seller, legal_name=f"深圳市宝安鞋业{name}有限公司", country="CN", city="深圳")
    other = await make.customer(seller, legal_name=f"上海皮革{name}有限公司", country="CN", city="上海")
    found = await ids(seller, query)
    assert customer["id"] in found
    assert other["id"] not in found


async def test_the_best_match_comes_first(make: Make, credit_code: Any) -> None:
    seller = await make.seller()
    name = mark()
    near = await make.customer(seller, legal_name=f"{name}xyz Trading")
    among = await make.customer(seller, legal_name=f"Handel mit {name}")
    exact = await make.customer(seller, legal_name=name)
    assert await ids(seller, name) == [exact["id"], near["id"], among["id"]]
    code = credit_code()
    await seller.done("POST", f"/v1/customers/{among['id']}/identifiers", {"scheme": "uscc", "value": code})
    assert (await ids(seller, code.lower()))[0] == among["id"]


async def test_the_whole_base_is_searched_and_others_customers_are_masked(make: Make) -> None:
    seller, stranger = await make.seller(), await make.seller()
    name = mark()
    await make.customer(seller, legal_name=f"{name} AG", other_names=[{"kind": "former", "name": f"Alt{name}"}])
    for query in (name, f"alt{name}"):
        (found,) = await search(stranger, query)
        told = {field: value for field, value in found.items() if value}
        assert told == {"legal_name": f"{name} AG", "account_manager_id": str(seller.id)}


@pytest.mark.parametrize("query", ["%", "_", "\\", "'; DROP TABLE customer; --", "😀", "…"])
async def test_signs_are_only_signs(make: Make, query: str) -> None:
    seller = await make.seller()
    await make.customer(seller)
    answer = await seller.get(f"/v1/search?q={quote(query)}")
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["q=", "q=a&limit=0", "q=a&limit=51", "limit=5", "q=a&kind=x", "q=%00"])
async def test_what_cannot_be_searched_for_is_refused(make: Make, query: str) -> None:
    answer = await (await make.seller()).get(f"/v1/search?{query}")
    assert answer.status_code == 400


async def test_a_merged_company_is_found_as_its_survivor_until_it_is_undone(make: Make) -> None:
    line = await line_of(make)
    name, other = mark(), mark()
    ours = await make.customer(line.first, legal_name=f"{name} Leder")
    theirs = await make.customer(line.second, legal_name=f"{other} Häute", city="Bremen")
    company = {"legal_name": f"{other} Häute", "country": "DE", "city": "Bremen"}

    merged = await merge(line.head, ours["id"], theirs["id"], account_manager_id=line.first.id)
    for query in (f"{other} häute", other[:8], f"häute {other}"):
        assert await ids(line.head, query) == [ours["id"]], query
    checked = await line.head.done("POST", "/v1/matches", {"companies": [company]})
    assert {one["customer_id"] for one in checked["items"][0]["candidates"]} <= {ours["id"]}

    await undo(line.head, ours["id"], merged["id"])
    assert await ids(line.head, other) == [theirs["id"]]
    assert await ids(line.head, name) == [ours["id"]]
    checked = await line.head.done("POST", "/v1/matches", {"companies": [company]})
    assert checked["items"][0]["customer_id"] == theirs["id"]


async def test_contacts_are_found_by_those_who_see_their_customer_alone(make: Make) -> None:
    superior = await make.seller()
    seller, stranger = await make.seller(superior), await make.seller()
    customer, name = await make.customer(seller), mark()
    made = await seller.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": f"王 {name}"})
    for who, expected in ((seller, [made["id"]]), (superior, [made["id"]]), (stranger, [])):
        found = await who.done("GET", f"/v1/search?q={quote(name)}")
        assert [one["id"] for one in found["contacts"]] == expected
        assert found["items"] == []
