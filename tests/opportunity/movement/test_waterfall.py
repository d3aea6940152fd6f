import itertools
import random
import re
from datetime import date
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.waterfall import BARS, MARGIN, WIDTH, WORDS
from services.opportunity.movement.rules.drawing import NAMES, bars_of, draw
from services.opportunity.movement.rules.figures import WHOLE, Column
from services.opportunity.movement.rules.parts import TAKEN_AWAY, Part
from services.opportunity.movement.rules.report import Line, Movement, Shown
from services.opportunity.scopes.rules import Scope, ScopeKind

SVG = "{http://www.w3.org/2000/svg}"
HUGE = Decimal("9999999999999999.99")
NOTHING = Shown(0, Decimal("0.00"), 0, {})


def movement(amounts: dict[Part, Decimal], currency: str = "CNY") -> Movement:
    shown: dict[Column, Shown] = {part: Shown(7, amounts.get(part, Decimal("0.00")), 0, {}) for part in Part}
    scope = Scope(ScopeKind.SUBTREE, UUID(int=1))
    days = date(2026, 6, 30), date(2026, 9, 30)
    return Movement(scope, *days, currency, Line(WHOLE, shown), None, [], NOTHING, NOTHING, 0, 0, [])


def typical() -> dict[Part, Decimal]:
    amounts = {
        Part.OPENING: "900.00",
        Part.NEW: "300.00",
        Part.RAISED: "50.00",
        Part.WON: "400.00",
        Part.CLOSING: "850.00",
    }
    return {part: Decimal(amount) for part, amount in amounts.items()}


def drawn(found: Movement, whose: str = "Ann and everybody below") -> ET.Element:
    return ET.fromstring(draw(found, whose))  # noqa: S314 (our own)


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_every_part_has_its_word_sign_and_figures_and_its_own_filling() -> None:
    picture = drawn(movement(typical()))
    said = texts(picture)
    assert "Movement of Ann and everybody below from 2026-06-30 to 2026-09-30" in said
    for part in Part:
        assert NAMES[part] in said
    assert {"900.00 CNY (7)", "+300.00 CNY (7)", "−400.00 CNY (7)", "850.00 CNY (7)"} <= set(said)
    fillings = [each.get("class") for each in picture.iter(f"{SVG}rect") if each.get("class")]
    assert fillings == ["end", *["up"] * 4, *["down"] * 5, "end"]
    style = next(picture.iter(f"{SVG}style")).text or ""
    patterns = {each.get("id") for each in picture.iter(f"{SVG}pattern")}
    assert patterns == set(re.findall(r"url\(#([\w-]+)\)", style)), "a filling that is not there is not drawn at all"
    assert not re.findall(r"#(?!000|444|fff)[0-9a-f]{3,6}\b", style), "grey tells as much as colour"


def test_it_says_in_words_what_it_shows() -> None:
    picture = drawn(movement(typical()))
    title, told = (next(picture.iter(f"{SVG}{name}")) for name in ("title", "desc"))
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert "Opening 900.00 CNY (7). New +300.00 CNY (7)." in (told.text or "")


def test_names_are_written_and_never_markup() -> None:
    whose = '<script>"&\x00\ufffe 大客户部 ' + "x" * 400
    picture = drawn(movement(typical()), whose)
    assert not list(picture.iter(f"{SVG}script"))
    assert any('<script>"&' in said and len(said) < 120 for said in texts(picture))


def test_each_bar_begins_where_the_one_before_ends() -> None:
    bars = bars_of(movement(typical()).whole)
    steps = bars[1:-1]
    assert all(one.after == other.before for one, other in zip(bars, steps, strict=False))
    assert (bars[-2].after, bars[-1].after) == (Decimal("850.00"), Decimal("850.00"))


def drawn_amounts(seed: int) -> dict[Part, Decimal]:
    draw = random.Random(seed)  # noqa: S311 (it keeps no secret)
    kinds = [Decimal("0.00"), Decimal("0.01"), HUGE, -HUGE, Decimal(draw.randint(-(10**18), 10**18)) / 100]
    return {part: draw.choice(kinds) for part in Part if draw.random() < 0.8}


@given(st.integers(0, 2**32), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_nothing_overlaps_whatever_the_figures_are(seed: int, currency: str) -> None:
    picture = drawn(movement(drawn_amounts(seed), currency))
    bars = [each for each in picture.iter(f"{SVG}rect") if each.get("class")]
    rows = [(float(each.get("y", "")), float(each.get("height", ""))) for each in bars]
    assert all(top + height < below for (top, height), (below, _) in itertools.pairwise(rows))
    for each in bars:
        left, width = float(each.get("x", "")), float(each.get("width", ""))
        assert left >= MARGIN + WORDS
        assert width >= 1
        assert left + width <= MARGIN + WORDS + BARS + 1
    height = float(picture.get("height", ""))
    assert rows[-1][0] + rows[-1][1] < height
    for each in picture.iter(f"{SVG}text"):
        room = WIDTH - MARGIN - (MARGIN + WORDS + BARS) if each.get("text-anchor") == "end" else WIDTH - 2 * MARGIN
        assert len(each.text or "") * 7.2 <= room


@pytest.mark.parametrize("part", sorted(TAKEN_AWAY))
def test_what_takes_away_goes_back_to_the_left(part: Part) -> None:
    amounts = {Part.OPENING: Decimal("10.00"), part: Decimal("4.00"), Part.CLOSING: Decimal("6.00")}
    bars = [each for each in drawn(movement(amounts)).iter(f"{SVG}rect") if each.get("class")]
    opening, taken = bars[0], bars[list(Part).index(part)]
    assert float(taken.get("x", "")) + float(taken.get("width", "")) == pytest.approx(
        float(opening.get("width", "")) + MARGIN + WORDS
    )
