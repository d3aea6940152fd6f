"""A scene for strangers: one of everything, all of it a seller's, each made through the API.

`ids` names what requests speak of, by the names that the API's paths use; `private` are those of them that
nobody outside the seller's line may meet, and `mark` is a word in whatever the seller has written.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from servicekit.values.ids import new_id
from servicekit.values.scopes import SERVICES
from services.customer.potential.reckoning import Reckoning
from services.forecast.handover import telling
from services.forecast.reminders import reminding
from services.opportunity.health_notices import judging
from tests.house import Client, House
from tests.make import Make, word

Record = dict[str, Any]

STRANGERS = ("peer", "elsewhere")
PRIVATE = (
    "customer_id",
    "parent_id",
    "unassigned_id",
    "name_id",
    "identifier_id",
    "address_id",
    "contact_id",
    "coverage_id",
    "survivor_id",
    "duplicate_id",
    "former_survivor_id",
    "merge_id",
    "activity_id",
    "spare_activity_id",
    "evaluation_id",
    "segment_id",
    "opportunity_activity_id",
    "lead_id",
    "spare_lead_id",
    "ready_lead_id",
    "intake_id",
    "account_plan_id",
    "spare_plan_id",
    "submitted_plan_id",
    "approved_plan_id",
    "measure_id",
    "target_id",
    "spare_target_id",
    "key_proposal_id",
    "change_id",
    "portfolio_plan_id",
    "spare_portfolio_id",
    "approved_portfolio_id",
    "source_id",
    "spare_source_id",
    "channel_forecast_id",
    "comparison_id",
    "opportunity_id",
    "baseline_id",
    "health_notice_id",
    "won_id",
    "assessment_id",
    "member_id",
    "seat_id",
    "junior_seat_id",
    "forecast_id",
    "report_forecast_id",
    "reminder_id",
    "top_seat_id",
    "adjustment_id",
    "confirmation_id",
    "plan_id",
    "system_id",
    "reference_id",
    "plan_line_id",
    "handover_id",
    "order_id",
    *(f"{service}_{which}" for service in SERVICES for which in ("job_id", "waiting_job_id")),
)


@dataclass(repr=False)
class Scene:
    """Who is there, and what there is."""

    house: House
    make: Make
    mark: str = field(default_factory=word)
    people: dict[str, Client] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    pools: list[Any] = field(default_factory=list)

    @property
    def seller(self) -> Client:
        return self.people["seller"]

    @property
    def private(self) -> dict[str, str]:
        return {name: self.ids[name] for name in PRIVATE}


async def open_scene(house: House) -> Scene:
    """Make everything."""
    scene = Scene(house, Make(house))
    await _organisation(scene)
    await _customer(scene)
    await _intake(scene)
    await _duplicates(scene)
    await _proposal(scene)
    await _opportunities(scene)
    await house.settle()
    await judging.look(house.service("opportunity"))
    notices = await scene.seller.done("GET", "/v1/funnel/health-notices")
    scene.ids["health_notice_id"] = notices["items"][0]["id"]
    await _activities(scene)
    await _classification(scene)
    await _segment(scene)
    await _forecast(scene)
    await _finished_cycle(scene)
    await _reminder(scene)
    await _erp(scene)
    await _sources(scene)
    await house.settle()
    await _machines(scene)
    await _handover(scene)
    await _webhooks(scene)
    await _jobs(scene)
    scene.ids |= {f"{name}_person": client.id for name, client in scene.people.items()}
    scene.ids |= {"mark": scene.mark, "system": "scene", "version": "1", "criterion": "budget_known"}
    return scene


async def _organisation(scene: Scene) -> None:
    """Two lines apart; the peer has the seller's superior, the superior elsewhere has a report of their own."""
    house, make, people = scene.house, scene.make, scene.people
    people["admin"] = await house.admin()
    people["operations"] = await house.import_client()
    people["planner"] = await make.person(roles=["production_planner"])
    people["head"] = await make.person()
    people["superior"] = await make.person(people["head"])
    market = await people["admin"].done("POST", "/v1/business-units", {"name": f"Market {word()}"})
    people["seller"] = await make.person(people["superior"], business_unit_id=market["id"])
    people["junior"] = await make.person(people["seller"])
    people["peer"] = await make.person(people["superior"])
    people["elsewhere"] = await make.person()
    people["outsider"] = await make.person(people["elsewhere"])
    people["newcomer"] = await make.person(people["seller"])
    unit = await people["admin"].done("POST", "/v1/business-units", {"name": f"Unit {word()}"})
    agreed = {
        "person_id": people["superior"].id,
        "stand_in_id": people["newcomer"].id,
        "from_date": str(_today(scene)),
        "until_date": str(_today(scene) + timedelta(days=3)),
    }
    stand_in = await people["superior"].done("POST", "/v1/stand-ins", agreed)
    scene.ids |= {
        "unit_id": unit["id"],
        "market_unit_id": market["id"],
        "stand_in_id": stand_in["id"],
        "person_id": people["seller"].id,
    }
    rule = {"name": "South Africa", "person_ids": [people["junior"].id], "countries": ["ZA"]}
    drafted = await people["operations"].done("POST", "/v1/assignment-rules", {"rules": [rule]})
    scene.ids["rules_id"] = drafted["id"]
    scene.ids["in_ten_days"] = str(_today(scene) + timedelta(days=10))
    scene.ids["in_twenty_days"] = str(_today(scene) + timedelta(days=20))


