"""Suggested figures of a cycle: from won history, beside what is confirmed, for whoever sees the seat."""

import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psutil
import pytest

from tests.forecast.world import Record, World
from tests.house import Client

CYCLE_OF_SALES = (100, 900, 300)
MONTHS = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)][:21]
LIBRARY = ("statsmodels", "numpy", "pandas", "scipy")
MOST_KEPT = 40 * 1024**2


def read_in() -> set[str]:
    """Return what of the library this process has read in; other tests may have."""
    return {each for each in LIBRARY if each in sys.modules}


@dataclass
class Suggested:
    """A line of four in a cycle with suggested figures: the head, a manager, who sells much and who has just begun."""

    world: World
    operations: Client
    cycle: Record
    head: Client
    manager: Client
    seller: Client
    beginner: Client
    products: list[Record]
    job: Record

    async def figures(self, by: Client, **query: Any) -> list[Record]:
        wanted = "&".join(f"{name}={value}" for name, value in query.items())
        page = await by.done("GET", f"/v1/forecast-cycles/{self.cycle['id']}/suggested-figures?limit=500&{wanted}")
        assert page["next"] is None
        items: list[Record] = page["items"]
        return items

    async def suggest(self, **body: Any) -> Record:
        path = f"/v1/forecast-cycles/{self.cycle['id']}/suggestions"
        answer = await self.operations.post(path, body)
        assert answer.status_code == 202, answer.text
        while await self.world.house.service("forecast").jobs.step():
            pass
        job: Record = await self.operations.done("GET", f"/v1/forecast/jobs/{answer.json()['id']}")
        return job


def sell(world: World, seller: Client, products: list[Record]) -> None:
    """Win something each month: boots for a key customer in a cycle of three months, shoes for an ordinary one."""
    key, ordinary = (world.peers.add_customer("Basel, CH", tier=tier) for tier in ("key", "ordinary"))
    for place, month in enumerate(MONTHS):
        boots, shoes = (
            {"product_id": product["id"], "quantity": "3", "unit_price": price, "delivery_date": None}
            for product, price in zip(products, ("20", "10"), strict=True)
        )
        won = {"state": "won", "stage": "close", "decided_on": f"{month}-17"}
        amount = f"{CYCLE_OF_SALES[place % 3] + place}.01"
        world.peers.add_opportunity(seller.person_id, amount=amount, customer_id=key["id"], lines=[boots, shoes], **won)
        if place % 2:
            world.peers.add_opportunity(seller.person_id, amount="70", customer_id=ordinary["id"], lines=[shoes], **won)
    world.peers.add_opportunity(seller.person_id, amount="50000", state="lost", decided_on="2026-09-03")


@pytest.fixture(scope="session")
async def suggested(world: World) -> Suggested:
    head, manager, seller = await world.line(3)
    beginner = await world.person(manager)
    products = [world.peers.add_product(), world.peers.add_product()]
    sell(world, seller, products)
    world.peers.add_opportunity(
        beginner.person_id, amount="800", state="won", stage="close", decided_on="2026-09-20", currency="USD"
    )
    await world.settle()
    cycle = await world.cycle(head)
    operations = await world.operations()
    made = Suggested(world, operations, cycle, head, manager, seller, beginner, products, {})
    made.job = await made.suggest()
    assert made.job["state"] == "succeeded", made.job
    return made


def amounts(figures: list[Record]) -> Decimal:
    return sum((Decimal(each["amount"]) for each in figures if each["amount"] is not None), Decimal(0))


