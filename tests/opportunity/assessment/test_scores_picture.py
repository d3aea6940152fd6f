"""The distribution of scores as a picture: it says in words and hatchings what it shows, and nothing leaves it."""

import re
from datetime import date
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.assessment.rules.drawing import FILLS, WIDTH, draw
from services.opportunity.assessment.rules.models import Dimension, Model, Question
from services.opportunity.assessment.rules.reporting import DistributionReport
from services.opportunity.assessment.rules.reports import Pile, distribution_of
from services.opportunity.scopes.rules import Scope, ScopeKind
from services.opportunity.vocabulary import State, Value
from tests.house import House
from tests.make import Make
from tests.opportunity.assessment.answering import assess

SVG = "{http://www.w3.org/2000/svg}"
MODEL = Model(1, (Dimension("fit", "Fit", tuple(Question(f"q{number}", "yes") for number in range(4))),), 2)
OTHER = Model(2, MODEL.dimensions, 1)


def pile(score: int, most: int, count: int, *, model: Model = MODEL, outdated: bool = False) -> Pile:
    value = "high" if score > model.threshold else "undecided" if most > model.threshold else "not_high"
    return Pile(model.number, score, most, value, outdated, count, 0, [score], [most])


def drawn(*piles: Pile, whose: str = "Ann") -> ET.Element:
    models = [model for model in (MODEL, OTHER) if any(one.model == model.number for one in piles)]
    found = distribution_of(piles, models)
    report = DistributionReport(
        Scope(ScopeKind.EVERYTHING), date(2026, 11, 1), State.OPEN, found, {1: "First & last", 2: "Second"}
    )
    return ET.fromstring(draw(report, whose))  # noqa: S314 (our own)


def bars(picture: ET.Element) -> list[tuple[str, float, float]]:
    """Return the filling, left edge and width of each part of a bar."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        fill = re.search(r"url\(#scores-(\w+)\)", rect.get("style", ""))
        assert fill is not None
        found.append((fill[1], float(rect.get("x", "")), float(rect.get("width", ""))))
    return found


def test_each_score_is_a_bar_divided_by_what_it_is_worth_and_says_so() -> None:
    unassessed = Pile(None, None, None, None, False, 7, 0, [], [])
    picture = drawn(pile(1, 1, 30), pile(1, 4, 10), pile(3, 4, 20, outdated=True), pile(0, 0, 1), unassessed)
    found = bars(picture)
    assert [value for value, _, _ in found] == ["not_high", "undecided", "not_high", "high"]
    (_, start, little), (_, open_at, undecided), (_, closed_at, closed), (_, _, high) = found
    assert (open_at, closed_at, closed, high) == (start, start + undecided, 3 * undecided, 2 * undecided)
    assert little < undecided
    told = [text.text or "" for text in picture.iter(f"{SVG}text")]
    assert {"40: 10 undecided, 30 not high", "20 high; 20 outdated", "1 not high", "above 2: high value"} <= set(told)
    assert told.count("0") == 3, "the score 0, and the two that nobody has"
    assert "61 assessed, 20 of them outdated: 20 high, 10 undecided, 31 not high; 7 not assessed" in told
    assert "First & last (model 1): 61 assessed, 20 of them outdated" in told


def test_it_reads_without_colour_and_without_eyes() -> None:
    picture = drawn(pile(3, 4, 2))
    assert len({hatch for hatch, _ in FILLS.values()}) == len(FILLS) == len(Value)
    patterns = {each.get("id") for each in picture.iter(f"{SVG}pattern")}
    assert patterns == {f"scores-{value}" for value in Value}
    title, description = (picture.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert description is not None
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Scores of the open opportunities of Ann as of 2026-11-01"
    assert "First & last, high value above 2: score 3: 2 high." in (description.text or "")


def test_each_model_has_a_part_of_its_own_and_nobody_assessed_is_a_picture_too() -> None:
    both = [text.text or "" for text in drawn(pile(2, 2, 1), pile(2, 2, 1, model=OTHER)).iter(f"{SVG}text")]
    assert {"1 not high", "1 high", "above 2: high value", "above 1: high value"} <= set(both)
    assert bars(drawn()) == []


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 10**9), st.booleans()), max_size=12),
    st.text(max_size=200),
)
def test_nothing_leaves_the_picture_and_names_are_never_markup(
    drawn_piles: list[tuple[int, int, int, bool]], whose: str
) -> None:
    piles = [pile(score, max(score, most), count, outdated=old) for score, most, count, old in drawn_piles]
    picture = drawn(*piles, whose=whose)
    height = float(picture.get("height", ""))
    for each in picture.iter(f"{SVG}rect"):
        if each.get("x") is not None:
            assert float(each.get("x", "")) + float(each.get("width", "")) <= WIDTH
    for text in picture.iter(f"{SVG}text"):
        assert float(text.get("y", "")) < height


async def test_who_asks_for_a_picture_gets_one_and_nobody_another_s(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    opportunity = await make.opportunity(seller)
    await assess(seller, opportunity["id"], 12)
    path, headers = "/v1/assessments/distribution?scope=person", {"accept": "image/svg+xml"}

    answer = await seller.get(path, headers=headers)
    data = await seller.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    told = "".join(ET.fromstring(answer.text).itertext())  # noqa: S314 (our own)
    assert "high value above 10: score 12: 1 high." in told
    assert data.headers["content-type"].startswith("application/json")
    assert {answer.headers["vary"], data.headers["vary"]} == {"accept"}
    hidden = f"/v1/assessments/distribution?scope=subtree&person_id={manager.id}"
    assert (await seller.get(hidden, headers=headers)).status_code == 404
