"""Finding customers by what people remember of them."""

from urllib.parse import quote

import pytest

from tests.house import Client
from tests.make import Make, word

LETTERS = str.maketrans("0123456789", "ghijklmnop")


async def found_by(client: Client, query: str) -> list[str]:
    page = await client.done("GET", f"/v1/customers?search={quote(query)}")
    return [item["id"] for item in page["items"]]


async def test_names_identifiers_and_former_names_are_found(make: Make) -> None:
    seller = await make.seller()
    mark = word().translate(LETTERS)
    customer = await make.customer(
        seller,
        legal_name=f"Zapatería {mark} S.A. de C.V.",
        other_names=[{"kind": "former", "name": f"Ｏｌｄ{mark}"}, {"kind": "english", "name": f"{mark} Shoes"}],
        identifiers=[{"scheme": "domain", "value": f"www.{mark}.com.mx"}],
    )
    for query in (f"zapateria {mark}", f"ZAPATERÍA {mark}", f"old{mark}", mark[:8], f"{mark}.com.mx", f"{mark} shoes"):
        assert await found_by(seller, query) == [customer["id"]], query
    await make.customer(seller)
    typo = f"{mark[:5]}{'z' if mark[5] != 'z' else 'y'}{mark[6:]}"
    assert customer["id"] in await found_by(seller, f"zapateria {typo}")


@pytest.mark.parametrize("query", ["宝安", "寶安", "宝安鞋", "深圳市宝安", "宝安 鞋业"])
async def test_chinese_is_found_by_two_characters_in_either_script(make: Make, query: str) -> None:
    seller = await make.seller()
    mark = word()
    customer = await make.customer(seller, legal_name=f"深圳市宝安鞋业{mark}有限公司", country="CN")
    await make.customer(seller, legal_name=f"上海皮革{mark}有限公司", country="CN")
    assert await found_by(seller, query) == [customer["id"]]


async def test_the_best_match_comes_first(make: Make) -> None:
    seller = await make.seller()
    mark = word().translate(LETTERS)
    near = await make.customer(seller, legal_name=f"{mark}xyz Trading")
    exact = await make.customer(seller, legal_name=f"{mark}")
    assert await found_by(seller, mark) == [exact["id"], near["id"]]


@pytest.mark.parametrize("query", ["%", "_", "\\", "'; DROP TABLE customer; --", "%%%q", "😀", "\u0000"])
async def test_signs_are_only_signs(make: Make, query: str) -> None:
    seller = await make.seller()
    await make.customer(seller)
    answer = await seller.get(f"/v1/customers?search={quote(query)}")
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.json()["items"] == []


async def test_search_stays_within_what_the_viewer_sees(make: Make) -> None:
    seller, stranger, mark = await make.seller(), await make.seller(), word()
    await make.customer(seller, legal_name=f"Company {mark}")
    answer = await stranger.done("GET", f"/v1/customers?search={mark}&total=true")
    assert (answer["items"], answer["total"]) == ([], "0")
