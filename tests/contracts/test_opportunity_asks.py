"""What `opportunity` asks of `customer` and `team`, answered by these themselves."""

from uuid import UUID

import pytest

from servicekit.peers.client import PeerRefused
from servicekit.values.ids import new_id
from services.opportunity.clients.customer import Customers, copy_of
from services.opportunity.clients.team import Team
from services.opportunity.refusals import UnknownCustomer
from tests.contracts.asking import in_the_name_of, peer_of, peer_of_another_instance, told
from tests.house import House
from tests.make import Make


async def test_customers_are_found_as_their_events_tell_of_them(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    await house.settle()
    with in_the_name_of(seller):
        (found,) = await Customers(peer_of(house, "opportunity", "customer")).get_all([UUID(customer["id"])])
    assert (str(found.id), found.name, found.kind) == (customer["id"], customer["legal_name"], "customer")
    assert (found.version, str(found.account_manager_id)) == (customer["version"], seller.id)
    assert found.parent_id is None
    assert copy_of((await told(house, "opportunity", "customer", customer["id"]))[-1]["data"]) == found


async def test_a_subsidiary_names_its_parent(house: House, make: Make) -> None:
    seller = await make.seller()
    parent = await make.customer(seller)
    subsidiary = await make.customer(seller, parent_id=parent["id"])
    with in_the_name_of(seller):
        found = await Customers(peer_of(house, "opportunity", "customer")).find_all([UUID(subsidiary["id"])])
    assert [str(each.parent_id) for each in found] == [parent["id"]]


async def test_customers_that_are_not_there_or_not_seen_are_left_out_or_refused(house: House, make: Make) -> None:
    seller, other = await make.seller(), await make.seller()
    mine, hers = await make.customer(seller), await make.customer(other)
    customers = Customers(peer_of(house, "opportunity", "customer"))
    asked = [UUID(mine["id"]), UUID(hers["id"]), new_id()]
    with in_the_name_of(seller):
        assert [str(each.id) for each in await customers.find_all(asked)] == [mine["id"]]
        with pytest.raises(UnknownCustomer):
            await customers.get_all(asked[:2])


async def test_superiors_are_those_of_this_moment(house: House, make: Make) -> None:
    top, manager, seller = await make.line(3)
    team = Team(peer_of(house, "opportunity", "team"))
    with in_the_name_of(seller):
        before = await team.superiors_of(UUID(seller.id))
        assert [str(each) for each in before.ids] == [manager.id, top.id]
        change = {"superior_id": top.id, "reason": "the manager leaves"}
        await (await house.admin()).done("POST", f"/v1/people/{seller.id}/superior-changes", change)
        after = await team.superiors_of(UUID(seller.id))
    assert [str(each) for each in after.ids] == [top.id]
    assert after.chart_version > before.chart_version


async def test_superiors_of_nobody_are_refused(house: House, make: Make) -> None:
    with in_the_name_of(await make.seller()), pytest.raises(PeerRefused) as refused:
        await Team(peer_of(house, "opportunity", "team")).superiors_of(new_id())
    assert refused.value.status == 404
    assert refused.value.problem["code"]


async def test_whom_another_instance_has_signed_for_is_told_nothing(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    stranger = Customers(peer_of_another_instance(house, "opportunity", "customer"))
    with in_the_name_of(seller), pytest.raises(PeerRefused) as refused:
        await stranger.find_all([UUID(customer["id"])])
    assert refused.value.status == 401