async def _machines(scene: Scene) -> None:
    """A machine client that follows every feed, one that may nothing, and one that nobody signs in as."""
    events = [f"{service}:events:read" for service in SERVICES]
    scene.people["machine"], made = await scene.make.machine(events)
    scene.people["powerless"], _ = await scene.make.machine([])
    _, idle = await scene.make.machine([])
    scene.ids |= {"client_id": made["id"], "secret_id": made["secrets"][0]["id"], "idle_client_id": idle["id"]}


async def _customer(scene: Scene) -> None:
    seller, mark = scene.seller, scene.mark
    parts = {
        "legal_name": f"Customer {mark}",
        "other_names": [{"kind": "short", "name": f"Short {mark}"}],
        "identifiers": [{"scheme": "domain", "value": f"{mark}.com"}],
        "addresses": [{"kind": "delivery", "line_1": f"{mark} Street 1", "city": "Hamburg", "country": "DE"}],
        "external_reference": {"system": "scene", "id": mark},
    }
    customer = await scene.make.customer(seller, **parts)
    parent = await scene.make.customer(seller, legal_name=f"Parent {mark}")
    lost = await scene.make.customer(seller, legal_name=f"Returned {mark}")
    body = {"account_manager_id": None, "reason": f"nobody has time {mark}"}
    await scene.people["superior"].done("POST", f"/v1/customers/{lost['id']}/assignments", body)
    contact = {
        "customer_id": customer["id"],
        "name": f"Contact {mark}",
        "email": f"{mark}@example.com",
        "external_reference": {"system": "scene", "id": mark},
    }
    person = await seller.done("POST", "/v1/contacts", contact)
    line = {"contact_id": person["id"], "person_id": seller.id, "every_days": 30}
    covered = await seller.done("POST", "/v1/coverages", line)
    scene.ids |= {
        "customer_id": customer["id"],
        "parent_id": parent["id"],
        "unassigned_id": lost["id"],
        "name_id": customer["other_names"][0]["id"],
        "identifier_id": customer["identifiers"][0]["id"],
        "address_id": customer["addresses"][0]["id"],
        "contact_id": person["id"],
        "coverage_id": covered["id"],
    }
    for name in ("lead_id", "spare_lead_id", "ready_lead_id"):
        lead = {"customer_id": customer["id"], "heard": f"Heard {name} {mark}", "source": "referral"}
        scene.ids[name] = (await seller.done("POST", "/v1/leads", lead))["id"]
    await _account_plans(scene)
    await _targets(scene)
    await _portfolio_plans(scene)


async def _portfolio_plans(scene: Scene) -> None:
    """Plans of the seller: two being written, one of them shared out, and one in force."""
    seller, superior, path = scene.seller, scene.people["superior"], "/v1/portfolio-plans"
    tier = {"tier": "growth", "reason": scene.mark}
    for customer in ("customer_id", "parent_id"):
        await superior.done("POST", f"/v1/customers/{scene.ids[customer]}/tier-changes", tier)
    days = {"from_date": str(_today(scene)), "until_date": str(_today(scene) + timedelta(days=90))}
    targets = [{"tier": "growth", "amount": "10.00", "coverage": 1}]
    body = {"name": f"Plan {scene.mark}", "currency": "USD", "targets": targets, **days}
    for name in ("portfolio_plan_id", "spare_portfolio_id", "approved_portfolio_id"):
        scene.ids[name] = (await seller.done("POST", path, body))["id"]
        if name != "portfolio_plan_id":
            await seller.done("POST", f"{path}/{scene.ids[name]}/allocations", {})
    approval = {"in_force_from": days["from_date"]}
    await superior.done("POST", f"{path}/{scene.ids['approved_portfolio_id']}/approvals", approval)


