import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from services.opportunity.funnel.rules.health import baseline_days
from services.opportunity.health_notices import judging, store
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.baselines.test_baselines_of_own_funnels import FUNNEL, STAGES
from tests.opportunity.definitions.test_definitions import publish
from tests.opportunity.histories import batch, item

PATH = "/v1/funnel/health-notices"


class Story:
    """A seller below a manager, of whom so many stood in a stage for a year and more."""

    def __init__(self, house: House, manager: Client, seller: Client) -> None:
        self.house, self.manager, self.seller = house, manager, seller
        self.opportunities: list[str] = []

    @property
    def today(self) -> date:
        return self.house.service("opportunity").today()

    async def stand(self, count: int) -> None:
        early = (min(day.day for day in baseline_days(self.today)) - timedelta(days=300)).isoformat()
        entries = [{"at": early, "to_stage": "selected"}]
        outcomes = await batch(await self.house.import_client(), *(item(self.seller, entries) for _ in range(count)))
        self.opportunities += [each["id"] for each in outcomes]

    async def lose(self, count: int) -> None:
        for _ in range(count):
            path = f"/v1/opportunities/{self.opportunities.pop()}/outcomes"
            await self.seller.done("POST", path, {"outcome": "lost", "loss_reason": "price"})

    async def look(self) -> int:
        return await judging.look(self.house.service("opportunity"))

    async def told(self, client: Client | None = None, query: str = "") -> list[dict[str, Any]]:
        found = await (client or self.seller).done("GET", f"{PATH}?sort=at&{query}")
        items: list[dict[str, Any]] = found["items"]
        return items

    async def events(self) -> list[dict[str, Any]]:
        await self.house.settle()
        machine = await self.house.import_client()
        found = await machine.done("GET", "/v1/opportunity/events?limit=500")
        return [each for each in found["items"] if each["type"].startswith("funnel.health")]


@pytest.fixture
async def story(empty_house: House) -> Story:
    make = Make(empty_house)
    manager, seller = await make.line(2)
    admin = await empty_house.admin()
    story = Story(empty_house, manager, seller)
    long_ago = (story.today - timedelta(days=2000)).isoformat()
    moved = {"superior_id": manager.id, "from_date": long_ago, "reason": "was so all along"}
    await admin.post(f"/v1/people/{seller.id}/superior-changes", moved)
    await empty_house.settle()
    return story


async def test_a_stage_that_turns_bad_is_told_once_and_again_after_it_has_recovered(story: Story) -> None:
    house = story.house
    await story.stand(10)
    assert await story.look() == 0
    await story.lose(1)
    assert await story.look() == 0, "once a business day"
    house.clock.move(days=1)
    assert await story.look() == 2, "nine of ten: good, and less than a quarter ago"
    house.clock.move(days=1)
    assert await story.look() == 0, "nothing has changed"
    await story.lose(4)
    house.clock.move(days=1)
    assert await story.look() == 2, "five of ten"
    house.clock.move(days=1)
    assert await story.look() == 0
    await story.stand(5)  # they stood there a year ago too: ten of fifteen
    house.clock.move(days=1)
    assert await story.look() == 0, "still a warning"
    for _ in range(6):
        await story.manager.done(
            "POST",
            "/v1/opportunities",
            {
                "name": "New",
                "principal_id": story.seller.id,
                "currency": "USD",
                "stage": "selected",
                "criteria": ["contact_named", "budget_known"],
            },
        )
    house.clock.move(days=1)
    assert await story.look() == 0, "sixteen of fifteen"
    await story.lose(9)
    house.clock.move(days=1)
    assert await story.look() == 2, "seven of fifteen: again"

    told = await story.told(query=f"person_id={story.seller.id}")
    assert [(each["kind"], each["state_before"], each["state"], each["health"]) for each in told] == [
        ("falling", "excellent", "good", "90.00"),
        ("warning", "good", "warning", "50.00"),
        ("warning", "excellent", "warning", "46.67"),
    ]
    assert {(each["scope_kind"], each["superior_id"], each["stage"]) for each in told} == {
        ("person", story.manager.id, "selected")
    }
    of_manager = await story.told(story.manager)
    assert len(of_manager) == 6
    assert {each["scope_kind"] for each in of_manager if each["person_id"] == story.manager.id} == {"subtree"}
    events = await story.events()
    assert [each["type"].rsplit(".", 1)[1] for each in events if each["data"]["person_id"] == story.seller.id] == [
        "health_falling",
        "health_warning",
        "health_warning",
    ]
    assert len(events) == 6
    data = next(each["data"] for each in events if each["data"]["person_id"] == story.seller.id)
    assert {name: data[name] for name in ("owner_id", "superior_id", "stage", "state_before", "state", "health")} == {
        "owner_id": story.seller.id,
        "superior_id": story.manager.id,
        "stage": "selected",
        "state_before": "excellent",
        "state": "good",
        "health": "90.00",
    }


