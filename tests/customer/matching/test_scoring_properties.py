"""What must hold of the score whatever is compared."""

from hypothesis import given
from hypothesis import strategies as some

from services.customer.matching.rules.agreements import AddressLevel, NameLevel, PhoneLevel
from services.customer.matching.rules.company import Address, Company, Name
from services.customer.matching.rules.deciding import decide
from services.customer.matching.rules.keys import keys_of
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.scoring import score
from services.customer.matching.rules.statistics import Statistics
from services.customer.matching.rules.weights import WEIGHTS
from tests.customer.matching.companies import company

STATISTICS = Statistics(1000, {"t:center": 200, "t:acme": 3})
SPELLED = """
acme center centre ctr. learning daycare day care fund vii viii 12 14 the north n. intl international 华夏 基金
有限公司 oak street st 51st 2nd # suite 100-110 b 上海市 南京路 100号 +86 021 6888 1234 555-0101 x12 A.B.C. é ß ﬁ ² ١٢
"""
WORDS = some.sampled_from(SPELLED.split())
TEXTS = some.text(max_size=40) | some.lists(WORDS, max_size=7).map(" ".join)
ADDRESSES = some.builds(
    Address, TEXTS, some.none() | TEXTS, some.none() | TEXTS, some.none() | TEXTS, some.none() | TEXTS
)
COMPANIES = some.builds(
    Company,
    names=some.lists(some.builds(Name, TEXTS), max_size=3).map(tuple),
    country=some.sampled_from(["US", "CN", None]),
    city=some.none() | TEXTS,
    addresses=some.lists(ADDRESSES, max_size=2).map(tuple),
    phones=some.lists(TEXTS, max_size=2).map(tuple),
    websites=some.lists(TEXTS, max_size=1).map(tuple),
)


@given(COMPANIES, COMPANIES)
def test_a_score_is_the_same_both_ways_and_never_fails(one: Company, other: Company) -> None:
    left, right = profile_of(one), profile_of(other)
    there, back = score(left, right, STATISTICS), score(right, left, STATISTICS)
    assert (there.points, there.name.level, there.address.level) == (back.points, back.name.level, back.address.level)
    assert 0 <= there.value <= 1
    assert all(part.words for part in there.parts)
    assert decide([(1, there)]).outcome == decide([(1, back)]).outcome


@given(COMPANIES, COMPANIES)
def test_nothing_is_nearer_than_the_company_itself(one: Company, other: Company) -> None:
    own = profile_of(one)
    if own.names:
        assert score(own, own, STATISTICS).name.level >= score(own, profile_of(other), STATISTICS).name.level


@given(COMPANIES)
def test_equal_companies_have_equal_keys(one: Company) -> None:
    assert keys_of(profile_of(one)) == keys_of(profile_of(one))


HABITS = some.sampled_from(
    [
        str.upper,
        str.lower,
        lambda text: text.replace(" ", "  "),
        lambda text: f"{text}, Inc.",
        lambda text: f"{text} LTD",
    ]
)
PLAIN = some.lists(
    some.sampled_from(["acme", "zenith", "bakery", "learning", "center", "tool"]), min_size=1, max_size=4
).map(" ".join)


@given(PLAIN, PLAIN, HABITS)
def test_habits_of_writing_change_nothing(name: str, other: str, habit: object) -> None:
    assert callable(habit)
    fixed = profile_of(company(other, "12 Oak Street"))
    plain = score(profile_of(company(name, "12 Oak Street")), fixed, STATISTICS)
    written = score(profile_of(company(habit(name), "12 oak st.")), fixed, STATISTICS)
    assert written.points == plain.points


@given(some.floats(0, 30))
def test_a_name_that_agrees_better_never_counts_less(bits: float) -> None:
    levels = [level for level in NameLevel if level >= NameLevel.DIFFERENT]
    points = [WEIGHTS.names[level] + WEIGHTS.bits.get(level, 0.0) * bits for level in levels]
    assert points == sorted(points)


def test_every_level_has_its_points() -> None:
    assert set(WEIGHTS.names) == set(NameLevel)
    assert set(WEIGHTS.addresses) == set(AddressLevel)
    assert set(WEIGHTS.phones) == set(PhoneLevel)