async def _targets(scene: Scene) -> None:
    """The customer is a target twice, its need proposes a key customer, and a competitor is there."""
    seller, mark = scene.seller, scene.mark
    path = f"/v1/customers/{scene.ids['customer_id']}"
    for name, period in (("target_id", "2030"), ("spare_target_id", "2031")):
        made = await seller.done("POST", f"{path}/targets", {"period": period, "why": mark})
        scene.ids[name] = made["id"]
    need = {"what": mark, "quantity": "5", "needed_by": str(_today(scene)), "fit": 5, "fit_reason": mark}
    assessed = await seller.done("POST", f"{path}/need-assessments", need | {"assessed_on": str(_today(scene))})
    scene.ids["key_proposal_id"] = assessed["key_proposal_id"]
    rival = await scene.make.customer(scene.people["newcomer"], kind="competitor")
    scene.ids["competitor_id"] = rival["id"]
    criteria = [{"criterion": mark, "ours": 3, "theirs": 2, "evidence": mark}]
    body = {"competitor_id": rival["id"], "assessed_on": str(_today(scene)), "criteria": criteria}
    await seller.done("POST", f"{path}/competitive-assessments", body)
    await Reckoning(scene.house.service("customer")).reckon_due()


async def _account_plans(scene: Scene) -> None:
    """Plans for four years: two being written, one that waits for the superior, one in force."""
    seller, mark = scene.seller, scene.mark
    measure = {"what": f"Visit {mark}", "due_on": "2031-02-01", "owner_id": seller.id}
    said = {"goals": [mark], "situation": mark, "strategy": mark, "currency": "USD", "measures": [measure]}
    for year, name in enumerate(("account_plan_id", "spare_plan_id", "submitted_plan_id", "approved_plan_id"), 2030):
        body = {"customer_id": scene.ids["customer_id"], "year": year, **said}
        body["targets"] = [{"period": str(year), "amount": "10.00"}]
        plan = await seller.done("POST", "/v1/account-plans", body)
        scene.ids[name] = plan["id"]
        if name in {"submitted_plan_id", "approved_plan_id"}:
            await seller.done("POST", f"/v1/account-plans/{plan['id']}/submissions", {"version": 1})
    decision = {"submission": 1, "decision": "approved", "comment": mark}
    path = f"/v1/account-plans/{scene.ids['approved_plan_id']}/decisions"
    approved = await scene.people["superior"].done("POST", path, decision)
    scene.ids["measure_id"] = approved["measures"][0]["id"]


async def _intake(scene: Scene) -> None:
    """A question of the review queue: a company of this name in this place is known with another number."""
    made = []
    for _ in range(2):
        base = "5493" + word().upper().rjust(14, "0")
        digits = "".join(str(int(character, 36)) for character in base + "00")
        number = f"{base}{98 - int(digits) % 97:02d}"
        company = {
            "legal_name": f"Heard {scene.mark}",
            "country": "DE",
            "identifiers": [{"scheme": "lei", "value": number}],
        }
        told = {"source": "referral", "company": company, "note": scene.mark}
        made.append(await scene.seller.done("POST", "/v1/intakes", told))
    assert [one["outcome"] for one in made] == ["new", "review"]
    scene.ids["intake_id"] = made[1]["id"]


async def _duplicates(scene: Scene) -> None:
    """Two pairs: one to be merged, one that is."""
    seller, mark = scene.seller, scene.mark
    names = ("survivor_id", "duplicate_id", "former_survivor_id", "former_duplicate_id")
    for name in names:
        made = await scene.make.customer(seller, legal_name=f"{name} {mark}")
        scene.ids[name] = made["id"]
    body = {"merged_id": scene.ids["former_duplicate_id"], "survivor_version": 1, "merged_version": 1, "reason": mark}
    path = f"/v1/customers/{scene.ids['former_survivor_id']}/merges"
    scene.ids["merge_id"] = (await scene.people["superior"].done("POST", path, body))["id"]


