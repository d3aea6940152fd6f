"""Account plans: what a plan may say, and when it is late."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servicekit.values.money import AmountNotExact
from services.customer.account_plans import rules
from services.customer.account_plans.rules import Content, Measure, Target
from services.customer.customers.rules.approving import ApprovalNotAllowed, check_approval
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.refusals import OwnMatter

YEAR = 2027
DAY = date(YEAR, 3, 1)
CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)


def targets(*pairs: tuple[str, str]) -> Content:
    return Content(currency="USD", targets=[Target(period, Decimal(amount)) for period, amount in pairs])


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (targets(("2026", "1.00")), "/targets/0/period"),
        (targets(("2027", "1.00"), ("2027", "2.00")), "/targets"),
        (targets(("2027-Q1", "1.005")), "/targets/0/amount"),
        (targets(("2027", "10.00"), ("2027-Q1", "10.01")), "/targets"),
        (targets(("2027", "10.00"), *[(f"2027-Q{quarter}", "2.00") for quarter in range(1, 5)]), "/targets"),
        (Content(targets=[Target("2027", Decimal(1))]), "/currency"),
    ],
)
def test_targets_that_contradict_are_refused(content: Content, field: str) -> None:
    with pytest.raises((rules.TargetsDisagree, AmountNotExact)) as refused:
        rules.check_content(YEAR, content)
    assert refused.value.field == field


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CENTS, min_size=4, max_size=4))
def test_the_quarters_make_the_year(parts: list[Decimal]) -> None:
    quarters = [Target(f"{YEAR}-Q{number}", amount) for number, amount in enumerate(parts, 1)]
    assert rules.target_of(YEAR, quarters) == sum(parts)
    whole = [Target(str(YEAR), sum(parts, Decimal(0))), *quarters]
    rules.check_content(YEAR, Content(currency="USD", targets=whole))
    assert rules.target_of(YEAR, whole) == sum(parts)


def test_a_measure_is_named_once() -> None:
    measure = Measure(uuid4(), "Visit the plant", DAY, uuid4())
    with pytest.raises(rules.MeasuresDisagree):
        rules.check_content(YEAR, Content(measures=[measure, measure]))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(rules.PlanIncomplete) as refused:
        rules.check_complete(Content(goals=["Grow"], strategy="Be there"))
    assert refused.value.missing == ["situation", "measures", "targets"]


@pytest.mark.parametrize(
    ("state", "due_on", "late"),
    [
        ("missing", DAY, True),
        ("draft", DAY, True),
        ("returned", DAY, True),
        ("submitted", DAY, False),
        ("approved", DAY, False),
        ("missing", date(YEAR, 3, 2), False),
        ("missing", None, False),
    ],
)
def test_what_is_overdue(state: str, due_on: date | None, *, late: bool) -> None:
    assert rules.is_overdue(state, due_on, date(YEAR, 3, 2)) is late


def test_who_approves() -> None:
    seller, superior, other = uuid4(), uuid4(), uuid4()

    def by(authority: object, *persons: object, roles: frozenset[str] = frozenset()) -> Decider:
        return Decider(authority, frozenset({authority, *persons}), roles)  # type: ignore[arg-type]

    check_approval(by(superior), [seller], [superior])
    check_approval(by(superior, other), [seller], [superior])
    check_approval(by(other, roles=frozenset({"admin"})), [seller], [])
    for decider in (by(seller), by(superior, seller)):
        with pytest.raises(OwnMatter):
            check_approval(decider, [seller], [superior])
    refused = (by(other), by(other, roles=frozenset({"admin", "sales_operations"})))
    for decider in refused:
        with pytest.raises(ApprovalNotAllowed):
            check_approval(decider, [seller], [superior])
    with pytest.raises(ApprovalNotAllowed):
        check_approval(by(other, superior, roles=frozenset({"admin"})), [seller], [])
