"""What every service knows of the org chart is what `team` says of it, today and on other days."""

from datetime import timedelta
from uuid import UUID

import pytest

from keyaccount.provisioning import SERVICES
from orgchart.following import chart_of
from orgchart.questions import (
    chart_version,
    check_known,
    is_superior,
    people_of,
    person_of,
    subtree,
    superiors,
    units_of,
)
from servicekit.data.transactions import reading
from servicekit.peers.client import PeerRefused
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from tests.contracts.asking import peer_of_another_instance
from tests.house import House
from tests.make import Make, word

FOLLOWERS = [service for service in SERVICES if service != "team"]


@pytest.mark.parametrize("service", FOLLOWERS)
async def test_the_copy_answers_as_team_does(house: House, make: Make, service: str) -> None:
    admin = await house.admin()
    top, manager, seller = await make.line(3)
    unit = await admin.done("POST", "/v1/business-units", {"name": f"Unit {word()}", "head_id": top.id})
    await chart_of(house.service(service)).refresh()
    today = house.service(service).today()
    above = (await top.done("GET", f"/v1/people/{seller.id}/superiors"))["items"]
    below = (await top.done("GET", f"/v1/people/{top.id}/subordinates"))["items"]
    known = await admin.done("GET", f"/v1/people/{seller.id}")
    async with reading(house.service(service).database) as tx:
        assert [str(each) for each in await superiors(tx, UUID(seller.id), today)] == [each["id"] for each in above]
        everybody = {top.id, *(each["id"] for each in below)}
        assert {str(each) for each in await subtree(tx, UUID(top.id))} == everybody
        assert {str(each) for each in await subtree(tx, UUID(top.id), today)} == everybody
        assert await is_superior(tx, UUID(top.id), UUID(seller.id), today)
        assert not await is_superior(tx, UUID(seller.id), UUID(manager.id), today)
        found = await person_of(tx, UUID(seller.id))
        assert found is not None
        assert (found.name, found.kind, found.active) == (known["name"], "person", True)
        assert str(found.superior_id) == manager.id
        assert await people_of(tx, [UUID(seller.id), new_id()]) == {UUID(seller.id): found}
        assert [str(each.head_id) for each in await units_of(tx) if str(each.id) == unit["id"]] == [top.id]
        assert await chart_version(tx) == chart_of(house.service(service)).version
    assert everybody == {top.id, manager.id, seller.id}


async def test_the_copy_knows_what_was_and_nobody_who_is_not_there(house: House, make: Make) -> None:
    top, manager, seller = await make.line(3)
    await chart_of(house.service("forecast")).refresh()
    yesterday = house.service("forecast").today() - timedelta(days=1)
    asked = f"/v1/people/{seller.id}/superiors?on={yesterday.isoformat()}"
    above = (await top.done("GET", asked))["items"]
    async with reading(house.service("forecast").database) as tx:
        assert [str(each) for each in await superiors(tx, UUID(seller.id), yesterday)] == [each["id"] for each in above]
        assert await subtree(tx, UUID(manager.id), yesterday) == [UUID(manager.id)]
        assert await person_of(tx, new_id()) is None
        await check_known(tx, UUID(seller.id))
        with pytest.raises(NotVisible):
            await check_known(tx, new_id())
        assert await subtree(tx, new_id()) == []


async def test_the_chart_in_memory_knows_roles_and_stand_ins(house: House, make: Make) -> None:
    seller, other = await make.person(roles=["auditor"]), await make.person()
    today = house.service("team").today()
    span = {"from_date": today.isoformat(), "until_date": (today + timedelta(days=2)).isoformat()}
    body = {"person_id": seller.id, "stand_in_id": other.id, **span}
    await (await house.admin()).done("POST", "/v1/stand-ins", body)
    for service in FOLLOWERS:
        chart = chart_of(house.service(service))
        await chart.refresh()
        member = chart.member(UUID(seller.id))
        assert member is not None
        assert member.roles == {"auditor"}
        assert chart.stands_in(UUID(other.id), UUID(seller.id), today)
        assert not chart.stands_in(UUID(other.id), UUID(seller.id), today + timedelta(days=2))


async def test_the_chart_is_not_told_to_another_instance(house: House) -> None:
    with pytest.raises(PeerRefused) as refused:
        await peer_of_another_instance(house, "customer", "team").get("/v1/org-chart", {"since": 0})
    assert refused.value.status == 401
