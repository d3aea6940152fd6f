"""Whatever the funnel refuses says what is wrong, which input is to blame, and what to do instead."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.house import Client, House
from tests.make import Make
from tests.opportunity.definitions.test_definitions import publish_demanding

CHANGES, OUTCOMES, REOPENINGS, SAYING = "stage-changes", "outcomes", "reopenings", "probability-changes"
LONG_AGO, FAR_AHEAD = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


@dataclass(frozen=True)
class Refused:
    """What is asked of an opportunity in some state, and how it is refused."""

    code: str
    status: int
    way_out: str
    body: dict[str, Any]
    at: str = CHANGES
    by: str = "seller"
    state: str = "open"
    pointer: str | None = None
    method: str = "POST"
    members: dict[str, Any] = field(default_factory=dict)


TABLE = [
    Refused(
        "exit_criteria_unmet",
        422,
        "Note each as done when it is, or let a superior",
        {"to_stage": "map_organisation"},
        members={
            "missing": ["contact_named", "budget_known"],
            "criteria": [
                {
                    "criterion": duty,
                    "stage": stage,
                    "title": title,
                    "kind": "task",
                    "operation": "mark_criterion",
                    "method": "PUT",
                    "path": f"{{path}}/criteria/{duty}",
                }
                for duty, stage, title in (
                    ("contact_named", "find_contact", "The right contact is named"),
                    ("budget_known", "confirm_need", "The budget is known"),
                )
            ],
        },
    ),
    Refused("exit_criteria_unmet", 422, "let a superior", {"outcome": "won"}, OUTCOMES),
    Refused(
        "exit_criteria_unmet",
        422,
        "or reopen it in 'find_contact'",
        {"to_stage": "shortlist", "reason": "again"},
        REOPENINGS,
        state="lost",
    ),
    Refused("override_not_allowed", 403, "ask one", {"to_stage": "shortlist", "override_reason": "x"}, by="helper"),
    Refused("own_matter", 403, "a superior of yours", {"to_stage": "shortlist", "override_reason": "x"}),
    Refused("own_matter", 403, "a superior of yours", {"outcome": "won", "override_reason": "x"}, OUTCOMES),
    Refused("not_allowed", 403, "ask its principal owner", {"to_stage": "confirm_need"}, by="onlooker"),
    Refused("not_allowed", 403, "ask its principal owner", {"probability": "1", "reason": "x"}, SAYING, by="onlooker"),
    Refused("not_allowed", 403, "ask its principal owner", {}, "criteria/budget_known", "onlooker", method="PUT"),
    Refused("not_allowed", 403, "ask one of them", {"outcome": "won"}, OUTCOMES, by="helper"),
    Refused("not_allowed", 403, "ask one", {"to_stage": "shortlist", "reason": "x"}, REOPENINGS, "helper", "lost"),
    Refused("not_found", 404, "that you can see", {"to_stage": "confirm_need"}, by="stranger"),
    Refused("opportunity_closed", 409, "reopen it first", {"to_stage": "confirm_need"}, state="lost"),
    Refused("opportunity_closed", 409, "reopen it first", {"outcome": "won"}, OUTCOMES, state="lost"),
    Refused("opportunity_closed", 409, "reopen it first", {"probability": "1", "reason": "x"}, SAYING, state="lost"),
    Refused("opportunity_open", 409, "Record a stage change", {"to_stage": "shortlist", "reason": "x"}, REOPENINGS),
    Refused("already_in_stage", 409, "name another stage", {"to_stage": "find_contact"}, pointer="/to_stage"),
    Refused(
        "stage_entered_by_outcome", 422, "record that it was won or lost", {"to_stage": "close"}, pointer="/to_stage"
    ),
    Refused("unknown_stage", 422, "name one of find_contact, ", {"to_stage": "prospecting"}, pointer="/to_stage"),
    Refused(
        "unknown_stage",
        422,
        "name one of find_contact, ",
        {"to_stage": "prospecting", "reason": "x"},
        REOPENINGS,
        state="lost",
        pointer="/to_stage",
    ),
    Refused("unknown_criterion", 422, "its checklist", {}, "criteria/coffee", pointer="/criterion", method="PUT"),
    Refused("reason_missing", 422, "say in `reason`", {"to_stage": "find_contact"}, state="ahead", pointer="/reason"),
    Refused("reason_missing", 422, "`loss_reason`", {"outcome": "lost"}, OUTCOMES, pointer="/loss_reason"),
    Refused("malformed", 400, "Please correct", {"to_stage": "shortlist"}, REOPENINGS, state="lost", pointer="/reason"),
    Refused(
        "reason_not_fitting",
        422,
        "leave it out",
        {"outcome": "won", "loss_reason": "price"},
        OUTCOMES,
        pointer="/loss_reason",
    ),
    Refused(
        "reason_not_fitting",
        422,
        "leave it out",
        {"outcome": "lost", "loss_reason": "price", "win_reason": "x"},
        OUTCOMES,
        pointer="/win_reason",
    ),
    Refused(
        "reason_not_fitting",
        422,
        "say why",
        {"outcome": "lost", "loss_reason": "not_recorded"},
        OUTCOMES,
        pointer="/loss_reason",
    ),
    Refused(
        "not_from_the_past",
        403,
        "leave the instant out",
        {"to_stage": "find_contact", "at": LONG_AGO, "reason": "x"},
        state="ahead",
    ),
    Refused(
        "not_from_the_past",
        403,
        "leave the instant out",
        {"outcome": "lost", "loss_reason": "price", "decided_at": LONG_AGO},
        OUTCOMES,
    ),
    Refused(
        "not_from_the_past", 403, "leave the instant out", {"probability": "1", "reason": "x", "at": LONG_AGO}, SAYING
    ),
    Refused(
        "instant_not_possible",
        422,
        "leave `at` out",
        {"probability": "1", "reason": "x", "at": FAR_AHEAD},
        SAYING,
        pointer="/at",
    ),
    Refused(
        "instant_not_possible",
        422,
        "give that instant or a later one",
        {"to_stage": "find_contact", "at": LONG_AGO, "reason": "x"},
        by="operations",
        state="ahead",
        pointer="/at",
    ),
    Refused(
        "probability_unchanged",
        409,
        "Say a ratio",
        {"probability": None, "reason": "x"},
        SAYING,
        pointer="/probability",
    ),
    Refused(
        "contract_without_win",
        422,
        "record the win",
        {"contract_until": "2999-01-01"},
        "contract-changes",
        pointer="/contract_until",
    ),
    Refused(
        "contract_ends_too_soon",
        422,
        "or a later one",
        {"outcome": "won", "contract_until": "2020-01-01"},
        OUTCOMES,
        state="ahead",
        pointer="/contract_until",
    ),
    Refused("malformed", 400, "Please correct", {"to_stage": "confirm_need", "why": "x"}, pointer="/why"),
    Refused(
        "precondition_required", 428, "as If-Match", {"amount": "2.00"}, "", method="PATCH", pointer="header:If-Match"
    ),
    Refused("stale_version", 412, "read it again", {"amount": "2.00"}, "", method="PATCH STALE"),
]


ASSIGNED, ASKING = "criteria/need_described/assignment", "resource-requests"
WANTED = {"what": "A mould", "quantity": "2", "unit": "days", "needed_on": "2999-01-01", "why": "They test wear."}
NOBODY = "01890000-0000-7000-8000-000000000000"

DUTIES = [
    Refused("not_allowed", 403, "ask its principal owner", {}, ASSIGNED, "onlooker", method="PUT"),
    Refused("not_found", 404, "that you can see", {}, ASSIGNED, "stranger", method="PUT"),
    Refused(
        "unknown_criterion", 422, "its checklist", {}, "criteria/coffee/assignment", pointer="/criterion", method="PUT"
    ),
    Refused("opportunity_closed", 409, "reopen it first", {}, ASSIGNED, state="lost", method="PUT"),
    Refused("duty_done", 409, "take that back first", {}, ASSIGNED, state="ahead", method="PUT"),
    Refused(
        "owner_outside",
        422,
        "take them into its sales team first",
        {"owner_id": NOBODY},
        ASSIGNED,
        pointer="/owner_id",
        method="PUT",
    ),
    Refused(
        "due_on_not_possible",
        422,
        "give one nearer by",
        {"due_on": "2999-01-01"},
        ASSIGNED,
        pointer="/due_on",
        method="PUT",
    ),
    Refused(
        "done_on_not_possible",
        422,
        "note it as done on",
        {"done_on": "2999-01-01"},
        "criteria/need_described",
        pointer="/done_on",
        method="PUT",
    ),
]
REQUESTS = [
    Refused("not_allowed", 403, "ask its principal owner", WANTED, ASKING, "onlooker"),
    Refused("not_found", 404, "that you can see", WANTED, ASKING, "stranger"),
    Refused("requester_unknown", 403, "let the person do so", WANTED, ASKING, "program"),
    Refused("opportunity_closed", 409, "reopen it first", WANTED, ASKING, state="lost"),
    Refused(
        "resource_unspecified",
        422,
        "an amount of money, or a quantity",
        WANTED | {"quantity": None, "unit": None},
        ASKING,
        pointer="/amount",
    ),
    Refused("resource_unspecified", 422, "say both", WANTED | {"unit": None}, ASKING, pointer="/unit"),
    Refused(
        "needed_on_not_possible",
        422,
        "from today on",
        WANTED | {"needed_on": "2020-01-01"},
        ASKING,
        pointer="/needed_on",
    ),
    Refused("own_matter", 403, "it waits for a superior", {}, "approvals", state="requested"),
    Refused("approval_not_allowed", 403, "Only a superior of who asked", {}, "approvals", "helper", "requested"),
    Refused("not_found", 404, "that you can see", {}, "approvals", "stranger", "requested"),
    Refused("malformed", 400, "Please correct", {}, "returns", "manager", "requested", "/comment"),
    Refused("malformed", 400, "Please correct", {}, "rejections", "manager", "requested", "/comment"),
    Refused("request_not_yours", 403, "Only who asked", {}, "withdrawals", "helper", "requested"),
    Refused("request_not_waiting", 409, "make a new request", WANTED, "resubmissions", state="requested"),
    Refused("request_not_waiting", 409, "who asked can ask again", {}, "approvals", "manager", "approved"),
    Refused("request_not_waiting", 409, "make a new request", {}, "withdrawals", state="approved"),
]
OF_OWN_FUNNEL = [
    Refused(
        "unknown_stage",
        422,
        "'shortlist' is a stage of version 1 of the funnel; this opportunity runs on version 2: name one of talk, ",
        {"to_stage": "shortlist"},
        pointer="/to_stage",
        members={"funnel_version": 2, "found_in": [1], "stages": ["talk", "offer", "signed"]},
    ),
    Refused(
        "unknown_stage",
        422,
        "or have it moved (POST /v1/funnel-definitions/moves/batches)",
        {"to_stage": "offer"},
        state="of version 1",
        pointer="/to_stage",
        members={"funnel_version": 1, "found_in": [2]},
    ),
    Refused(
        "exit_criteria_unmet",
        422,
        "Note each as done when it is, but ask for sales resources and have them approved for resources_requested, or",
        {"to_stage": "offer"},
        members={"missing": ["contact_named", "resources_requested"]},
    ),
    *(
        Refused(
            "duty_by_request",
            409,
            "ask for the resources (POST /v1/opportunities/",
            {},
            "criteria/resources_requested",
            pointer="/criterion",
            method=method,
        )
        for method in ("PUT", "DELETE")
    ),
]


async def test_every_refusal_says_what_to_do(make: Make) -> None:
    manager, seller = await make.line(2)
    people = {name: await make.seller(manager) for name in ("helper", "onlooker", "stranger")} | {"seller": seller}
    people |= {"operations": await make.person(roles=["sales_operations"]), "manager": manager}
    people["program"] = await make.house.import_client()
    paths = {state: await _opportunity(make, state, manager, people) for state in ("open", "ahead", "lost")}
    await seller.done("PUT", f"{paths['ahead']}/criteria/need_described", {})
    for state in ("requested", "approved"):
        asked = await seller.done("POST", f"{paths['open']}/resource-requests", WANTED)
        paths[state] = f"/v1/resource-requests/{asked['id']}"
    await manager.done("POST", f"{paths['approved']}/approvals", {})
    assert await _wrong([*TABLE, *DUTIES, *REQUESTS], people, paths) == []


async def test_so_does_every_refusal_of_an_own_funnel(empty_house: House) -> None:
    own = Make(empty_house)
    seller = await own.seller()
    old = await own.opportunity(seller)
    await publish_demanding(own)
    new = await own.opportunity(seller)
    paths = {"open": f"/v1/opportunities/{new['id']}", "of version 1": f"/v1/opportunities/{old['id']}"}
    assert await _wrong(OF_OWN_FUNNEL, {"seller": seller}, paths) == []


async def _wrong(cases: list[Refused], people: dict[str, Client], paths: dict[str, str]) -> list[Any]:
    """Return the cases that are answered otherwise than by the refusal expected, with the answers."""
    return [
        (case, told)
        for case in cases
        if (told := _judge(case, paths[case.state], await _ask(people[case.by], paths[case.state], case))) is not None
    ]


def _judge(case: Refused, path: str, answer: Any) -> Any:
    """Return what was answered where it is not the refusal expected; `{path}` stands for that of the opportunity."""
    expected = json.loads(json.dumps(case.members).replace("{path}", path))
    told = answer.json()
    pointers = [fault["pointer"] for fault in told.get("errors", [])]
    is_right = (
        (answer.status_code, told.get("code")) == (case.status, case.code)
        and answer.headers["content-type"] == "application/problem+json"
        and (case.pointer is None or pointers == [case.pointer])
        and case.way_out in told["detail"]
        and all(told[member] == value for member, value in expected.items())
    )
    return None if is_right else told


async def _ask(by: Client, path: str, case: Refused) -> Any:
    where = f"{path}/{case.at}" if case.at else path
    if case.method == "PATCH STALE":
        return await by.request("PATCH", where, case.body, if_match=99)
    return await by.request(case.method, where, None if case.method == "DELETE" else case.body)


async def _opportunity(make: Make, state: str, manager: Client, people: dict[str, Client]) -> str:
    """Return the path of an opportunity in the first stage, ahead of it, or lost, which some take part in."""
    seller = people["seller"]
    path = f"/v1/opportunities/{(await make.opportunity(seller))['id']}"
    for name, role in (("helper", "co_seller"), ("onlooker", "presales")):
        await seller.done("POST", f"{path}/sales-team", {"person_id": people[name].id, "role": role})
    if state == "ahead":
        await manager.done("POST", f"{path}/stage-changes", {"to_stage": "shortlist", "override_reason": "bids"})
    if state == "lost":
        await seller.done("POST", f"{path}/outcomes", {"outcome": "lost", "loss_reason": "price"})
    return path
