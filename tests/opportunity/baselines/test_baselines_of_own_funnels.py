"""A baseline set by hand follows its stage into the next version of the funnel, and no other stage of the same key."""

from datetime import date
from typing import Any

from servicekit.values.dates import business_date
from services.opportunity.definitions.rules.standard import VERSION_1
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.definitions.test_definitions import publish, stage

PATH = "/v1/funnel/baselines"
MERGED = ("find_contact", "confirm_need")
STAGES = ("talk", "map_organisation", "selected", "set_target", "shortlist", "chosen", "negotiate", "close")
"""Of version 2: `talk` takes the place of two, `chosen` that of `selected`, and `selected` is another stage by now."""
RENAMED = {"selected": "chosen"} | dict.fromkeys(MERGED, "talk")
FUNNEL = {
    "stages": [stage(key, "1" if key == "close" else "0.5") for key in STAGES],
    "mapping": [{"from_stage": one.key, "to_stage": RENAMED.get(one.key, one.key)} for one in VERSION_1.open_stages],
}


class Scene:
    """A manager who says what a seller's stages are compared with."""

    def __init__(self, house: House, manager: Client, seller: Client) -> None:
        self.house, self.manager, self.seller = house, manager, seller

    @property
    def today(self) -> date:
        return business_date(self.house.clock(), self.house.service("opportunity").settings.time_zone)

    async def say(self, stage: str, **given: Any) -> str:
        whose = {"scope": "person", "person_id": self.seller.id, "stage": stage}
        body = {**whose, "from_date": self.today.isoformat(), "reason": "A new team.", **given}
        made = await self.manager.done("POST", PATH, body)
        return str(made["id"])

    async def lines(self, query: str = "") -> dict[str, dict[str, Any]]:
        found = await self.seller.done("GET", f"/v1/funnel?scope=person{query}")
        return {line["stage"]: line for line in found["stages"]}


async def test_a_renamed_stage_keeps_its_own_and_a_reused_key_inherits_none(empty_house: House) -> None:
    manager, seller = await Make(empty_house).line(2)
    scene = Scene(empty_house, manager, seller)
    said = {key: await scene.say(key, count=count) for key, count in (("selected", "4"), ("close", "8"))}
    parts = {key: await scene.say(key, count=count) for key, count in zip(MERGED, ("2", "1.5"), strict=True)}
    usd, eur = {"amount": "100.00", "currency": "USD"}, {"amount": "50.00", "currency": "EUR"}
    await scene.say(MERGED[0], amount=usd)
    await scene.say(MERGED[1], amount=eur)
    day = scene.today.isoformat()
    before = await scene.lines()
    assert (before["selected"]["baseline"], before["selected"]["baseline_manual_parts"]) == ("4.00", [])
    operations = await empty_house.import_client()
    await publish(operations, **FUNNEL)
    empty_house.clock.move(days=1)

    for query in ("", f"&as_of={day}"):
        found = await scene.lines(query)
        assert list(found) == list(STAGES)
        chosen = found["chosen"]
        assert (chosen["baseline_kind"], chosen["baseline"], chosen["baseline_manual_parts"]) == ("manual", "4.00", [])
        told = {name: chosen["baseline_manual"][name] for name in ("id", "funnel_version", "stage", "count")}
        assert told == {"id": said["selected"], "funnel_version": 1, "stage": "selected", "count": "4"}
        assert (found["selected"]["baseline_kind"], found["selected"]["baseline_manual"]) == ("none", None)
        assert found["close"]["baseline_manual"]["id"] == said["close"]
        assert (found["talk"]["baseline"], found["talk"]["baseline_kind"]) == ("3.50", "manual")
        summed = {one["stage"]: one["id"] for one in found["talk"]["baseline_manual_parts"]}
        assert summed == parts
        assert found["talk"]["baseline_manual"]["id"] == parts[MERGED[1]], "what was said last"

    amounts = await scene.lines("&basis=amount")
    assert (amounts["talk"]["baseline_kind"], amounts["talk"]["baseline"]) == ("manual", None), "no rate for EUR"
    rate = {"from_currency": "EUR", "to_currency": "USD", "date": scene.today.isoformat(), "rate": "1.10"}
    await operations.done("POST", "/v1/exchange-rates", rate)
    amounts = await scene.lines("&basis=amount")
    assert (amounts["talk"]["baseline"], len(amounts["talk"]["baseline_manual_parts"])) == ("155.00", 2)

    own = await scene.say("selected", count="7")
    found = await scene.lines()
    assert (found["selected"]["baseline_manual"]["id"], found["selected"]["baseline"]) == (own, "7.00")
    assert found["chosen"]["baseline"] == "4.00"
    ending = {"from_date": scene.today.isoformat(), "reason": "One of the two is measured by its history."}
    await manager.done("POST", f"{PATH}/{parts[MERGED[0]]}/endings", ending)
    assert (await scene.lines())["talk"]["baseline_kind"] == "none", "a part says nothing of the whole"
    await scene.say("talk", count="5")
    found = await scene.lines()
    assert (found["talk"]["baseline"], found["talk"]["baseline_manual_parts"]) == ("5.00", [])
    assert (await scene.lines(f"&as_of={day}"))["talk"]["baseline"] == "3.50", "what was said holds for its days"
