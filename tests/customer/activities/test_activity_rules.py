"""When an activity is planned, overdue or done."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.ids import new_id
from services.customer.activities.rules import (
    ActivityNotAllowed,
    ActivityStatus,
    ActivityWithoutDay,
    DoneInFuture,
    check_days,
    check_may_work,
    check_owner,
    status_on,
)
from services.customer.customers.rules.deciding import Decider

TODAY = date(2026, 5, 4)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(today=days, planned=days)
def test_what_is_open_is_overdue_from_the_day_after_its_own(today: date, planned: date) -> None:
    status = status_on(today, planned, None, None)
    assert status is (ActivityStatus.OVERDUE if planned < today else ActivityStatus.PLANNED)


@given(today=days, planned=st.none() | days, ended=days)
def test_what_has_ended_is_never_overdue(today: date, planned: date | None, ended: date) -> None:
    assert status_on(today, planned, ended, None) is ActivityStatus.DONE
    assert status_on(today, planned, None, ended) is ActivityStatus.CANCELLED


def test_an_activity_has_a_day_and_none_is_done_tomorrow() -> None:
    check_days(TODAY + timedelta(days=9), None, TODAY)
    check_days(None, TODAY, TODAY)
    with pytest.raises(ActivityWithoutDay):
        check_days(None, None, TODAY)
    with pytest.raises(DoneInFuture):
        check_days(None, TODAY + timedelta(days=1), TODAY)


def test_one_plans_for_oneself_and_those_below_and_operations_for_all() -> None:
    me, other, above = new_id(), new_id(), new_id()
    check_owner(Decider(me, frozenset({me}), frozenset()), me, [])
    check_owner(Decider(above, frozenset({above}), frozenset()), me, [other, above])
    check_owner(Decider(me, frozenset({me}), frozenset({"sales_operations"})), other, [])
    with pytest.raises(ActivityNotAllowed):
        check_owner(Decider(me, frozenset({me}), frozenset()), other, [above])


def test_who_neither_does_it_nor_looks_after_the_customer_leaves_it_alone() -> None:
    owner, manager, above, stranger = (new_id() for _ in range(4))
    for may in (owner, manager, above):
        check_may_work(Decider(may, frozenset({may}), frozenset()), owner, manager, [above], [])
    check_may_work(Decider(above, frozenset({above}), frozenset()), owner, manager, [], [above])
    with pytest.raises(ActivityNotAllowed):
        check_may_work(Decider(stranger, frozenset({stranger}), frozenset()), owner, manager, [above], [above])
