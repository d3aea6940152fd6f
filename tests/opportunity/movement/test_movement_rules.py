import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.opportunity.movement.rules import figures, report
from services.opportunity.movement.rules.figures import BETWEEN, SHIFTED, Money
from services.opportunity.movement.rules.kinds import Kind, facts_of
from services.opportunity.movement.rules.parts import LEAVING, TAKEN_AWAY, Alike, Part
from services.opportunity.movement.rules.report import COLUMNS, Line
from services.opportunity.movement.rules.rounding import rounded
from services.opportunity.vocabulary import State

ANN, BEN, CARL = (UUID(int=number) for number in (1, 2, 3))
RATES = {"USD": Decimal(1), "EUR": Decimal("1.0837"), "JPY": 1 / Decimal("156.31")}
CURRENCIES = (*RATES, "XAU")
STAGES = ["find_contact", "shortlist", "negotiate"]


def alike(
    start: UUID | None,
    end: UUID | None,
    before: str | None = "100.00",
    after: str | None = "100.00",
    **given: Any,
) -> Alike:
    """One opportunity; in wherever it has a branch, unless said otherwise, and of both ends where it is open."""
    state = given.pop("state", State.OPEN)
    was_open = given.pop("was_open", True)
    was_in = given.pop("was_in", start is not None and was_open)
    is_in = given.pop("is_in", end is not None and state is State.OPEN)
    currencies = given.pop("currencies", ("USD", "USD"))
    stages = given.pop("stages", ("shortlist", "shortlist"))
    worth = [
        RATES.get(code, Decimal(0)) * Decimal(amount or 0)
        for code, amount in zip(currencies, (before, after), strict=True)
    ]
    if currencies[0] == currencies[1]:
        worth = [Decimal(before or 0), Decimal(after or 0)]
    stays = was_in and is_in
    step = STAGES.index(stages[1]) - STAGES.index(stages[0])
    return Alike(
        was_in=was_in,
        is_in=is_in,
        was_open=was_open,
        state=state,
        direction=_sign(worth[1] - worth[0]) if stays else 0,
        step=_sign(step) if stays else 0,
        start_branch=start,
        end_branch=end,
        existed=given.pop("existed", True),
        start_version=1,
        start_stage=stages[0],
        start_currency=currencies[0],
        end_version=1,
        end_stage=stages[1],
        end_currency=currencies[1],
        count=given.pop("count", 1),
        simulated=0,
        start_amount=Decimal(before or 0) if was_in else Decimal(0),
        start_unknown=int(was_in and before is None),
        end_amount=Decimal(after or 0) if is_in else Decimal(0),
        end_unknown=int(is_in and after is None),
        **given,
    )


def _sign(value: Decimal | int) -> int:
    return (value > 0) - (value < 0)


def told(found: Sequence[Alike]) -> dict[str, str]:
    """Return the parts that are not nothing, as `count amount`."""
    line, _ = report.lines_of(figures.whole_of(found, Money(RATES)), {}, "USD")
    return {str(part): f"{line[part].count} {line[part].amount}" for part in Part if line[part].count}


