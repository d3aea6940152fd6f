"""The potential of a customer: bounded, explained, and moved by each fact the right way."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.customer.potential.rules import WEIGHTS, Facts, Part, popular_lines, potential

TODAY = date(2027, 6, 1)
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])
"""On a busy machine the first draws wait for the processor."""

MONEY = st.integers(0, 10**12).map(lambda cents: Decimal(cents) / 100)
FACTS = st.builds(
    Facts,
    tier=st.sampled_from(["strategic", "key", "growth", "standard", None]),
    employees=st.none() | st.integers(0, 10**7),
    revenue=st.none() | MONEY,
    won_last_year=MONEY,
    won_year_before=MONEY,
    pipeline=MONEY,
    bought=st.frozensets(st.sampled_from("abcd")),
    popular=st.frozensets(st.sampled_from("abcd")),
    last_activity=st.none() | st.dates(date(2020, 1, 1), date(2028, 1, 1)),
)


def part(facts: Facts, name: str) -> Part:
    return next(one for one in potential(facts, TODAY).parts if one.name == name)


def test_the_weights_make_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100


@UNHURRIED
@given(FACTS)
def test_the_parts_add_up_and_each_says_why(facts: Facts) -> None:
    found = potential(facts, TODAY)
    assert found.score == sum(one.points for one in found.parts)
    assert 0 <= found.score <= 100
    assert {one.name for one in found.parts} == set(WEIGHTS)
    assert all(0 <= one.points <= one.weight and one.reason for one in found.parts)
    assert [one.points for one in found.parts] == sorted((one.points for one in found.parts), reverse=True)


@UNHURRIED
@given(FACTS, MONEY)
def test_more_won_more_open_and_longer_neglect_count_more(facts: Facts, more: Decimal) -> None:
    richer = replace(facts, won_last_year=facts.won_last_year + more, pipeline=facts.pipeline + more)
    for name in ("growth", "pipeline"):
        assert part(richer, name).points >= part(facts, name).points
    if facts.last_activity is not None:
        earlier = replace(facts, last_activity=facts.last_activity - timedelta(days=30))
        assert part(earlier, "neglect").points >= part(facts, "neglect").points


def test_what_is_not_known_says_so() -> None:
    unknown = {one.name for one in potential(Facts(), TODAY).parts if not one.known}
    assert unknown == {"tier", "size", "growth", "whitespace"}
    assert not part(Facts(pipeline=Decimal(5), unconverted=True), "pipeline").known


def test_whitespace_is_what_the_industry_buys_and_it_does_not() -> None:
    facts = Facts(bought={"soles"}, popular={"soles", "heels", "laces", "glue"})
    assert part(facts, "whitespace").points == Decimal("15.0")
    assert part(facts, "whitespace").reason == "It buys 1 of 4 product lines that its industry buys."


def test_a_line_is_popular_with_a_share_of_the_buyers() -> None:
    assert popular_lines(10, {"soles": 2, "heels": 1, "laces": 9}) == {"soles", "laces"}
    assert popular_lines(100, {"soles": 19, "heels": 20}) == {"heels"}
    assert popular_lines(1, {"soles": 1}) == frozenset()
