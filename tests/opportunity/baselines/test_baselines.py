import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from servicekit.values.dates import business_date
from servicekit.values.ids import new_id
from services.opportunity.funnel.rules.health import baseline_days
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import batch, item

PATH = "/v1/funnel/baselines"


def today(house: House) -> date:
    return business_date(house.clock(), house.service("opportunity").settings.time_zone)


@contextmanager
def days_later(house: House, days: int) -> Iterator[None]:
    house.clock.move(days=days)
    try:
        yield
    finally:
        house.clock.move(days=-days)


def said(house: House, scope: str, **given: Any) -> dict[str, Any]:
    body = {"scope": scope, "stage": "selected", "from_date": today(house).isoformat(), "reason": "A new team."}
    return {**body, **({} if "amount" in given else {"count": "4"}), **given}


async def selected(client: Client, query: str) -> dict[str, Any]:
    found = await client.done("GET", f"/v1/funnel?{query}")
    line: dict[str, Any] = next(one for one in found["stages"] if one["stage"] == "selected")
    return line


async def standing(house: House, seller: Client, count: int, **given: Any) -> list[date]:
    """Let so many opportunities stand in `selected` since before the earliest day of the baseline."""
    days = [each.day for each in baseline_days(today(house))]
    early = (min(days) - timedelta(days=200)).isoformat()
    history = [{"at": early, "to_stage": "selected"}]
    await batch(await house.import_client(), *(item(seller, history, **given) for _ in range(count)))
    return days


async def test_what_a_superior_says_is_what_health_is_measured_by_and_who_says_so_is_told(
    make: Make, house: House
) -> None:
    manager, seller = await make.line(2)
    days = await standing(house, seller, 3)
    query = f"scope=person&person_id={seller.id}"
    before = await selected(seller, query)

    made = await manager.done("POST", PATH, said(house, "person", person_id=seller.id))
    found = await selected(seller, query)

    assert (before["baseline"], before["health"], before["state"]) == ("3.00", "100.00", "excellent")
    assert (before["baseline_kind"], before["baseline_manual"], before["baseline_is_partial"]) == (
        "history",
        None,
        False,
    )
    assert [(each["day"], each["value"]) for each in before["baseline_periods"]] == [
        (day.isoformat(), "3") for day in days
    ]
    assert (found["baseline"], found["health"], found["state"]) == ("4.00", "75.00", "good")
    assert (found["baseline_kind"], found["baseline_periods"]) == ("manual", before["baseline_periods"])
    assert found["baseline_manual"] == {
        "id": made["id"],
        "funnel_version": 1,
        "stage": "selected",
        "count": "4",
        "amount": None,
        "from_date": today(house).isoformat(),
        "reason": "A new team.",
        "decided_by": manager.id,
        "on_behalf_of": None,
        "decided_at": made["decided_at"],
    }
    # against its own history a quarter ago, against what was said now
    assert (found["health_before"], found["state_before"], found["trend"]) == ("100.00", "excellent", "falling")
    assert (await selected(seller, f"{query}&basis=amount"))["baseline_kind"] == "history"
    assert (await selected(manager, f"scope=subtree&person_id={seller.id}"))["baseline_kind"] == "history"


