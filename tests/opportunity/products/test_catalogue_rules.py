from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.products import rules

A, B, C = (uuid4() for _ in range(3))


def test_a_product_line_cannot_stand_below_itself() -> None:
    rules.check_parent(C, A, {A: None, B: A, C: B})
    with pytest.raises(rules.ProductLineCycle):
        rules.check_parent(A, C, {A: None, B: A, C: B})
    with pytest.raises(rules.ProductLineCycle):
        rules.check_parent(A, A, {A: None})


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_whatever_is_asked_for_the_lines_stay_a_tree(changes: list[tuple[int, int]]) -> None:
    lines = [UUID(int=number) for number in range(7)]
    parents: dict[UUID, UUID | None] = dict.fromkeys(lines)
    for child, parent in changes:
        try:
            rules.check_parent(lines[child], lines[parent], parents)
        except rules.ProductLineCycle:
            continue
        parents[lines[child]] = lines[parent]
    for line in lines:
        above, steps = parents[line], 0
        while above is not None:
            above, steps = parents[above], steps + 1
            assert steps <= len(lines)
