"""What `customer` asks of `opportunity`, answered by it."""

from uuid import UUID

import pytest

from servicekit.peers.client import PeerRefused
from servicekit.values.ids import new_id
from services.customer.clients.taking_over import Opportunities
from tests.contracts.asking import in_the_name_of, peer_of
from tests.house import House
from tests.make import Make

TERMS = {"name": "Outsoles", "currency": "USD", "amount": None, "expected_close": None}


async def test_a_lead_is_taken_over_once_however_often_it_is_told(house: House, make: Make) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    opportunities, lead_id = Opportunities(peer_of(house, "customer", "opportunity")), new_id()
    terms = TERMS | {"customer_id": customer["id"], "principal_id": seller.id}
    with in_the_name_of(seller):
        first, again = [await opportunities.take_over(lead_id, terms) for _ in range(2)]
    assert first == again
    assert first.principal_id == UUID(seller.id)
    made = await seller.done("GET", f"/v1/opportunities/{first.id}")
    assert made["external_reference"] == {"system": "lead", "id": str(lead_id)}


async def test_what_may_not_be_is_refused(house: House, make: Make) -> None:
    seller, other = await make.seller(), await make.seller()
    opportunities, lead_id = Opportunities(peer_of(house, "customer", "opportunity")), new_id()
    with in_the_name_of(seller), pytest.raises(PeerRefused) as refused:
        await opportunities.take_over(lead_id, TERMS | {"customer_id": None, "principal_id": other.id})
    assert refused.value.problem["code"]
    await make.opportunity(other, external_reference={"system": "lead", "id": str(lead_id)})
    with in_the_name_of(seller), pytest.raises(PeerRefused) as taken:
        await opportunities.take_over(lead_id, TERMS | {"customer_id": None, "principal_id": seller.id})
    assert taken.value.problem["code"] == "reference_taken"
