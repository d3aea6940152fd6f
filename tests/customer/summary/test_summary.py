"""All that is known of a customer in one answer, as far as one sees it, and what could not be asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.peers.client import Peer
from servicekit.values.ids import new_id
from services.customer.summary.rules import FIELDS, Facts, SummaryGap, gaps_of, missing_fields
from tests.house import House
from tests.make import Make, word

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_customer_with_everything_has_no_gap() -> None:
    assert gaps_of(Facts(new_id(), "key", 1, 1, 1, 1, 0, BEFORE), BEFORE) == []


def test_every_gap_is_told() -> None:
    nothing = Facts(None, None, 0, 0, 0, 0, 2, BEFORE - timedelta(days=1))
    assert gaps_of(nothing, BEFORE) == list(SummaryGap)


@given(st.sets(st.sampled_from(FIELDS)))
def test_missing_fields_are_those_that_are_not_known(known: set[str]) -> None:
    assert set(missing_fields(known)) | known == set(FIELDS)
    assert not set(missing_fields(known)) & known


async def test_a_summary_tells_what_there_is(house: House, make: Make) -> None:
    manager, seller = await make.line(2)
    member = await make.seller()
    customer = await make.customer(seller, phone="1", industry="shoes")
    await seller.done("POST", "/v1/contacts", {"customer_id": customer["id"], "name": "Li Wei"})
    given = {"customer_id": customer["id"]}
    later = await make.opportunity(seller, **given, amount="50.00", expected_close="2031-01-01")
    sooner = await make.opportunity(seller, **given, amount=None, expected_close="2030-01-01")
    won, lost = await make.opportunity(seller, **given), await make.opportunity(seller, **given, amount="7.00")
    for opportunity, outcome in ((won, {"outcome": "won"}), (lost, {"outcome": "lost", "loss_reason": "price"})):
        body = outcome | {"override_reason": "as told"}
        await manager.done("POST", f"/v1/opportunities/{opportunity['id']}/outcomes", body)
    joining = {"person_id": member.id, "role": "presales"}
    await seller.done("POST", f"/v1/opportunities/{later['id']}/sales-team", joining)
    today = house.service("customer").today()
    visit = {"customer_id": customer["id"], "kind": "visit", "subject": word()}
    await seller.done("POST", "/v1/activities", visit | {"planned_on": str(today + timedelta(days=3))})
    await house.settle()

    path = f"/v1/customers/{customer['id']}/summary"
    found = await seller.done("GET", path)
    assert found["customer"]["legal_name"] == customer["legal_name"]
    assert found["people"]["account_manager_id"] == seller.id
    assert (set(found["people"]["team"]), found["people"]["contacts"]) == ({seller.id, member.id}, 1)
    sales = found["opportunities"]
    assert sales["open"] == {"count": 2, "amount": "50.00", "unknown_amount": 1, "simulated_count": 0}
    assert (sales["won"]["amount"], sales["lost"]["amount"], sales["lost"]["count"]) == ("1000.00", "7.00", 1)
    assert [deal["id"] for deal in sales["next"]] == [sooner["id"], later["id"]]
    assert found["activities"] == {
        "last_done_on": None,
        "next_planned_on": str(today + timedelta(days=3)),
        "planned": 1,
        "overdue": 0,
    }
    assert (found["forecast"], found["unavailable"]) == ([], [])
    assert found["gaps"]["gaps"] == ["no_tier", "no_identifier"]
    assert found["gaps"]["missing_fields"] == ["website", "annual_revenue", "employees"]
    assert found["gaps"]["classification"] == ["never_evaluated"]

    of_member = await member.done("GET", path)
    assert (of_member["opportunities"]["open"]["count"], of_member["opportunities"]["won"]["count"]) == (1, 0)
    assert of_member["activities"]["planned"] == 0
    stranger = await make.seller()
    assert (await stranger.get(path)).status_code == 404


async def test_a_forecast_that_cannot_be_asked_is_named(
    house: House, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = await make.seller()
    customer = await make.customer(seller)
    service = house.service("customer")
    away = Peer("forecast", "http://127.0.0.1:9", service.tokens)
    monkeypatch.setitem(service.peers, "forecast", away)
    found = await seller.done("GET", f"/v1/customers/{customer['id']}/summary")
    await away.close()
    assert (found["forecast"], found["unavailable"]) == (None, ["forecast"])
    assert found["customer"]["id"] == customer["id"]
