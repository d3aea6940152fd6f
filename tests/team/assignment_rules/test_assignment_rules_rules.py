"""Which rule decides: the first that fits and has somebody who is there; people take turns."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.ids import new_id
from services.team.assignment_rules.rules import (
    NOBODY,
    AssignmentRule,
    OwnAssignment,
    RevenueBoundsUnclear,
    RulesInPast,
    RuleSpanEmpty,
    Subject,
    UnknownAssignee,
    check_activation,
    check_rules,
    decide,
    fits,
)

TODAY = date(2026, 5, 4)
ANNA, BO, CHEN = new_id(), new_id(), new_id()
ALL = {ANNA, BO, CHEN}
CHINA = AssignmentRule("China", (ANNA,), countries=("CN",))
REST = AssignmentRule("Everything else", (BO,))


def one(rules: list[AssignmentRule], subject: Subject, there: set[UUID] = ALL) -> tuple[UUID | None, int | None]:
    (found,), _ = decide(rules, [subject], there, {}, TODAY)
    return found.account_manager_id, found.position


def test_the_first_rule_that_fits_decides() -> None:
    assert one([CHINA, REST], Subject(country="CN")) == (ANNA, 1)
    assert one([CHINA, REST], Subject(country="DE")) == (BO, 2)
    assert one([REST, CHINA], Subject(country="CN")) == (BO, 1)
    assert one([CHINA], Subject(country="DE")) == (None, None)


def test_what_is_not_known_of_a_customer_fits_no_condition() -> None:
    for rule in (
        replace(REST, countries=("CN",)),
        replace(REST, regions=("广东",)),
        replace(REST, industries=("shoes",)),
        replace(REST, tiers=("key",)),
        replace(REST, customer_ids=(new_id(),)),
        replace(REST, revenue_from=Decimal(1), revenue_currency="CNY"),
    ):
        assert not fits(rule, Subject(), TODAY)
        assert fits(REST, Subject(), TODAY)


def test_words_are_compared_as_people_write_them() -> None:
    rule = replace(REST, cities=("São Paulo", "広州"), industries=("Footwear",))
    assert fits(rule, Subject(city="sao  PAULO", industry="ＦＯＯＴＷＥＡＲ"), TODAY)
    assert not fits(rule, Subject(city="Paulo", industry="Footwear"), TODAY)
    assert not fits(rule, Subject(city="São Paulo", industry="Toys"), TODAY)


@pytest.mark.parametrize(("revenue", "fit"), [("99.99", False), ("100", True), ("199.99", True), ("200", False)])
def test_the_lower_bound_of_revenue_is_included_the_upper_one_is_not(revenue: str, fit: bool) -> None:
    rule = replace(REST, revenue_from=Decimal(100), revenue_below=Decimal(200), revenue_currency="CNY")
    assert fits(rule, Subject(revenue=Decimal(revenue), revenue_currency="CNY"), TODAY) is fit
    assert not fits(rule, Subject(revenue=Decimal(150), revenue_currency="USD"), TODAY)


def test_a_rule_holds_from_its_first_day_up_to_its_last_not_included() -> None:
    rule = replace(REST, from_date=TODAY, until_date=TODAY + timedelta(days=2))
    assert [fits(rule, Subject(), TODAY + timedelta(days=days)) for days in (-1, 0, 1, 2)] == [False, True, True, False]


def test_who_has_left_gets_nothing_and_a_rule_of_leavers_is_passed_over() -> None:
    both = replace(CHINA, person_ids=(ANNA, CHEN))
    assert one([both, REST], Subject(country="CN"), {CHEN, BO}) == (CHEN, 1)
    assert one([CHINA, REST], Subject(country="CN"), {BO}) == (BO, 2)
    assert one([CHINA], Subject(country="CN"), {BO}) == (None, None)


@given(customers=st.integers(1, 60), before=st.integers(0, 10), people=st.integers(1, 5))
def test_people_take_turns_so_that_nobody_gets_two_more_than_another(customers: int, before: int, people: int) -> None:
    team = tuple(new_id() for _ in range(people))
    rule = AssignmentRule("Shared", team)
    found, taken = decide([rule], [Subject()] * customers, set(team), {0: before}, TODAY)
    counts = Counter(each.account_manager_id for each in found)
    given_out = [counts[person] for person in team]
    assert sum(given_out) == customers == taken[0]
    assert max(given_out) - min(given_out) <= 1
    assert found[0].account_manager_id == team[before % people]


def test_whoever_looks_after_it_already_keeps_it_and_takes_no_turn() -> None:
    shared = AssignmentRule("Shared", (ANNA, BO))
    found, taken = decide([shared], [Subject(account_manager_id=BO), Subject(account_manager_id=CHEN)], ALL, {}, TODAY)
    assert [each.account_manager_id for each in found] == [BO, ANNA]
    assert taken == {0: 1}
    assert decide([CHINA], [Subject(account_manager_id=BO)], ALL, {}, TODAY)[0] == [NOBODY]


def test_rules_that_say_nothing_are_refused() -> None:
    check_rules([CHINA, REST], ALL)
    with pytest.raises(UnknownAssignee):
        check_rules([CHINA, REST], {ANNA})
    for bounds in (
        {"revenue_from": Decimal(1)},
        {"revenue_currency": "CNY"},
        {"revenue_from": Decimal(2), "revenue_below": Decimal(2), "revenue_currency": "CNY"},
    ):
        with pytest.raises(RevenueBoundsUnclear):
            check_rules([replace(REST, **bounds)], ALL)
    with pytest.raises(RuleSpanEmpty):
        check_rules([replace(REST, from_date=TODAY, until_date=TODAY)], ALL)


def test_nobody_decides_for_themselves_or_for_yesterday() -> None:
    check_activation([CHINA], {CHEN}, TODAY, TODAY)
    with pytest.raises(RulesInPast):
        check_activation([CHINA], {CHEN}, TODAY - timedelta(days=1), TODAY)
    with pytest.raises(OwnAssignment):
        check_activation([CHINA, REST], {CHEN, BO}, TODAY, TODAY)
