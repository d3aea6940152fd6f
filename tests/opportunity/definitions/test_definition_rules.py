from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.definitions.rules import (
    Definition,
    Definitions,
    Duty,
    Method,
    Stage,
    UnknownStage,
    carried,
    find_stage,
    probability_of,
    translated,
)
from services.opportunity.definitions.rules.drafting import (
    MOST_DUTIES,
    MOST_STAGES,
    Drafted,
    FunnelNotPossible,
    MappingIncomplete,
    check_draft,
    check_publishable,
    mapping_of,
    warnings_of,
)
from services.opportunity.definitions.rules.standard import VERSION_1

TALK = Stage(
    "talk", 1, "Talk", "Talk with them.", Decimal("0.3"), (Duty("met", "They were met", is_exit_criterion=True),)
)
OFFER = Stage("offer", 2, "Offer", "Make an offer.", Decimal("0.6"))
DONE = Stage("done", 3, "Done", "All is agreed.", Decimal(1))
GOOD = Drafted("Three steps", None, (TALK, OFFER, DONE), {})
ALL_TO_TALK = {stage.key: "talk" for stage in VERSION_1.open_stages}


def refused(drafted: Drafted) -> str | None:
    """Return the field that is to blame."""
    with pytest.raises(FunnelNotPossible) as found:
        check_draft(drafted, VERSION_1)
    return found.value.field


def test_what_can_be_a_funnel_is_taken() -> None:
    check_draft(GOOD, VERSION_1)
    check_publishable(replace(GOOD, mapping=ALL_TO_TALK), VERSION_1)
    assert warnings_of(replace(GOOD, mapping=ALL_TO_TALK), VERSION_1) == []


@pytest.mark.parametrize(
    ("stages", "field"),
    [
        ((DONE,), "/stages"),
        ((*(replace(OFFER, key=f"s{number}") for number in range(MOST_STAGES)), DONE), "/stages"),
        ((TALK, TALK, DONE), "/stages/1/key"),
        ((TALK, replace(OFFER, key="won"), DONE), "/stages/1/key"),
        ((replace(TALK, probability=Decimal("1.1")), DONE), "/stages/0/probability"),
        ((replace(TALK, probability=Decimal("-0.1")), DONE), "/stages/0/probability"),
        ((TALK, replace(DONE, probability=Decimal("0.9"))), "/stages/1/probability"),
        ((TALK, replace(OFFER, checklist=TALK.checklist), DONE), "/stages/1/checklist/0/key"),
        (
            (TALK, replace(DONE, checklist=(Duty("x", "X", is_exit_criterion=True),))),
            "/stages/1/checklist/0/is_exit_criterion",
        ),
        (
            (replace(TALK, checklist=tuple(Duty(f"d{n}", "D") for n in range(MOST_DUTIES + 1))), DONE),
            "/stages/0/checklist",
        ),
        ((replace(TALK, methods=(Method("How"),)), DONE), "/stages/0/methods/0"),
    ],
)
def test_what_cannot_be_is_named_by_its_field(stages: tuple[Stage, ...], field: str) -> None:
    assert refused(replace(GOOD, stages=stages)) == field


def test_a_mapping_names_stages_that_there_are() -> None:
    assert refused(replace(GOOD, mapping={"find_contact": "talk", "prospecting": "talk"})) == "/mapping/1/from_stage"
    assert refused(replace(GOOD, mapping={"close": "talk"})) == "/mapping/0/from_stage"
    assert refused(replace(GOOD, mapping={"find_contact": "done"})) == "/mapping/0/to_stage"
    with pytest.raises(FunnelNotPossible):
        mapping_of([("find_contact", "talk"), ("find_contact", "offer")])


def test_a_publication_says_of_every_open_stage_what_becomes_of_it() -> None:
    some = {key: value for key, value in ALL_TO_TALK.items() if key not in {"set_target", "negotiate"}}
    check_draft(replace(GOOD, mapping=some), VERSION_1)
    with pytest.raises(MappingIncomplete) as found:
        check_publishable(replace(GOOD, mapping=some), VERSION_1)
    assert found.value.missing == ["set_target", "negotiate"]


