"""Opportunities listed by how they were assessed."""

import random
from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.assessment.answering import DIMENSIONS, QUESTIONS
from tests.opportunity.histories import ago, batch, item

Listed = list[dict[str, Any]]


async def listed(by: Client, **query: Any) -> Listed:
    """Return a whole list, page by page."""
    found: Listed = []
    cursor: str | None = None
    while True:
        asked = query | {"limit": 7} | ({"cursor": cursor} if cursor else {})
        text = "&".join(f"{name}={one}" for name, value in asked.items() for one in _each(value))
        page = await by.done("GET", f"/v1/opportunities?{text}")
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
async def base(house: House) -> tuple[Client, Client, Listed]:
    """Return a manager, a seller below, and what they have: some assessed, some long ago, some not at all."""
    make, chance = Make(house), random.Random(6)  # noqa: S311 (draws test data)
    operations = await house.import_client()
    manager, seller = await make.line(2)
    opened = [{"at": ago(house, days=200), "to_stage": "find_contact"}]
    made = await batch(operations, *(item(seller, opened) for _ in range(30)))
    for place, one in enumerate(made):
        if place % 5 == 0:
            continue
        told = {key: chance.choice(["yes", "yes", "no", "unanswered"]) for key in QUESTIONS}
        path = f"/v1/opportunities/{one['id']}"
        body = {"answers": told, "assessed_at": ago(house, days=150 if place % 3 == 0 else 10)}
        await operations.done("POST", f"{path}/assessments", body)
        if place % 7 == 0:
            await operations.done("PUT", f"{path}/criteria/contact_named", {})
            await operations.done("POST", f"{path}/stage-changes", {"to_stage": "confirm_need"})
    return manager, seller, await listed(seller)


def _of(one: dict[str, Any], name: str) -> Any:
    return one["assessment"][name] if one["assessment"] else None


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"score_gte": 10}, lambda of: of("score") is not None and of("score") >= 10),
        ({"score_lte": 8}, lambda of: of("score") is not None and of("score") <= 8),
        ({"score_gte": 8, "score_lte": 11}, lambda of: of("score") is not None and 8 <= of("score") <= 11),
        ({"assessed_value": "high"}, lambda of: of("value") == "high"),
        ({"assessed_value": ["undecided", "not_high"]}, lambda of: of("value") in {"undecided", "not_high"}),
        ({"outdated": "true"}, lambda of: of("outdated") is True),
        ({"outdated": "false"}, lambda of: of("outdated") is False),
        ({"without_assessment": "true"}, lambda of: of("score") is None),
        ({"without_assessment": "false"}, lambda of: of("score") is not None),
        ({"we_can_win_gte": 3, "state": "open"}, lambda of: of("we_can_win") is not None and of("we_can_win") >= 3),
        (
            {"opportunity_exists_gte": 2, "we_can_compete_gte": 2, "worth_winning_gte": 2},
            lambda of: (
                of("score") is not None
                and min(of("opportunity_exists"), of("we_can_compete"), of("worth_winning")) >= 2
            ),
        ),
    ],
)
async def test_filters_find_what_fits(base: tuple[Client, Client, Listed], query: dict[str, Any], fits: Any) -> None:
    manager, seller, everything = base
    due = {one["id"] for one in everything if fits(lambda name: _of(one, name))}  # noqa: B023 (called at once)
    assert 0 < len(due) < len(everything)
    for by in (manager, seller):
        assert {one["id"] for one in await listed(by, **query)} == due
    total = (await seller.done("GET", f"/v1/opportunities?total=true&{_text(query)}"))["total"]
    assert total == str(len(due))


def _text(query: dict[str, Any]) -> str:
    return "&".join(f"{name}={one}" for name, value in query.items() for one in _each(value))


@pytest.mark.parametrize("name", ["score", *DIMENSIONS])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_sorted_by_score_or_dimension_who_is_not_assessed_comes_last(
    base: tuple[Client, Client, Listed], name: str, sign: str
) -> None:
    manager, _, everything = base
    found = await listed(manager, sort=f"{sign}{name}")
    values = [_of(one, name) for one in found]
    known = [value for value in values if value is not None]
    assert sorted(one["id"] for one in found) == sorted(one["id"] for one in everything)
    assert known == sorted(known, reverse=bool(sign))
    assert values[len(known) :] == [None] * (len(values) - len(known))
    assert None in values


async def test_who_sees_nothing_finds_nothing(make: Make, base: tuple[Client, Client, Listed]) -> None:
    stranger = await make.seller()
    assert base
    assert await listed(stranger, sort="-score", score_gte=0) == []
    refused = await stranger.get("/v1/opportunities?score_gte=201")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "query:score_gte")