async def test_the_one_in_force_on_a_day_counts_for_that_day(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    await standing(house, seller, 3)
    now, query = today(house), f"scope=person&person_id={seller.id}"
    first = await manager.done("POST", PATH, said(house, "person", person_id=seller.id))
    later = (now + timedelta(days=2)).isoformat()
    second = await manager.done("POST", PATH, said(house, "person", person_id=seller.id, count="2.5", from_date=later))
    assert (await selected(seller, query))["baseline"] == "4.00"
    with days_later(house, 3):
        assert (await selected(seller, query))["baseline"] == "2.50"
        assert (await selected(seller, f"{query}&as_of={later}"))["baseline"] == "2.50"
        assert (await selected(seller, f"{query}&as_of={now}"))["baseline"] == "4.00"
        assert (await selected(seller, f"{query}&as_of={now - timedelta(days=1)}"))["baseline_kind"] == "history"
        ending = {"from_date": today(house).isoformat(), "reason": "The history will do."}
        outdated = await manager.post(f"{PATH}/{first['id']}/endings", ending)
        assert (outdated.status_code, outdated.json()["code"]) == (409, "baseline_superseded")
        ended = await manager.done("POST", f"{PATH}/{second['id']}/endings", ending)
        again = await manager.post(f"{PATH}/{ended['id']}/endings", ending)
        assert (again.status_code, again.json()["code"]) == (409, "baseline_ended")
        assert (await selected(seller, query))["baseline_kind"] == "history"
        assert (await selected(seller, f"{query}&as_of={later}"))["baseline"] == "2.50"
        listed = await seller.done("GET", f"{PATH}?{query}")
    assert [(each["number"], each["count"]) for each in listed["items"]] == [(3, None), (2, "2.5"), (1, "4")]


async def test_an_amount_is_brought_into_the_currency_of_the_report(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    await standing(house, seller, 1, amount="70.00")
    query = f"scope=person&person_id={seller.id}&basis=amount"
    amount = {"amount": "1000.00", "currency": "DKK"}
    await manager.done("POST", PATH, said(house, "person", person_id=seller.id, amount=amount))

    unknown = await selected(seller, query)
    rate = {"from_currency": "DKK", "to_currency": "USD", "date": today(house).isoformat(), "rate": "0.1"}
    await (await house.import_client()).done("POST", "/v1/exchange-rates", rate)
    found = await selected(seller, query)

    assert (unknown["baseline_kind"], unknown["baseline"], unknown["state"]) == ("manual", None, "unknown")
    assert (found["baseline"], found["health"], found["state"]) == ("100.00", "70.00", "good")
    assert found["baseline_manual"]["amount"] == amount
    assert found["baseline_periods"][0]["value"] == "70.00"


async def test_a_baseline_of_0_makes_health_unknown(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    await manager.done("POST", PATH, said(house, "subtree", person_id=seller.id, count="0"))
    found = await selected(seller, "scope=subtree")
    assert (found["baseline_kind"], found["baseline"], found["state"]) == ("manual", "0.00", "unknown")


async def test_every_scope_can_have_one(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    operations = await house.import_client()
    customer = await make.customer(seller)
    line = (await make.product())["product_line_id"]
    await house.settle()
    scopes: list[tuple[Client, str, dict[str, str], str]] = [
        (manager, "subtree", {"person_id": seller.id}, f"person_id={seller.id}"),
        (manager, "customer", {"customer_id": customer["id"]}, f"customer_id={customer['id']}"),
        (operations, "product_line", {"product_line_id": line}, f"product_line_id={line}"),
        (operations, "everything", {}, ""),
    ]
    for client, scope, ids, query in scopes:
        made = await client.done("POST", PATH, said(house, scope, **ids))
        assert {name: made["scope"][name] for name in ids} == ids
        assert (await selected(client, f"scope={scope}&{query}"))["baseline_manual"]["id"] == made["id"]
    # who sees a part only is not measured by what was said of the whole
    assert (await selected(seller, f"scope=product_line&product_line_id={line}"))["baseline_kind"] != "manual"
    assert (await seller.done("GET", f"{PATH}?scope=product_line&product_line_id={line}"))["items"] == []
    ending = {"from_date": today(house).isoformat(), "reason": "Enough."}
    everything = (await operations.done("GET", f"{PATH}?scope=everything&stage=selected&basis=count"))["items"][0]
    hidden = await seller.post(f"{PATH}/{everything['id']}/endings", ending)
    missing = await seller.post(f"{PATH}/{new_id()}/endings", ending)
    assert (hidden.status_code, hidden.json()["code"]) == (missing.status_code, missing.json()["code"])
    assert hidden.status_code == 404
    await operations.done("POST", f"{PATH}/{everything['id']}/endings", ending)


async def test_nobody_sets_their_own_and_no_peer_another_s(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer, above = await make.person(manager), await make.person()
    operations = await make.person(manager, roles=["sales_operations"])
    auditor, marketing = await make.person(roles=["auditor"]), await make.person(roles=["marketing"])
    customer = await make.customer(seller)
    await house.settle()
    own = said(house, "person", person_id=seller.id)
    of_manager = said(house, "subtree", person_id=manager.id)

    async def refused(client: Client, body: dict[str, Any]) -> tuple[int, str]:
        answer = await client.post(PATH, body)
        return answer.status_code, answer.json()["code"]

    assert await refused(seller, own) == (403, "own_baseline")
    assert await refused(peer, own) == (404, "not_found")
    assert await refused(above, own) == (404, "not_found")
    assert await refused(auditor, own) == (403, "baseline_not_allowed")
    assert await refused(marketing, said(house, "everything")) == (403, "baseline_not_allowed")
    assert await refused(manager, of_manager) == (403, "own_baseline")
    assert await refused(operations, said(house, "subtree", person_id=operations.id)) == (403, "own_baseline")
    assert await refused(seller, said(house, "customer", customer_id=customer["id"])) == (403, "own_baseline")
    assert await refused(peer, said(house, "customer", customer_id=customer["id"])) == (404, "not_found")
    assert await refused(manager, said(house, "everything")) == (403, "not_allowed")
    nobody = said(house, "person", person_id=str(new_id()))
    assert await refused(operations, nobody) == (404, "not_found")
    await operations.done("POST", PATH, of_manager)
    made = await manager.done("POST", PATH, own)
    ending = {"from_date": today(house).isoformat(), "reason": "I know better."}
    assert (await seller.post(f"{PATH}/{made['id']}/endings", ending)).json()["code"] == "own_baseline"
    assert (await peer.get(f"{PATH}?scope=person&person_id={seller.id}")).status_code == 404


async def test_who_stands_in_for_a_superior_does_not_set_their_own(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer = await make.person(manager)
    span = {"from_date": today(house).isoformat(), "until_date": (today(house) + timedelta(days=5)).isoformat()}
    body = {"person_id": manager.id, "stand_in_id": seller.id, **span}
    await manager.done("POST", "/v1/stand-ins", body)
    acting = {"headers": {"on-behalf-of": manager.id}}
    own = await seller.post(PATH, said(house, "person", person_id=seller.id), **acting)
    assert (own.status_code, own.json()["code"]) == (403, "own_baseline")
    made = await seller.done("POST", PATH, said(house, "person", person_id=peer.id), **acting)
    assert (made["decided_by"], made["on_behalf_of"]) == (seller.id, manager.id)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"stage": "galaxy"}, (422, "baseline_stage_unknown", "/stage")),
        ({"count": "-1"}, (422, "baseline_unclear", "/count")),
        ({"count": "1.234"}, (422, "baseline_unclear", "/count")),
        ({"count": None}, (422, "baseline_unclear", "/count")),
        ({"count": "1", "amount": {"amount": "1", "currency": "USD"}}, (422, "baseline_unclear", "/count")),
        ({"count": None, "amount": {"amount": "-1", "currency": "USD"}}, (422, "baseline_unclear", "/amount")),
        ({"from_date": "2020-01-01"}, (422, "baseline_in_past", "/from_date")),
        ({"customer_id": str(new_id())}, (422, "baseline_unclear", "/customer_id")),
        ({"scope": "customer"}, (422, "baseline_unclear", "/person_id")),
        ({"scope": "galaxy"}, (400, "malformed", "/scope")),
        ({"reason": " "}, (400, "malformed", "/reason")),
        ({"colour": "red"}, (400, "malformed", "/colour")),
    ],
)
async def test_what_is_not_clear_is_named(
    make: Make, house: House, given: dict[str, Any], told: tuple[int, str, str]
) -> None:
    manager, seller = await make.line(2)
    answer = await manager.post(PATH, said(house, "person", person_id=seller.id) | given)
    content = answer.json()
    assert (answer.status_code, content["code"], content["errors"][0]["pointer"]) == told


async def test_of_many_at_once_each_number_is_given_once_and_the_last_counts(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    bodies = [said(house, "person", person_id=seller.id, count=str(count)) for count in range(1, 13)]
    answers = await asyncio.gather(*(manager.post(PATH, body) for body in bodies))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    lost = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert made
    assert set(lost) <= {"baseline_superseded"}
    assert sorted(each["number"] for each in made) == list(range(1, len(made) + 1))
    last = max(made, key=lambda each: each["number"])
    found = await selected(seller, "scope=person")
    assert found["baseline_manual"]["id"] == last["id"]


async def test_what_is_sent_again_is_set_once(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    body, key = said(house, "person", person_id=seller.id), str(new_id())
    first, again = [await manager.post(PATH, body, key=key) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await manager.done("GET", f"{PATH}?scope=person&person_id={seller.id}"))["items"]) == 1


async def test_health_before_is_what_the_day_itself_answers(make: Make, house: House) -> None:
    """For each kind of scope, by both measures."""
    seller = await make.seller()
    customer, product = await make.customer(seller), await make.product()
    await house.settle()
    days = sorted(await standing(house, seller, 2))
    lines = [{"product_id": product["id"], "quantity": "1", "unit_price": "10.00"}]
    given = {"customer_id": customer["id"], "lines": lines, "amount": "10.00"}
    starts = [days[0] - timedelta(days=200), *days[1:]]
    await batch(
        await house.import_client(),
        *(item(seller, [{"at": start.isoformat(), "to_stage": "selected"}], **given) for start in starts),
    )
    line = product["product_line_id"]
    for basis in ("count", "amount"):
        for scope in (
            f"scope=person&person_id={seller.id}",
            f"scope=customer&customer_id={customer['id']}",
            f"scope=product_line&product_line_id={line}",
        ):
            query = f"{scope}&basis={basis}"
            found = await seller.done("GET", f"/v1/funnel?{query}")
            now = next(one for one in found["stages"] if one["stage"] == "selected")
            then = await selected(seller, f"{query}&as_of={found['compared_with']}")
            assert (now["health_before"], now["state_before"]) == (then["health"], then["state"])
            assert now["health_before"] not in {None, now["health"]}
            assert now["trend"] in {"rising", "falling"}
