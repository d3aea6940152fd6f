"""The judge on histories made by hand: each names one thing that does not hold."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.faults.history import Call, Delivered, Followed, History, Outcome, Read
from tests.faults.judging import judge
from tests.faults.judging.sums import EVERYTHING
from tests.faults.judging.verdicts import Broken
from tests.faults.state import COMMON, QUESTIONS, Final, Row

HEAD, SELLER, OTHER, DEAL, IMPORTED = "head", "seller", "other", "deal", "imported"
SUPERIORS = {SELLER: [HEAD], OTHER: [HEAD], HEAD: []}
AMOUNT = Decimal("10.00")
Scene = tuple[History, dict[str, dict[str, list[Row]]]]


def call(operation: str, mark: str, outcome: Outcome = Outcome.ACKNOWLEDGED, **given: Any) -> Call:
    person = given.pop("person", SELLER)
    answer = given.pop("answer", {})
    values = {"key": f"key of {mark}", "subject": DEAL, "body": None, "began": 1.0, "ended": 2.0} | given
    return Call(1, operation, person, "/", mark=mark, tries=["201"], outcome=outcome, answer=answer, **values)


def sound() -> Scene:
    """Return one opportunity, created, moved and handed to somebody else, and all that must be there of it."""
    history = History()
    state = {"id": DEAL, "state": "open", "amount": {"amount": "10.00", "currency": "USD"}}
    for each in (
        call("create_opportunity", "Deal", subject=None, answer=state | {"version": 1, "stage": "find_contact"}),
        call("change_stage", "moved", began=3.0, ended=4.0, answer=state | {"version": 2, "stage": "shortlist"}),
        call(
            "replace_principal",
            "handed on",
            person=HEAD,
            began=5.0,
            ended=6.0,
            answer=state | {"version": 3, "stage": "shortlist", "principal_id": OTHER},
        ),
        call("replace_principal", "by myself", Outcome.REFUSED, answer={"status": 403, "code": "own_matter"}),
    ):
        history.add(each)
    history.add(Read(SELLER, "get", DEAL, 2.5, 2.6, [DEAL]))
    history.add(Read(OTHER, "search", DEAL, 7.0, 7.1, [DEAL]))
    for position, version in enumerate((1, 2, 3), start=1):
        history.add(Followed("opportunity", position, f"event {version}", "changed", DEAL, version))
    _with_jobs_and_webhook(history)
    return history, _rows()


def _with_jobs_and_webhook(history: History) -> None:
    """Add an import and an export as jobs, and a webhook for what follows upon a creation."""
    item = {"index": 0, "outcome": "created", "id": IMPORTED}
    taken = {"id": "import", "state": "succeeded", "progress": {"done": 1, "total": 1}, "items": [item]}
    body = {"items": [{"legal_name": "Customer imported"}]}
    history.add(call("import_job", "job", subject=None, body=body, answer=taken))
    history.add(call("create_customer", "Customer", subject=None, answer={"id": "customer", "version": 1}))
    file = {"id": "export", "state": "succeeded", "rows": ["customer", "another"]}
    history.add(call("export_job", "file", subject=None, began=3.0, ended=4.0, answer=file))
    types = {"event_types": ["changed"]}
    secret = {"version": 1, "secret": "whsec_"}
    history.add(call("register_webhook", "opportunity", subject=None, body=types, answer=secret))
    for position in (1, 2, 2, 3):
        history.add(Delivered("opportunity", position, f"event {position}", "changed", DEAL, 10.0))
    history.add(Followed("opportunity", 4, "import ended", "job.finished", "import", None))
    for position, aggregate in enumerate(("customer", IMPORTED), start=1):
        history.add(Followed("customer", position, f"{aggregate} made", "created", aggregate, 1))
    history.add(Followed("customer", 3, "export ended", "job.finished", "export", None))


def _rows() -> dict[str, dict[str, list[Row]]]:
    rows: dict[str, dict[str, list[Row]]] = {
        service: {name: [] for name in {**asked, **COMMON}} for service, asked in QUESTIONS.items()
    }
    for tables in rows.values():
        tables |= {name: [{"count": 0}] for name in ("outbox", "unfinished_keys", "broken_links")}
    opportunity = {"id": DEAL, "version": 3, "name": "Deal", "principal_id": OTHER, "stage": "shortlist"}
    opportunity |= {"state": "open", "currency": "USD", "amount": AMOUNT, "external_id": None}
    first = {"opportunity_id": DEAL, "principal_id": SELLER, "from_at": 1.5, "until_at": 5.5}
    second = {"opportunity_id": DEAL, "principal_id": OTHER, "from_at": 5.5, "until_at": None}
    counted = {"place": "shortlist", "currency": "USD", "count": 1, "amount": AMOUNT}
    rows["opportunity"] |= {
        "opportunities": [opportunity],
        "principals": [
            first | {"decided_by": SELLER, "reason": None},
            second | {"decided_by": HEAD, "reason": "handed on"},
        ],
        "stage_changes": [{"opportunity_id": DEAL, "to_stage": "shortlist", "to_state": "open", "reason": "moved"}],
        "refusals": [{"aggregate_id": DEAL, "actor": SELLER}],
        "deltas": [{"count": 0}],
        "counters": [
            {"person_id": person, "reach": reach, **counted}
            for person, reach in ((OTHER, "own"), (OTHER, "subtree"), (HEAD, "subtree"), (EVERYTHING, "subtree"))
        ],
        "feed": [
            {"position": each, "event_id": f"event {each}", "type": "changed", "aggregate_id": DEAL, "version": each}
            for each in (1, 2, 3)
        ],
        "jobs": [{"id": "import", "state": "succeeded"}],
        "hooked": [{"event_id": "event 1", "state": "delivered"}],
    }
    made = [("customer", "Customer"), (IMPORTED, "Customer imported")]
    rows["customer"] |= {
        "customers": [{"id": each, "version": 1, "legal_name": name} for each, name in made],
        "feed": [
            {"position": place, "event_id": f"{each} made", "type": "created", "aggregate_id": each, "version": 1}
            for place, (each, _) in enumerate(made, start=1)
        ],
        "jobs": [{"id": "export", "state": "succeeded"}],
    }
    for service, position, job in (("opportunity", 4, "import"), ("customer", 3, "export")):
        end = {"position": position, "event_id": f"{job} ended", "type": "job.finished", "aggregate_id": job}
        rows[service]["feed"].append(end | {"version": None})
    rows["forecast"]["known"] = [{"id": DEAL, "version": 3, "principal_id": OTHER, "state": "open"}]
    return rows


def broken(scene: Scene) -> set[Broken]:
    history, rows = scene
    funnels = {HEAD: {"shortlist": (1, AMOUNT), "open": (1, AMOUNT)}}
    return {verdict.broken for verdict in judge(history, Final(rows, SUPERIORS, funnels))}


def test_nothing_is_said_of_what_is_sound() -> None:
    assert broken(sound()) == set()


def _lose_the_move(history: History, rows: Any) -> None:
    rows["opportunity"]["stage_changes"] = []


def _double_the_move(history: History, rows: Any) -> None:
    rows["opportunity"]["stage_changes"] *= 2


def _do_what_was_refused(history: History, rows: Any) -> None:
    rows["opportunity"]["stage_changes"].append({"opportunity_id": DEAL, "to_stage": "x", "reason": "no"})
    history.add(call("change_stage", "no", Outcome.REFUSED, answer={"status": 409, "code": "already_in_stage"}))


def _fall_back(history: History, rows: Any) -> None:
    rows["opportunity"]["opportunities"][0] |= {"version": 2}
    rows["forecast"]["known"][0] |= {"version": 2}
    del rows["opportunity"]["feed"][-1], history.followed[-1]


def _never_learn(history: History, rows: Any) -> None:
    history.add(call("read", "never", Outcome.UNRESOLVED))


def _leave_a_gap(history: History, rows: Any) -> None:
    rows["opportunity"]["principals"][0] |= {"until_at": 5.4}


def _let_a_peer_decide(history: History, rows: Any) -> None:
    rows["opportunity"]["principals"][1] |= {"decided_by": OTHER}


def _forget_a_refusal(history: History, rows: Any) -> None:
    rows["opportunity"]["refusals"] = []


def _miss_an_event(history: History, rows: Any) -> None:
    del history.followed[1]


def _never_publish(history: History, rows: Any) -> None:
    del rows["opportunity"]["feed"][1], history.followed[1]
    rows["opportunity"]["feed"][1] |= {"position": 2}


def _meet_twice(history: History, rows: Any) -> None:
    history.followed.append(history.followed[-1])


def _swap_events(history: History, rows: Any) -> None:
    first, second = rows["opportunity"]["feed"][:2]
    first["version"], second["version"] = second["version"], first["version"]


def _forget_a_delta(history: History, rows: Any) -> None:
    del rows["opportunity"]["counters"][0]


def _see_too_much(history: History, rows: Any) -> None:
    history.add(Read(SELLER, "get", DEAL, 7.0, 7.1, [DEAL]))


def _find_too_little(history: History, rows: Any) -> None:
    history.add(Read(HEAD, "search", DEAL, 7.0, 7.1, []))


def _count_twice(history: History, rows: Any) -> None:
    line = {"cycle_id": "cycle", "opportunity_id": DEAL, "principal_id": OTHER, "category": "commit"}
    rows["forecast"]["live_lines"] = [line | {"seat_id": "one"}, line | {"seat_id": "two"}]


def _answer(history: History, operation: str) -> dict[str, Any]:
    return next(each.answer for each in history.calls if each.operation == operation)


def _forget_a_job(history: History, rows: Any) -> None:
    rows["opportunity"]["jobs"] = []


def _do_a_job_nobody_asked_for(history: History, rows: Any) -> None:
    rows["customer"]["jobs"].append({"id": "ghost", "state": "succeeded"})


def _leave_a_job_lying(history: History, rows: Any) -> None:
    rows["opportunity"]["jobs"][0] |= {"state": "running"}


def _end_a_job_twice(history: History, rows: Any) -> None:
    end = rows["customer"]["feed"][-1]
    rows["customer"]["feed"].append(end | {"position": end["position"] + 1, "event_id": "again"})
    history.add(Followed("customer", end["position"] + 1, "again", "job.finished", "export", None))


def _do_a_chunk_twice(history: History, rows: Any) -> None:
    _answer(history, "import_job")["items"] *= 2


def _skip_a_chunk(history: History, rows: Any) -> None:
    _answer(history, "import_job")["items"].clear()


def _write_a_row_twice(history: History, rows: Any) -> None:
    _answer(history, "export_job")["rows"].append("another")


def _leave_out_a_row(history: History, rows: Any) -> None:
    _answer(history, "export_job")["rows"].remove("customer")


def _deliver_less(history: History, rows: Any) -> None:
    del history.delivered[1:3]


def _deliver_out_of_order(history: History, rows: Any) -> None:
    history.delivered.reverse()


def _deliver_what_is_not_there(history: History, rows: Any) -> None:
    history.add(Delivered("opportunity", 9, "event 9", "changed", DEAL, 10.0))


def _give_a_delivery_up(history: History, rows: Any) -> None:
    rows["opportunity"]["hooked"][0] |= {"state": "dead"}


def _add_up_wrongly(history: History, rows: Any) -> None:
    figures = {"own": Decimal(0), "gathered": Decimal(1), "adjustment": Decimal(0)}
    row = {"forecast_id": "f", "category": "commit", **figures}
    rows["forecast"] |= {"totals": [row], "cells": [row]}


@pytest.mark.parametrize(
    ("happens", "named"),
    [
        (_lose_the_move, Broken.LOST),
        (_double_the_move, Broken.DOUBLED),
        (_do_what_was_refused, Broken.DOUBLED),
        (_fall_back, Broken.LOST),
        (_never_learn, Broken.UNRESOLVED),
        (_leave_a_gap, Broken.PRINCIPAL),
        (_let_a_peer_decide, Broken.PRINCIPAL),
        (_forget_a_refusal, Broken.LOST),
        (_miss_an_event, Broken.EVENT_LOST),
        (_never_publish, Broken.EVENT_LOST),
        (_meet_twice, Broken.EVENT_DOUBLED),
        (_swap_events, Broken.EVENT_ORDER),
        (_forget_a_delta, Broken.SUM),
        (_see_too_much, Broken.LEAK),
        (_find_too_little, Broken.HIDDEN),
        (_count_twice, Broken.DOUBLED),
        (_add_up_wrongly, Broken.SUM),
        (_forget_a_job, Broken.LOST),
        (_do_a_job_nobody_asked_for, Broken.DOUBLED),
        (_leave_a_job_lying, Broken.UNRESOLVED),
        (_end_a_job_twice, Broken.EVENT_DOUBLED),
        (_do_a_chunk_twice, Broken.DOUBLED),
        (_skip_a_chunk, Broken.LOST),
        (_write_a_row_twice, Broken.DOUBLED),
        (_leave_out_a_row, Broken.LOST),
        (_deliver_less, Broken.EVENT_LOST),
        (_deliver_out_of_order, Broken.EVENT_ORDER),
        (_deliver_what_is_not_there, Broken.EVENT_DOUBLED),
        (_give_a_delivery_up, Broken.UNRESOLVED),
    ],
)
def test_what_does_not_hold_is_named(happens: Callable[[History, Any], None], named: Broken) -> None:
    history, rows = sound()
    happens(history, rows)
    assert named in broken((history, rows))


def test_who_leaves_may_be_seen_either_way_until_the_change_is_acknowledged() -> None:
    history, rows = sound()
    history.add(Read(SELLER, "get", DEAL, 5.6, 5.7, [DEAL]))
    history.add(Read(SELLER, "get", DEAL, 5.6, 5.7, []))
    history.add(Read(OTHER, "get", DEAL, 5.6, 5.7, []))
    assert broken((history, rows)) == set()


def test_an_unknown_outcome_that_was_refused_in_the_end_has_no_effect() -> None:
    history, rows = sound()
    asked = call("change_stage", "late", Outcome.REFUSED, answer={"status": 409, "code": "already_in_stage"})
    history.add(replace(asked, tries=["lost", "409 already_in_stage"]))
    assert broken((history, rows)) == set()
