from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, item
from tests.opportunity.movement.recomputed import PARTS, adds_up, sums

SVG = {"accept": "image/svg+xml"}


async def movement(client: Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = await client.done("GET", f"/v1/funnel/movement?{query}")
    return found


def told(line: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Return the parts that are not nothing."""
    return {part: (line[part]["count"], line[part]["amount"]) for part in PARTS if line[part]["count"]}


def day(house: House, **span: float) -> str:
    return ago(house, **span)[:10]


async def test_the_parts_of_a_seller_add_up(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()

    def entry(days: int, **what: Any) -> dict[str, Any]:
        return {"at": ago(house, days=days), **what}

    stands = entry(60, to_stage="selected", amount="100.00")
    came = [entry(20, to_stage="selected", amount="5.00")]
    await batch(
        machine,
        item(seller, [stands], name="stands"),
        item(seller, [stands, entry(20, amount="130.00")], name="raised", amount="130.00"),
        item(seller, [stands, entry(20, to_stage="shortlist", amount="60.00")], name="lowered", amount="60.00"),
        item(
            seller,
            [stands, entry(20, to_stage="negotiate"), entry(10, outcome="won", amount="500.00")],
            name="won",
            amount="500.00",
        ),
        item(seller, [stands, entry(10, outcome="lost")], name="lost"),
        item(seller, came, name="new", amount="5.00"),
        item(
            seller,
            [stands, entry(50, outcome="lost"), entry(5, to_stage="selected", amount="7.00")],
            name="again",
            amount="7.00",
        ),
        item(seller, [entry(60, outcome="won", amount="9.00")], name="won before", amount="9.00"),
        item(seller, [entry(20, to_stage="selected"), entry(10, outcome="won")], name="came and went"),
    )

    days = f"from_date={day(house, days=30)}&to_date={day(house, days=1)}"
    found = await movement(seller, f"scope=person&{days}")

    assert told(found) == {
        "opening": (5, "500.00"),
        "new": (2, "12.00"),
        "raised": (1, "30.00"),
        "lowered": (1, "40.00"),
        "won": (1, "100.00"),
        "lost": (1, "100.00"),
        "closing": (5, "302.00"),
    }
    assert found["reopened_count"] == 1
    assert (found["advanced"]["count"], found["slipped"]["count"]) == (0, 1)
    assert adds_up(found)
    for end, on in (("opening", days.split("&", maxsplit=1)[0][10:]), ("closing", day(house, days=1))):
        funnel = await seller.done("GET", f"/v1/funnel?scope=person&as_of={on}")
        assert (funnel["open"]["count"], funnel["open"]["amount"]) == (found[end]["count"], found[end]["amount"])
    for part, names in (("new", {"new", "again"}), ("won", {"won"}), ("slipped", {"lowered"}), ("raised", {"raised"})):
        listed = await seller.done("GET", f"/v1/funnel/movement/opportunities?scope=person&{days}&part={part}")
        assert {one["name"] for one in listed["items"]} == names
    (lowered,) = (await seller.done("GET", f"/v1/funnel/movement/opportunities?scope=person&{days}&part=lowered"))[
        "items"
    ]
    assert (lowered["start_amount"]["amount"], lowered["end_amount"]["amount"]) == ("100.00", "60.00")
    assert (lowered["start_stage"], lowered["end_stage"]) == ("selected", "shortlist")
    listed = await seller.done("GET", f"/v1/funnel/movement/opportunities?scope=person&{days}&part=new&sort=created_at")
    new = next(one for one in listed["items"] if one["name"] == "new")
    assert (new["start_state"], new["start_stage"], new["start_principal_id"], new["start_amount"]) == (None,) * 4


async def test_without_days_it_is_the_quarter_so_far(make: Make, house: House) -> None:
    seller = await make.seller()
    await make.opportunity(seller)
    found = await movement(seller, "scope=person")
    today = house.clock().date()
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    assert (found["from_date"], found["to_date"]) == ((first - timedelta(days=1)).isoformat(), today.isoformat())
    assert told(found) == {"new": (1, "1000.00"), "closing": (1, "1000.00")}
    alone = await movement(seller, "scope=person&by=below")
    assert [(line["person_id"], told(line)) for line in alone["below"]] == [(seller.id, told(found))]
    assert told(alone["between"]) == {}
    nothing = await movement(seller, f"scope=person&from_date={today}&to_date={today}")
    assert told(nothing) == {"opening": (1, "1000.00"), "closing": (1, "1000.00")}


async def test_what_is_put_off_moves_out_of_the_period_and_into_the_next(empty_house: House) -> None:
    make, clock = Make(empty_house), empty_house.clock
    seller, start = await make.seller(), clock().date()
    soon, later = start + timedelta(days=20), start + timedelta(days=100)
    one = await make.opportunity(seller, expected_close=soon.isoformat(), amount="70.00")
    never = await make.opportunity(seller, expected_close=None)
    clock.move(days=2)
    await seller.patch(
        f"/v1/opportunities/{one['id']}", {"expected_close": later.isoformat(), "amount": "90.00"}, if_match=1
    )

    window = f"scope=person&from_date={start}"
    cut = start + timedelta(days=50)
    assert told(await movement(seller, f"{window}&expected_close_lt={cut}")) == {
        "opening": (1, "70.00"),
        "moved_out": (1, "70.00"),
    }
    assert told(await movement(seller, f"{window}&expected_close_gte={cut}")) == {
        "moved_in": (1, "90.00"),
        "closing": (1, "90.00"),
    }
    assert told(await movement(seller, window))["raised"] == (1, "20.00")
    listed = await seller.done("GET", f"/v1/funnel/movement/opportunities?{window}&part=opening&limit=1&total=true")
    assert (listed["total"], len(listed["items"])) == ("2", 1)
    rest = await seller.done(
        "GET", f"/v1/funnel/movement/opportunities?{window}&part=opening&limit=1&total=true&cursor={listed['next']}"
    )
    assert {listed["items"][0]["id"], rest["items"][0]["id"]} == {one["id"], never["id"]}
    assert rest["next"] is None


async def test_transfers_below_cancel_above(empty_house: House) -> None:
    """Between two teams, within one, and to somebody elsewhere; each team's own report says what its line does."""
    make, clock = Make(empty_house), empty_house.clock
    head = await make.person()
    left, right, outside = await make.person(head), await make.person(head), await make.person()
    ann, bob, eve = await make.seller(left), await make.seller(left), await make.seller(right)
    made = [await make.opportunity(ann, amount=f"{amount}.00") for amount in (10, 20, 40, 80)]
    await make.opportunity(head, amount="160.00")
    start = clock().date()
    clock.move(days=1)
    for one, to in zip(made, (bob, eve, outside, eve), strict=True):
        body = {"principal_id": to.id, "reason": "moves on"}
        await head.done("POST", f"/v1/opportunities/{one['id']}/principal-changes", body)
    await eve.patch(f"/v1/opportunities/{made[1]['id']}", {"amount": "25.00"}, if_match=2)
    await eve.done("POST", f"/v1/opportunities/{made[3]['id']}/outcomes", {"outcome": "lost", "loss_reason": "price"})

    found = await movement(head, f"scope=subtree&from_date={start}&by=below")

    assert told(found) == {
        "opening": (5, "310.00"),
        "raised": (1, "5.00"),
        "lost": (1, "80.00"),
        "left": (1, "40.00"),
        "closing": (3, "195.00"),
    }
    lines = {line["person_id"]: line for line in found["below"]}
    assert set(lines) == {head.id, left.id, right.id}
    assert [line["is_own"] for line in found["below"]] == [True, False, False]
    assert told(lines[head.id]) == {"opening": (1, "160.00"), "closing": (1, "160.00")}
    assert told(lines[left.id]) == {
        "opening": (4, "150.00"),
        "lost": (1, "80.00"),
        "left": (2, "60.00"),
        "closing": (1, "10.00"),
    }
    assert told(lines[right.id]) == {"entered": (1, "25.00"), "closing": (1, "25.00")}
    assert told(found["between"]) == {"entered": (-1, "-25.00"), "raised": (1, "5.00"), "left": (-1, "-20.00")}
    for part in PARTS:
        assert sums([*found["below"], found["between"]], part) == (found[part]["count"], Decimal(found[part]["amount"]))
    for manager in (left, right):
        alone = await movement(manager, f"scope=subtree&from_date={start}")
        assert told(alone) == told(lines[manager.id])
    whole = await movement(await empty_house.admin(), f"scope=everything&from_date={start}&by=below")
    assert {line["person_id"] for line in whole["below"]} == {head.id, outside.id}
    assert told(whole["between"]) == {"entered": (-1, "-40.00"), "left": (-1, "-40.00")}


async def test_by_the_reporting_line_of_each_date(empty_house: House) -> None:
    """Nobody touched an opportunity, and yet it is in another team."""
    make, clock = Make(empty_house), empty_house.clock
    head = await make.person()
    left, right = await make.person(head), await make.person(head)
    seller = await make.seller(left)
    await make.opportunity(seller, amount="10.00")
    await empty_house.settle()
    start = clock().date()
    clock.move(days=3)
    change = {"superior_id": right.id, "reason": "reorganised"}
    await (await empty_house.admin()).done("POST", f"/v1/people/{seller.id}/superior-changes", change)
    await empty_house.settle()

    window = f"scope=subtree&from_date={start}"
    assert told(await movement(left, window)) == {"opening": (1, "10.00"), "left": (1, "10.00")}
    assert told(await movement(right, window)) == {"entered": (1, "10.00"), "closing": (1, "10.00")}
    found = await movement(head, f"{window}&by=below")
    assert told(found) == {"opening": (1, "10.00"), "closing": (1, "10.00")}
    assert told(found["between"]) == {"entered": (-1, "-10.00"), "left": (-1, "-10.00")}
    listed = await head.done("GET", f"/v1/funnel/movement/opportunities?{window}&person_id={left.id}&part=left")
    assert len(listed["items"]) == 1
    hidden = await left.done("GET", f"/v1/funnel/movement/opportunities?{window}&part=left")
    assert hidden["items"] == [], "whose it is now does not report to whoever asks"


async def test_by_stage_each_adds_up_and_shifts_cancel(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    moved = [
        {"at": ago(house, days=60), "to_stage": "shortlist", "amount": "10.00"},
        {"at": ago(house, days=5), "to_stage": "negotiate", "amount": "15.00"},
    ]
    await batch(machine, item(seller, moved, amount="15.00"))
    found = await movement(seller, f"scope=person&from_date={day(house, days=30)}&by=stage")
    lines = {line["stage"]: line for line in found["stages"]}
    assert list(lines)[-1] == "negotiate"
    assert all(adds_up(line) for line in found["stages"])
    assert told(lines["negotiate"]) == {"raised": (1, "5.00"), "closing": (1, "15.00")}
    assert (lines["shortlist"]["shifted"]["amount"], lines["negotiate"]["shifted"]["amount"]) == ("-10.00", "10.00")
    assert (found["advanced"]["count"], found["advanced"]["amount"]) == (1, "15.00")


async def test_at_the_rates_of_the_last_day(make: Make, house: House) -> None:
    """Both ends, so that a rate that moved is no movement; what has no rate is told apart."""
    seller, machine = await make.seller(), await house.import_client()
    for days, rate in ((60, "2"), (5, "3")):
        body = {"from_currency": "THB", "to_currency": "USD", "date": day(house, days=days), "rate": rate}
        await machine.done("POST", "/v1/exchange-rates", body)
    stands = [{"at": ago(house, days=50), "to_stage": "shortlist"}]
    gone = [*stands, {"at": ago(house, days=4), "outcome": "won"}]
    await batch(
        machine,
        item(seller, stands, currency="THB", amount="10.00"),
        item(seller, gone, currency="THB", amount="1.00"),
        item(seller, gone, currency="MNT", amount="7.00"),
    )
    found = await movement(seller, f"scope=person&from_date={day(house, days=30)}")
    assert told(found) == {"opening": (3, "33.00"), "won": (2, "3.00"), "closing": (1, "30.00")}
    assert found["opening"]["unconverted"] == found["won"]["unconverted"] == {"MNT": "7.00"}
    assert (found["rate_date"], [rate["from_currency"] for rate in found["rates"]]) == (day(house, days=5), ["THB"])


async def test_of_a_product_line_only_its_own_lines_count(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    mine, other = await make.product(), await make.product()
    wanted = [{"product_id": product["id"], "quantity": "2", "unit_price": "10.00"} for product in (mine, other)]
    one = await make.opportunity(seller, lines=wanted, amount="40.00")
    await house.settle()
    path = f"scope=product_line&product_line_id={mine['product_line_id']}"
    assert told(await movement(manager, path)) == {"new": (1, "20.00"), "closing": (1, "20.00")}
    assert told(await movement(await make.person(), path)) == {}
    listed = await seller.done("GET", f"/v1/funnel/movement/opportunities?{path}&part=new")
    assert [(each["id"], each["end_amount"]["amount"]) for each in listed["items"]] == [(one["id"], "20.00")]


async def test_as_a_waterfall(make: Make) -> None:
    manager, seller = await make.line(2)
    await make.opportunity(seller, amount="1234.50")
    answer = await manager.get("/v1/funnel/movement?scope=subtree", headers=SVG)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    told_in = "".join(ET.fromstring(answer.text).itertext())  # noqa: S314 (our own)
    assert "+1,234.50 USD (1)" in told_in
    assert "and everybody below" in told_in
    assert (
        await seller.get(f"/v1/funnel/movement?scope=subtree&person_id={manager.id}", headers=SVG)
    ).status_code == 404


async def test_nobody_learns_of_others(make: Make) -> None:
    manager, seller = await make.line(2)
    peer, marketing = await make.person(manager), await make.person(roles=["marketing"])
    customer = await make.customer(manager)
    await make.opportunity(peer)
    for path in ("/v1/funnel/movement?", "/v1/funnel/movement/opportunities?part=closing&"):
        assert (await seller.get(f"{path}scope=everything")).status_code == 403
        assert (await seller.get(f"{path}scope=subtree&person_id={manager.id}")).status_code == 404
        assert (await seller.get(f"{path}scope=person&person_id={peer.id}")).status_code == 404
        assert (await seller.get(f"{path}scope=customer&customer_id={customer['id']}")).status_code == 404
        assert (await manager.get(f"{path}scope=person&person_id={peer.id}")).status_code == 200
    assert (await marketing.get("/v1/funnel/movement?scope=everything")).status_code == 200
    path = f"/v1/funnel/movement/opportunities?part=closing&scope=person&person_id={peer.id}"
    assert (await marketing.done("GET", path))["items"] == [], "a role that sees the sums does not see what is behind"
    assert len((await manager.done("GET", path))["items"]) == 1


async def test_what_cannot_be_asked_says_what_can(make: Make, house: House) -> None:
    seller, product = await make.seller(), await make.product()
    refusals = {
        "to_date=2300-01-01": ("movement_in_future", "query:to_date"),
        "from_date=2026-03-02&to_date=2026-03-01": ("dates_not_in_order", "query:from_date"),
        "scope=customer": ("scope_incomplete", "query:customer_id"),
        "scope=product_line": ("scope_incomplete", "query:product_line_id"),
    }
    for query, (code, pointer) in refusals.items():
        for path in ("/v1/funnel/movement?", "/v1/funnel/movement/opportunities?part=won&"):
            answer = await seller.get(path + query)
            assert (answer.status_code, answer.json()["code"]) == (422, code)
            assert answer.json()["errors"][0]["pointer"] == pointer
    path = f"/v1/funnel/movement?scope=product_line&product_line_id={product['product_line_id']}&by=below"
    answer = await seller.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "nobody_below")
    for query in ("part=bigger", "", "part=won&sort=name", "part=won&before=1"):
        assert (await seller.get(f"/v1/funnel/movement/opportunities?{query}")).status_code == 400