async def _proposal(scene: Scene) -> None:
    """A visit has said something else of the customer's industry than the base knows."""
    path = f"/v1/customers/{scene.ids['customer_id']}/supplements"
    told = {}
    for said in ("first", "then"):
        body = {"source": {"kind": "visit"}, "industry": f"{said} {scene.mark}"}
        told = await scene.seller.done("POST", path, body)
    scene.ids["change_id"] = told["proposed"][0]["id"]


async def _opportunities(scene: Scene) -> None:
    seller, mark = scene.seller, scene.mark
    product = await scene.make.product(list_price={"amount": "10.00", "currency": "USD"})
    await scene.house.settle()
    given = {
        "customer_id": scene.ids["customer_id"],
        "expected_close": str(_quarter(scene) + timedelta(days=80)),
        "amount": "1000.00",
        "stage": "shortlist",
        "criteria": ["contact_named", "budget_known"],
        "lines": [{"product_id": product["id"], "quantity": "100", "unit_price": "10.00"}],
    }
    opened = await scene.make.opportunity(
        seller, name=f"Opportunity {mark}", external_reference={"system": "scene", "id": mark}, **given
    )
    won = await scene.make.opportunity(seller, name=f"Won {mark}", **given)
    await seller.done("POST", f"/v1/opportunities/{won['id']}/outcomes", {"outcome": "won", "win_reason": mark})
    await seller.done("PUT", f"/v1/opportunities/{opened['id']}/criteria/need_described/assignment", {})
    duty = (await seller.done("GET", f"/v1/duties?opportunity_id={opened['id']}"))["items"][0]
    await _resources(scene, opened["id"])
    member = {"person_id": scene.people["newcomer"].id, "role": "presales"}
    team = await seller.done("POST", f"/v1/opportunities/{opened['id']}/sales-team", member)
    measured = {"scope": "person", "person_id": seller.id, "stage": "selected", "count": "2"}
    measured |= {"from_date": str(_today(scene)), "reason": f"Because {mark}"}
    calibration = await (await scene.house.import_client()).done("POST", "/v1/funnel-calibrations", {})
    scene.ids |= {
        "calibration_id": calibration["id"],
        "opportunity_id": opened["id"],
        "duty_id": duty["id"],
        "won_id": won["id"],
        "baseline_id": (await scene.people["superior"].done("POST", "/v1/funnel/baselines", measured))["id"],
        "member_id": next(each["id"] for each in team["members"] if each["id"]),
        "product_id": product["id"],
        "line_id": product["product_line_id"],
    }
    await _assessment(scene)


async def _assessment(scene: Scene) -> None:
    """An assessment, with a note."""
    body = {"answers": {"budget_ready": "yes"}, "notes": {"budget_ready": scene.mark}}
    made = await scene.seller.done("POST", f"/v1/opportunities/{scene.ids['opportunity_id']}/assessments", body)
    scene.ids["assessment_id"] = made["id"]


async def _resources(scene: Scene, opportunity_id: str) -> None:
    """Requests for resources that wait for the seller's superior."""
    body: Record = {"what": scene.mark, "quantity": "1", "unit": "day", "needed_on": "2999-01-01", "why": scene.mark}
    for name in ("resources", "returnable", "rejectable", "spare_resources"):
        made = await scene.seller.done("POST", f"/v1/opportunities/{opportunity_id}/resource-requests", body)
        scene.ids[f"{name}_id"] = made["id"]
    scene.ids["request_id"] = scene.ids["resources_id"]


async def _activities(scene: Scene) -> None:
    """Two with the customer, one for the opportunity."""
    body: Record = {"customer_id": scene.ids["customer_id"], "kind": "visit", "planned_on": scene.ids["in_ten_days"]}
    body |= {"contact_ids": [scene.ids["contact_id"]]}
    for name, opportunity in (("", None), ("spare_", None), ("opportunity_", scene.ids["opportunity_id"])):
        given = body | {"subject": f"{name}{scene.mark}", "opportunity_id": opportunity}
        made = await scene.seller.done("POST", "/v1/activities", given)
        scene.ids[f"{name}activity_id"] = made["id"]


async def _classification(scene: Scene) -> None:
    """An evaluation of the customer that waits for a decision."""
    body: Record = {"scheme_number": 1, "values": [{"criterion": "relationship", "value": 3, "note": scene.mark}]}
    evaluated = await scene.seller.done("POST", f"/v1/customers/{scene.ids['customer_id']}/evaluations", body)
    scene.ids["evaluation_id"] = evaluated["id"]


