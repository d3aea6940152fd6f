"""A lead becomes one opportunity: at once, twice at once, with a lost answer, and while `opportunity` is away."""

import asyncio
from typing import Any, Self

import httpx
import pytest

from services.customer.leads.handing_over import HandingOver
from tests.house import Client, House
from tests.make import Make, word

HEARD = {"heard": "They look for outsoles.", "source": "referral"}
TERMS = {"name": "Outsoles", "currency": "USD", "amount": "1200.50", "expected_close": "2027-03-01"}


@pytest.fixture
async def seller(make: Make) -> Client:
    return await make.seller(await make.seller())


@pytest.fixture
async def lead(make: Make, seller: Client) -> dict[str, Any]:
    customer = await make.customer(seller)
    made: dict[str, Any] = await seller.done("POST", "/v1/leads", HEARD | {"customer_id": customer["id"]})
    return made


async def opportunities_of(person: Client, lead_id: str) -> list[dict[str, Any]]:
    """Return what came of a lead, as the service `opportunity` keeps the link."""
    query = f"external_system=lead&external_id={lead_id}"
    found: list[dict[str, Any]] = (await person.done("GET", f"/v1/opportunities?{query}"))["items"]
    return found


class Broken:
    """A peer's transport that fails before or after the peer has done what was asked."""

    def __init__(self, house: House, *, after: bool) -> None:
        self._client = house.service("customer").peers["opportunity"]._client
        self._right, self._after = self._client._transport, after
        self.calls = 0

    def __enter__(self) -> Self:
        self._client._transport = httpx.MockTransport(self._fail)
        return self

    def __exit__(self, *_: object) -> None:
        self._client._transport = self._right

    async def _fail(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self._after:
            await self._right.handle_async_request(request)
        raise httpx.ReadError("the line is cut")


async def complete(house: House) -> None:
    """Let the time of the attempt before pass, and complete what was promised."""
    house.clock.move(minutes=1)
    house.service("customer").peers["opportunity"].breaker.heard()
    while await HandingOver(house.service("customer")).step():
        pass


async def test_a_lead_becomes_an_opportunity_in_one_call(seller: Client, lead: dict[str, Any]) -> None:
    answer = await seller.post(f"/v1/leads/{lead['id']}/conversions", TERMS)
    converted = answer.json()
    assert (answer.status_code, converted["state"]) == (201, "converted")
    (made,) = await opportunities_of(seller, lead["id"])
    assert made["id"] == converted["opportunity_id"]
    assert (made["customer_id"], made["principal_id"]) == (lead["customer_id"], seller.id)
    assert (made["amount"]["amount"], made["expected_close"]) == ("1200.50", "2027-03-01")
    by_opportunity = await seller.done("GET", f"/v1/leads?opportunity_id={made['id']}")
    assert [each["id"] for each in by_opportunity["items"]] == [lead["id"]]


async def test_the_same_again_answers_the_same(seller: Client, lead: dict[str, Any]) -> None:
    path, key = f"/v1/leads/{lead['id']}/conversions", word()
    first = await seller.post(path, TERMS, key=key)
    replayed, by_hand = await seller.post(path, TERMS, key=key), await seller.post(path, TERMS)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert first.json() == replayed.json() == by_hand.json()
    assert len(await opportunities_of(seller, lead["id"])) == 1


async def test_many_at_once_make_one_opportunity(seller: Client, lead: dict[str, Any]) -> None:
    path = f"/v1/leads/{lead['id']}/conversions"
    answers = await asyncio.gather(*(seller.post(path, TERMS) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 202}
    (made,) = await opportunities_of(seller, lead["id"])
    assert {answer.json()["opportunity_id"] for answer in answers} <= {made["id"], None}
    assert (await seller.done("GET", f"/v1/leads/{lead['id']}"))["opportunity_id"] == made["id"]


@pytest.mark.parametrize("after", [False, True], ids=["not-reached", "answer-lost"])
async def test_what_was_promised_is_kept_although_opportunity_fails(
    house: House, seller: Client, lead: dict[str, Any], *, after: bool
) -> None:
    path = f"/v1/leads/{lead['id']}"
    with Broken(house, after=after) as broken:
        answer = await seller.post(f"{path}/conversions", TERMS, key=word())
        assert (answer.status_code, answer.json()["state"]) == (202, "converting")
        assert (await seller.post(f"{path}/drops", {"reason": "too late"})).json()["state"] == "converting"
    assert broken.calls
    await complete(house)
    (made,) = await opportunities_of(seller, lead["id"])
    kept = await seller.done("GET", path)
    assert (kept["state"], kept["opportunity_id"], made["principal_id"]) == ("converted", made["id"], seller.id)


async def test_completing_is_done_in_the_name_of_who_promised(
    house: House, seller: Client, lead: dict[str, Any]
) -> None:
    with Broken(house, after=False):
        await seller.post(f"/v1/leads/{lead['id']}/conversions", TERMS)
    await complete(house)
    changes = (await seller.done("GET", f"/v1/leads/{lead['id']}/history"))["items"]
    assert changes[-1]["actor"] == seller.id
    assert changes[-1]["after"]["state"] == "converted"


async def test_what_opportunity_refuses_leaves_the_lead_open(make: Make, seller: Client, lead: dict[str, Any]) -> None:
    other = await make.seller()
    path = f"/v1/leads/{lead['id']}"
    refused = await seller.post(f"{path}/conversions", TERMS | {"principal_id": other.id}, key=word())
    assert (refused.status_code, refused.json()["code"]) == (422, "hand_over_refused")
    assert refused.json()["refused_with"]
    kept = await seller.done("GET", path)
    assert kept["state"] == "open"
    assert kept["refusal"]
    assert (await seller.post(f"{path}/conversions", TERMS)).status_code == 201


async def test_a_lead_of_a_company_not_known_waits_for_it(make: Make, seller: Client) -> None:
    lead = await seller.done("POST", "/v1/leads", HEARD | {"company_name": "Neue Schuhe"})
    path = f"/v1/leads/{lead['id']}"
    refused = await seller.post(f"{path}/conversions", TERMS)
    assert (refused.status_code, refused.json()["code"]) == (422, "lead_without_customer")
    customer = await make.customer(seller)
    await seller.done("PATCH", path, {"customer_id": customer["id"]}, if_match=1)
    assert (await seller.post(f"{path}/conversions", TERMS)).status_code == 201


@pytest.mark.parametrize(
    ("terms", "status", "pointer"),
    [
        ({"amount": "1.005"}, 400, "/amount"),
        ({"amount": "-1"}, 422, "/amount"),
        ({"currency": "QQQ"}, 400, "/currency"),
        ({"name": " "}, 400, "/name"),
    ],
)
async def test_bad_terms_are_refused_before_anything_is_promised(
    seller: Client, lead: dict[str, Any], *, terms: dict[str, str], status: int, pointer: str
) -> None:
    answer = await seller.post(f"/v1/leads/{lead['id']}/conversions", TERMS | terms)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert (await seller.done("GET", f"/v1/leads/{lead['id']}"))["version"] == 1


async def test_a_customer_is_handed_over_without_a_lead_before(house: House, make: Make, seller: Client) -> None:
    customer = await make.customer(seller)
    path, key = f"/v1/customers/{customer['id']}/hand-overs", word()
    with Broken(house, after=True):
        promised = await seller.done("POST", path, TERMS, key=key)
    house.service("customer").peers["opportunity"].breaker.heard()
    kept = await seller.done("POST", path, TERMS, key=key)
    assert (promised["state"], kept["state"], kept["id"]) == ("converting", "converted", promised["id"])
    assert len(await opportunities_of(seller, kept["id"])) == 1
    anew = await seller.done("POST", path, TERMS)
    assert anew["opportunity_id"] != kept["opportunity_id"]


async def test_who_may_not_hand_over(make: Make, seller: Client, lead: dict[str, Any]) -> None:
    stranger, manager = await make.seller(), await make.seller()
    assert (await stranger.post(f"/v1/leads/{lead['id']}/conversions", TERMS)).status_code == 404
    path = f"/v1/customers/{lead['customer_id']}/hand-overs"
    assert (await stranger.post(path, TERMS)).status_code == 404
    opportunity = await make.opportunity(seller, customer_id=lead["customer_id"])
    member = {"person_id": manager.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await make.house.settle()
    refused = await manager.post(path, TERMS)
    assert (refused.status_code, refused.json()["code"]) == (403, "change_not_allowed")
