import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from servicekit.data.transactions import writing
from services.opportunity.funnel.actions import reporting
from services.opportunity.funnel.rules.health import baseline_days
from services.opportunity.funnel.store import rebuilding
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, item


async def funnel(client: Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = await client.done("GET", f"/v1/funnel?{query}")
    return found


def stage(found: dict[str, Any], key: str) -> dict[str, Any]:
    line: dict[str, Any] = next(one for one in found["stages"] if one["stage"] == key)
    return line


def plain(found: dict[str, Any]) -> Any:
    return [found[name] for name in ("stages", "open", "won", "lost", "weighted")]


async def test_counts_amounts_and_weights_of_a_person_and_a_subtree(make: Make) -> None:
    manager, seller = await make.line(2)
    peer = await make.person(manager)
    await make.opportunity(seller, amount="100.01", criteria=["contact_named", "budget_known"], stage="set_target")
    await make.opportunity(peer, amount="100.01", criteria=["contact_named", "budget_known"], stage="set_target")
    await make.opportunity(peer, amount=None)

    whole, alone = await funnel(manager, "scope=subtree"), await funnel(seller, "scope=person")

    assert [one["stage"] for one in whole["stages"]][-1] == "close"
    line = stage(whole, "set_target")
    assert (line["count"], line["amount"], line["weighted"]) == (2, "200.02", "70.01")
    assert (stage(whole, "find_contact")["amount"], stage(whole, "find_contact")["unknown_amount"]) == ("0.00", 1)
    assert (whole["open"]["count"], whole["open"]["unknown_amount"]) == (3, 1)
    assert sum(Decimal(one["amount"]) for one in whole["stages"][:-1]) == Decimal(whole["open"]["amount"])
    assert (alone["open"]["count"], alone["open"]["amount"]) == (1, "100.01")
    assert (await funnel(manager, f"scope=person&person_id={peer.id}"))["open"]["count"] == 2


async def test_nobody_reports_on_others(make: Make) -> None:
    manager, seller = await make.line(2)
    marketing = await make.person(roles=["marketing"])
    assert (await seller.get("/v1/funnel?scope=everything")).status_code == 403
    assert (await seller.get(f"/v1/funnel?scope=subtree&person_id={manager.id}")).status_code == 404
    customer = await make.customer(manager)
    assert (await seller.get(f"/v1/funnel?scope=customer&customer_id={customer['id']}")).status_code == 404
    assert (await marketing.get("/v1/funnel?scope=everything")).status_code == 200
    assert (await seller.get("/v1/funnel?as_of=2300-01-01")).json()["code"] == "as_of_in_future"
    assert (await seller.get("/v1/funnel?scope=customer")).json()["code"] == "scope_incomplete"


async def test_folded_and_not_folded_say_the_same_and_so_does_a_rebuild(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    peer = await make.person(manager)
    scopes = [(head, "scope=subtree"), (manager, "scope=subtree"), (seller, "scope=person"), (peer, "scope=person")]
    made = [await make.opportunity((seller, peer)[place % 2], amount=f"{place}.00") for place in range(4)]
    await seller.done(
        "POST", f"/v1/opportunities/{made[0]['id']}/outcomes", {"outcome": "lost", "loss_reason": "price"}
    )
    change = {"principal_id": peer.id, "reason": "Moves on."}
    await manager.done("POST", f"/v1/opportunities/{made[2]['id']}/principal-changes", change)

    before = [plain(await funnel(*scope)) for scope in scopes]
    await house.service("opportunity").relay.fold()
    folded = [plain(await funnel(*scope)) for scope in scopes]
    await peer.patch(f"/v1/opportunities/{made[3]['id']}", {"amount": "50.00"}, if_match=1)
    mixed = [plain(await funnel(*scope)) for scope in scopes]
    async with writing(house.service("opportunity").database) as tx:
        await rebuilding.rebuild(tx)
    rebuilt = [plain(await funnel(*scope)) for scope in scopes]

    assert folded == before
    assert rebuilt == mixed
    assert (await funnel(manager, "scope=subtree"))["open"] | {"count": 3, "amount": "53.00"} == (
        await funnel(manager, "scope=subtree")
    )["open"]


async def test_counts_stay_exact_under_many_at_once(make: Make, house: House) -> None:
    manager = await make.person()
    sellers = [await make.person(manager) for _ in range(3)]
    service = house.service("opportunity")

    async def work(seller: Client, number: int) -> None:
        one = await make.opportunity(seller, amount=f"{number}.00", criteria=["contact_named", "budget_known"])
        path = f"/v1/opportunities/{one['id']}"
        await seller.done("POST", f"{path}/stage-changes", {"to_stage": "shortlist"})
        if number % 3 == 0:
            await seller.done("POST", f"{path}/outcomes", {"outcome": "won"})

    async def folding() -> None:
        for _ in range(15):
            await service.relay.fold()
            await asyncio.sleep(0.01)

    await asyncio.gather(folding(), *(work(sellers[number % 3], number) for number in range(30)))
    found = await funnel(manager, "scope=subtree")
    await service.relay.fold()
    assert plain(await funnel(manager, "scope=subtree")) == plain(found)
    assert (stage(found, "shortlist")["count"], found["won"]["count"], stage(found, "close")["count"]) == (20, 10, 10)
    assert Decimal(found["open"]["amount"]) + Decimal(found["won"]["amount"]) == sum(range(30))


async def test_the_counts_follow_people_to_their_new_superior(make: Make, house: House) -> None:
    first, second = await make.person(), await make.person()
    leader = await make.person(first)
    seller = await make.person(leader)
    await make.opportunity(seller)
    await house.settle()
    assert (await funnel(first, "scope=subtree"))["open"]["count"] == 1

    admin = await house.admin()
    moved = {"superior_id": second.id, "reason": "reorganised"}
    await admin.done("POST", f"/v1/people/{leader.id}/superior-changes", moved)
    await make.opportunity(seller)
    await house.settle()

    assert (await funnel(first, "scope=subtree"))["open"]["count"] == 0
    assert (await funnel(second, "scope=subtree"))["open"]["count"] == 2
    assert (await funnel(leader, "scope=subtree"))["open"]["count"] == 2


async def test_as_of_a_past_day_by_the_owners_amounts_and_stages_of_that_day(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer, machine = await make.person(manager), await house.import_client()
    history = [
        {"at": ago(house, days=40), "to_stage": "shortlist", "amount": "10.00"},
        {"at": ago(house, days=20), "to_stage": "negotiate", "amount": "30.00"},
        {"at": ago(house, days=10), "outcome": "won"},
    ]
    (outcome,) = await batch(machine, item(seller, history, amount="30.00"))
    change = {"principal_id": peer.id, "reason": "Moves on."}
    await manager.done("POST", f"/v1/opportunities/{outcome['id']}/principal-changes", change)
    admin = await house.admin()
    for person in (seller, peer):
        long_ago = (house.clock().date() - timedelta(days=400)).isoformat()
        moved = {"superior_id": manager.id, "from_date": long_ago, "reason": "was so all along"}
        await admin.post(f"/v1/people/{person.id}/superior-changes", moved)
    await house.settle()

    def day(ago_days: int) -> str:
        return (house.clock().date() - timedelta(days=ago_days)).isoformat()

    async def standing(ago_days: int) -> tuple[str, str, str]:
        found = await funnel(manager, f"scope=person&person_id={seller.id}&as_of={day(ago_days)}")
        return (
            stage(found, "shortlist")["amount"],
            stage(found, "negotiate")["amount"],
            found["won"]["amount"],
        )

    assert await standing(45) == ("0.00", "0.00", "0.00")
    assert await standing(40) == ("10.00", "0.00", "0.00")
    assert await standing(15) == ("0.00", "30.00", "0.00")
    assert await standing(5) == ("0.00", "0.00", "30.00")
    assert await standing(0) == ("0.00", "0.00", "0.00")
    present = await funnel(manager, f"scope=person&person_id={peer.id}")
    assert present["won"]["amount"] == "30.00"


async def test_health_against_the_same_relative_day_of_earlier_quarters(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    today: date = house.clock().date()
    days = [comparison.day for comparison in baseline_days(today)]
    early = (min(days) - timedelta(days=40)).isoformat()
    items = [item(seller, [{"at": early, "to_stage": "selected"}]) for _ in range(2)]
    items.append(item(seller, [{"at": early, "to_stage": "selected"}, {"at": days[0].isoformat(), "outcome": "lost"}]))
    items.append(item(seller, [{"at": (days[3] + timedelta(days=1)).isoformat(), "to_stage": "selected"}]))
    await batch(machine, *items)

    found = stage(await funnel(seller, "scope=person"), "selected")

    # standing on the four days, the latest first: 3 (one lost on the first of them), 4, 4, 3
    assert (found["count"], found["baseline"], found["health"], found["state"]) == (3, "3.50", "85.71", "good")
    assert found["change"] == "0"
    assert stage(await funnel(seller, "scope=person"), "negotiate")["state"] == "unknown"
    late = item(seller, [{"at": early, "to_stage": "selected"}])
    await batch(machine, late)
    again = stage(await funnel(seller, "scope=person"), "selected")
    assert (again["count"], again["baseline"]) == (4, "4.50")


async def test_close_counts_what_was_won_in_the_quarter(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    days = [comparison.day for comparison in baseline_days(house.clock().date())]
    start = {"at": (min(days) - timedelta(days=200)).isoformat(), "to_stage": "selected"}
    won = [days[0], days[1], days[1], days[2], days[3]]
    await batch(machine, *(item(seller, [start, {"at": day.isoformat(), "outcome": "won"}]) for day in won))
    one = await make.opportunity(seller, criteria=["contact_named", "budget_known"])
    await seller.done("POST", f"/v1/opportunities/{one['id']}/outcomes", {"outcome": "won"})

    found = await funnel(seller, "scope=person")

    line = stage(found, "close")
    assert (line["count"], line["baseline"], line["health"], line["state"]) == (1, "1.25", "80.00", "good")
    assert found["won"]["count"] == 6
    assert line["weighted"] is None


async def test_no_sum_crosses_currencies_without_a_rate(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    today = house.clock().date()
    rate = {
        "from_currency": "CHF",
        "to_currency": "USD",
        "date": (today - timedelta(days=3)).isoformat(),
        "rate": "1.5",
    }
    await machine.done("POST", "/v1/exchange-rates", rate)
    await make.opportunity(seller, amount="100.00")
    await make.opportunity(seller, amount="10.00", currency="CHF")
    await make.opportunity(seller, amount="7", currency="XAF")

    found = await funnel(seller, "scope=person")

    assert (found["open"]["count"], found["open"]["amount"]) == (3, "115.00")
    assert found["unconverted"] == {"XAF": "7"}
    assert found["rate_date"] == rate["date"]


async def test_a_customer_with_its_subsidiaries_and_a_product_line(make: Make, house: House) -> None:
    seller = await make.seller()
    parent = await make.customer(seller)
    child = await make.customer(seller, parent_id=parent["id"])
    product, other = await make.product(), await make.product()
    await house.settle()
    lines = [
        {"product_id": product["id"], "quantity": "2", "unit_price": "15.00"},
        {"product_id": other["id"], "quantity": "1", "unit_price": "70.00"},
    ]
    await make.opportunity(seller, customer_id=child["id"], amount="100.00", lines=lines)
    await make.opportunity(seller, customer_id=parent["id"], amount="50.00", lines=lines[:1])

    assert (await funnel(seller, f"scope=customer&customer_id={parent['id']}"))["open"]["amount"] == "150.00"
    assert (await funnel(seller, f"scope=customer&customer_id={child['id']}"))["open"]["amount"] == "100.00"
    line = await funnel(seller, f"scope=product_line&product_line_id={product['product_line_id']}")
    assert (line["open"]["count"], line["open"]["amount"]) == (2, "80.00")
    assert line["scope"]["person_id"] == seller.id


@pytest.mark.parametrize("query", ["scope=galaxy", "as_of=yesterday", "colour=red", "person_id=7"])
async def test_a_question_that_cannot_be_understood_is_named(make: Make, query: str) -> None:
    answer = await (await make.seller()).get(f"/v1/funnel?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"query:{query.split('=', maxsplit=1)[0]}"


async def test_many_who_look_into_the_past_at_once_hold_nobody_up(make: Make, house: House) -> None:
    """More of them than there are connections."""
    service = house.service("opportunity")
    manager, seller = await make.line(2)
    machine, admin = await house.import_client(), await house.admin()
    await batch(machine, *(item(seller, [{"at": ago(house, days=500), "to_stage": "selected"}]) for _ in range(3)))
    scopes = [(seller, "scope=person"), (manager, "scope=subtree"), (admin, "scope=everything")]
    asked = [scopes[place % 3] for place in range(3 * service.settings.connections)]

    async with asyncio.timeout(60):
        found = await asyncio.gather(*(funnel(*one) for one in asked))

    assert all(found[place] == found[place % 3] for place in range(len(found)))
    assert stage(found[0], "selected")["baseline"] == "3.00"


async def test_a_group_adds_up_what_its_reader_may_see(make: Make, house: House) -> None:
    """Who looks after a parent does not learn what others sell to its subsidiaries, also not as a sum."""
    manager, seller, other = await make.line(3)
    parent = await make.customer(seller)
    below = await make.customer(manager, parent_id=parent["id"])
    stranger = await make.person()
    operations = await house.import_client()
    apart = await make.customer(stranger)
    await operations.done("POST", f"/v1/customers/{apart['id']}/parent-changes", {"parent_id": parent["id"]})
    await house.settle()
    for customer, amount in ((parent, "1.00"), (below, "10.00"), (apart, "100.00")):
        await make.opportunity(operations, principal_id=other.id, customer_id=customer["id"], amount=amount)

    path = f"scope=customer&customer_id={parent['id']}"
    assert (await funnel(seller, path))["open"]["amount"] == "1.00"
    assert (await funnel(manager, path))["open"]["amount"] == "11.00"
    assert (await funnel(operations, path))["open"]["amount"] == "111.00"


@pytest.mark.parametrize("basis", ["count", "amount"])
async def test_the_first_answer_and_every_next_one_are_the_same(
    make: Make, house: House, basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first looks into the past, the next ones remember it; a currency that stands in the past alone counts too."""
    manager, seller = await make.line(2)
    machine = await house.import_client()
    long_ago = [{"at": ago(house, days=500), "to_stage": "selected"}]
    gone = [*long_ago, {"at": ago(house, days=2), "outcome": "lost", "loss_reason": "price"}]
    await batch(
        machine,
        item(seller, long_ago, amount="100.00"),
        item(seller, gone, amount="10.00", currency="SEK"),
        item(manager, gone, amount="20.00", currency="CZK"),
    )
    today, admin = house.clock().date(), await house.admin()
    moved = {"superior_id": manager.id, "from_date": ago(house, days=600)[:10], "reason": "was so all along"}
    await admin.post(f"/v1/people/{seller.id}/superior-changes", moved)
    await house.settle()
    for currency, into, value in (("SEK", "USD", "0.1"), ("USD", "CZK", "20")):
        rate = {"from_currency": currency, "to_currency": into, "date": (today - timedelta(days=600)).isoformat()}
        await machine.done("POST", "/v1/exchange-rates", rate | {"rate": value})
    scopes = [(manager, "subtree"), (manager, "person"), (seller, "person"), (admin, "everything")]

    for client, scope in scopes:
        first = await funnel(client, f"scope={scope}&basis={basis}")
        with monkeypatch.context() as at_once:
            at_once.setattr(reporting, "report_funnel", None)  # whoever asked more than one question would fail
            assert await funnel(client, f"scope={scope}&basis={basis}") == first
        assert len(first["baseline_days"]) == 4
    whole = await funnel(manager, f"scope=subtree&basis={basis}")
    line = stage(whole, "selected")
    assert (line["count"], line["baseline"]) == (1, "3.00" if basis == "count" else "102.00")
    assert [(rate["from_currency"], rate["factor"], rate["inverse"]) for rate in whole["rates"]] == [
        ("CZK", "0.05", True),
        ("SEK", "0.100000000000", False),
    ]

    await make.opportunity(seller, amount="5.00")
    assert (await funnel(manager, f"scope=subtree&basis={basis}"))["open"]["count"] == 2
    nobody = "00000000-0000-7000-8000-000000000000"
    assert (await admin.get(f"/v1/funnel?scope=person&person_id={nobody}")).status_code == 404