async def test_parts_add_up_to_totals_and_people_to_lines(suggested: Suggested) -> None:
    for month in ("2026-10-01", "2026-11-01", "2026-12-01"):
        seen = await suggested.figures(suggested.head, month=month)
        own = [each for each in seen if each["scope"] == "own"]
        [total] = [each for each in own if each["is_total"] and each["amount"] is not None]
        parts = [each for each in own if not each["is_total"] and each["amount"] is not None]
        assert total["person_id"] == suggested.seller.id
        assert amounts(parts) == Decimal(total["amount"]) > 0
        assert {(each["customer_group"], each["product_line_id"]) for each in parts} == {
            ("key", suggested.products[0]["product_line_id"]),
            ("key", suggested.products[1]["product_line_id"]),
            ("ordinary", suggested.products[1]["product_line_id"]),
        }
        for above in (suggested.head, suggested.manager):
            line = [each for each in seen if each["scope"] == "line" and each["person_id"] == above.id]
            assert amounts([each for each in line if each["is_total"]]) == Decimal(total["amount"])
            assert amounts([each for each in line if not each["is_total"]]) == Decimal(total["amount"])


async def test_a_figure_says_how_good_it_is(suggested: Suggested) -> None:
    """The cycle of three months is found: the next months are a low, a high and a middling one."""
    totals = await suggested.figures(suggested.seller, scope="own", is_total="true")
    assert [each["month"] for each in totals] == ["2026-10-01", "2026-11-01", "2026-12-01"]
    low, high, middling = (Decimal(each["amount"]) for each in totals)
    assert low < middling < high
    for each in totals:
        assert Decimal(each["lower"]) <= Decimal(each["amount"]) <= Decimal(each["upper"])
        assert (each["as_of"], each["periods"], each["lacking"], each["currency"]) == ("2026-10-01", 12, None, "USD")
        assert Decimal(each["coverage"]) == Decimal("0.8")
        assert 0 < Decimal(each["wape"]) < Decimal("0.5")
        assert abs(Decimal(each["bias"])) <= Decimal(each["wape"])
        assert [tried["month"] for tried in each["tried"]] == [f"{month}-01" for month in MONTHS[-12:]]
    last = totals[0]["tried"][-1]
    assert Decimal(last["won"]) == CYCLE_OF_SALES[20 % 3] + Decimal("20.01")


async def test_there_is_none_where_there_is_too_little_history(suggested: Suggested) -> None:
    begun = await suggested.figures(suggested.beginner, scope="own")
    assert {each["lacking"] for each in begun} == {"too_little_history"}
    for each in begun:
        assert [each[name] for name in ("amount", "lower", "upper", "wape", "bias", "tried")] == [None] * 5 + [[]]
    own = await suggested.figures(suggested.manager, scope="own", is_total="true")
    assert {each["lacking"] for each in own if each["person_id"] == suggested.manager.id} == {"nothing_won"}


async def test_who_sees_a_seat_sees_its_figures(suggested: Suggested) -> None:
    world = suggested.world
    names = ("head", "manager", "seller", "beginner")
    everybody = {getattr(suggested, name).id for name in names}
    stranger, marketing = await world.person(), await world.person(None, "marketing")
    for by, sees in (
        (suggested.head, everybody),
        (suggested.manager, everybody - {suggested.head.id}),
        (suggested.seller, {suggested.seller.id}),
        (suggested.beginner, {suggested.beginner.id}),
        (stranger, set()),
        (marketing, everybody),
        (suggested.operations, everybody),
    ):
        assert {each["person_id"] for each in await suggested.figures(by)} == sees


async def test_who_may_ask_for_a_suggestion(suggested: Suggested) -> None:
    path = f"/v1/forecast-cycles/{suggested.cycle['id']}/suggestions"
    for by in (suggested.seller, suggested.head, await suggested.world.person(None, "marketing")):
        answer = await by.post(path, {})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_sales_operations")
    late = await suggested.operations.post(path, {"as_of": "2026-10-02"})
    assert (late.status_code, late.json()["code"], late.json()["latest"]) == (422, "suggested_too_late", "2026-10-01")
    assert late.json()["errors"][0]["pointer"] == "/as_of"
    period = {"name": "Later", "period": {"kind": "month", "start": "2026-12-01"}, "currency": "USD"}
    draft = await suggested.operations.done("POST", "/v1/forecast-cycles", period)
    closed = await suggested.operations.post(f"/v1/forecast-cycles/{draft['id']}/suggestions", {})
    assert (closed.status_code, closed.json()["code"]) == (409, "cycle_not_open")
    page = await suggested.seller.done("GET", f"/v1/forecast-cycles/{draft['id']}/suggested-figures?total=true")
    assert (page["items"], page["total"]) == ([], "0")