def test_what_looks_like_a_slip_is_a_warning() -> None:
    falling = replace(GOOD, stages=(replace(TALK, probability=Decimal("0.7")), OFFER, DONE))
    assert [one.field for one in warnings_of(falling, VERSION_1)] == ["/stages/1/probability"]
    turned = replace(GOOD, mapping=ALL_TO_TALK | {"find_contact": "offer"})
    assert [one.field for one in warnings_of(turned, VERSION_1)] == ["/mapping"]


def test_a_stage_of_another_version_is_named_with_what_to_do() -> None:
    with pytest.raises(UnknownStage) as found:
        find_stage(VERSION_1, "talk", field="/stage")
    assert found.value.field == "/stage"
    assert found.value.stages == VERSION_1.keys
    elsewhere = UnknownStage("talk", VERSION_1, [2, 3])
    assert "version 2, 3" in elsewhere.message
    assert "runs on version 1" in elsewhere.message
    assert "have it moved" in elsewhere.message
    assert "have it moved" not in UnknownStage("find_contact", replace(VERSION_1, version=4), [1]).message


def test_a_decided_opportunity_is_certain() -> None:
    assert [probability_of(state, Decimal("0.3")) for state in ("open", "won", "lost")] == [Decimal("0.3"), 1, 0]


@st.composite
def chains(draw: st.DrawFn) -> Definitions:
    """Draw versions with as many stages as may be, each mapping all open stages of the one before."""
    found: list[Definition] = []
    for version in range(1, draw(st.integers(2, 4)) + 1):
        keys = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True))
        stages = [Stage(key, order, key, key, Decimal("0.5")) for order, key in enumerate(keys, start=1)]
        end = Stage(f"end{version}", len(keys) + 1, "end", "end", Decimal(1))
        before = found[-1].open_stages if found else ()
        mapping = {stage.key: draw(st.sampled_from(keys)) for stage in before}
        found.append(Definition(version, (*stages, end), mapping))
    return Definitions({one.version: one for one in found})


@given(chains(), st.data())
def test_a_place_is_told_the_same_by_one_leap_and_by_steps(definitions: Definitions, data: st.DataObject) -> None:
    last = definitions.latest.version
    start = data.draw(st.integers(1, last))
    middle = data.draw(st.integers(start, last))
    stage = data.draw(st.sampled_from(definitions[start].stages))
    leap = translated(definitions, stage.key, start, last)
    assert leap == translated(definitions, translated(definitions, stage.key, start, middle), middle, last)
    assert translated(definitions, stage.key, start, start) == stage.key
    own = definitions[last].open_stages if stage is not definitions[start].close else (definitions[last].close,)
    assert leap in {each.key for each in own}


def test_what_is_told_of_a_stage_is_carried_on_until_something_is_told_of_its_successor() -> None:
    two = Definition(2, GOOD.stages, {**ALL_TO_TALK, "negotiate": "offer"})
    ask = Stage("talk", 1, "Ask", "Another stage of the same key.", Decimal("0.1"))
    three = Definition(3, (ask, replace(OFFER, key="deal"), DONE), {"talk": "deal", "offer": "deal"})
    definitions = Definitions({1: VERSION_1, 2: two, 3: three})
    told = {(1, "negotiate"): "n", (1, "shortlist"): "s", (1, "close"): "c", (2, "talk"): "t"}
    assert carried(definitions, "deal", told) == ["t", "n"]
    assert carried(definitions, "talk", told) == [None], "it takes no stage's place"
    assert carried(definitions, "done", told) == ["c"]
    of_first = {(1, key): key for key in ALL_TO_TALK}
    assert sorted(map(str, carried(definitions, "deal", of_first))) == sorted(ALL_TO_TALK)
    assert carried(definitions, "deal", {(3, "deal"): "d", **told}) == ["d"]
    assert carried(Definitions({1: VERSION_1}), "negotiate", told) == ["n"]


@given(st.data())
def test_everything_told_of_one_version_is_carried_to_the_stage_it_is_translated_to(data: st.DataObject) -> None:
    keys = [stage.key for stage in VERSION_1.open_stages]
    mapping = {key: data.draw(st.sampled_from(["talk", "offer"])) for key in keys}
    definitions = Definitions({1: VERSION_1, 2: Definition(2, GOOD.stages, mapping)})
    told = {(1, key): key for key in VERSION_1.keys}
    for stage in GOOD.stages:
        expected: set[str | None] = {key for key in VERSION_1.keys if translated(definitions, key, 1, 2) == stage.key}
        assert set(carried(definitions, stage.key, told)) == (expected or {None})
