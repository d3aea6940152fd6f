"""SPEC 1.3 and the portfolio plan of 1.2, walked through as users do, with a second person who tries what they may not.

Ada is the head of Ben, who looks after a customer; Eve sells elsewhere, and helps Ben with one opportunity.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from services.customer.portfolio_plans.covering import cover_due
from services.customer.potential.reckoning import Reckoning
from tests.house import Client, House
from tests.make import Make

Record = dict[str, Any]
HIDDEN, REFUSED = 404, 403


@dataclass
class Walk:
    """Who takes part, and what they have made."""

    house: House
    make: Make
    top: Client
    ada: Client
    ben: Client
    eve: Client
    made: dict[str, Record] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.house.clock().date()

    @property
    def customer(self) -> str:
        return f"/v1/customers/{self.made['customer']['id']}"

    async def eve_tries(self, method: str, path: str, body: Any = None, *, status: int, code: str = "") -> None:
        """Let the second person try what they may not."""
        options: dict[str, Any] = {"if_match": 1} if method in {"PATCH", "PUT"} else {}
        answer = await self.eve.request(method, path, body, **options)
        assert answer.status_code == status, answer.text
        assert not code or answer.json()["code"] == code


@pytest.fixture
async def walk(house: House, make: Make) -> Walk:
    top, ada, ben = await make.line(3)
    return Walk(house, make, top, ada, ben, await make.seller())


async def test_from_potential_to_the_plan_in_force(walk: Walk) -> None:
    await find_potential(walk)
    await choose_and_assess(walk)
    await hand_over_a_lead(walk)
    await face_the_competition(walk)
    await plan_the_account(walk)
    await plan_the_portfolio(walk)


async def find_potential(walk: Walk) -> None:
    """The customer is found among others by its potential, and the reasons say why."""
    walk.made["customer"] = await walk.make.customer(walk.ben, employees=40_000)
    await walk.make.customer(walk.ben, employees=3)
    await Reckoning(walk.house.service("customer")).reckon_due()
    ranked = (await walk.ada.done("GET", "/v1/customer-potentials"))["items"]
    assert ranked[0]["customer_id"] == walk.made["customer"]["id"]
    assert "It has 40000 employees." in {part["reason"] for part in ranked[0]["parts"]}
    assert (await walk.eve.done("GET", "/v1/customer-potentials"))["items"] == []
    await walk.eve_tries("GET", f"{walk.customer}/potential", status=HIDDEN)


async def choose_and_assess(walk: Walk) -> None:
    """Ben makes it a target and assesses its need, which proposes a key customer; Ada decides, Ben may not."""
    chosen = {"period": str(walk.today.year + 1), "why": "Large, and we sell it nothing."}
    await walk.eve_tries("POST", f"{walk.customer}/targets", chosen, status=HIDDEN)
    await walk.ben.done("POST", f"{walk.customer}/targets", chosen)
    need = {
        "assessed_on": str(walk.today),
        "what": "Outsoles",
        "quantity": "50000",
        "unit": "pair",
        "needed_by": str(walk.today + timedelta(days=200)),
        "fit": 5,
        "fit_reason": "We make them.",
    }
    assessed = await walk.ben.done("POST", f"{walk.customer}/need-assessments", need)
    decide = f"/v1/key-proposals/{assessed['key_proposal_id']}/decisions"
    decision = {"accept": True, "reason": "It is worth it."}
    assert (await walk.ben.post(decide, decision)).json()["code"] == "own_matter"
    await walk.eve_tries("POST", decide, decision, status=HIDDEN)
    await walk.ada.done("POST", decide, decision)
    assert (await walk.ben.done("GET", walk.customer))["tier"] == "key"


async def hand_over_a_lead(walk: Walk) -> None:
    """What Ben heard becomes one opportunity in one call; Eve helps with it, and sees the customer and no plans."""
    heard = {"customer_id": walk.made["customer"]["id"], "heard": "A tender is coming.", "source": "customer_talk"}
    lead = await walk.ben.done("POST", "/v1/leads", heard)
    terms = {"name": "Outsoles", "currency": "USD", "amount": "40.00"}
    await walk.eve_tries("POST", f"/v1/leads/{lead['id']}/conversions", terms, status=HIDDEN)
    first, again = [await walk.ben.done("POST", f"/v1/leads/{lead['id']}/conversions", terms) for _ in range(2)]
    assert first["opportunity_id"] == again["opportunity_id"]
    opportunity = await walk.ben.done("GET", f"/v1/opportunities/{first['opportunity_id']}")
    assert opportunity["external_reference"] == {"system": "lead", "id": lead["id"]}
    walk.made["opportunity"] = opportunity
    member = {"person_id": walk.eve.id, "role": "presales"}
    await walk.ben.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await walk.house.settle()
    assert (await walk.eve.get(walk.customer)).status_code == 200
    await walk.eve_tries("GET", f"/v1/leads/{lead['id']}", status=HIDDEN)
    await walk.eve_tries("POST", f"{walk.customer}/hand-overs", terms, status=REFUSED, code="change_not_allowed")


async def face_the_competition(walk: Walk) -> None:
    """Ben judges our strength against a competitor, and writes what we make of it."""
    rival = await walk.make.customer(walk.top, kind="competitor")
    criteria = [{"criterion": "Samples", "ours": 4, "theirs": 2, "evidence": "Ours came first."}]
    assessment = {"competitor_id": rival["id"], "assessed_on": str(walk.today), "criteria": criteria}
    path = f"{walk.customer}/competitive-assessments"
    await walk.eve_tries("POST", path, assessment, status=REFUSED, code="change_not_allowed")
    assert (await walk.ben.done("POST", path, assessment))["strength"]["position"] == "ahead"
    strategy = {"upon": 0, "stance": "attack", "strategy": "By samples.", "competitor_ids": [rival["id"]]}
    await walk.ben.done("POST", f"{walk.customer}/competitive-strategies", strategy)
    seen = (await walk.ada.done("GET", f"{walk.customer}/competitive-strategies"))["items"]
    assert [one["strategy"] for one in seen] == ["By samples."]
    await walk.eve_tries("GET", f"{walk.customer}/competitive-strategies", status=REFUSED, code="not_looked_after")


async def plan_the_account(walk: Walk) -> None:
    """Ben's plan is missing, then submitted, returned, submitted again, approved, and carried out."""
    year = walk.today.year
    standing = f"/v1/account-plan-standings?year={year}"
    assert [one["state"] for one in (await walk.ada.done("GET", standing))["items"]] == ["missing"]
    measure = {"what": "Show samples", "due_on": str(walk.today + timedelta(days=20)), "owner_id": walk.ben.id}
    body = {
        "customer_id": walk.made["customer"]["id"],
        "year": year,
        "goals": ["First order"],
        "situation": "They buy elsewhere.",
        "strategy": "By samples.",
        "currency": "USD",
        "measures": [measure],
        "targets": [{"period": str(year), "amount": "100.00"}],
    }
    plan = await walk.ben.done("POST", "/v1/account-plans", body)
    path = f"/v1/account-plans/{plan['id']}"
    await walk.ben.done("POST", f"{path}/submissions", {"version": plan["version"]})
    returning = {"submission": 1, "decision": "returned", "comment": "What does the rival do?"}
    approval = {"submission": 1, "decision": "approved"}
    assert (await walk.ben.post(f"{path}/decisions", approval)).json()["code"] == "own_matter"
    await walk.eve_tries("POST", f"{path}/decisions", approval, status=HIDDEN)
    await walk.eve_tries("PATCH", path, {"strategy": "Mine."}, status=HIDDEN)
    returned = await walk.ada.done("POST", f"{path}/decisions", returning)
    said = {"situation": "They buy of a rival."}
    changed = await walk.ben.done("PATCH", path, said, if_match=returned["version"])
    await walk.ben.done("POST", f"{path}/submissions", {"version": changed["version"]})
    approved = await walk.ada.done("POST", f"{path}/decisions", approval | {"submission": 2})
    done = {"on": str(walk.today), "note": "They liked them."}
    await walk.ben.done("POST", f"{path}/measures/{approved['measures'][0]['id']}/completions", done)
    outcome = {"outcome": "won", "override_reason": "signed"}
    await walk.ada.done("POST", f"/v1/opportunities/{walk.made['opportunity']['id']}/outcomes", outcome)
    await walk.house.settle()
    (stands,) = (await walk.ada.done("GET", standing))["items"]
    assert (stands["state"], stands["measures"], stands["measures_done"]) == ("approved", 1, 1)
    assert (stands["target"]["amount"], stands["won"][0]["amount"]) == ("100.00", "40.00")


