from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.opportunity.checklist import rules
from services.opportunity.checklist.rules import Duty, by_stage
from services.opportunity.definitions.rules import DutyKind
from services.opportunity.funnel.rules.refusals import OpportunityClosed
from services.opportunity.vocabulary import State

TODAY = date(2026, 11, 26)
PRINCIPAL, HEAD, MEMBER, STRANGER = uuid4(), uuid4(), uuid4(), uuid4()
STAGES = ["one", "two", "three"]


def assign(owner: UUID, *, state: State = State.OPEN, is_done: bool = False, due_on: date | None = None) -> None:
    rules.check_still_to_do(state, is_done=is_done)
    rules.check_owner(owner, PRINCIPAL, f"{HEAD.hex}.{PRINCIPAL.hex}", {MEMBER})
    rules.check_due_on(due_on, TODAY)


def test_a_duty_is_for_whoever_takes_part_or_stands_above() -> None:
    for somebody in (PRINCIPAL, HEAD, MEMBER):
        assign(somebody, due_on=TODAY - timedelta(days=3))
    with pytest.raises(rules.OwnerOutside):
        assign(STRANGER)


def test_what_is_done_or_decided_is_given_to_nobody() -> None:
    with pytest.raises(rules.DutyDone):
        assign(PRINCIPAL, is_done=True)
    for state in (State.WON, State.LOST):
        with pytest.raises(OpportunityClosed):
            assign(PRINCIPAL, state=state)
    with pytest.raises(rules.DueNotPossible):
        assign(PRINCIPAL, due_on=date(2226, 1, 1))


ANY_DUTY = [
    Duty("a_duty", "A duty", DutyKind.TASK, stage, required, done_on, None, due_on)
    for stage in STAGES[:2]
    for required in (True, False)
    for done_on in (None, TODAY)
    for due_on in (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
]


@pytest.mark.parametrize("found", [ANY_DUTY, ANY_DUTY[::2], ANY_DUTY[3:7], []])
def test_the_stages_add_up_to_the_checklist(found: list[Duty]) -> None:
    told = by_stage(STAGES, found, TODAY)
    assert [one.stage for one in told] == STAGES
    assert sum(one.duties for one in told) == len(found)
    assert sum(one.done for one in told) == len([one for one in found if one.done_on])
    assert sum(one.required_done for one in told) == len([one for one in found if one.done_on and one.required])
    late = [one for one in found if one.due_on and one.due_on < TODAY and not one.done_on]
    assert sum(one.overdue for one in told) == len(late)
    assert all(one.required_done <= min(one.required, one.done) for one in told)


def test_nothing_is_done_tomorrow() -> None:
    rules.check_done_on(TODAY, TODAY)
    with pytest.raises(rules.DoneInFuture):
        rules.check_done_on(TODAY + timedelta(days=1), TODAY)
