"""The roll-up as a tree: who stands below whom, how, with what adjustment, in words and hatching."""

from decimal import Decimal
from uuid import UUID

import pytest

from servicekit.values.ids import new_id
from services.forecast.rollup.rules.drawing import (
    BARS,
    MARGIN,
    MOST_REPORTS,
    MOST_ROWS,
    NAMES,
    STATES,
    WIDTH,
    Drawn,
    draw,
    rows_of,
)
from services.forecast.rollup.rules.states import ShownState
from tests.forecast.world import World, drawn, words

ACCEPT = {"accept": "image/svg+xml"}


def seat(above: Drawn | None, name: str = "Ann", **given: object) -> Drawn:
    facts: dict[str, object] = {
        "id": new_id(),
        "superior_id": above.id if above else None,
        "name": name,
        "level": 1,
        "state": ShownState.SUBMITTED,
        "is_late": False,
        "missing": 0,
        "own": Decimal("10.00"),
        "gathered": Decimal("90.00"),
        "adjustment": Decimal(0),
    }
    return Drawn(**facts | given)  # type: ignore[arg-type]


def tree(widths: list[int]) -> list[Drawn]:
    """Return a tree in which everybody has as many reports as their level says, superiors first, depth first."""
    seats: list[Drawn] = []

    def add(above: Drawn | None, left: list[int]) -> None:
        if left:
            for number in range(left[0]):
                one = seat(above, f"{len(left)}.{number}")
                seats.append(one)
                add(one, left[1:])

    add(None, widths)
    return seats


@pytest.mark.parametrize("widths", [[1], [1, 3, 2], [1, 40], [1, 12, 12, 12], [1] * 30, [200], [2, 1, 100]])
def test_a_large_tree_is_cut_and_says_how_many_more_there_are(widths: list[int]) -> None:
    seats = tree(widths)
    rows = rows_of(seats)
    chosen = [row.seat for row in rows if row.seat]
    assert len(chosen) <= MOST_ROWS
    assert len(chosen) + sum(row.more for row in rows) == len(seats)
    above: dict[UUID, int] = {}
    for row in rows:
        if row.seat:
            expected = above[row.seat.superior_id] + 1 if row.seat.superior_id in above else 0
            assert row.depth == expected
            above[row.seat.id] = row.depth
    for each in chosen:
        assert sum(one.superior_id == each.id for one in chosen) <= MOST_REPORTS
    picture = draw(seats, title="Roll-up", currency="USD")
    assert len(picture) < 200_000
    if len(chosen) < len(seats):
        assert any(word.startswith("… ") for word in words(picture))


def test_states_and_adjustments_are_read_without_colour() -> None:
    top = seat(None, "<Top> & co", level=2, adjustment=Decimal("-10.00"), missing=1, state=ShownState.STALE)
    low = seat(top, "Late one", own=None, gathered=None, adjustment=None, state=ShownState.MISSING, is_late=True)
    more = seat(top, "More", adjustment=Decimal("5.00"))
    picture = draw([top, low, more], title="Roll-up", currency="USD")
    said = words(picture)
    assert {"<Top> & co", "stale · 1 missing", "missing · late", "no figures"} <= set(said)
    assert "90.00 USD = own 10.00 + gathered 90.00 − adjustment 10.00" in said
    kinds = [each.get("class") for each in drawn(picture, "rect") if each.get("class")]
    assert kinds == ["own", "gathered", "down", "own", "gathered", "up"]


@pytest.mark.parametrize("amount", ["0", "0.01", "99999999999999.99"])
def test_bars_stay_in_their_column(amount: str) -> None:
    facts = {"own": Decimal(amount), "gathered": Decimal(amount), "adjustment": Decimal(amount)}
    picture = draw([seat(None, "名" * 80, **facts), seat(None, "b" * 300)], title="t" * 300, currency="USD")
    for each in drawn(picture, "rect"):
        if each.get("class"):
            left, width = float(each.get("x", "")), float(each.get("width", ""))
            assert left >= MARGIN + NAMES + STATES
            assert left + width <= MARGIN + NAMES + STATES + BARS < WIDTH


async def test_the_roll_up_is_drawn_as_far_as_one_sees_it(world: World) -> None:
    top, manager, seller = await world.line(3)
    cycle = await world.cycle(top)
    await world.confirmed(seller, cycle, "100.00")
    await world.submit(seller, cycle)
    draft = await world.gather(manager, cycle)
    await world.adjust(manager, draft, "ratio", "0.9")
    await manager.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    path = f"/v1/forecast-cycles/{cycle['id']}/roll-up"

    answer = await top.get(path, headers=ACCEPT)

    assert answer.headers["content-type"].startswith("image/svg+xml")
    said = words(answer.text)
    assert "90.00 USD = own 0.00 + gathered 100.00 − adjustment 10.00" in said
    assert said.count("submitted") == 2
    names = [f"Person {person.person_id.hex[-6:]}" for person in (top, manager, seller)]  # type: ignore[union-attr]
    assert [word for word in said if word in names] == names, "superiors before those below them"
    only_own = words((await seller.get(path, headers=ACCEPT)).text)
    assert [word for word in only_own if word in names] == [names[2]]
    nothing = await (await world.person()).get(path, headers=ACCEPT)
    assert "0 seats" in words(nothing.text)