async def _segment(scene: Scene) -> None:
    """A segment of the seller's, and a product line that nobody has bought of."""
    body: Record = {"name": f"Segment {scene.mark}", "filters": {"kind": "customer"}}
    made = await scene.seller.done("POST", "/v1/customer-base/segments", body)
    operations = await scene.house.import_client()
    unsold = await operations.done("POST", "/v1/product-lines", {"name": f"Unsold {word()}"})
    scene.ids |= {"segment_id": made["id"], "unsold_line_id": unsold["id"]}


async def _forecast(scene: Scene) -> None:
    """A cycle under way: the junior has submitted, the seller has gathered, adjusted, and not submitted yet."""
    seller, junior = scene.seller, scene.people["junior"]
    cycle_id = scene.ids["cycle_id"] = await _cycle(scene, "head", "elsewhere", state="open")
    scene.ids["draft_cycle_id"] = await _cycle(scene, "elsewhere", state="draft")
    confirmed = await _confirm(scene, seller, cycle_id, scene.ids["opportunity_id"])
    below = await scene.make.opportunity(
        junior, name=f"Below {scene.mark}", expected_close=str(_quarter(scene) + timedelta(days=80))
    )
    await scene.house.settle()
    await _confirm(scene, junior, cycle_id, below["id"])
    submitted = await _submit(junior, cycle_id)
    draft = await seller.done("POST", f"/v1/forecast-cycles/{cycle_id}/forecasts")
    adjustment = {"mode": "delta", "value": "-10.00", "reason": f"too hopeful {scene.mark}"}
    adjusted = await seller.done("POST", f"/v1/forecasts/{draft['id']}/adjustments", adjustment)
    head = scene.people["head"]
    tops = await head.done("GET", f"/v1/forecast-cycles/{cycle_id}/tops")
    scene.ids |= {
        "top_seat_id": tops["items"][0]["seat_id"],
        "confirmation_id": confirmed["id"],
        "report_forecast_id": submitted["id"],
        "forecast_id": draft["id"],
        "adjustment_id": adjusted["adjustments"][0]["id"],
        "seat_id": draft["seat_id"],
        "junior_seat_id": submitted["seat_id"],
    }


async def _finished_cycle(scene: Scene) -> None:
    """A cycle of the seller alone, approved and published."""
    operations, seller = scene.people["operations"], scene.seller
    cycle_id = scene.ids["done_cycle_id"] = await _cycle(scene, "seller", state="open")
    await _confirm(scene, seller, cycle_id, scene.ids["opportunity_id"])
    submitted = await _submit(seller, cycle_id)
    await operations.done("POST", f"/v1/forecasts/{submitted['id']}/approvals")
    plan = await operations.done("POST", f"/v1/forecast-cycles/{cycle_id}/demand-plans")
    scene.ids |= {"plan_id": plan["id"], "plan_line_id": plan["lines"][0]["id"]}


async def _handover(scene: Scene) -> None:
    """The plan on its way into an ERP."""
    scene.people["erp"], _ = await scene.make.machine(["demand_plans:read", "demand_plans:acknowledge"])
    await scene.house.settle()
    await telling.look(scene.house.service("forecast"))
    (handover,) = (await scene.people["erp"].done("GET", "/v1/demand-plan-handovers"))["items"]
    scene.ids["handover_id"] = handover["id"]


async def _reminder(scene: Scene) -> None:
    """What the seller, who has handed in nothing, is reminded of."""
    await reminding.look(scene.house.service("forecast"))
    path = f"/v1/forecast-cycles/{scene.ids['cycle_id']}/reminders?seat_id={scene.ids['seat_id']}"
    scene.ids["reminder_id"] = (await scene.seller.done("GET", path))["items"][0]["id"]


async def _erp(scene: Scene) -> None:
    """An ERP system and what it calls a place."""
    operations, name = scene.people["operations"], f"erp-{scene.mark}"
    system = await operations.done("POST", "/v1/erp-systems", {"name": name, "kind": "odoo"})
    reference = {"system": name, "code": f"WH-{scene.mark}", "place": f"Place {scene.mark}"}
    called = await operations.done("POST", "/v1/erp-references", reference)
    order = {
        "external_reference": {"system": name, "id": scene.mark},
        "order_number": f"SO-{scene.mark}",
        "product_id": scene.ids["product_id"],
        "due_on": str(_today(scene)),
        "quantity": "2",
    }
    ordered = await operations.done("POST", "/v1/confirmed-orders", order)
    scene.ids |= {"system_id": system["id"], "reference_id": called["id"], "order_id": ordered["id"]}
    scene.ids |= {"erp": name, "form": "csv"}


