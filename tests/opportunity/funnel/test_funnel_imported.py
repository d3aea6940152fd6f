from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.definitions.rules.standard import VERSION_1
from services.opportunity.funnel.rules import imported
from services.opportunity.funnel.rules.imported import Entry, Step, continue_walk, walk
from services.opportunity.funnel.rules.moves import LossReason, Outcome
from services.opportunity.vocabulary import State

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def test_without_history_it_stands_in_the_first_stage_from_its_opening() -> None:
    assert walk(VERSION_1, [], day(3), NOW) == [Step(day(3), None, "find_contact", None, State.OPEN)]
    assert walk(VERSION_1, [], None, NOW)[0].at == NOW


def test_a_first_stage_at_the_opening_is_the_beginning() -> None:
    steps = walk(VERSION_1, [Entry(day(3), "shortlist")], day(3), NOW)
    assert steps == [Step(day(3), None, "shortlist", None, State.OPEN)]


def test_a_later_first_stage_follows_the_first_one() -> None:
    steps = walk(VERSION_1, [Entry(day(5), "shortlist")], day(3), NOW)
    assert [(step.at, step.from_stage, step.to_stage) for step in steps] == [
        (day(3), None, "find_contact"),
        (day(5), "find_contact", "shortlist"),
    ]


def test_equal_instants_keep_their_order() -> None:
    steps = walk(
        VERSION_1,
        [Entry(day(1), "confirm_need"), Entry(day(1), "selected"), Entry(day(1), outcome=Outcome.WON)],
        None,
        NOW,
    )
    assert [step.to_stage for step in steps] == ["confirm_need", "selected", "close"]
    assert steps[-1].to_state is State.WON


def test_a_loss_enters_no_stage_and_says_when_no_reason_was_recorded() -> None:
    steps = walk(VERSION_1, [Entry(day(1), "confirm_need"), Entry(day(2), outcome=Outcome.LOST)], None, NOW)
    assert (steps[-1].to_stage, steps[-1].loss_reason) == ("confirm_need", LossReason.NOT_RECORDED)


def test_a_stage_after_an_outcome_reopens() -> None:
    entries = [Entry(day(1), "confirm_need"), Entry(day(2), outcome=Outcome.LOST), Entry(day(3), "confirm_need")]
    assert [step.to_state for step in walk(VERSION_1, entries, None, NOW)] == [State.OPEN, State.LOST, State.OPEN]


def test_an_entry_that_changes_no_stage_makes_no_step() -> None:
    entries = [Entry(day(1), "confirm_need"), Entry(day(2), "confirm_need"), Entry(day(3), amount=Decimal(5))]
    assert len(walk(VERSION_1, entries, None, NOW)) == 1


@pytest.mark.parametrize(
    ("entries", "opened", "code", "entry"),
    [
        ([Entry(day(2), "confirm_need"), Entry(day(1), "shortlist")], None, "history_out_of_order", 1),
        ([Entry(day(2), "confirm_need"), Entry(day(1), outcome=Outcome.WON)], None, "decided_before_opened", 1),
        ([Entry(day(2), outcome=Outcome.WON)], day(3), "decided_before_opened", 0),
        ([Entry(day(2), "confirm_need")], day(3), "history_out_of_order", 0),
        ([Entry(NOW + timedelta(days=1), "confirm_need")], None, "history_in_future", 0),
        ([Entry(datetime(1900, 1, 1, tzinfo=UTC), "confirm_need")], None, "history_too_early", 0),
        ([Entry(day(2), "close")], None, "history_entry_unclear", 0),
        ([Entry(day(2), "engaging")], None, "history_entry_unclear", 0),
        ([Entry(day(2))], None, "history_entry_unclear", 0),
        ([Entry(day(2), "shortlist", Outcome.WON)], None, "history_entry_unclear", 0),
        ([Entry(day(2), "shortlist", loss_reason=LossReason.PRICE)], None, "history_entry_unclear", 0),
        ([Entry(day(1), outcome=Outcome.WON, loss_reason=LossReason.PRICE)], day(1), "history_entry_unclear", 0),
        ([Entry(day(1), outcome=Outcome.WON), Entry(day(2), outcome=Outcome.LOST)], day(1), "history_after_end", 1),
    ],
)
def test_nonsense_is_refused_by_name_and_place(
    entries: list[Entry], opened: datetime | None, code: str, entry: int
) -> None:
    with pytest.raises(imported.HistoryNotPossible) as refused:
        walk(VERSION_1, entries, opened, NOW)
    assert (refused.value.code, refused.value.entry) == (code, entry)
    assert str(refused.value.field).startswith(f"/history/{entry}/")


stage_entries = st.builds(
    Entry, st.integers(0, 300).map(day), st.sampled_from([stage.key for stage in VERSION_1.open_stages])
)
outcomes = st.builds(Entry, st.integers(0, 300).map(day), outcome=st.sampled_from(list(Outcome)))


def _sorted(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.at)


@given(st.lists(stage_entries | outcomes, max_size=8).map(_sorted), st.integers(1, 8))
def test_a_history_hangs_together_and_may_come_in_two_parts(entries: list[Entry], cut: int) -> None:
    try:
        steps = walk(VERSION_1, entries, day(0), NOW)
    except imported.HistoryNotPossible:
        return
    for before, after in pairwise(steps):
        assert (after.from_stage, after.from_state) == (before.to_stage, before.to_state)
        assert (after.to_stage, after.to_state) != (before.to_stage, before.to_state)
        assert after.at >= before.at
    first = walk(VERSION_1, entries[:cut], day(0), NOW)
    assert first + continue_walk(VERSION_1, first[-1], entries[cut:], cut, NOW) == steps
