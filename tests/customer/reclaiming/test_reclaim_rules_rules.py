"""When a customer counts as neglected, and what follows on which day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.ids import new_id
from services.customer.reclaiming.rules import (
    DEFAULT,
    Facts,
    Notice,
    NoticeTooLong,
    ReclaimRulesInPast,
    ReclaimRulesNotAllowed,
    ReclaimWhy,
    Step,
    announced_for,
    check_may_decide,
    check_reclaim_rules,
    due_of,
    step_of,
)

DAY = date(2026, 5, 4)
ANNA = new_id()
QUIET = Facts(new_id(), 1, ANNA, DAY, None)
days = st.integers(0, 2000)


def on(number: int) -> date:
    return DAY + timedelta(days=number)


def notice(due_on: date) -> Notice:
    return Notice(new_id(), QUIET.id, ANNA, due_on)


def test_one_never_won_is_due_after_what_last_happened_one_won_after_its_last_contract() -> None:
    never = due_of(QUIET, DEFAULT)
    assert (never.why, never.on) == (ReclaimWhy.NEVER_WON, on(180))
    won = due_of(replace(QUIET, contract_end=on(100)), DEFAULT)
    assert (won.why, won.last_day, won.on) == (ReclaimWhy.CONTRACT_ENDED, on(100), on(465))
    later = due_of(replace(QUIET, last_day=on(200), contract_end=on(100)), DEFAULT)
    assert (later.last_day, later.on) == (on(200), on(565))


@pytest.mark.parametrize(("number", "step"), [(165, Step.NOTHING), (166, Step.ANNOUNCE), (500, Step.ANNOUNCE)])
def test_it_is_announced_as_long_before_as_the_notice_is_long(number: int, step: Step) -> None:
    assert step_of(QUIET, None, DEFAULT, on(number)) is step


@given(number=days)
def test_nobody_is_reclaimed_sooner_than_the_notice_is_long(number: int) -> None:
    due_on = announced_for(due_of(QUIET, DEFAULT), DEFAULT, on(number))
    assert due_on >= on(number + DEFAULT.notice_days)
    assert step_of(QUIET, notice(due_on), DEFAULT, due_on - timedelta(days=1)) is Step.NOTHING
    assert step_of(QUIET, notice(due_on), DEFAULT, due_on) is Step.RECLAIM


@given(happened=days, number=days)
def test_whatever_happens_before_the_day_takes_the_notice_back(happened: int, number: int) -> None:
    due_on = announced_for(due_of(QUIET, DEFAULT), DEFAULT, on(number))
    touched = replace(QUIET, last_day=max(DAY, on(number) + timedelta(days=1)))
    assert step_of(touched, notice(due_on), DEFAULT, due_on) is Step.WITHDRAW
    won = replace(QUIET, contract_end=due_on)
    assert step_of(won, notice(due_on), DEFAULT, due_on) is Step.WITHDRAW


def test_a_notice_falls_away_with_its_manager_or_its_rules() -> None:
    due_on = on(180)
    assert step_of(replace(QUIET, account_manager_id=new_id()), notice(due_on), DEFAULT, due_on) is Step.WITHDRAW
    assert step_of(QUIET, notice(due_on), replace(DEFAULT, is_on=False), due_on) is Step.WITHDRAW
    assert step_of(QUIET, notice(due_on), replace(DEFAULT, never_won_days=200), due_on) is Step.WITHDRAW
    assert step_of(QUIET, None, replace(DEFAULT, is_on=False), on(999)) is Step.NOTHING


def test_who_decides_and_what_cannot_be() -> None:
    check_may_decide({"sales_operations"})
    with pytest.raises(ReclaimRulesNotAllowed):
        check_may_decide({"auditor", "marketing"})
    check_reclaim_rules(DEFAULT, DAY, DAY)
    with pytest.raises(ReclaimRulesInPast):
        check_reclaim_rules(DEFAULT, on(-1), DAY)
    with pytest.raises(NoticeTooLong):
        check_reclaim_rules(replace(DEFAULT, notice_days=180), DAY, DAY)
