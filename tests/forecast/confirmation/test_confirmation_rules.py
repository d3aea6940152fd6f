"""Confirming: who, what, when; lines that add up; what a change of the opportunity does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from servicekit.values.dates import Period
from services.forecast.confirmation.rules import confirming, lines, quantities
from services.forecast.confirmation.rules.confirming import Effect, LiveLine, Opportunity, OpportunityState
from services.forecast.confirmation.rules.lines import NOTHING_KNOWN, Item, Line, OfferedLine
from services.forecast.cycles.rules.definition import AmountBasis, Category

QUARTER = Period(date(2026, 10, 1), date(2027, 1, 1))
SELLER, OTHER = UUID(int=1), UUID(int=2)
SHOES = Item(UUID(int=10), UUID(int=11), "pair", unit_is_whole=True)
LEATHER = Item(UUID(int=12), UUID(int=11), "kg", unit_is_whole=False)
MONTH = date(2026, 11, 1)
OPEN = Opportunity(
    id=UUID(int=3),
    version=4,
    name="Winter boots",
    principal_id=SELLER,
    customer_id=None,
    stage="shortlist",
    state=OpportunityState.OPEN,
    amount=Decimal(100),
    currency="USD",
    expected_close=date(2026, 11, 20),
    decided_on=None,
    probability=Decimal("0.5"),
    is_simulated=False,
)
WON = replace(OPEN, state=OpportunityState.WON, stage="close", decided_on=date(2026, 11, 2))


def check(opportunity: Opportunity = OPEN, **changed: object) -> None:
    values: dict[str, object] = {
        "version": 4,
        "person_id": SELLER,
        "category": Category.COMMIT,
        "closes_on": date(2026, 12, 31),
        "period": QUARTER,
        "stages": ["shortlist", "selected"],
    }
    confirming.check_confirmation(opportunity, **{**values, **changed})  # type: ignore[arg-type]


def test_the_principal_confirms_what_they_have_seen() -> None:
    check()
    with pytest.raises(confirming.NotPrincipal):
        check(person_id=OTHER)
    with pytest.raises(confirming.OpportunityOutdated) as refused:
        check(version=3)
    assert refused.value.current_version == 4
    with pytest.raises(confirming.OpportunityUnknownVersion):
        check(version=5)


def test_what_is_decided_is_not_confirmed_by_hand() -> None:
    with pytest.raises(confirming.CategoryNotConfirmable):
        check(category=Category.CLOSED)
    with pytest.raises(confirming.OpportunityDecided):
        check(WON)


def test_stage_and_close_belong_to_the_cycle() -> None:
    with pytest.raises(confirming.StageNotConfirmable):
        check(replace(OPEN, stage="find_contact"))
    check(replace(OPEN, stage="find_contact"), stages=[])
    with pytest.raises(confirming.CloseOutsidePeriod):
        check(closes_on=date(2027, 1, 1))


def test_anything_may_be_omitted() -> None:
    check(replace(OPEN, stage="find_contact"), category=Category.OMITTED, closes_on=date(2027, 5, 1))


def live(category: Category = Category.COMMIT, principal_id: UUID = SELLER, amount: int = 100) -> LiveLine:
    ids = UUID(int=7)
    return LiveLine(ids, OPEN.id, ids, principal_id, category, ids, Decimal(amount))


LOST = replace(OPEN, state=OpportunityState.LOST)
WON_EARLIER = replace(WON, decided_on=date(2026, 9, 30))


@pytest.mark.parametrize(
    ("opportunity", "line", "effect"),
    [
        (OPEN, None, Effect.KEEP),
        (OPEN, live(), Effect.KEEP),
        (OPEN, live(principal_id=OTHER), Effect.RELEASE),
        (WON, None, Effect.CLOSE),
        (WON, live(Category.PIPELINE), Effect.CLOSE),
        (WON, live(principal_id=OTHER), Effect.CLOSE),
        (WON, live(Category.CLOSED), Effect.KEEP),
        (WON, live(Category.CLOSED, amount=90), Effect.CLOSE),
        (WON, live(Category.CLOSED, OTHER), Effect.CLOSE),
        (replace(WON, amount=None), None, Effect.KEEP),
        (replace(WON, amount=None), live(), Effect.RELEASE),
        (WON_EARLIER, None, Effect.KEEP),
        (WON_EARLIER, live(), Effect.RELEASE),
        (LOST, live(), Effect.RELEASE),
        (LOST, None, Effect.KEEP),
        (OPEN, live(Category.CLOSED), Effect.RELEASE),
    ],
)
def test_effect_of_a_change(opportunity: Opportunity, line: LiveLine | None, effect: Effect) -> None:
    assert confirming.effect_of(opportunity, QUARTER, line) is effect


def test_only_a_weighted_cycle_multiplies_and_never_what_is_won() -> None:
    weighted = AmountBasis.WEIGHTED
    assert confirming.counted_probability(weighted, Decimal("0.5"), Category.COMMIT) == Decimal("0.5")
    assert confirming.counted_probability(weighted, Decimal(0), Category.COMMIT) == 0
    assert confirming.counted_probability(weighted, Decimal("0.5"), Category.CLOSED) == 1
    assert confirming.counted_probability(AmountBasis.FULL, Decimal("0.5"), Category.COMMIT) == 1


def test_lines_add_up_to_the_amount() -> None:
    boots = Line(SHOES, MONTH, "Ghent", Decimal(3), Decimal("60.00"))
    rest = Line(NOTHING_KNOWN, MONTH, None, None, Decimal("40.00"))
    lines.check_lines(Decimal("100.00"), [boots, rest])
    with pytest.raises(lines.LinesDoNotAddUp) as refused:
        lines.check_lines(Decimal("100.01"), [boots, rest])
    assert refused.value.difference == "0.01"


@pytest.mark.parametrize(
    ("item", "quantity"),
    [(SHOES, None), (SHOES, "2.5"), (SHOES, "-1"), (LEATHER, "0.00001"), (NOTHING_KNOWN, "1")],
)
def test_a_quantity_fits_its_unit(item: Item, quantity: str | None) -> None:
    with pytest.raises(lines.QuantityWrong):
        lines.check_quantity(item, None if quantity is None else Decimal(quantity), "/quantity")


def offered(quantity: int, price: str | None, **more: object) -> OfferedLine:
    values: dict[str, object] = {"delivery_date": None, "delivery_place": None, **more}
    return OfferedLine(SHOES, Decimal(quantity), None if price is None else Decimal(price), **values)  # type: ignore[arg-type]


def test_an_opportunity_offers_its_own_lines() -> None:
    closes = date(2026, 12, 24)
    own = [offered(2, "30", delivery_date=date(2027, 2, 3), delivery_place="Ghent"), offered(4, "10")]
    boots, rest = lines.lines_offered(Decimal("50.00"), "USD", own, closes)
    assert (boots.month, boots.place, boots.amount) == (date(2027, 2, 1), "Ghent", Decimal("30.00"))
    assert (rest.month, rest.place, rest.amount) == (date(2026, 12, 1), None, Decimal("20.00"))
    (unknown,) = lines.lines_offered(Decimal(50), "USD", [], closes)
    assert unknown == Line(NOTHING_KNOWN, date(2026, 12, 1), None, None, Decimal(50), date(2026, 12, 21))
    assert (boots.week, rest.week) == (date(2027, 2, 1), date(2026, 12, 21))


def test_lines_without_a_price_share_equally() -> None:
    parts = lines.lines_offered(Decimal("100.00"), "USD", [offered(1, None)] * 3, MONTH)
    assert [part.amount for part in parts] == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


amounts = some.decimals(0, 10**9, places=2)
confirmed_lines = some.lists(
    some.one_of(
        some.builds(
            Line, some.just(SHOES), some.just(MONTH), some.just("a"), some.integers(0, 10**6).map(Decimal), amounts
        ),
        some.builds(
            Line,
            some.just(LEATHER),
            some.just(MONTH),
            some.just("b"),
            some.decimals(0, 10**6, places=4),
            amounts,
        ),
        some.builds(Line, some.just(NOTHING_KNOWN), some.just(MONTH), some.just("c"), some.none(), amounts),
    ),
    min_size=1,
    max_size=12,
)


@given(confirmed_lines, some.decimals("0.0001", 1000, places=8), some.decimals(0, 1, places=2))
def test_what_counts_adds_up_and_stays_whole(own: list[Line], rate: Decimal, probability: Decimal) -> None:
    whole, counted = lines.counted_lines(own, rate, probability, "USD")
    assert sum(line.amount for line in counted) == whole
    lines.check_lines(whole, counted)
    for before, after in zip(own, counted, strict=True):
        assert (before.quantity is None) == (after.quantity is None)
        assert after.quantity is None or after.quantity <= (before.quantity or 0)


@given(some.lists(some.decimals(0, 10**6, places=6), max_size=20), some.booleans())
def test_rounded_parts_add_up_to_the_rounded_sum(exact: list[Decimal], is_whole: bool) -> None:
    parts = quantities.rounded_parts(exact, is_whole)
    unit = Decimal(1) if is_whole else Decimal("0.0001")
    assert abs(sum(parts, Decimal(0)) - sum(exact, Decimal(0))) <= unit / 2
    assert all(abs(part - before) < unit for part, before in zip(parts, exact, strict=True))