async def plan_the_portfolio(walk: Walk) -> None:
    """Ada plans for all customers of her people; the parts make the whole, and become Ben's visits."""
    days = {"from_date": str(walk.today), "until_date": str(walk.today + timedelta(days=100))}
    targets = [{"tier": "key", "amount": "100.00", "coverage": 3}]
    plan = await walk.ada.done(
        "POST", "/v1/portfolio-plans", {"name": "North", "currency": "USD", "targets": targets, **days}
    )
    path = f"/v1/portfolio-plans/{plan['id']}"
    await walk.ada.done("POST", f"{path}/allocations", {})
    in_force = {"in_force_from": days["from_date"]}
    assert (await walk.ada.post(f"{path}/approvals", in_force)).json()["code"] == "own_matter"
    await walk.eve_tries("POST", f"{path}/approvals", in_force, status=HIDDEN)
    await walk.top.done("POST", f"{path}/approvals", in_force)
    while await cover_due(walk.house.service("customer")):
        pass
    progress = await walk.ada.done("GET", f"{path}/progress")
    assert (progress["target"]["amount"], progress["won"]["amount"]) == ("100.00", "40.00")
    assert progress["activities_planned"] == 3
    visits = (await walk.ben.done("GET", f"/v1/activities?customer_id={walk.made['customer']['id']}"))["items"]
    assert [one["subject"] for one in visits].count("North") == 3
    assert [one["amount"]["amount"] for one in (await walk.ben.done("GET", "/v1/portfolio-parts"))["items"]] == [
        "100.00"
    ]
    await walk.eve_tries("GET", f"{path}/progress", status=HIDDEN)
    assert (await walk.eve.done("GET", "/v1/portfolio-parts"))["items"] == []
