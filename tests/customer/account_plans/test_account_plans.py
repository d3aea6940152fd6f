"""Account plans: written, submitted, returned, approved, carried out; by whom, and many at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make

YEAR = 2031


class Line:
    """A seller, who looks after a customer, and those above."""

    def __init__(self, people: list[Client], customer: dict[str, Any]) -> None:
        self.top, self.superior, self.seller = people
        self.customer = customer

    @property
    def said(self) -> dict[str, Any]:
        """All that a plan has to say."""
        return {
            "goals": ["Second supplier of outsoles"],
            "situation": "One supplier today.",
            "strategy": "Through development.",
            "currency": "USD",
            "measures": [{"what": "Visit the plant", "due_on": f"{YEAR}-02-01", "owner_id": self.seller.id}],
            "targets": [{"period": str(YEAR), "amount": "1000.00"}, {"period": f"{YEAR}-Q1", "amount": "250.00"}],
        }

    async def plan(self, **given: Any) -> dict[str, Any]:
        """Begin a plan."""
        body = {"customer_id": self.customer["id"], "year": YEAR} | self.said | given
        made: dict[str, Any] = await self.seller.done("POST", "/v1/account-plans", body)
        return made

    async def submitted(self) -> dict[str, Any]:
        """Begin a plan and submit it."""
        plan = await self.plan()
        path = f"/v1/account-plans/{plan['id']}/submissions"
        made: dict[str, Any] = await self.seller.done("POST", path, {"version": plan["version"]})
        return made

    async def approved(self) -> dict[str, Any]:
        """Begin a plan, submit it and have it approved."""
        plan = await self.submitted()
        made: dict[str, Any] = await self.superior.done("POST", f"/v1/account-plans/{plan['id']}/decisions", APPROVE)
        return made


APPROVE = {"submission": 1, "decision": "approved"}
RETURN = {"submission": 1, "decision": "returned", "comment": "Too little."}


@pytest.fixture
async def line(make: Make) -> Line:
    people = await make.line(3)
    return Line(people, await make.customer(people[-1]))


async def test_a_plan_goes_to_the_superior_and_back_and_is_approved(line: Line) -> None:
    plan = await line.submitted()
    path = f"/v1/account-plans/{plan['id']}"
    assert (plan["state"], plan["submission"], plan["in_force"]) == ("submitted", 1, None)
    locked = await line.seller.patch(path, {"strategy": "Other"}, if_match=plan["version"])
    assert (locked.status_code, locked.json()["code"]) == (409, "plan_submitted")
    bare = {"submission": 1, "decision": "returned"}
    assert (await line.superior.post(f"{path}/decisions", bare)).json()["code"] == "comment_missing"
    returned = await line.superior.done("POST", f"{path}/decisions", RETURN)
    assert returned["state"] == "returned"
    changed = await line.seller.done("PATCH", path, {"strategy": "Other"}, if_match=returned["version"])
    again = await line.seller.done("POST", f"{path}/submissions", {"version": changed["version"]})
    approved = await line.superior.done("POST", f"{path}/decisions", APPROVE | {"submission": again["submission"]})
    assert (approved["state"], approved["submission"], approved["in_force"]) == ("approved", 2, 2)
    assert [(one["what"], one["done_on"]) for one in approved["measures"]] == [("Visit the plant", None)]
    first, second = (await line.seller.done("GET", f"{path}/submissions"))["items"]
    assert (first["content"]["strategy"], first["decision"], first["comment"]) == (
        "Through development.",
        "returned",
        "Too little.",
    )
    assert (second["content"]["strategy"], second["decided_by"]) == ("Other", line.superior.id)


async def test_a_changed_plan_leaves_the_approved_one_in_force(line: Line) -> None:
    plan = await line.approved()
    path = f"/v1/account-plans/{plan['id']}"
    unchanged = await line.seller.post(f"{path}/submissions", {"version": plan["version"]})
    assert (unchanged.status_code, unchanged.json()["code"]) == (409, "plan_unchanged")
    (measure,) = plan["measures"]
    done = await line.seller.done("POST", f"{path}/measures/{measure['id']}/completions", {"on": "2026-11-01"})
    kept = {name: measure[name] for name in ("id", "what", "due_on", "owner_id")}
    more = {"what": "Samples", "due_on": f"{YEAR}-04-01", "owner_id": line.seller.id}
    draft = await line.seller.done("PATCH", path, {"measures": [kept, more]}, if_match=done["version"])
    assert (draft["state"], draft["in_force"], len(draft["measures"])) == ("draft", 1, 1)
    await line.seller.done("POST", f"{path}/submissions", {"version": draft["version"]})
    approved = await line.superior.done("POST", f"{path}/decisions", APPROVE | {"submission": 2})
    assert [(one["what"], one["done_on"]) for one in approved["measures"]] == [
        ("Visit the plant", "2026-11-01"),
        ("Samples", None),
    ]


async def test_nobody_approves_their_own_also_not_as_a_stand_in(house: House, make: Make, line: Line) -> None:
    plan = await line.submitted()
    path = f"/v1/account-plans/{plan['id']}/decisions"
    own = await line.seller.post(path, APPROVE)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    today = house.clock().date()
    stand_in = {
        "person_id": line.superior.id,
        "stand_in_id": line.seller.id,
        "from_date": str(today),
        "until_date": str(today + timedelta(days=5)),
    }
    await line.superior.done("POST", "/v1/stand-ins", stand_in)
    await house.settle()
    as_stand_in = await line.seller.post(path, APPROVE, headers={"on-behalf-of": line.superior.id})
    assert (as_stand_in.status_code, as_stand_in.json()["code"]) == (403, "own_matter")
    peer, stranger = await make.seller(line.superior), await make.seller()
    assert (await peer.post(path, APPROVE)).status_code == 404
    assert (await stranger.post(path, APPROVE)).status_code == 404
    operations = await house.import_client()
    refused = await operations.post(path, APPROVE)
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_not_allowed")
    assert (await line.top.post(path, APPROVE)).status_code == 201


async def test_whoever_submits_for_somebody_does_not_approve(line: Line) -> None:
    plan = await line.plan()
    path = f"/v1/account-plans/{plan['id']}"
    await line.superior.done("POST", f"{path}/submissions", {"version": plan["version"]})
    refused = await line.superior.post(f"{path}/decisions", APPROVE)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_matter")
    assert (await line.top.post(f"{path}/decisions", APPROVE)).status_code == 201


async def test_two_decisions_at_once_are_one(line: Line) -> None:
    plan = await line.submitted()
    path = f"/v1/account-plans/{plan['id']}/decisions"
    asked = [line.superior.post(path, APPROVE), line.top.post(path, RETURN), line.top.post(path, APPROVE)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"plan_not_submitted"}


async def test_submitting_and_changing_at_once_submits_what_was_read(line: Line) -> None:
    plan = await line.plan()
    path, version = f"/v1/account-plans/{plan['id']}", plan["version"]
    change, submission = await asyncio.gather(
        line.seller.patch(path, {"strategy": "Other"}, if_match=version),
        line.seller.post(f"{path}/submissions", {"version": version}),
    )
    assert {change.status_code, submission.status_code} in ({200, 412}, {201, 412})
    kept = (await line.seller.done("GET", f"{path}/submissions"))["items"]
    assert [one["content"]["strategy"] for one in kept] == ["Through development."] * submission.is_success


async def test_what_a_plan_cannot_be(make: Make, line: Line) -> None:
    plan = await line.plan(goals=[], measures=[])
    incomplete = await line.seller.post(f"/v1/account-plans/{plan['id']}/submissions", {"version": plan["version"]})
    assert (incomplete.status_code, incomplete.json()["missing"]) == (422, ["goals", "measures"])
    twice = await line.seller.post("/v1/account-plans", {"customer_id": line.customer["id"], "year": YEAR})
    assert (twice.status_code, twice.json()["plan_id"]) == (409, plan["id"])
    hidden = await make.customer(await make.seller())
    for customer_id in (hidden["id"], str(new_id())):
        refused = await line.seller.post("/v1/account-plans", {"customer_id": customer_id, "year": YEAR})
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_customer")
    nobody = [{"what": "Visit", "due_on": "2031-01-01", "owner_id": str(new_id())}]
    answer = await line.seller.patch(f"/v1/account-plans/{plan['id']}", {"measures": nobody}, if_match=plan["version"])
    assert answer.json()["errors"][0]["pointer"] == "/measures/0/owner_id"
    year = await line.seller.post("/v1/account-plans", {"customer_id": line.customer["id"], "year": 20310})
    assert year.status_code == 400


async def test_a_measure_is_done_once_by_whose_it_is(house: House, make: Make, line: Line) -> None:
    plan = await line.approved()
    (measure,) = plan["measures"]
    path = f"/v1/account-plans/{plan['id']}/measures/{measure['id']}/completions"
    ahead = await line.seller.post(path, {"on": str(house.clock().date() + timedelta(days=2))})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "date_ahead")
    answers = await asyncio.gather(*(line.seller.post(path, {"on": "2026-11-01"}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert (await (await make.seller()).post(path, {"on": "2026-11-01"})).status_code == 404
    unknown = path.replace(measure["id"], str(new_id()))
    assert (await line.seller.post(unknown, {"on": "2026-11-01"})).status_code == 404


async def test_the_superior_sees_how_all_plans_stand(house: House, make: Make, line: Line) -> None:
    operations = await house.import_client()
    lazy = await make.seller(line.superior)
    other = await make.customer(lazy)
    await make.customer(lazy)  # of no tier: no plan is asked for
    for customer in (line.customer, other):
        body = {"tier": "key", "reason": "large"}
        await line.superior.done("POST", f"/v1/customers/{customer['id']}/tier-changes", body)
    plan = await line.approved()
    won = await make.opportunity(line.seller, customer_id=line.customer["id"], amount="400.00")
    outcome = {"outcome": "won", "override_reason": "signed"}
    await line.superior.done("POST", f"/v1/opportunities/{won['id']}/outcomes", outcome)
    await house.settle()
    year = house.clock().date().year
    standings = f"/v1/account-plan-standings?year={YEAR}"
    by_customer = {one["customer_id"]: one for one in (await line.superior.done("GET", standings))["items"]}
    assert {one: by_customer[one]["state"] for one in by_customer} == {
        line.customer["id"]: "approved",
        other["id"]: "missing",
    }
    mine = by_customer[line.customer["id"]]
    assert (mine["plan_id"], mine["target"], mine["measures"], mine["won"]) == (
        plan["id"],
        {"amount": "1000.00", "currency": "USD"},
        1,
        [],
    )
    assert [one["overdue"] for one in by_customer.values()] == [False, False]
    await operations.done("POST", f"/v1/account-plan-years/{YEAR}", {"due_on": "2026-01-31"})
    (late,) = (await line.superior.done("GET", f"{standings}&overdue=true"))["items"]
    assert (late["customer_id"], late["due_on"]) == (other["id"], "2026-01-31")
    counts = await line.superior.done("GET", f"/v1/account-plan-standings/counts?year={YEAR}")
    assert (counts["missing"], counts["approved"], counts["overdue"]) == (1, 1, 1)
    theirs = await lazy.done("GET", standings)
    assert [one["customer_id"] for one in theirs["items"]] == [other["id"]]
    this_year = (await line.superior.done("GET", f"/v1/account-plan-standings?year={year}"))["items"]
    of_customer = next(one for one in this_year if one["customer_id"] == line.customer["id"])
    assert of_customer["won"] == [{"amount": "400.00", "currency": "USD"}]
    refused = await line.superior.post(f"/v1/account-plan-years/{YEAR}", {"due_on": "2031-01-31"})
    assert (refused.status_code, refused.json()["code"]) == (403, "plan_years_not_allowed")


async def test_only_those_who_look_after_the_customer_read_and_write(house: House, make: Make, line: Line) -> None:
    plan = await line.plan()
    helper = await make.seller()
    opportunity = await make.opportunity(line.seller, customer_id=line.customer["id"])
    member = {"person_id": helper.id, "role": "presales"}
    await line.seller.done("POST", f"/v1/opportunities/{opportunity['id']}/sales-team", member)
    await house.settle()
    assert (await helper.get(f"/v1/customers/{line.customer['id']}")).status_code == 200
    assert (await helper.get(f"/v1/account-plans/{plan['id']}")).status_code == 404
    assert (await helper.done("GET", "/v1/account-plans"))["items"] == []
    refused = await helper.post("/v1/account-plans", {"customer_id": line.customer["id"], "year": YEAR + 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "change_not_allowed")
    for person in (line.seller, line.superior, line.top):
        listed = await person.done("GET", f"/v1/account-plans?customer_id={line.customer['id']}")
        assert [one["id"] for one in listed["items"]] == [plan["id"]]