CASES: list[tuple[str, Alike, dict[str, str]]] = [
    ("nothing happened", alike(ANN, ANN), {"opening": "1 100.00", "closing": "1 100.00"}),
    (
        "it came",
        alike(None, ANN, existed=False, was_open=False, was_in=False),
        {"new": "1 100.00", "closing": "1 100.00"},
    ),
    ("reopened", alike(ANN, ANN, was_open=False), {"new": "1 100.00", "closing": "1 100.00"}),
    ("reopened by another", alike(None, ANN, was_open=False), {"new": "1 100.00", "closing": "1 100.00"}),
    ("from elsewhere", alike(None, ANN), {"entered": "1 100.00", "closing": "1 100.00"}),
    ("from elsewhere and later", alike(None, ANN), {"entered": "1 100.00", "closing": "1 100.00"}),
    ("put off into the period", alike(ANN, ANN, was_in=False), {"moved_in": "1 100.00", "closing": "1 100.00"}),
    (
        "raised",
        alike(ANN, ANN, "100.00", "130.00"),
        {"opening": "1 100.00", "raised": "1 30.00", "closing": "1 130.00"},
    ),
    (
        "lowered",
        alike(ANN, ANN, "100.00", "70.00"),
        {"opening": "1 100.00", "lowered": "1 30.00", "closing": "1 70.00"},
    ),
    ("now known", alike(ANN, ANN, None, "70.00"), {"opening": "1 0.00", "raised": "1 70.00", "closing": "1 70.00"}),
    ("unknown now", alike(ANN, ANN, "70.00", None), {"opening": "1 70.00", "lowered": "1 70.00", "closing": "1 0.00"}),
    (
        "won at another amount",
        alike(ANN, ANN, "100.00", "500.00", state=State.WON),
        {"opening": "1 100.00", "won": "1 100.00"},
    ),
    ("won by another", alike(ANN, None, state=State.WON), {"opening": "1 100.00", "won": "1 100.00"}),
    ("lost by another", alike(ANN, None, state=State.LOST), {"opening": "1 100.00", "lost": "1 100.00"}),
    ("left", alike(ANN, None, "100.00", "900.00"), {"opening": "1 100.00", "left": "1 100.00"}),
    ("left and was put off", alike(ANN, None), {"opening": "1 100.00", "left": "1 100.00"}),
    ("put off", alike(ANN, ANN, "100.00", "900.00", is_in=False), {"opening": "1 100.00", "moved_out": "1 100.00"}),
    (
        "in yen",
        alike(ANN, ANN, "15631", "31262", currencies=("JPY", "JPY")),
        {"opening": "1 100.00", "raised": "1 100.00", "closing": "1 200.00"},
    ),
    (
        "of another currency",
        alike(ANN, ANN, "100.00", "100.00", currencies=("USD", "EUR")),
        {"opening": "1 100.00", "raised": "1 8.37", "closing": "1 108.37"},
    ),
]


