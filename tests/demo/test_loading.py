"""The whole demo against the services: loaded once, and again, and after it was cut off."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from keyaccount.api_client import ApiClient, Refused, SignIn
from keyaccount.demo import forecasting, loading
from keyaccount.reporting.figures import Report
from keyaccount.reporting.reading import Reader
from tests.house import House
from tests.importing.doors import Door


@dataclass
class Instance:
    """A house with a home of its own, and the two clients that the demo loads with."""

    machine: ApiClient
    admin: ApiClient
    secrets: Path

    async def load(self) -> None:
        await loading.load(self.machine, self.admin, self.secrets, None)

    async def report(self) -> Report:
        return await Reader(self.machine).read(None)


@pytest.fixture
async def instance(empty_house: House, tmp_path: Path) -> AsyncIterator[Instance]:
    secrets = tmp_path / "home" / "secrets"
    shutil.copytree(empty_house.secrets, secrets)
    machine = ApiClient("http://gateway", SignIn.of_imports(secrets), transport_of=lambda: Door(empty_house))
    async with machine, machine.another(SignIn.of_admin(secrets)) as admin:
        yield Instance(machine, admin, secrets)


def check(report: Report) -> None:
    assert report.customers == 701
    assert report.won.count + report.lost.count + report.open.count == 406 + 1500
    assert report.simulated == 1500
    assert len({stage.state for stage in report.stages}) > 1  # which ones they are depends on the day in the quarter
    assert "unknown" not in {stage.state for stage in report.stages}
    assert all(stage.health is not None for stage in report.stages)
    assert report.forecast is not None
    assert report.demand_plan is not None
    levels = report.forecast.levels
    assert {level.level for level in levels} == {1, 2, 3}
    assert len(levels) == 18
    assert all(
        Decimal(level.gathered or 0) + Decimal(level.adjustment or 0) == Decimal(level.result or 0) for level in levels
    )
    assert all(level.state in {"submitted", "approved"} for level in levels)
    assert levels[0].state == "approved"
    assert {level.level for level in levels if Decimal(level.adjustment or 0)} == {2, 3}
    plan = sum(Decimal(line.amount) for line in report.demand_plan.lines)
    assert plan == Decimal(levels[0].result or 0) > 100_000
    assert report.demand_plan.version == 1


async def check_work(instance: Instance) -> None:
    """Everybody has said once what they know of their largest opportunities."""
    opportunities = [
        one async for one in instance.machine.pages("/v1/opportunities", {"external_system": "simulation"})
    ]
    assessed = [one for one in opportunities if one["assessment"]]
    assert 30 < len(assessed) <= 3 * 19
    assert len({one["assessment"]["value"] for one in assessed}) > 1
    said = [one for one in opportunities if one["manual_probability"]]
    assert {one["probability_source"] for one in said} == {"manual"}
    assert len(said) == len({one["principal_id"] for one in assessed})
    requests = [
        request["state"]
        for one in said
        for request in (await instance.machine.get(f"/v1/opportunities/{one['id']}/resource-requests"))["items"]
    ]
    assert requests == ["approved"]
    people = [one async for one in instance.machine.pages("/v1/people")]
    head = next(one for one in people if (one["external_reference"] or {}).get("id") == "273")
    below = (await instance.machine.get(f"/v1/people/{head['id']}/subordinates", {"direct": True}))["items"][0]
    asked = {"scope": "subtree", "person_id": below["id"]}
    funnel = await instance.machine.get("/v1/funnel", asked)
    kinds = {one["stage"]: one["baseline_kind"] for one in funnel["stages"]}
    assert [kinds[stage] for stage in ("set_target", "shortlist", "negotiate", "selected")] == ["manual"] * 3 + [
        "history"
    ]
    assert len((await instance.machine.get("/v1/funnel/baselines", asked))["items"]) == 3


@pytest.mark.timeout(240)
async def test_the_demo_cut_off_then_whole_then_again(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = 0
    whole = forecasting._Seat.walk

    async def walk(seat: forecasting._Seat) -> None:
        nonlocal walked
        walked += 1
        if walked == 12:
            raise Refused("POST", "/v1/forecasts", 503, {"detail": "the power is gone"})
        await whole(seat)

    monkeypatch.setattr(forecasting._Seat, "walk", walk)
    with pytest.raises(Refused):
        await instance.load()

    await instance.load()
    first = await instance.report()
    check(first)

    await instance.load()
    assert await instance.report() == first
    await check_work(instance)

    kept = instance.secrets / "demo-sign-ins.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    people = json.loads(kept.read_text())["people"]
    assert len(people) == 19
    one = next(person for person in people if person["name"] == "Linda Mitchell")
    async with instance.machine.another(SignIn.of_person(one["username"], one["password"])) as linda:
        assert (await linda.get("/v1/sign-in/me"))["name"] == "Linda Mitchell"
