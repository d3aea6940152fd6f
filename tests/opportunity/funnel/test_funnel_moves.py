from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.definitions.rules import Stage, UnknownStage, find_stage
from services.opportunity.definitions.rules.standard import VERSION_1
from services.opportunity.funnel.rules import moves, refusals
from services.opportunity.funnel.rules.moves import LossReason, Outcome
from services.opportunity.vocabulary import State

STAGES = VERSION_1.stages
OPEN_STAGES = VERSION_1.open_stages
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANY_ID = uuid4()
ALL_CRITERIA = [item for stage in STAGES for item in stage.exit_criteria]


def move(
    source: str,
    target: str,
    done: list[str],
    *,
    state: State = State.OPEN,
    reason: str | None = None,
    override: bool = False,
) -> None:
    moves.check_move(
        VERSION_1,
        find_stage(VERSION_1, source),
        find_stage(VERSION_1, target),
        opportunity_id=ANY_ID,
        state=state,
        done=done,
        reason=reason,
        overridden=override,
    )


def test_the_default_funnel_has_eight_stages_with_the_default_probabilities() -> None:
    assert [str(stage.probability) for stage in STAGES] == ["0.05", "0.10", "0.20", "0.35", "0.50", "0.75", "0.90", "1"]
    assert [stage.order for stage in STAGES] == list(range(1, 9))
    assert all(set(stage.exit_criteria) <= set(stage.duties) for stage in STAGES)


def test_skipping_a_stage_names_every_criterion_skipped() -> None:
    with pytest.raises(refusals.ExitCriteriaUnmet) as refused:
        move("find_contact", "map_organisation", ["contact_named"])
    assert refused.value.missing == ["budget_known"]


@given(st.sampled_from(OPEN_STAGES), st.sampled_from(STAGES), st.sets(st.sampled_from(ALL_CRITERIA)))
def test_what_is_missing_is_what_lies_between_and_is_not_done(source: Stage, target: Stage, done: set[str]) -> None:
    missing = moves.missing_criteria(VERSION_1, source, target, done)
    between = [stage for stage in STAGES if source.order <= stage.order < target.order]
    assert set(missing) == {item for stage in between for item in stage.exit_criteria} - done
    if target.order <= source.order:
        assert missing == []


@given(
    source=st.sampled_from(OPEN_STAGES),
    target=st.sampled_from(STAGES),
    state=st.sampled_from(list(State)),
    done=st.sets(st.sampled_from(ALL_CRITERIA)),
    reason=st.none() | st.just("asked to"),
    override=st.booleans(),
)
def test_a_move_is_allowed_exactly_when_nothing_stands_against_it(
    *, source: Stage, target: Stage, state: State, done: set[str], reason: str | None, override: bool
) -> None:
    allowed = (
        state is State.OPEN
        and target.key not in {"close", source.key}
        and (target.order > source.order or reason is not None)
        and (override or not moves.missing_criteria(VERSION_1, source, target, done))
    )
    try:
        moves.check_move(
            VERSION_1,
            source,
            target,
            opportunity_id=ANY_ID,
            state=state,
            done=done,
            reason=reason,
            overridden=override,
        )
    except (
        refusals.OpportunityClosed,
        refusals.StageEnteredByOutcome,
        refusals.AlreadyInStage,
        refusals.ReasonMissing,
        refusals.ExitCriteriaUnmet,
    ):
        assert not allowed
    else:
        assert allowed


def test_a_move_backward_needs_a_reason_and_no_criteria() -> None:
    with pytest.raises(refusals.ReasonMissing):
        move("shortlist", "confirm_need", [])
    move("shortlist", "confirm_need", [], reason="The sponsor left.")


def test_an_unknown_stage_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownStage) as refused:
        find_stage(VERSION_1, "prospecting")
    assert refused.value.stages[0] == "find_contact"
    assert len(refused.value.stages) == 8


