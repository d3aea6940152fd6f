"""Whatever the funnel refuses says what is wrong, which input is to blame, and what to do instead."""

from dataclasses import dataclass, field
from typing import Any

from tests.house import Client
from tests.make import Make

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
                {"criterion": "contact_named", "stage": "find_contact", "operation": "mark_criterion"},
                {"criterion": "budget_known", "stage": "confirm_need", "operation": "mark_criterion"},
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


async def test_every_refusal_says_what_to_do(make: Make) -> None:
    manager, seller = await make.line(2)
    people = {name: await make.seller(manager) for name in ("helper", "onlooker", "stranger")} | {"seller": seller}
    people["operations"] = await make.person(roles=["sales_operations"])
    paths = {state: await _opportunity(make, state, manager, people) for state in ("open", "ahead", "lost")}
    wrong = [
        (case, told)
        for case in TABLE
        if (told := _judge(case, await _ask(people[case.by], paths[case.state], case))) is not None
    ]
    assert wrong == []


def _judge(case: Refused, answer: Any) -> Any:
    """Return what was answered where it is not the refusal expected."""
    told = answer.json()
    pointers = [fault["pointer"] for fault in told.get("errors", [])]
    is_right = (
        (answer.status_code, told.get("code")) == (case.status, case.code)
        and answer.headers["content-type"] == "application/problem+json"
        and (case.pointer is None or pointers == [case.pointer])
        and case.way_out in told["detail"]
        and all(told[member] == value for member, value in case.members.items())
    )
    return None if is_right else told


async def _ask(by: Client, path: str, case: Refused) -> Any:
    where = f"{path}/{case.at}" if case.at else path
    if case.method == "PATCH STALE":
        return await by.request("PATCH", where, case.body, if_match=99)
    return await by.request(case.method, where, case.body)


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
