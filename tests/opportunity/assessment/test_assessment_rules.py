"""What answers come to, what a model may be, and when an assessment is outdated."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.assessment.rules.assessing import (
    Answer,
    Answers,
    AssessedAfterDecision,
    AssessmentInFuture,
    AssessmentNotFromThePast,
    AssessmentOutOfOrder,
    Bounds,
    QuestionUnknown,
    appraise,
    carried,
    check_answers,
    check_open_then,
    instant_of,
    value_of,
)
from services.opportunity.assessment.rules.models import Dimension, Model, ModelMalformed, Question, check_model
from services.opportunity.freshness import OutdatedReason, fresh_from, outdated_because
from services.opportunity.vocabulary import State, Value
from tests.opportunity.assessment.answering import DIMENSIONS, QUESTIONS

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=3)


def dimension(key: str, *questions: str) -> Dimension:
    return Dimension(key, key, tuple(Question(one, one) for one in questions))


FIRST = Model(1, tuple(dimension(key, *questions) for key, questions in DIMENSIONS.items()), 10)
ANSWERS = st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(Answer))


@pytest.mark.parametrize(
    ("score", "most", "value"),
    [
        (11, 11, Value.HIGH),
        (11, 20, Value.HIGH),
        (10, 10, Value.NOT_HIGH),
        (10, 11, Value.UNDECIDED),
        (0, 10, Value.NOT_HIGH),
        (0, 11, Value.UNDECIDED),
        (0, 20, Value.UNDECIDED),
        (20, 20, Value.HIGH),
    ],
)
def test_the_threshold_itself_is_not_high_and_what_is_open_leaves_it_undecided(
    score: int, most: int, value: Value
) -> None:
    assert value_of(Bounds(score, most), 10) is value


@given(ANSWERS)
def test_a_score_counts_yeses_and_what_is_unanswered_is_no_no(told: dict[str, Answer]) -> None:
    found = appraise(FIRST, Answers(told))
    yes = sum(answer is Answer.YES for answer in told.values())
    no = sum(answer is Answer.NO for answer in told.values())
    assert (found.whole.score, found.whole.most, found.whole.unanswered) == (yes, 20 - no, 20 - no - yes)
    assert sum(one.score for one in found.dimensions) == yes
    assert sum(one.unanswered for one in found.dimensions) == 20 - no - yes
    for answer in Answer:
        assert (
            len(Answers(told).answered(FIRST, answer))
            == {
                Answer.YES: yes,
                Answer.NO: no,
                Answer.UNANSWERED: 20 - no - yes,
            }[answer]
        )


@given(ANSWERS, st.lists(st.booleans(), min_size=20, max_size=20))
def test_whatever_the_open_answers_turn_out_to_be_the_value_holds(told: dict[str, Answer], rest: list[bool]) -> None:
    """High stays high and not high stays so; undecided can still become either."""
    value = appraise(FIRST, Answers(told)).value
    settled = {key: Answer.YES if yes else Answer.NO for key, yes in zip(QUESTIONS, rest, strict=True)}
    settled |= {key: answer for key, answer in told.items() if answer is not Answer.UNANSWERED}
    in_the_end = appraise(FIRST, Answers(settled)).value
    assert in_the_end is not Value.UNDECIDED
    assert value in {Value.UNDECIDED, in_the_end}
    if value is Value.UNDECIDED:
        best = dict.fromkeys(QUESTIONS, Answer.YES) | {k: a for k, a in told.items() if a is not Answer.UNANSWERED}
        worst = dict.fromkeys(QUESTIONS, Answer.NO) | {k: a for k, a in told.items() if a is not Answer.UNANSWERED}
        assert appraise(FIRST, Answers(best)).value is Value.HIGH
        assert appraise(FIRST, Answers(worst)).value is Value.NOT_HIGH


def test_an_opportunity_carries_the_dimensions_that_its_model_has() -> None:
    other = Model(2, (dimension("we_can_win", "inside_support"), dimension("green", "recycled", "local")), 1)
    told = Answers({"inside_support": Answer.YES, "local": Answer.YES})
    assert carried(other, appraise(other, told)) == {
        "opportunity_exists": None,
        "we_can_compete": None,
        "we_can_win": 1,
        "worth_winning": None,
    }
    assert appraise(other, told).value is Value.HIGH


@pytest.mark.parametrize("part", ["answers", "notes", "evidence", "links"])
def test_what_is_said_of_a_question_that_is_not_asked_is_refused(part: str) -> None:
    said: dict[str, Any] = {"answers": {}} | {
        part: {"coffee_good": Answer.YES if part == "answers" else "https://x.test"}
    }
    with pytest.raises(QuestionUnknown) as refused:
        check_answers(FIRST, Answers(**said))
    assert refused.value.field == f"/{part}/coffee_good"
    assert refused.value.questions == QUESTIONS


@pytest.mark.parametrize(
    ("dimensions", "threshold", "field"),
    [
        ([dimension("a", "x"), dimension("a", "y")], 0, "/dimensions/1/key"),
        ([dimension("a", "x", "y"), dimension("b", "z", "x")], 0, "/dimensions/1/questions/1/key"),
        ([dimension("a", "x", "y")], 2, "/threshold"),
        ([dimension("a", "x", "y")], -1, "/threshold"),
    ],
)
def test_models_that_cannot_be(dimensions: list[Dimension], threshold: int, field: str) -> None:
    with pytest.raises(ModelMalformed) as refused:
        check_model(dimensions, threshold)
    assert refused.value.field == field


def test_a_model_of_which_every_yes_is_needed_is_one() -> None:
    check_model([dimension("a", "x", "y")], 1)


def test_an_assessment_is_of_now_or_dated_back_in_order_by_who_may() -> None:
    assert instant_of(None, NOW, None, may_date_back=False) == NOW
    assert instant_of(None, NOW, NOW + timedelta(seconds=1), may_date_back=False) == NOW + timedelta(seconds=1)
    assert instant_of(BEFORE, NOW, BEFORE, may_date_back=True) == BEFORE
    with pytest.raises(AssessmentNotFromThePast):
        instant_of(BEFORE, NOW, None, may_date_back=False)
    with pytest.raises(AssessmentInFuture):
        instant_of(NOW + timedelta(seconds=1), NOW, None, may_date_back=True)
    with pytest.raises(AssessmentOutOfOrder):
        instant_of(BEFORE, NOW, NOW, may_date_back=True)


def test_nobody_assesses_what_was_decided_by_then() -> None:
    check_open_then(State.OPEN, BEFORE, NOW)
    check_open_then(State.LOST, NOW, BEFORE)
    check_open_then(State.WON, NOW, NOW)
    with pytest.raises(AssessedAfterDecision):
        check_open_then(State.WON, BEFORE, NOW)


def test_an_assessment_is_outdated_after_its_days_or_a_stage_change() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    fresh = fresh_from(date(2026, 11, 26), 90, zone)
    assert fresh == datetime(2026, 8, 27, 16, tzinfo=UTC)  # the first instant of 28 August in Shanghai
    assert outdated_because(fresh, fresh, None) == []
    assert outdated_because(fresh - timedelta(microseconds=1), fresh, None) == [OutdatedReason.AGE]
    assert outdated_because(BEFORE, fresh, BEFORE) == []
    assert outdated_because(BEFORE, fresh, NOW) == [OutdatedReason.STAGE_CHANGED]
    assert outdated_because(fresh - timedelta(days=1), fresh, NOW) == [
        OutdatedReason.AGE,
        OutdatedReason.STAGE_CHANGED,
    ]
