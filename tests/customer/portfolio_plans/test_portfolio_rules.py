"""Portfolio plans: the parts make the whole, and the days are evenly apart."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.customer.portfolio_plans import rules
from services.customer.portfolio_plans.rules import Basis, Candidate, TierTarget

UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])
"""On a busy machine the first draws wait for the processor."""

CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
MANAGER = uuid4()


def candidates(weights: list[Decimal], tier: str = "key") -> list[Candidate]:
    return [Candidate(UUID(int=place), tier, MANAGER, weight) for place, weight in enumerate(weights)]


def target(amount: Decimal, tier: str = "key") -> TierTarget:
    return TierTarget(tier, amount, 2, Basis.POTENTIAL)


@UNHURRIED
@given(CENTS, st.lists(CENTS, min_size=1, max_size=30), st.data())
def test_the_parts_make_the_target_exactly(amount: Decimal, weights: list[Decimal], data: st.DataObject) -> None:
    mine = candidates(weights)
    share = data.draw(st.integers(0, int(amount * 100))) / Decimal(100)
    fixed = {mine[0].customer_id: share} if len(mine) > 1 else {}
    shares = rules.share_out([target(amount)], mine, fixed, "USD")
    assert sum(one.amount for one in shares) == amount
    assert {one.customer_id for one in shares} == {one.customer_id for one in mine}
    assert all(one.amount >= 0 for one in shares)
    for one in shares:
        assert one.amount == fixed.get(one.customer_id, one.amount)


def test_tiers_are_shared_out_apart() -> None:
    mine = [*candidates([Decimal(1), Decimal(3)]), Candidate(uuid4(), "growth", MANAGER, Decimal(0))]
    shares = rules.share_out([target(Decimal(100)), target(Decimal("7.77"), "growth")], mine, {}, "USD")
    assert [(one.tier, one.amount) for one in shares] == [
        ("key", Decimal("25.00")),
        ("key", Decimal("75.00")),
        ("growth", Decimal("7.77")),
    ]


def test_what_cannot_be_shared_out() -> None:
    mine = candidates([Decimal(1), Decimal(1)])
    with pytest.raises(rules.TierWithoutCustomers):
        rules.share_out([target(Decimal(1), "strategic")], mine, {}, "USD")
    first, second = (one.customer_id for one in mine)
    for fixed in ({first: Decimal(11)}, {first: Decimal(4), second: Decimal(5)}, {uuid4(): Decimal(1)}):
        with pytest.raises(rules.FixedDisagrees):
            rules.share_out([target(Decimal(10))], mine, fixed, "USD")


@UNHURRIED
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 800), st.integers(1, 60))
def test_visits_lie_within_the_time_in_order(start: date, length: int, times: int) -> None:
    end = start + timedelta(days=length)
    days = rules.days_of_coverage(start, end, times)
    assert len(days) == times
    assert days == sorted(days)
    assert all(start <= day < end for day in days)


@pytest.mark.parametrize(
    ("from_date", "until_date"),
    [("2027-01-01", "2027-01-01"), ("2027-01-01", "2026-01-01"), ("2027-01-01", "2031-01-01")],
)
def test_days_that_cannot_be(from_date: str, until_date: str) -> None:
    with pytest.raises(rules.PortfolioDays):
        rules.check_days(date.fromisoformat(from_date), date.fromisoformat(until_date))


def test_targets_that_cannot_be() -> None:
    with pytest.raises(rules.PortfolioTargetsDisagree):
        rules.check_targets([target(Decimal(1)), target(Decimal(2))], "USD")
