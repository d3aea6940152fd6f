"""What a scheme may be and what an evaluation comes to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.classification.rules import refusals
from services.customer.classification.rules.deciding import Gap, Latest, Ruling, Verdict, gaps_of, tier_by
from services.customer.classification.rules.evaluating import (
    Judged,
    check_values,
    evaluate,
    outcome_of,
    profile_of,
    shares_of,
)
from services.customer.classification.rules.previewing import Movement, Unplaced, movements
from services.customer.classification.rules.schemes import Band, Criterion, Scheme, check_scheme, check_start
from services.customer.customers.rules.values import Tier

FIVE = ("1", "2", "3", "4", "5")
BANDS = (
    Band(Tier.STRATEGIC, Decimal(80)),
    Band(Tier.KEY, Decimal(60)),
    Band(Tier.GROWTH, Decimal(40)),
    Band(Tier.STANDARD, Decimal(0)),
)
SCHEME = Scheme(
    (
        Criterion("volume", "Volume", Decimal(50), FIVE),
        Criterion("growth", "Growth", Decimal(30), FIVE),
        Criterion("payment", "Payment", Decimal(20), ("late", "in time")),
    ),
    BANDS,
    365,
)


def judged(**values: int | None) -> list[Judged]:
    return [Judged(key, value) for key, value in values.items()]


@pytest.mark.parametrize(
    ("values", "score", "tier"),
    [
        ({"volume": 5, "growth": 5, "payment": 2}, "100.00", Tier.STRATEGIC),
        ({"volume": 1, "growth": 1, "payment": 1}, "0.00", Tier.STANDARD),
        ({"volume": 3, "growth": 3, "payment": 2}, "60.00", Tier.KEY),
        ({"volume": 4, "growth": 2, "payment": 1}, "45.00", Tier.GROWTH),
        ({"volume": 5, "growth": 5, "payment": 1}, "80.00", Tier.STRATEGIC),
    ],
)
def test_the_score_is_the_weighted_share_of_the_scales(values: dict[str, int], score: str, tier: Tier) -> None:
    outcome = evaluate(SCHEME, judged(**values))
    assert (outcome.lowest, outcome.highest) == (Decimal(score), Decimal(score))
    assert (outcome.tier, outcome.unknown) == (tier, ())


def test_what_is_not_known_leaves_bounds_and_a_tier_only_if_both_lie_in_it() -> None:
    open_growth = evaluate(SCHEME, judged(volume=5, payment=2, growth=None))
    assert (open_growth.lowest, open_growth.highest) == (Decimal(70), Decimal(100))
    assert (open_growth.tier, open_growth.unknown) == (None, ("growth",))
    open_payment = evaluate(SCHEME, judged(volume=1, growth=2))
    assert (open_payment.lowest, open_payment.highest) == (Decimal("7.50"), Decimal("27.50"))
    assert (open_payment.tier, open_payment.unknown) == (Tier.STANDARD, ("payment",))


def test_a_score_is_shown_rounded_down_so_that_it_never_shows_a_band_it_does_not_reach() -> None:
    thirds = replace(SCHEME, criteria=tuple(Criterion(key, key, Decimal(1), FIVE) for key in ("a", "b", "c")))
    outcome = outcome_of(thirds, {"a": Fraction(1), "b": Fraction(1), "c": Fraction(39999, 100000)})
    assert (outcome.lowest, outcome.tier) == (Decimal("79.99"), Tier.KEY)


@given(st.lists(st.sampled_from([None, 1, 2, 3, 4, 5]), min_size=2, max_size=2), st.sampled_from([None, 1, 2]))
def test_knowing_more_narrows_the_bounds_and_never_leaves_the_tier(pair: list[int | None], payment: int | None) -> None:
    volume, growth = pair
    values = {"volume": volume, "growth": growth, "payment": payment}
    whole = evaluate(SCHEME, judged(**{key: value or 1 for key, value in values.items()}))
    part = evaluate(SCHEME, judged(**values))
    assert Decimal(0) <= part.lowest <= part.highest <= Decimal(100)
    assert part.lowest <= whole.lowest <= part.highest
    assert (part.lowest == part.highest) == (part.unknown == ())
    assert part.tier in {None, whole.tier}
    assert shares_of(profile_of(SCHEME, judged(**values))).keys() == {key for key, value in values.items() if value}


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 2))
def test_a_higher_value_never_lowers_the_score(volume: int, growth: int, payment: int) -> None:
    less = evaluate(SCHEME, judged(volume=volume, growth=growth, payment=payment))
    more = evaluate(SCHEME, judged(volume=volume + 1, growth=growth, payment=payment))
    assert more.lowest > less.lowest
    tiers = list(Tier)
    assert less.tier is not None
    assert more.tier is not None
    assert tiers.index(more.tier) <= tiers.index(less.tier)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ([Judged("fame", 1)], refusals.CriterionNotInScheme),
        ([Judged("volume", 1), Judged("volume", 2)], refusals.CriterionTwice),
        ([Judged("payment", 3)], refusals.ValueOutsideScale),
        ([Judged("volume", 0)], refusals.ValueOutsideScale),
        ([Judged("volume", None)], refusals.NothingEvaluated),
    ],
)
def test_values_that_the_scheme_does_not_ask_for_are_refused(values: list[Judged], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_values(SCHEME, values)


@pytest.mark.parametrize(
    "change",
    [
        {"criteria": (SCHEME.criteria[0], SCHEME.criteria[0])},
        {"bands": BANDS[:3]},
        {"bands": (BANDS[0], BANDS[0], BANDS[3])},
        {"bands": (Band(Tier.STRATEGIC, Decimal(0)), Band(Tier.KEY, Decimal(50)))},
        {"bands": (Band(Tier.STRATEGIC, Decimal(0)), Band(Tier.KEY, Decimal(0)))},
    ],
)
def test_a_scheme_gives_every_score_one_tier(change: dict[str, Any]) -> None:
    check_scheme(SCHEME)
    with pytest.raises(refusals.SchemeMalformed):
        check_scheme(replace(SCHEME, **change))


def test_a_scheme_comes_into_force_today_or_later() -> None:
    today = date(2026, 5, 1)
    check_start(today, today)
    with pytest.raises(refusals.StartInPast):
        check_start(today - timedelta(days=1), today)


@pytest.mark.parametrize(
    ("ruling", "computed", "tier"),
    [
        (Ruling(Verdict.CONFIRMED), Tier.KEY, Tier.KEY),
        (Ruling(Verdict.OVERRIDDEN, Tier.STRATEGIC, "a door to the market"), Tier.KEY, Tier.STRATEGIC),
        (Ruling(Verdict.OVERRIDDEN, Tier.STANDARD, "nobody knows them"), None, Tier.STANDARD),
        (Ruling(Verdict.RETURNED, None, "ask their bank"), Tier.KEY, None),
    ],
)
def test_a_ruling_gives_a_tier(ruling: Ruling, computed: Tier | None, tier: Tier | None) -> None:
    assert tier_by(ruling, computed) is tier


@pytest.mark.parametrize(
    ("ruling", "refusal"),
    [
        (Ruling(Verdict.CONFIRMED), refusals.TierUndecided),
        (Ruling(Verdict.CONFIRMED, Tier.KEY), refusals.DecisionIncomplete),
        (Ruling(Verdict.OVERRIDDEN, Tier.KEY), refusals.DecisionIncomplete),
        (Ruling(Verdict.OVERRIDDEN, None, "because"), refusals.DecisionIncomplete),
        (Ruling(Verdict.RETURNED), refusals.DecisionIncomplete),
    ],
)
def test_a_ruling_that_says_too_little_or_too_much_is_refused(ruling: Ruling, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        tier_by(ruling, None)


def test_gaps_say_all_that_is_missing() -> None:
    before = datetime(2026, 1, 1, tzinfo=UTC)
    assert gaps_of(None, 1, before) == [Gap.NEVER_EVALUATED]
    fresh = Latest(1, before, Tier.KEY, Verdict.CONFIRMED)
    assert gaps_of(fresh, 1, before) == []
    assert gaps_of(replace(fresh, at=before - timedelta(seconds=1)), 2, before) == [Gap.OUTDATED, Gap.SCHEME_CHANGED]
    assert gaps_of(replace(fresh, tier=None, verdict=None), 1, before) == [Gap.UNDECIDED]
    assert gaps_of(replace(fresh, verdict=None), 1, before) == [Gap.AWAITING_DECISION]
    assert gaps_of(replace(fresh, verdict=Verdict.RETURNED), 1, before) == [Gap.RETURNED]


def test_movements_add_up_to_the_base_whatever_scheme_the_values_are_of() -> None:
    best, half = "growth=4/4;payment=1/1;volume=4/4", "growth=2/4;volume=2/4"
    alike = [("key", best, 3), ("strategic", best, 2), (None, half, 4), ("standard", None, 5), (None, None, 6)]
    moved = movements(SCHEME, alike)
    assert moved == [
        Movement(Tier.STRATEGIC, Tier.STRATEGIC, 2),
        Movement(Tier.KEY, Tier.STRATEGIC, 3),
        Movement(Tier.STANDARD, Unplaced.NOT_EVALUATED, 5),
        Movement(None, Unplaced.UNDECIDED, 4),
        Movement(None, Unplaced.NOT_EVALUATED, 6),
    ]
    halves = replace(SCHEME, criteria=(Criterion("growth", "Growth", Decimal(1), ("low", "middle", "high")),))
    assert movements(halves, [(None, half, 4)]) == [Movement(None, Tier.GROWTH, 4)]