async def test_the_notice_agrees_with_the_funnel_that_is_read(story: Story) -> None:
    await story.stand(10)
    await story.lose(2)
    await story.look()
    for client, scope in ((story.seller, "person"), (story.manager, "subtree")):
        (notice,) = [each for each in await story.told(client) if each["person_id"] == client.id]
        funnel = await client.done("GET", f"/v1/funnel?scope={scope}")
        line = next(each for each in funnel["stages"] if each["stage"] == "selected")
        names = {"health": "health", "health_before": "health_before", "state": "state"}
        assert {name: notice[name] for name in names} == {name: line[of] for name, of in names.items()}
        assert line["trend"] == "falling"


async def test_two_processes_at_once_tell_once_and_nobody_else_reads_it(story: Story) -> None:
    await story.stand(10)
    await story.lose(5)
    found = await asyncio.gather(*(story.look() for _ in range(4)))
    assert sorted(found) == [0, 0, 0, 2]
    assert len(await story.told(story.manager)) == 2
    make = Make(story.house)
    peer, elsewhere = await make.person(story.manager), await make.person()
    auditor = await make.person(roles=["auditor"])
    assert await story.told(peer) == []
    assert await story.told(elsewhere, f"person_id={story.seller.id}") == []
    assert len(await story.told(story.seller)) == 1
    assert len(await story.told(auditor)) == 2
    assert len(await story.told(auditor, "kind=falling")) == 0
    assert (await story.seller.get(f"{PATH}?kind=angry")).status_code == 400


async def test_who_dies_in_the_middle_is_followed_where_it_stopped(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await story.stand(10)
    await story.lose(5)
    monkeypatch.setattr(judging, "PEOPLE_AT_ONCE", 1)
    keep, kept = store.keep, 0

    async def dying(*given: Any) -> None:
        nonlocal kept
        kept += 1
        if kept == 2:
            raise OSError("the process dies")
        await keep(*given)

    monkeypatch.setattr(store, "keep", dying)
    with pytest.raises(OSError, match="dies"):
        await story.look()
    assert len(await story.told(story.manager)) == 1
    assert await story.look() == 0, "the dead one holds the look still"
    story.house.clock.move(minutes=4)
    assert await story.look() == 1
    assert await story.look() == 0
    assert len(await story.told(story.manager)) == 2
    assert len(await story.events()) == 2


async def test_a_new_version_tells_nobody_again_and_a_reused_key_is_another_stage(story: Story) -> None:
    house = story.house
    await story.stand(10)
    await story.lose(5)
    assert await story.look() == 2
    await publish(await house.import_client(), **FUNNEL)
    house.clock.move(days=1)
    assert await story.look() == 0, "chosen is what was selected, of which was told"

    whose = {"scope": "person", "person_id": story.seller.id, "stage": "selected", "count": "4"}
    body = {**whose, "from_date": story.today.isoformat(), "reason": "Four of the new kind."}
    await story.manager.done("POST", "/v1/funnel/baselines", body)
    house.clock.move(days=1)
    assert await story.look() == 1, "the new selected has nothing to do with what was told of the former"
    told = await story.told(query=f"person_id={story.seller.id}")
    assert [(each["stage"], each["kind"], each["state_before"]) for each in told] == [
        ("selected", "warning", "unknown"),
        ("selected", "warning", "unknown"),
    ]

    terms = {"name": "New", "principal_id": story.seller.id, "currency": "USD", "stage": "chosen"}
    for _ in range(6):
        await story.manager.done("POST", "/v1/opportunities", terms)
    house.clock.move(days=1)
    assert await story.look() == 0, "eleven of ten"
    await story.lose(5)
    house.clock.move(days=1)
    assert await story.look() == 2, "six of ten: told of chosen, after it has recovered"
    assert (await story.told(query=f"person_id={story.seller.id}"))[-1]["stage"] == STAGES[5]
