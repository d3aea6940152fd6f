from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.opportunity.flow.rules.velocity import Bunch, Part, velocity_of
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.histories import ago, batch, codes, item

DOLLARS = {"USD": Decimal(1)}


def test_velocity_is_count_times_rate_times_amount_over_cycle() -> None:
    found = velocity_of(
        [
            Bunch("open", "USD", 4, Decimal(300), 3, 0, 0),
            Bunch("won", "USD", 2, Decimal(150), 2, 60, 2),
            Bunch("lost", "USD", 2, Decimal(80), 1, 10, 2),
        ],
        DOLLARS,
    )

    assert found.win_rate == Decimal("0.5")
    assert found.mean_cycle_days == 30
    assert found.per_day == 4 * Decimal("0.5") * 100 / 30
    assert found.missing == []


@pytest.mark.parametrize(
    ("bunches", "missing"),
    [
        ([], [Part.WIN_RATE, Part.MEAN_AMOUNT, Part.MEAN_CYCLE_DAYS]),
        ([Bunch("open", "USD", 1, Decimal(5), 1, 0, 0)], [Part.WIN_RATE, Part.MEAN_CYCLE_DAYS]),
        (
            [Bunch("open", "USD", 1, Decimal(5), 1, 0, 0), Bunch("lost", "USD", 1, Decimal(5), 1, 4, 1)],
            [Part.MEAN_CYCLE_DAYS],
        ),
        (
            [Bunch("open", "EUR", 1, Decimal(5), 1, 0, 0), Bunch("won", "USD", 1, Decimal(5), 1, 4, 1)],
            [Part.MEAN_AMOUNT],
        ),
        (
            [Bunch("open", "USD", 1, Decimal(5), 1, 0, 0), Bunch("won", "USD", 1, Decimal(5), 1, 0, 1)],
            [Part.MEAN_CYCLE_DAYS],
        ),
    ],
)
def test_an_unknown_part_leaves_no_velocity_and_is_named(bunches: list[Bunch], missing: list[Part]) -> None:
    found = velocity_of(bunches, DOLLARS)

    assert found.per_day is None
    assert found.missing == missing


def test_an_amount_without_a_rate_is_in_no_mean_and_told() -> None:
    found = velocity_of(
        [Bunch("open", "EUR", 2, Decimal(7), 1, 0, 0), Bunch("open", "USD", 1, Decimal(9), 1, 0, 0)], DOLLARS
    )

    assert found.open.mean == 9
    assert (found.open.count, found.open.unknown, found.open.unconverted) == (3, 1, {"EUR": Decimal(7)})


async def told(client: Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = await client.done("GET", f"/v1/funnel/{path}")
    return found


async def test_velocity_and_win_rate_of_a_line(make: Make, house: House) -> None:
    operations = await house.import_client()
    manager, seller = await make.line(2)

    def history(begun: int, decided: int, outcome: str) -> list[dict[str, Any]]:
        first = {"at": ago(house, days=begun), "to_stage": "find_contact"}
        return [first, {"at": ago(house, days=decided), "outcome": outcome}]

    items = [
        item(seller, history(50, 20, "won"), amount="300.00"),
        item(seller, history(30, 20, "won"), amount="100.00"),
        item(manager, history(30, 20, "lost"), amount="50.00"),
        item(seller, history(800, 400, "lost")),  # before the 365 days
        item(seller, [history(90, 0, "won")[0]], amount="1000.00"),
        item(manager, amount=None),
    ]
    assert set(codes(await batch(operations, *items))) == {"created"}

    found = await told(manager, "velocity?scope=subtree")

    assert (found["open"]["count"], found["open"]["unknown_amount"], found["open"]["mean_amount"]) == (2, 1, "1000.00")
    assert (found["win_rate"], found["mean_cycle_days"], found["cycles"]) == ("0.6667", "20.00", 2)
    assert found["interval"] == {"low": "0.2077", "high": "0.9385"}
    assert found["won"]["mean_amount"] == "200.00"
    assert Decimal(found["per_day"]) == round(2 * Decimal(2) / 3 * 1000 / 20, 2)
    assert found["missing"] == []

    alone = await told(manager, "velocity?scope=person")
    assert (alone["win_rate"], alone["per_day"]) == ("0.0000", None)
    assert alone["missing"] == ["mean_amount", "mean_cycle_days"]

    today = house.clock().date()
    before = await told(seller, f"velocity?scope=person&as_of={today - timedelta(days=25)}")
    assert (before["open"]["count"], before["won"]["count"], before["win_rate"]) == (3, 0, None)
    long_ago = f"from_date={today - timedelta(days=500)}&until_date={today - timedelta(days=300)}"
    assert (await told(seller, f"win-rate?scope=person&{long_ago}"))["lost"]["count"] == 1


async def test_what_is_reopened_is_not_decided(make: Make) -> None:
    seller = await make.seller()
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}"
    await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    assert (await told(seller, "win-rate?scope=person"))["lost"]["count"] == 1

    await seller.done("POST", f"{path}/reopenings", {"to_stage": "find_contact", "reason": "They called again."})

    found = await told(seller, "win-rate?scope=person")
    assert (found["lost"]["count"], found["win_rate"], found["interval"]) == (0, None, None)