async def test_it_stands_beside_what_is_confirmed_and_changes_nothing(suggested: Suggested) -> None:
    world, seller = suggested.world, suggested.seller
    shoes = suggested.products[1]
    customer = world.peers.add_customer("Basel, CH", tier="ordinary")
    line = {"product_id": shoes["id"], "quantity": "2", "unit_price": "15", "delivery_date": None}
    opportunity = world.peers.add_opportunity(
        seller.person_id, amount="30.00", customer_id=customer["id"], lines=[line], expected_close="2026-11-20"
    )
    await world.settle()
    answer = await world.confirm(seller, suggested.cycle, opportunity)
    assert answer.status_code == 201, answer.text
    beside = {
        (each["month"], each["customer_group"], each["product_line_id"]): each["confirmed"]
        for each in await suggested.figures(seller)
    }
    assert beside["2026-11-01", "ordinary", shoes["product_line_id"]] == "30.00"
    assert beside["2026-11-01", None, None] == "30.00"
    assert beside["2026-11-01", "key", shoes["product_line_id"]] == "0.00"
    assert beside["2026-12-01", None, None] == "0.00"
    assert {each["confirmed"] for each in await suggested.figures(suggested.head, scope="line")} == {None}
    assert (await world.gather(seller, suggested.cycle))["own"] == "30.00"


async def test_what_comes_later_changes_nothing_and_no_library_stays(suggested: Suggested) -> None:
    """A second suggestion as of the same day, after wins in the period, says the same; the first stays to be read."""
    world = suggested.world
    before = await suggested.figures(suggested.seller, scope="own")
    late = world.peers.add_opportunity(suggested.seller.person_id, amount="77777.00")
    world.peers.win(late, on="2026-10-01")
    await world.settle()
    held, known = psutil.Process().memory_info().rss, read_in()
    job = await suggested.suggest(as_of="2026-10-01")
    assert psutil.Process().memory_info().rss - held < MOST_KEPT
    assert read_in() == known
    after = await suggested.figures(suggested.seller, scope="own")
    assert {each["suggestion_id"] for each in after} == {job["id"]}

    def plain(figures: list[Record]) -> list[Record]:
        left_out = ("id", "suggestion_id", "confirmed")
        rows = [{name: value for name, value in each.items() if name not in left_out} for each in figures]
        return sorted(rows, key=lambda row: str([row[each] for each in ("month", "customer_group", "product_line_id")]))

    assert plain(after) == plain(before)
    first = await suggested.figures(suggested.seller, scope="own", suggestion_id=suggested.job["id"])
    assert plain(first) == plain(before)
    path = f"/v1/forecast-cycles/{suggested.cycle['id']}/suggestions"
    listed = (await suggested.seller.done("GET", path))["items"]
    assert [each["id"] for each in listed] == [job["id"], suggested.job["id"]]
    assert all(each["finished_at"] for each in listed)


async def test_who_has_lost_the_role_goes_on_with_nothing(suggested: Suggested) -> None:
    world = suggested.world
    asker = await world.operations()
    assert asker.person_id
    job = await asker.done("POST", f"/v1/forecast-cycles/{suggested.cycle['id']}/suggestions", {})
    world.peers.people[asker.person_id]["roles"] = []
    world.peers.chart_version += 1
    world.house.chart_version = world.peers.chart_version
    await suggested.operations.get("/v1/forecast-cycles")
    while await world.house.service("forecast").jobs.step():
        pass
    ended = await asker.done("GET", f"/v1/forecast/jobs/{job['id']}")
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "not_sales_operations")
    assert job["id"] not in {each["suggestion_id"] for each in await suggested.figures(suggested.head)}
