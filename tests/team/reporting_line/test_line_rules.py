"""The rules of the reporting line, by property."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.team.reporting_line.rules import (
    Edge,
    LineInCircle,
    SuperiorUnchanged,
    check_no_circle,
    circle_begins,
    line_after,
    superior_on,
)

PEOPLE = [UUID(int=number) for number in range(1, 6)]
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(12)]

changes = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from([*PEOPLE, None]), st.sampled_from(DAYS)), max_size=25
)


def applied(decisions: list[tuple[UUID, UUID | None, date]]) -> list[Edge]:
    """Apply each decision that the rules allow."""
    edges: list[Edge] = []
    for person, superior, day in decisions:
        own = [edge for edge in edges if edge.person_id == person]
        try:
            if superior is not None:
                check_no_circle(edges, person, superior, day)
            line = line_after(own, person, superior, day)
        except (LineInCircle, SuperiorUnchanged):
            continue
        edges = [edge for edge in edges if edge.person_id != person] + line
    return edges


def above(edges: list[Edge], person: UUID, day: date) -> list[UUID]:
    """Walk up day by day, the plain way."""
    line: list[UUID] = []
    superior = superior_on([edge for edge in edges if edge.person_id == person], day)
    while superior is not None and superior not in line:
        line.append(superior)
        superior = superior_on([edge for edge in edges if edge.person_id == superior], day)
    return line


@given(changes)
def test_nobody_ever_reports_to_themselves(decisions: list[tuple[UUID, UUID | None, date]]) -> None:
    edges = applied(decisions)

    for day in [*DAYS, DAYS[-1] + timedelta(days=1)]:
        for person in PEOPLE:
            assert person not in above(edges, person, day)


@given(changes)
def test_everybody_has_at_most_one_superior_on_each_day(decisions: list[tuple[UUID, UUID | None, date]]) -> None:
    edges = applied(decisions)

    for edge in edges:
        assert edge.until_date is None or edge.from_date < edge.until_date
    for day in DAYS:
        for person in PEOPLE:
            covering = [
                edge
                for edge in edges
                if edge.person_id == person
                and edge.from_date <= day
                and (edge.until_date is None or day < edge.until_date)
            ]
            assert len(covering) <= 1


@given(changes, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sampled_from(DAYS))
def test_a_circle_is_found_on_its_first_day(
    decisions: list[tuple[UUID, UUID | None, date]], person: UUID, superior: UUID, day: date
) -> None:
    edges = applied(decisions)
    days = [one for one in DAYS if one >= day]

    begins = circle_begins(edges, person, superior, day)

    first = next((one for one in days if person == superior or person in above(edges, superior, one)), None)
    assert begins == first


@given(changes, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sampled_from(DAYS))
def test_a_change_leaves_the_days_before_as_they_were(
    decisions: list[tuple[UUID, UUID | None, date]], person: UUID, superior: UUID, day: date
) -> None:
    own = [edge for edge in applied(decisions) if edge.person_id == person]
    try:
        after = line_after(own, person, superior, day)
    except SuperiorUnchanged:
        after = own

    for one in DAYS:
        assert superior_on(after, one) == (superior if one >= day else superior_on(own, one))


def test_what_changes_nothing_is_refused() -> None:
    person, superior = PEOPLE[:2]
    own = [Edge(person, superior, DAYS[0], DAYS[5]), Edge(person, superior, DAYS[5], None)]

    with pytest.raises(SuperiorUnchanged):
        line_after(own, person, superior, DAYS[3])
    with pytest.raises(SuperiorUnchanged):
        line_after([], person, None, DAYS[3])
    assert line_after(own, person, superior, DAYS[0] - timedelta(days=1)) == [
        Edge(person, superior, DAYS[0] - timedelta(days=1), None)
    ]
