from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.values.money import Money
from services.opportunity.sales_team import rules
from services.opportunity.sales_team.rules import Share

PRINCIPAL, SECOND, THIRD = uuid4(), uuid4(), uuid4()
TEAM = dict.fromkeys([PRINCIPAL, SECOND, THIRD])


def test_shares_sum_to_the_whole() -> None:
    rules.check_shares([Share(PRINCIPAL, Decimal("0.6")), Share(SECOND, Decimal("0.4"))], TEAM)
    with pytest.raises(rules.SharesNotWhole) as refused:
        rules.check_shares([Share(PRINCIPAL, Decimal("0.6")), Share(SECOND, Decimal("0.39"))], TEAM)
    assert refused.value.sum == "0.99"
    with pytest.raises(rules.SharesNotWhole):
        rules.check_shares([], TEAM)


@pytest.mark.parametrize(
    "shares",
    [
        [Share(PRINCIPAL, Decimal("1.1")), Share(SECOND, Decimal("-0.1"))],
        [Share(PRINCIPAL, Decimal("0.5")), Share(PRINCIPAL, Decimal("0.5"))],
        [Share(PRINCIPAL, Decimal("0.5")), Share(uuid4(), Decimal("0.5"))],
        [Share(PRINCIPAL, Decimal(1)), Share(SECOND, Decimal(0))],
    ],
)
def test_impossible_shares_are_refused(shares: list[Share]) -> None:
    with pytest.raises(rules.ShareNotPossible):
        rules.check_shares(shares, TEAM)


def test_a_joining_members_share_comes_out_of_the_principals() -> None:
    joined = rules.with_member([], PRINCIPAL, Share(SECOND, Decimal("0.3")))
    assert joined == [Share(PRINCIPAL, Decimal("0.7")), Share(SECOND, Decimal("0.3"))]
    again = rules.with_member(joined, PRINCIPAL, Share(THIRD, Decimal("0.7")))
    rules.check_shares(again, TEAM)
    assert [share.person_id for share in again] == [SECOND, THIRD]
    with pytest.raises(rules.ShareNotPossible):
        rules.with_member(joined, PRINCIPAL, Share(THIRD, Decimal("0.71")))
    with pytest.raises(rules.ShareNotPossible):
        rules.with_member(joined, PRINCIPAL, Share(SECOND, Decimal("0.1")))


def test_thirds_lose_no_cent() -> None:
    third = [
        Share(PRINCIPAL, Decimal("0.333334")),
        Share(SECOND, Decimal("0.333333")),
        Share(THIRD, Decimal("0.333333")),
    ]
    parts = rules.split_amounts(Money(Decimal("100.00"), "USD"), third)
    assert [str(part.amount) for part in parts] == ["33.34", "33.33", "33.33"]


@given(st.integers(0, 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.sampled_from(["USD", "JPY"]))
def test_split_amounts_sum_to_the_whole(units: int, weights: list[int], currency: str) -> None:
    total = Money(Decimal(units) if currency == "JPY" else Decimal(units).scaleb(-2), currency)
    shares = [Share(uuid4(), Decimal(weight)) for weight in weights]
    parts = rules.split_amounts(total, shares)
    assert sum((part.amount for part in parts), Decimal(0)) == total.amount