@pytest.mark.parametrize(("one", "parts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_opportunity_has_one_cause_at_the_amount_of_its_end(one: Alike, parts: dict[str, str]) -> None:
    assert told([one]) == parts


def test_what_has_no_rate_is_told_apart_and_in_no_sum() -> None:
    found = [
        alike(ANN, ANN, "100.00", "150.00", currencies=("XAU", "XAU")),
        alike(ANN, ANN, "10.00", "7.00", currencies=("XAU", "USD")),
        alike(ANN, ANN, "1.00", "1.00"),
    ]
    line, _ = report.lines_of(figures.whole_of(found, Money(RATES)), {}, "USD")

    assert {part: line[part].amount for part in Part if line[part].amount} == {
        Part.OPENING: Decimal("1.00"),
        Part.RAISED: Decimal("7.00"),
        Part.CLOSING: Decimal("8.00"),
    }
    apart = {part: line[part].unconverted["XAU"] for part in Part if line[part].unconverted}
    assert apart == {
        Part.OPENING: Decimal("110.00"),
        Part.RAISED: Decimal("50.00"),
        Part.LOWERED: Decimal("10.00"),
        Part.CLOSING: Decimal("150.00"),
    }


def test_unknown_amounts_are_counted_apart() -> None:
    found = [
        alike(ANN, ANN, None, "1.00"),
        alike(ANN, ANN, None, None),
        alike(ANN, None, None),
        alike(None, ANN, None, None),
    ]
    line, _ = report.lines_of(figures.whole_of(found, Money(RATES)), {}, "USD")
    unknown = {str(part): line[part].unknown_amount for part in Part if line[part].unknown_amount}
    assert unknown == {"opening": 3, "raised": 1, "left": 1, "entered": 1, "closing": 2}


def test_what_goes_from_one_below_to_another_leaves_and_enters_and_is_neither_above() -> None:
    found = [
        alike(ANN, BEN, "100.00", "120.00"),
        alike(BEN, ANN, "50.00", "50.00", is_in=False),
        alike(ANN, BEN, state=State.WON),
        alike(ANN, BEN, was_open=False, existed=False),
    ]
    table = figures.branches_of(found, Money(RATES))
    whole, (ann, ben, between) = report.lines_of(
        figures.whole_of(found, Money(RATES)), report.in_order(table, [ANN, BEN, BETWEEN]), "USD"
    )

    def parts(line: Line) -> dict[str, str]:
        return {str(part): f"{line[part].count} {line[part].amount}" for part in Part if line[part].count}

    assert parts(ann) == {"opening": "2 200.00", "won": "1 100.00", "left": "1 100.00"}
    assert parts(ben) == {
        "opening": "1 50.00",
        "new": "1 100.00",
        "entered": "1 120.00",
        "left": "1 50.00",
        "closing": "2 220.00",
    }
    assert parts(between) == {
        "entered": "-1 -120.00",
        "raised": "1 20.00",
        "left": "-2 -150.00",
        "moved_out": "1 50.00",
    }
    assert parts(whole) == {
        "opening": "3 250.00",
        "new": "1 100.00",
        "raised": "1 20.00",
        "won": "1 100.00",
        "moved_out": "1 50.00",
        "closing": "2 220.00",
    }


def test_steps_stand_beside_the_sum() -> None:
    found = [
        alike(ANN, ANN, "10.00", "12.00", stages=("find_contact", "negotiate")),
        alike(ANN, ANN, "10.00", "10.00", stages=("negotiate", "shortlist")),
        alike(ANN, ANN, state=State.WON, stages=("find_contact", "negotiate")),
        alike(None, ANN, stages=("find_contact", "negotiate")),
    ]
    advanced, slipped = figures.steps_of(found, Money(RATES))
    assert [(one.count, int(one.amount)) for one in (advanced, slipped)] == [(1, 12), (1, 10)]

    table = figures.stages_of(found, Money(RATES), lambda _, stage: stage)
    _, lines = report.lines_of(figures.whole_of(found, Money(RATES)), report.in_order(table, STAGES), "USD")
    assert [(line[SHIFTED].count, line[SHIFTED].amount) for line in lines] == [
        (-1, Decimal("-10.00")),
        (1, Decimal("10.00")),
        (0, Decimal("0.00")),
    ]
    assert [line[Part.RAISED].amount for line in lines] == [0, 0, Decimal("2.00")]


def anything(draw: random.Random) -> Alike:
    start, end = draw.choice([None, ANN, BEN, CARL]), draw.choice([None, ANN, BEN, CARL])
    state = draw.choice(list(State))
    was_open = draw.random() < 0.7
    worth = [None if draw.random() < 0.2 else str(Decimal(draw.randint(0, 10**7)) / 100) for _ in range(2)]
    return alike(
        start,
        end,
        *worth,
        state=state,
        was_open=was_open,
        was_in=start is not None and was_open and draw.random() < 0.8,
        is_in=end is not None and state is State.OPEN and draw.random() < 0.8,
        currencies=(draw.choice(CURRENCIES), draw.choice(CURRENCIES)),
        stages=(draw.choice(STAGES), draw.choice(STAGES)),
    )


def many(seed: int) -> list[Alike]:
    draw = random.Random(seed)  # noqa: S311 (it keeps no secret)
    found = [anything(draw) for _ in range(draw.randint(0, 25))]
    return [one for one in found if one.was_in or one.is_in]


seeds = st.integers(0, 2**32)


def adds_up(line: Line) -> bool:
    """Whether amounts, counts and what no rate could convert all add up."""
    signs = {part: -1 if part in TAKEN_AWAY else 1 for part in [*list(Part)[:-1], SHIFTED]}
    amount = sum((sign * line[part].amount for part, sign in signs.items()), Decimal(0))
    uncounted = (Part.RAISED, Part.LOWERED)
    count = sum(sign * line[part].count for part, sign in signs.items() if part not in uncounted)
    apart = sum((sign * line[part].unconverted.get("XAU", Decimal(0)) for part, sign in signs.items()), Decimal(0))
    closing = line[Part.CLOSING]
    return (amount, count, apart) == (closing.amount, closing.count, closing.unconverted.get("XAU", Decimal(0)))


@settings(deadline=None)
@given(seeds, st.sampled_from(["USD", "JPY", "KWD"]))
def test_the_parts_add_up_and_so_do_the_lines_below(seed: int, currency: str) -> None:
    found = many(seed)
    money = Money(RATES)
    exact = figures.whole_of(found, money)
    for table in (
        report.in_order(figures.branches_of(found, money), [ANN, BEN, CARL, BETWEEN]),
        report.in_order(figures.stages_of(found, money, lambda _, stage: stage), STAGES),
        {},
    ):
        whole, lines = report.lines_of(exact, table, currency)
        assert all(adds_up(line) for line in (whole, *lines))
        for column in COLUMNS if lines else ():
            shown = whole[column]
            assert sum(line[column].amount for line in lines) == shown.amount
            assert sum(line[column].count for line in lines) == shown.count
            assert sum(line[column].unconverted.get("XAU", Decimal(0)) for line in lines) == shown.unconverted.get(
                "XAU", Decimal(0)
            )
        for end in (Part.OPENING, Part.CLOSING):
            assert abs(Fraction(whole[end].amount) - exact.get(end, figures.Figure()).amount) * 2 <= Fraction(
                1, _unit(currency)
            )


def _unit(currency: str) -> int:
    return {"USD": 100, "JPY": 1, "KWD": 1000}[currency]


@given(seeds)
def test_each_opportunity_leaves_or_enters_by_one_cause(seed: int) -> None:
    """The oracle asks one opportunity after the other; the sums of many alike say the same."""
    money = Money(RATES)
    for one in many(seed):
        whole = figures.whole_of([one], money)
        causes = [part for part in whole if part not in (Part.OPENING, Part.CLOSING, Part.RAISED, Part.LOWERED)]
        assert len(causes) == int(one.was_in != one.is_in)
        assert (Part.RAISED in whole or Part.LOWERED in whole) <= (one.was_in and one.is_in)
        if causes:
            amount = one.start_amount if causes[0] in LEAVING else one.end_amount
            currency = one.start_currency if causes[0] in LEAVING else one.end_currency
            assert whole[causes[0]].amount == Fraction(amount) * Fraction(RATES.get(currency, Decimal(0)))


def table_of(seed: int) -> list[list[Fraction]]:
    draw = random.Random(seed)  # noqa: S311
    denominator = draw.choice([2, 3, 7, 10, 1000])
    rows = []
    for _ in range(draw.randint(1, 7)):
        flows = [Fraction(draw.randint(-3 * denominator, 3 * denominator), denominator) for _ in range(6)]
        flows = [draw.choice([0, 1, 1]) * flow for flow in flows]
        opening = max(Fraction(draw.randint(0, 3 * denominator), denominator), -sum(flows, Fraction(0)))
        rows.append([opening, *flows, -opening - sum(flows, Fraction(0))])
    return rows


@given(seeds)
def test_a_rounded_table_adds_up_and_each_figure_is_beside_its_own(seed: int) -> None:
    rows = table_of(seed)
    sums = [sum(column, Fraction(0)) for column in zip(*rows, strict=True)]
    fixed = {0: floor(sums[0] + Fraction(1, 2)), 7: -floor(-sums[7] + Fraction(1, 2))}
    table = rounded(rows, fixed)
    for exact, shown in zip(rows, table, strict=True):
        assert sum(shown) == 0
        assert all(floor(one) <= other <= ceil(one) for one, other in zip(exact, shown, strict=True))
    for place, (exact_sum, column) in enumerate(zip(sums, zip(*table, strict=True), strict=True)):
        assert floor(exact_sum) <= sum(column) <= ceil(exact_sum)
        assert sum(column) == fixed.get(place, sum(column))


def test_one_line_is_rounded_by_largest_remainder() -> None:
    third, two = Fraction(1, 3), Fraction(2, 3)
    assert rounded([[Fraction(0), third, two, third, two, Fraction(-2)]], {0: 0, 5: -2}) == [[0, 0, 1, 0, 1, -2]]


def test_every_part_can_be_listed() -> None:
    assert {part.value for part in Part} < {kind.value for kind in Kind}
    assert not set(facts_of(Kind.WON)) & set(facts_of(Kind.LEFT))
