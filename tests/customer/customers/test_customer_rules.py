from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.customers.rules import deciding, describing, refusals
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.values import Tier

HEAD, SELLER, OTHER = uuid4(), uuid4(), uuid4()


def decider(*persons: UUID, roles: frozenset[str] = frozenset()) -> Decider:
    return Decider(persons[-1], frozenset(persons), roles)


OPERATIONS = decider(uuid4(), roles=frozenset({"sales_operations"}))


def test_a_superior_of_both_reassigns() -> None:
    deciding.check_assignment(decider(HEAD), SELLER, OTHER, [HEAD], [HEAD])


def test_a_superior_takes_from_the_unassigned_list_for_people_below_only() -> None:
    deciding.check_assignment(decider(HEAD), None, SELLER, [], [HEAD])
    with pytest.raises(refusals.AssignmentNotAllowed):
        deciding.check_assignment(decider(HEAD), None, OTHER, [], [])


def test_a_superior_elsewhere_and_the_manager_cannot_reassign() -> None:
    for stranger in (OTHER, SELLER):
        with pytest.raises(refusals.AssignmentNotAllowed):
            deciding.check_assignment(decider(stranger), SELLER, uuid4(), [HEAD], [stranger])


def test_sales_operations_assigns_anybody_but_themselves() -> None:
    deciding.check_assignment(OPERATIONS, SELLER, OTHER, [], [])
    deciding.check_assignment(OPERATIONS, SELLER, None, [], [])
    with pytest.raises(refusals.OwnMatter):
        deciding.check_assignment(OPERATIONS, SELLER, OPERATIONS.authority, [], [])


def test_a_stand_in_does_not_assign_to_themselves() -> None:
    with pytest.raises(refusals.OwnMatter):
        deciding.check_assignment(decider(SELLER, HEAD), OTHER, SELLER, [HEAD], [HEAD])


def test_an_admin_does_not_assign() -> None:
    with pytest.raises(refusals.AssignmentNotAllowed):
        deciding.check_assignment(decider(OTHER, roles=frozenset({"admin"})), SELLER, uuid4(), [HEAD], [HEAD])


@pytest.mark.parametrize("person", [SELLER, None])
def test_assigning_what_is_so_is_a_conflict(person: UUID | None) -> None:
    with pytest.raises(refusals.AlreadySo):
        deciding.check_assignment(OPERATIONS, person, person, [], [])


def test_the_superior_decides_on_the_tier_and_the_manager_does_not() -> None:
    deciding.check_classification(decider(HEAD), None, Tier.KEY, SELLER, [HEAD])
    deciding.check_classification(OPERATIONS, Tier.KEY, None, SELLER, [])
    with pytest.raises(refusals.OwnMatter):
        deciding.check_classification(decider(SELLER), None, Tier.KEY, SELLER, [HEAD])
    with pytest.raises(refusals.OwnMatter):
        deciding.check_classification(decider(SELLER, HEAD), None, Tier.KEY, SELLER, [HEAD])
    with pytest.raises(refusals.OwnMatter):
        deciding.check_classification(OPERATIONS, None, Tier.KEY, OPERATIONS.authority, [HEAD])
    with pytest.raises(refusals.ClassificationNotAllowed):
        deciding.check_classification(decider(OTHER), None, Tier.KEY, SELLER, [HEAD])
    with pytest.raises(refusals.AlreadySo):
        deciding.check_classification(OPERATIONS, Tier.KEY, Tier.KEY, SELLER, [])


def test_who_looks_after_a_customer_changes_it() -> None:
    deciding.check_change(decider(SELLER), SELLER, [HEAD])
    deciding.check_change(decider(HEAD), SELLER, [HEAD])
    deciding.check_change(OPERATIONS, None, [])
    for responsible in (SELLER, None):
        with pytest.raises(refusals.ChangeNotAllowed):
            deciding.check_change(decider(OTHER), responsible, [HEAD] if responsible else [])


ATTRIBUTES = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=8)
PATCHES = st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5), max_size=8)


@given(ATTRIBUTES, PATCHES)
def test_a_merge_patch_sets_and_takes_away_and_can_be_repeated(
    present: dict[str, str], patch: dict[str, str | None]
) -> None:
    merged = describing.merged_attributes(present, patch)
    assert all(merged.get(name) == value for name, value in patch.items())
    assert all(merged[name] == value for name, value in present.items() if name not in patch)
    assert describing.merged_attributes(merged, patch) == merged
    assert describing.merged_attributes(present, None) == {}


def test_attributes_are_limited() -> None:
    with pytest.raises(refusals.TooManyAttributes):
        describing.merged_attributes({}, {str(number): "x" for number in range(51)})


def test_null_does_not_empty_what_must_have_a_value() -> None:
    describing.check_not_emptied({"city": None, "legal_name": "x"}, {"legal_name"})
    with pytest.raises(refusals.FieldNotEmptied) as refusal:
        describing.check_not_emptied({"legal_name": None}, {"legal_name"})
    assert refusal.value.field == "/legal_name"


def test_a_span_has_at_least_a_day() -> None:
    describing.check_span(date(2026, 1, 1), date(2026, 1, 2))
    describing.check_span(None, date(2026, 1, 2))
    with pytest.raises(refusals.SpanEmpty):
        describing.check_span(date(2026, 1, 1), date(2026, 1, 1))