async def _sources(scene: Scene) -> None:
    """Two sources of the seller's unit, for one of which the seller answers, and what that one forecasts."""
    operations, seller = scene.people["operations"], scene.seller
    for name in ("source_id", "spare_source_id"):
        body = {"business_unit_id": scene.ids["market_unit_id"], "name": f"{name} {scene.mark}", "kind": "store"}
        made = await operations.done("POST", "/v1/forecast-sources", body | {"responsible_id": seller.id})
        scene.ids[name] = made["id"]
    line = {"product_line_id": scene.ids["line_id"], "month": str(_quarter(scene)), "quantity": "90"}
    said = {"source_id": scene.ids["source_id"], "cycle_id": scene.ids["done_cycle_id"], "lines": [line]}
    made = await seller.done("POST", "/v1/channel-forecasts", said)
    unit = {"cycle_id": scene.ids["done_cycle_id"], "business_unit_id": scene.ids["market_unit_id"]}
    compared = await operations.done("POST", "/v1/forecast-comparisons", unit)
    scene.ids["comparison_id"] = compared["id"]
    scene.ids |= {"channel_forecast_id": made["id"], "first_of_quarter": str(_quarter(scene))}


async def _webhooks(scene: Scene) -> None:
    """In every service two of the administrator's, and something on its way to one of them."""
    admin = scene.people["admin"]
    for service in scene.house.apps:
        path = f"/v1/{service}/webhooks"
        for name in (f"{service}_webhook_id", f"{service}_spare_webhook_id"):
            made = await admin.done("POST", path, {"url": "http://127.0.0.1:9/", "event_types": ["no.such"]})
            scene.ids[name] = made["webhook"]["id"]
        ping = await admin.done("POST", f"{path}/{scene.ids[f'{service}_webhook_id']}/test")
        scene.ids[f"{service}_delivery_id"] = ping["id"]
    scene.ids |= {"webhook_id": scene.ids["team_webhook_id"], "delivery_id": scene.ids["team_delivery_id"]}


async def _jobs(scene: Scene) -> None:
    """In every service two exports of the seller's: one done, one that waits."""
    lists = {"team": "people", "customer": "customers", "opportunity": "opportunities", "forecast": "forecast-cycles"}
    for service, name in lists.items():
        for which in ("job_id", "waiting_job_id"):
            made = await scene.seller.done("POST", f"/v1/{name}/exports", {"format": "csv"})
            scene.ids[f"{service}_{which}"] = made["id"]
            if which == "job_id":
                assert await scene.house.service(service).jobs.step()
    scene.ids["job_id"] = scene.ids["team_job_id"]


async def _cycle(scene: Scene, *heads: str, state: str) -> str:
    operations = scene.people["operations"]
    body = {
        "name": f"Cycle {word()}",
        "period": {"kind": "quarter", "start": str(_quarter(scene))},
        "currency": "USD",
        "head_ids": [scene.people[name].id for name in heads],
        "deadlines": [{"level": level, "at": "2020-01-01T00:00:00Z"} for level in (1, 2)],
    }
    cycle = await operations.done("POST", "/v1/forecast-cycles", body)
    if state == "open":
        await operations.done("POST", f"/v1/forecast-cycles/{cycle['id']}/openings")
    return str(cycle["id"])


async def _confirm(scene: Scene, by: Client, cycle_id: str, opportunity_id: str) -> Record:
    opportunity = await by.done("GET", f"/v1/opportunities/{opportunity_id}")
    body = {"opportunity_id": opportunity_id, "opportunity_version": opportunity["version"], "category": "commit"}
    confirmed: Record = await by.done("POST", f"/v1/forecast-cycles/{cycle_id}/confirmations", body)
    return confirmed


async def _submit(by: Client, cycle_id: str) -> Record:
    draft = await by.done("POST", f"/v1/forecast-cycles/{cycle_id}/forecasts")
    submitted: Record = await by.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
    return submitted


def _today(scene: Scene) -> date:
    return scene.house.clock().date()


def _quarter(scene: Scene) -> date:
    today = _today(scene)
    return date(today.year, today.month - (today.month - 1) % 3, 1)


def absent() -> str:
    """Return an id that nothing has."""
    return str(new_id())
