"""What `customer` asks of `team`, answered by it: whom new customers go to."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from orgchart.viewer import Viewer
from servicekit.peers.client import Peer, PeerRefused
from servicekit.values.ids import new_id
from services.customer.clients.team import AssignmentRules
from services.customer.customers.actions.assigning import attributes_of, ruled, ruling_of_many
from services.customer.customers.rules.values import AddressKind, CustomerKind, TypedAddress, TypedCustomer
from services.customer.rulings.rules import LATER
from tests.conftest import Template
from tests.contracts.asking import in_the_name_of, peer_of, peer_of_another_instance
from tests.house import Client, House, open_house
from tests.make import Make

HOME = TypedAddress(AddressKind.HEADQUARTERS, "1 Road", None, "Guangzhou", "广东", None, "CN")
COMPANY = TypedCustomer(CustomerKind.CUSTOMER, "Shoes", "cn", "Guangzhou", addresses=(HOME,))
SELLER = Viewer(new_id(), frozenset(), "x")


async def _in_force(house: House, rule: dict[str, Any]) -> int:
    operations = await house.import_client()
    drafted = await operations.done("POST", "/v1/assignment-rules", {"rules": [rule]})
    body = {"from_date": str(house.service("team").today()), "reason": "a new share-out"}
    made = await operations.done("POST", f"/v1/assignment-rules/{drafted['id']}/activations", body)
    return int(made["number"])


async def test_the_rules_are_asked_by_a_service_and_in_the_name_of_anybody(template: Template) -> None:
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as house:
        seller: Client = await Make(house).seller()
        rules = AssignmentRules(peer_of(house, "customer", "team"))
        assert (await rules.rulings([{"country": "CN"}])).number is None
        assert await ruled(rules.ask, COMPANY) == COMPANY
        assert await ruling_of_many(rules.ask, SELLER) is None
        rule = {"name": "South", "person_ids": [seller.id], "regions": ["广东"], "countries": ["CN"]}
        number = await _in_force(house, rule | {"sources": ["web_form"]})
        with in_the_name_of(seller):
            found = (await ruled(rules.ask, COMPANY, "web_form")).ruling
            assert found is not None
            assert (found.account_manager_id, found.number, found.rule_name) == (UUID(seller.id), number, "South")
            uncovered = (await ruled(rules.ask, COMPANY)).ruling
            assert uncovered is not None
            assert (uncovered.account_manager_id, uncovered.number) == (None, number)
        by_itself = await rules.rulings([attributes_of(COMPANY, "web_form"), attributes_of(COMPANY, None)])
        assert [each.rule_name for each in by_itself.of] == ["South", None]
        assert await ruling_of_many(rules.ask, SELLER) == LATER


async def test_where_team_is_away_the_rules_are_asked_later(house: House) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody is there", request=request)

    peer = Peer("team", "http://team.test", house.service("customer").tokens, httpx.MockTransport(nobody))
    rules = AssignmentRules(peer)
    assert await rules.ask([{}]) is None
    assert (await ruled(rules.ask, COMPANY)).ruling == LATER
    assert await ruling_of_many(rules.ask, SELLER) == LATER
    await peer.close()


async def test_the_rules_are_not_told_to_another_instance(house: House) -> None:
    with pytest.raises(PeerRefused) as refused:
        await AssignmentRules(peer_of_another_instance(house, "customer", "team")).rulings([])
    assert refused.value.status == 401