def test_a_win_answers_for_all_it_skips_and_a_loss_for_nothing() -> None:
    first, close = VERSION_1.first, VERSION_1.close
    assert moves.missing_criteria(VERSION_1, first, close, []) == ALL_CRITERIA
    assert moves.stage_after(VERSION_1, first, Outcome.LOST) is first
    assert moves.stage_after(VERSION_1, first, Outcome.WON) is close


@pytest.mark.parametrize(
    ("outcome", "loss_reason", "win_reason", "imported", "refusal"),
    [
        (Outcome.LOST, LossReason.PRICE, None, False, None),
        (Outcome.LOST, None, None, False, refusals.ReasonMissing),
        (Outcome.LOST, None, None, True, None),
        (Outcome.LOST, LossReason.NOT_RECORDED, None, False, refusals.ReasonNotFitting),
        (Outcome.LOST, LossReason.NOT_RECORDED, None, True, None),
        (Outcome.LOST, LossReason.PRICE, "price", False, refusals.ReasonNotFitting),
        (Outcome.WON, None, None, False, None),
        (Outcome.WON, None, "best solution", False, None),
        (Outcome.WON, LossReason.PRICE, None, False, refusals.ReasonNotFitting),
    ],
)
def test_each_outcome_has_its_own_reasons(
    outcome: Outcome,
    loss_reason: LossReason | None,
    win_reason: str | None,
    imported: bool,
    refusal: type[Exception] | None,
) -> None:
    if refusal is None:
        moves.check_outcome(outcome, State.OPEN, loss_reason, win_reason, imported=imported)
    else:
        with pytest.raises(refusal):
            moves.check_outcome(outcome, State.OPEN, loss_reason, win_reason, imported=imported)


@pytest.mark.parametrize("state", [State.WON, State.LOST])
def test_what_is_closed_takes_no_second_outcome(state: State) -> None:
    with pytest.raises(refusals.OpportunityClosed):
        moves.check_outcome(Outcome.WON, state, None, None)


def test_reopening_needs_a_reason_a_closed_opportunity_and_an_open_stage() -> None:
    stood = find_stage(VERSION_1, "shortlist")

    def reopen(to: str, state: State, reason: str | None) -> Stage:
        return moves.check_reopening(VERSION_1, stood, to, opportunity_id=ANY_ID, state=state, done=[], reason=reason)

    with pytest.raises(refusals.OpportunityOpen):
        reopen("shortlist", State.OPEN, "again")
    with pytest.raises(refusals.ReasonMissing):
        reopen("shortlist", State.LOST, None)
    with pytest.raises(refusals.StageEnteredByOutcome):
        reopen("close", State.LOST, "again")
    assert reopen("confirm_need", State.WON, "The contract was annulled.").key == "confirm_need"


def test_reopening_further_on_than_it_stood_answers_for_the_stages_between() -> None:
    with pytest.raises(refusals.ExitCriteriaUnmet):
        moves.check_reopening(
            VERSION_1,
            VERSION_1.first,
            "set_target",
            opportunity_id=ANY_ID,
            state=State.LOST,
            done=[],
            reason="again",
        )


def test_only_who_may_dates_back_and_nobody_before_the_last_change_or_into_the_future() -> None:
    last = NOW - timedelta(days=2)
    assert moves.instant_of(None, NOW, last, may_date_back=False) == NOW
    assert moves.instant_of(last, NOW, last, may_date_back=True) == last
    with pytest.raises(refusals.NotFromThePast):
        moves.instant_of(NOW - timedelta(days=1), NOW, last, may_date_back=False)
    with pytest.raises(refusals.InstantNotPossible):
        moves.instant_of(last - timedelta(seconds=1), NOW, last, may_date_back=True)
    with pytest.raises(refusals.InstantNotPossible):
        moves.instant_of(NOW + timedelta(seconds=1), NOW, last, may_date_back=True)
