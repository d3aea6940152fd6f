"""Cycles: period, deadlines, frozen seats and frozen rates."""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from servicekit.values.money import scale_of
from services.forecast.cycles.rules import definition, rates, seats
from services.forecast.cycles.rules.definition import Category, Deadline, PeriodKind
from services.forecast.cycles.rules.seats import Member


def person(number: int) -> UUID:
    return UUID(int=number)


def deadline(level: int, day: int) -> Deadline:
    return Deadline(level, datetime(2026, 10, day, tzinfo=UTC))


def test_a_quarter_begins_on_its_first_day_only() -> None:
    period = definition.period_of(PeriodKind.QUARTER, date(2026, 10, 1))
    assert (period.start, period.end) == (date(2026, 10, 1), date(2027, 1, 1))
    with pytest.raises(definition.PeriodStartWrong) as refused:
        definition.period_of(PeriodKind.QUARTER, date(2026, 11, 1))
    assert refused.value.expected_start == date(2026, 10, 1)


def test_a_level_is_not_due_after_the_one_that_gathers_it() -> None:
    definition.check_deadlines([deadline(2, 7), deadline(1, 5)])
    with pytest.raises(definition.DeadlinesOutOfOrder):
        definition.check_deadlines([deadline(1, 9), deadline(2, 7)])
    with pytest.raises(definition.DeadlinesOutOfOrder):
        definition.check_deadlines([deadline(1, 5), deadline(1, 7)])


def test_late_is_what_comes_or_is_missing_after_the_deadline() -> None:
    due = datetime(2026, 10, 5, tzinfo=UTC)
    before, after = datetime(2026, 10, 4, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC)
    assert not definition.is_late(due, before, after)
    assert definition.is_late(due, after, after)
    assert definition.is_late(due, None, after)
    assert not definition.is_late(None, None, after)


@pytest.mark.parametrize("plan", [[Category.COMMIT], [Category.CLOSED, Category.OMITTED]])
def test_the_plan_holds_what_is_won_and_nothing_omitted(plan: list[Category]) -> None:
    definition.check_plan_categories(definition.DEFAULT_PLAN)
    with pytest.raises(definition.PlanCategoriesWrong):
        definition.check_plan_categories(plan)


CHART = [
    Member(person(1), None),
    Member(person(2), person(1)),
    Member(person(3), person(2), is_active=False),
    Member(person(4), person(3)),
    Member(person(5), person(1)),
    Member(person(6), None),
    Member(person(7), None),
]


def test_who_reports_to_a_leaver_sits_below_the_next_superior() -> None:
    frozen = {seat.person_id: seat for seat in seats.freeze(CHART, [], [person(7)])}
    assert frozen[person(4)].superiors == (person(2), person(1))
    assert person(3) not in frozen
    assert [frozen[person(number)].level for number in (4, 2, 5, 1)] == [1, 2, 1, 3]


def test_who_stands_alone_takes_part_only_as_principal_or_head() -> None:
    assert person(6) not in {seat.person_id for seat in seats.freeze(CHART, [], [person(7)])}
    assert person(7) in {seat.person_id for seat in seats.freeze(CHART, [], [person(7)])}
    assert [seat.person_id for seat in seats.freeze(CHART, [person(6)], [])] == [person(6)]


def test_heads_bound_the_cycle() -> None:
    frozen = {seat.person_id: seat for seat in seats.freeze(CHART, [person(2), person(4)], [])}
    assert set(frozen) == {person(2), person(4)}
    assert frozen[person(2)].superior_id is None
    assert frozen[person(4)].superiors == (person(2),)


def test_a_head_is_an_active_person() -> None:
    with pytest.raises(seats.ParticipantUnknown):
        seats.freeze(CHART, [person(3)], [])
    with pytest.raises(seats.NobodyTakesPart):
        seats.freeze([Member(person(1), None)], [], [])


@given(some.lists(some.integers(0, 40), min_size=1, max_size=40), some.sets(some.integers(1, 40)))
def test_frozen_lines_are_whole_and_levels_rise(superiors: list[int], inactive: set[int]) -> None:
    members = [Member(person(1), None)] + [
        Member(person(place + 2), person(min(superior, place) + 1), is_active=place + 2 not in inactive)
        for place, superior in enumerate(superiors)
    ]
    frozen = {seat.person_id: seat for seat in seats.freeze(members, [], [person(1)])}
    assert set(frozen) == {member.person_id for member in members if member.is_active}
    for seat in frozen.values():
        if seat.superior_id is not None:
            superior = frozen[seat.superior_id]
            assert seat.superiors == (superior.person_id, *superior.superiors)
            assert superior.level > seat.level
    below = {seat.superior_id for seat in frozen.values()}
    assert all((seat.level == 1) == (seat.person_id not in below) for seat in frozen.values())


def test_a_joiner_raises_the_levels_above_as_far_as_needed() -> None:
    assert seats.raised_levels([(person(1), 1), (person(2), 2), (person(3), 5)]) == {person(1): 2, person(2): 3}
    assert seats.raised_levels([(person(1), 2), (person(2), 3)]) == {}


@pytest.mark.parametrize(
    ("acts_as", "persons", "operations", "concerned", "may"),
    [
        (1, [1], False, [4], True),
        (9, [9], True, [4], True),
        (5, [5], False, [4], False),
        (4, [4], True, [4], False),
        (1, [1, 4], False, [4], False),  # the one concerned stands in for the superior
        (1, [1, 5], False, [4, 5], False),  # a stand-in would get the seat
    ],
)
def test_nobody_decides_on_their_own_seat(
    acts_as: int, persons: list[int], operations: bool, concerned: list[int], may: bool
) -> None:
    with nullcontext() if may else pytest.raises(seats.SeatOfAnother):
        seats.check_decides_on_seats(
            person(acts_as),
            persons=[person(each) for each in persons],
            holders_above=[person(2), person(1)],
            is_operations=operations,
            concerned=[person(each) for each in concerned],
        )


def test_a_rate_that_was_not_frozen_is_not_guessed() -> None:
    assert rates.rate_into("USD", "USD", {}) == 1
    assert rates.rate_into("EUR", "USD", {"EUR": Decimal("1.1")}) == Decimal("1.1")
    with pytest.raises(rates.RateMissing) as refused:
        rates.rate_into("CNY", "USD", {"EUR": Decimal("1.1")})
    assert refused.value.currency == "CNY"


@given(
    some.lists(some.decimals(0, 10**12, places=2), min_size=1, max_size=30),
    some.decimals("0.0000000001", 20000, places=10),
    some.sampled_from(["USD", "JPY", "KWD"]),
)
def test_converted_parts_add_up_to_the_converted_sum(parts: list[Decimal], rate: Decimal, currency: str) -> None:
    whole, converted = rates.converted_parts(parts, (rate,), currency)
    assert sum(converted) == whole == rates.converted(sum(parts, Decimal(0)), (rate,), currency)
    unit = Decimal(1).scaleb(-scale_of(currency))
    if whole:
        assert all(part >= 0 for part in converted)
        assert all(abs(part - before * rate) <= unit * 2 for part, before in zip(converted, parts, strict=True))
