"""Long histories from elsewhere: each is kept as it was told, or rejected by name; nothing is repaired."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.house import House
from tests.make import Make
from tests.opportunity.histories import ago, batch, codes, item
from tests.opportunity.oracle import State, Whose, read_oracle, shown

Entry = dict[str, Any]
NOBODY = "01890000-0000-7000-8000-000000000000"


def entry(house: House, days: float, **told: Any) -> Entry:
    return {"at": ago(house, days=days), **told}


async def state(house: House, made: dict[str, Any], **span: float) -> State | None:
    return (await read_oracle(house)).state_at(UUID(made["id"]), house.clock() - timedelta(**span))


async def test_what_else_became_another_is_kept_with_its_date(make: Make, house: House) -> None:
    manager, first, second = await make.person(), await make.seller(), await make.seller()
    machine = await house.import_client()
    customers = [await make.customer(machine, account_manager_id=manager.id) for _ in range(2)]
    products = [await make.product(), await make.product()]
    await house.settle()
    wanted = [[{"product_id": product["id"], "quantity": "2", "unit_price": "5.00"}] for product in products]
    history = [
        entry(house, 90, to_stage="find_contact", principal_id=first.id, customer_id=customers[0]["id"]),
        entry(house, 80, expected_close="2026-12-01", lines=wanted[0]),
        entry(house, 70, principal_id=second.id, reason="took it over"),
        entry(house, 60, to_stage="shortlist", amount="30.00", customer_id=customers[1]["id"]),
        entry(house, 50, expected_close="2027-02-01", lines=[*wanted[0], *wanted[1]]),
        entry(house, 40, outcome="lost"),
    ]
    (made,) = await batch(machine, told := item(second, history, amount=None))

    assert codes([made]) == ["created"]
    assert codes(await batch(machine, told)) == ["unchanged"]
    days = (85, 75, 65, 55, 45, 35)
    found = [one for one in [await state(house, made, days=each) for each in days] if one is not None]
    assert [one.principal_id == first.person_id for one in found] == [True, True, False, False, False, False]
    assert [str(one.customer_id) for one in found] == [customers[number]["id"] for number in (0, 0, 0, 1, 1, 1)]
    assert [one.amount for one in found] == [None, None, None, Decimal("30.00"), Decimal("30.00"), Decimal("30.00")]
    closes = [None, "2026-12-01", "2026-12-01", "2026-12-01", "2027-02-01", "2027-02-01"]
    assert [one.expected_close and one.expected_close.isoformat() for one in found] == closes
    assert [len(one.lines) for one in found] == [0, 1, 1, 1, 2, 2]
    assert [one.state for one in found] == ["open"] * 5 + ["lost"]
    present = await second.done("GET", f"/v1/opportunities/{made['id']}")
    assert (present["customer_id"], present["expected_close"]) == (customers[1]["id"], "2027-02-01")
    assert (present["principal_id"], present["principal_since"][:19]) == (second.id, history[2]["at"][:19])
    assert len(present["lines"]) == 2
    owners = (await second.done("GET", f"/v1/opportunities/{made['id']}/principals"))["items"]
    assert sorted((one["reason"] or "", one["until_at"] is None) for one in owners) == [
        ("", False),
        ("took it over", True),
    ]


Case = tuple[str, Callable[[House], list[Entry]], dict[str, Any], str, str]
SHORTLIST = {"to_stage": "shortlist"}
UNCLEAR = "history_entry_unclear"
NASTY: list[Case] = [
    ("nothing is named", lambda h: [entry(h, 9)], {}, UNCLEAR, "/history/0/to_stage"),
    ("both are named", lambda h: [entry(h, 9, **SHORTLIST, outcome="won")], {}, UNCLEAR, "/history/0/to_stage"),
    ("no such stage", lambda h: [entry(h, 9, to_stage="Engaging")], {}, UNCLEAR, "/history/0/to_stage"),
    ("open in the last stage", lambda h: [entry(h, 9, to_stage="close")], {}, UNCLEAR, "/history/0/to_stage"),
    (
        "decided twice",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 8, outcome="won"), entry(h, 7, outcome="lost")],
        {},
        "history_after_end",
        "/history/2/outcome",
    ),
    (
        "a loss reason of a stage",
        lambda h: [entry(h, 9, **SHORTLIST, loss_reason="price")],
        {},
        UNCLEAR,
        "/history/0/loss_reason",
    ),
    (
        "a loss reason of a win",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 8, outcome="won", loss_reason="price")],
        {},
        UNCLEAR,
        "/history/1/outcome",
    ),
    (
        "decided before it was opened",
        lambda h: [entry(h, 40, outcome="lost")],
        {"opened_on": 30},
        "decided_before_opened",
        "/history/0/at",
    ),
    (
        "decided before the stage before",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 10, outcome="won")],
        {},
        "decided_before_opened",
        "/history/1/at",
    ),
    (
        "a stage before the opening",
        lambda h: [entry(h, 40, **SHORTLIST)],
        {"opened_on": 30},
        "history_out_of_order",
        "/history/0/at",
    ),
    (
        "out of order",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 10, to_stage="selected")],
        {},
        "history_out_of_order",
        "/history/1/at",
    ),
    (
        "decided in the future",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, -9, outcome="won")],
        {},
        "history_in_future",
        "/history/1/at",
    ),
    ("before 1970", lambda _: [{"at": "1900-01-01", **SHORTLIST}], {}, "history_too_early", "/history/0/at"),
    ("no date of the calendar", lambda _: [{"at": "2026-02-30", **SHORTLIST}], {}, "item_malformed", "/history/0/at"),
    (
        "an instant of no time zone",
        lambda _: [{"at": "2026-02-03T10:00:00", **SHORTLIST}],
        {},
        "item_malformed",
        "/history/0/at",
    ),
    ("opened in the future", lambda _: [], {"opened_on": -30}, "opened_in_future", "/opened_on"),
    ("opened before 1970", lambda _: [], {"opened_on": 40_000}, "opened_too_early", "/opened_on"),
    (
        "a negative amount",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 8, amount="-1.00")],
        {},
        "negative_amount",
        "/history/1/amount",
    ),
    (
        "an amount of another currency",
        lambda h: [entry(h, 9, amount={"amount": "1.00", "currency": "EUR"})],
        {},
        "currency_mismatch",
        "/history/0/amount",
    ),
    (
        "an unknown customer",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 8, customer_id=NOBODY)],
        {},
        "unknown_customer",
        "/history/1/customer_id",
    ),
    (
        "an unknown principal owner",
        lambda h: [entry(h, 9, principal_id=NOBODY)],
        {},
        "unknown_person",
        "/history/0/principal_id",
    ),
    (
        "an unknown product",
        lambda h: [entry(h, 9, lines=[{"product_id": NOBODY, "quantity": "1"}])],
        {},
        "unknown_product",
        "/history/0/lines/0/product_id",
    ),
    ("a word that is none", lambda h: [entry(h, 9, colour="red")], {}, "item_malformed", "/history/0/colour"),
    ("too long", lambda h: [entry(h, 9, **SHORTLIST)] * 501, {}, "item_malformed", "/history"),
    (
        "a contract of what was lost",
        lambda h: [entry(h, 9, **SHORTLIST), entry(h, 8, outcome="lost")],
        {"contract_until": -90},
        "contract_without_win",
        "/contract_until",
    ),
]


async def test_each_nonsense_is_rejected_by_name_and_place_and_leaves_nothing(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    today = house.clock().date()

    def days_ago(value: Any) -> Any:
        return (today - timedelta(days=value)).isoformat() if isinstance(value, int) else value

    items = [
        item(seller, history(house), **{name: days_ago(value) for name, value in given.items()})
        for _, history, given, _, _ in NASTY
    ]
    outcomes = await batch(machine, *items)

    told = [(one["problem"]["code"], one["problem"]["errors"][0]["pointer"]) for one in outcomes if one["problem"]]
    assert told == [(code, place) for *_, code, place in NASTY]
    assert all(one["problem"]["detail"] for one in outcomes)
    assert (await seller.done("GET", "/v1/opportunities"))["items"] == []
    good = item(seller, [entry(house, 9, to_stage="shortlist")])
    assert codes(await batch(machine, *items, good)) == [code for *_, code, _ in NASTY] + ["created"]


async def test_principal_owners_of_a_history_are_complete_or_refused(make: Make, house: House) -> None:
    first, second, machine = await make.seller(), await make.seller(), await house.import_client()
    outcomes = await batch(
        machine,
        item(second, [entry(house, 9, to_stage="shortlist"), entry(house, 8, principal_id=second.id)]),
        item(second, [entry(house, 9, to_stage="shortlist", principal_id=first.id)]),
        item(second, [entry(house, 9, principal_id=first.id), entry(house, 9, principal_id=second.id)]),
    )
    assert codes(outcomes) == ["history_principal_unclear", "history_principal_unclear", "created"]
    assert [one["problem"]["errors"][0]["pointer"] for one in outcomes[:2]] == [
        "/history/1/principal_id",
        "/history/0/principal_id",
    ]
    assert (await state(house, outcomes[2], days=8)).principal_id == second.person_id  # type: ignore[union-attr]


async def test_dates_without_a_time_come_after_what_happened_that_day(make: Make, house: House) -> None:
    """One source often has an instant for what it logs and a mere date for the decision."""
    seller, machine = await make.seller(), await house.import_client()
    day = (house.clock() - timedelta(days=5)).date()
    logged = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    history = [
        {"at": logged.isoformat(), "to_stage": "shortlist"},
        {"at": day.isoformat(), "to_stage": "negotiate"},
        {"at": day.isoformat(), "outcome": "won"},
        {"at": (day + timedelta(days=1)).isoformat(), "to_stage": "negotiate", "reason": "reopened"},
    ]
    before = item(seller, [history[0], {"at": (day - timedelta(days=1)).isoformat(), "outcome": "won"}])
    (made, refused) = await batch(machine, item(seller, history), before)

    assert codes([made, refused]) == ["created", "decided_before_opened"]
    kept = (await seller.done("GET", f"/v1/opportunities/{made['id']}/history"))["items"]
    assert [one["to_stage"] for one in kept] == ["shortlist", "negotiate", "close", "negotiate"]
    assert [datetime.fromisoformat(one["at"]) for one in kept[:3]] == [logged] * 3
    assert kept[2]["decided_on"] == day.isoformat()
    assert all(one["recorded_at"] > one["at"] for one in kept)


async def test_several_hundred_entries_of_one_opportunity(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    stages = ["shortlist", "confirm_need", "negotiate", "find_contact"]
    history = [entry(house, 600 - number, to_stage=stages[number % 4], amount=str(number)) for number in range(500)]
    (made,) = await batch(machine, item(seller, history, amount=None))

    page = await seller.done("GET", f"/v1/opportunities/{made['id']}/history?limit=500")
    assert [one["to_stage"] for one in page["items"]] == [one["to_stage"] for one in history]
    oracle = await read_oracle(house)
    for number in (0, 1, 77, 250, 499):
        found = oracle.state_at(UUID(made["id"]), datetime.fromisoformat(history[number]["at"]))
        assert found is not None
        assert (found.stage, found.amount) == (history[number]["to_stage"], Decimal(number))


async def test_a_changed_past_is_refused_and_says_where_it_differs(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    history = [entry(house, 9 - number, to_stage=stage) for number, stage in enumerate(["shortlist", "selected"])]
    told = item(seller, history)
    (made,) = await batch(machine, told)
    for differs, other in (
        (1, [history[0], {**history[1], "amount": "5.00"}]),
        (1, history[:1]),
        (0, [entry(house, 10, to_stage="find_contact"), *history]),
    ):
        (outcome,) = await batch(machine, told | {"history": other})
        assert (outcome["problem"]["code"], outcome["problem"]["entry"]) == ("history_conflict", differs)
        assert outcome["problem"]["errors"][0]["pointer"] == f"/history/{differs}"
    assert len((await seller.done("GET", f"/v1/opportunities/{made['id']}/history"))["items"]) == 2
    assert codes(await batch(machine, told)) == ["unchanged"]


def meant_at(history: list[Entry], instant: datetime) -> dict[str, Any]:
    """Return what a history says of an instant, in the plainest way."""
    meant: dict[str, Any] = {"stage": None, "state": "open"}
    for told in history:
        if datetime.fromisoformat(told["at"]) > instant:
            break
        if "outcome" in told:
            meant["state"] = told["outcome"]
            meant["stage"] = "close" if told["outcome"] == "won" else meant["stage"]
        if "to_stage" in told:
            meant |= {"stage": told["to_stage"], "state": "open"}
        meant |= {name: told[name] for name in ("amount", "expected_close", "lines") if name in told}
    return meant


def long_history(house: House, draw: random.Random, products: list[str], length: int) -> list[Entry]:
    at, is_open, history = house.clock() - timedelta(days=700), True, []
    for number in range(length):
        told: Entry = {"at": at.astimezone(UTC).isoformat()}
        if number and is_open and draw.random() < 0.2:
            told["outcome"] = draw.choice(["won", "lost"])
            is_open = False
        elif not number or draw.random() < 0.6:
            told["to_stage"] = draw.choice(["find_contact", "shortlist", "negotiate", "set_target"])
            is_open = True
        if draw.random() < 0.4 or len(told) == 1:
            told["amount"] = f"{draw.randint(0, 999)}.50"
        if draw.random() < 0.3:
            told["expected_close"] = f"2027-{draw.randint(1, 12):02}-01"
        if draw.random() < 0.3:
            told["lines"] = [
                {"product_id": each, "quantity": "1"} for each in draw.sample(products, draw.randint(0, 2))
            ]
        history.append(told)
        at += timedelta(days=draw.choice([0, 0, 1, 30]), seconds=draw.choice([0, 0, 77]))
    return history


async def test_however_it_comes_in_parts_every_instant_is_as_it_was_told(make: Make, house: House) -> None:
    """Also where people work on it in between: what they did later stands, and what is told of before is kept."""
    draw = random.Random(6)  # noqa: S311 (it keeps no secret)
    seller, machine = await make.seller(), await house.import_client()
    products = [(await make.product())["id"] for _ in range(3)]
    told = [item(seller, long_history(house, draw, products, draw.randint(3, 14)), amount=None) for _ in range(25)]
    first = [one | {"history": one["history"][: draw.randint(1, len(one["history"]))]} for one in told]
    made = await batch(machine, *first)
    touched = {}
    for one in made[:8]:
        answer = await machine.patch(f"/v1/opportunities/{one['id']}", {"expected_close": "2028-01-01"}, if_match=1)
        touched[one["id"]] = answer.is_success
    second = await batch(machine, *told)

    assert codes(made) == ["created"] * 25
    assert set(codes(second)) <= {"updated", "unchanged"}
    assert codes(await batch(machine, *told)) == ["unchanged"] * 25
    assert sum(touched.values()) > 2, "nobody worked on any in between"
    oracle = await read_oracle(house)
    for one, whole in zip(made, told, strict=True):
        for instant in {datetime.fromisoformat(each["at"]) for each in whole["history"]}:
            found, meant = oracle.state_at(UUID(one["id"]), instant), meant_at(whole["history"], instant)
            assert found is not None
            assert (found.stage, found.state) == (meant["stage"], meant["state"])
            assert found.amount == (Decimal(meant["amount"]) if "amount" in meant else None)
            assert (found.expected_close and found.expected_close.isoformat()) == meant.get("expected_close")
            assert [each["product_id"] for each in found.lines] == [
                each["product_id"] for each in meant.get("lines", ())
            ]
    answers = await machine.done("GET", f"/v1/funnel?scope=person&person_id={seller.id}")
    funnel = oracle.funnel_on(house.clock().date(), Whose(person=seller.person_id))
    assert shown(answers) == oracle.told(funnel, {"USD": Decimal(1)})


async def test_what_is_refused_on_the_way_leaves_nothing_half_written(make: Make, house: House) -> None:
    seller, other, machine = await make.seller(), await make.seller(), await house.import_client()
    begun = [entry(house, 9, to_stage="shortlist")]
    lost = [*begun, entry(house, 5, amount="7.00"), entry(house, 4, outcome="lost")]
    priced = {"amount": None, "amount_from_list_price": True}
    product = await make.product()
    refused: list[tuple[list[Entry], dict[str, Any], str]] = [
        (lost, {"contract_until": "2030-01-01"}, "contract_without_win"),
        (lost, priced | {"lines": [{"product_id": product["id"], "quantity": "1"}]}, "no_list_price"),
        ([*begun, entry(house, 4, outcome="lost"), entry(house, 3, outcome="won")], {}, "history_after_end"),
        ([*begun, entry(house, 4, outcome="lost"), entry(house, 5, to_stage="selected")], {}, "history_out_of_order"),
        ([*begun, entry(house, 4, outcome="lost", principal_id=other.id)], {}, "principal_conflict"),
        ([*begun, entry(house, 4, outcome="lost"), entry(house, 3, customer_id=NOBODY)], {}, "unknown_customer"),
    ]
    told = [item(seller, begun) for _ in refused]
    made = await batch(machine, *told)
    before = [await seller.done("GET", f"/v1/opportunities/{one['id']}") for one in made]
    outcomes = await batch(
        machine, *(one | {"history": history} | more for one, (history, more, _) in zip(told, refused, strict=True))
    )

    assert codes(outcomes) == [code for *_, code in refused]
    assert [await seller.done("GET", f"/v1/opportunities/{one['id']}") for one in made] == before
    oracle = await read_oracle(house)
    assert [len(oracle.histories["stage_change"][UUID(one["id"])]) for one in made] == [1] * len(made)
    assert [len(oracle.histories["terms_change"][UUID(one["id"])]) for one in made] == [1] * len(made)
    assert codes(await batch(machine, *told)) == ["unchanged"] * len(told)


async def test_what_the_history_named_last_holds_where_the_present_is_not_told(make: Make, house: House) -> None:
    seller, machine = await make.seller(), await house.import_client()
    told = item(seller, [entry(house, 9, to_stage="shortlist", amount="80.00")], amount=None)
    (made,) = await batch(machine, told)
    assert codes(await batch(machine, told | {"name": "Renamed"})) == ["updated"]
    found = await seller.done("GET", f"/v1/opportunities/{made['id']}")
    assert (found["name"], found["amount"]["amount"]) == ("Renamed", "80.00")
