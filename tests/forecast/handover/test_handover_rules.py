"""What answers come to, when an answer is news, and when an ERP is told again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.forecast.handover import rules
from services.forecast.handover.rules import HandoverState, RejectionReason, Said, Tally, Verdict

LINES = [UUID(int=number) for number in range(6)]
TAKEN = Said(Verdict.ACKNOWLEDGED)
REFUSED = Said(Verdict.REJECTED, RejectionReason.UNKNOWN_ITEM, "no such item")
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tally", "state"),
    [
        (Tally(3), HandoverState.OPEN),
        (Tally(3, 1, 1), HandoverState.PARTLY),
        (Tally(3, 3), HandoverState.ACKNOWLEDGED),
        (Tally(3, 2, 1), HandoverState.WITH_REJECTIONS),
        (Tally(0), HandoverState.ACKNOWLEDGED),
    ],
)
def test_how_far_an_erp_has_answered(tally: Tally, state: HandoverState) -> None:
    assert tally.state is state


answers = some.lists(
    some.dictionaries(
        some.sampled_from(LINES), some.sampled_from([TAKEN, REFUSED, Said(Verdict.ACKNOWLEDGED, reference="D1")])
    )
)


@given(answers)
def test_the_tally_is_what_was_said_last_of_each_line(rounds: list[dict[UUID, Said]]) -> None:
    tally, present = Tally(len(LINES)), dict[UUID, Said]()
    for given_now in rounds:
        told = rules.news(given_now.items(), present)
        assert rules.news(told, present | dict(told)) == [], "the same again is no news"
        tally = rules.counted(tally, told, present)
        present |= dict(told)
    verdicts = [said.verdict for said in present.values()]
    assert (tally.acknowledged, tally.rejected) == (
        verdicts.count(Verdict.ACKNOWLEDGED),
        verdicts.count(Verdict.REJECTED),
    )


def test_answers_name_lines_of_the_plan_once_and_say_why_they_reject() -> None:
    rules.check_answers([(LINES[0], TAKEN), (LINES[1], REFUSED)], LINES)
    for wrong, refusal, field in (
        ([(LINES[0], TAKEN), (UUID(int=99), TAKEN)], rules.PlanLineUnknown, "/answers/1/line_id"),
        ([(LINES[0], TAKEN), (LINES[0], TAKEN)], rules.LineAnsweredTwice, "/answers/1/line_id"),
        ([(LINES[0], Said(Verdict.REJECTED, None, "why"))], rules.RejectionIncomplete, "/answers/0/reason_code"),
        ([(LINES[0], Said(Verdict.REJECTED, RejectionReason.OTHER))], rules.RejectionIncomplete, "/answers/0/reason"),
        ([(LINES[0], Said(Verdict.ACKNOWLEDGED, None, "fine"))], rules.RejectionIncomplete, "/answers/0/reason"),
    ):
        with pytest.raises(refusal) as caught:
            rules.check_answers(wrong, LINES)
        assert caught.value.field == field


def test_reasons_are_counted() -> None:
    assert rules.reasons_of([(LINES[0], REFUSED), (LINES[1], TAKEN), (LINES[2], REFUSED)]) == {"unknown_item": 2}


@pytest.mark.parametrize(("told", "hours"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 24), (1_000_000, 24)])
def test_the_pause_doubles_up_to_a_day(told: int, hours: int) -> None:
    assert rules.next_telling(told, NOW, timedelta(hours=1)) - NOW == timedelta(hours=hours)


def test_a_longer_first_pause_stays() -> None:
    assert rules.next_telling(4, NOW, timedelta(days=3)) - NOW == timedelta(days=3)
