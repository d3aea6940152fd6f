"""What is derived of a company: its profile comes back as it was kept, its keys are found by what is asked."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.customer.matching.actions.deriving import Findable, asked_keys, derive, profile_from
from services.customer.matching.rules.company import Address, Company, Name
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.matching.rules.keys import CROWD
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.statistics import Statistics

TEXTS = st.text("abc é深圳华鞋07-&", min_size=1, max_size=30)
COMPANIES = st.builds(
    Company,
    names=st.lists(st.builds(Name, TEXTS), min_size=1, max_size=3).map(tuple),
    city=st.none() | TEXTS,
    addresses=st.lists(st.builds(Address, TEXTS), max_size=2).map(tuple),
    phones=st.lists(st.integers(10**6, 10**11).map(str), max_size=2).map(tuple),
    identifiers=st.lists(
        st.builds(Identifier, st.sampled_from(Scheme), st.sampled_from(["a.com", "b.de", "c"]), st.booleans()),
        max_size=3,
    ).map(tuple),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(COMPANIES)
def test_a_profile_comes_back_as_it_was_kept_and_is_found_by_itself(company: Company) -> None:
    derived = derive(Findable(company), Statistics())
    assert profile_from(derived.profile) == profile_of(company)
    assert derive(Findable(company), Statistics()) == derived
    assert set(derived.keys) <= set(asked_keys(profile_of(company), Statistics()))


def test_what_a_crowd_has_is_neither_kept_nor_looked_up() -> None:
    crowd = Statistics(100_000, {"t:leder": CROWD + 1})
    company = Company(names=(Name("Leder Kowalski"),))
    without = len(asked_keys(profile_of(company), crowd))
    assert without == len(asked_keys(profile_of(company), Statistics())) - 1
    assert len(derive(Findable(company), crowd).keys) == len(derive(Findable(company), Statistics()).keys) - 1


def test_what_many_chinese_companies_mean_is_neither_kept_nor_looked_up() -> None:
    crowd = Statistics(100_000, {"c:batter.shenzhen": CROWD + 1})
    company = Company(names=(Name("深圳市德赛电池科技股份有限公司"),), country="CN")
    assert len(asked_keys(profile_of(company), crowd)) == len(asked_keys(profile_of(company), Statistics())) - 1
    assert len(derive(Findable(company), crowd).keys) == len(derive(Findable(company), Statistics()).keys) - 1
