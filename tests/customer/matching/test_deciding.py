"""The rules of uniqueness: what decides alone, what contradicts, and what a person has to see."""

import pytest

from services.customer.matching.rules.deciding import Outcome
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.matching.rules.statistics import Statistics
from tests.customer.matching.companies import company, decided, scored

LEI = "5493001KJTIIGC8Y1R12"
OTHER_LEI = "529900T8BM49AURSDO55"


def test_nothing_in_the_base_is_new() -> None:
    assert decided(company("Acme")).outcome is Outcome.NEW


def test_a_verified_identifier_decides_alone() -> None:
    found = decided(company("Acme", lei=LEI), company("Zenith Holdings", country="DE", lei=LEI))
    assert (found.outcome, found.matched) == (Outcome.MATCHED, 0)


def test_an_unverified_identifier_decides_nothing() -> None:
    unverified = (Identifier(Scheme.LEI, LEI, verified=False),)
    probe, other = company("Acme"), company("Zenith")
    with_identifier = [type(one)(one.names, one.country, identifiers=unverified) for one in (probe, other)]
    assert decided(with_identifier[0], with_identifier[1]).outcome is Outcome.NEW


def test_contradicting_identifiers_keep_companies_apart() -> None:
    one = company("Acme", "12 Oak Street", "312-555-0101", lei=LEI)
    other = company("Acme", "12 Oak Street", "312-555-0101", lei=OTHER_LEI)
    assert decided(one, other).outcome is Outcome.NEW


def test_contradicting_identifiers_of_one_name_in_one_city_are_reviewed() -> None:
    one, other = (company("Acme", city="Boston", lei=lei) for lei in (LEI, OTHER_LEI))
    assert decided(one, other).outcome is Outcome.REVIEW


def test_two_customers_with_an_equal_identifier_each_are_reviewed() -> None:
    probe = company("Acme", lei=LEI, website="acme.com")
    found = decided(probe, company("Acme", lei=LEI), company("Acme Two", website="www.acme.com"))
    assert found.outcome is Outcome.REVIEW


def test_a_name_alone_matches_in_the_same_city_only() -> None:
    probe = company("ACME Tools, Inc.", city="Boston")
    assert decided(probe, company("Acme Tools", city="Boston")).outcome is Outcome.MATCHED
    assert decided(probe, company("Acme Tools", city="Denver")).outcome is not Outcome.MATCHED
    assert decided(probe, company("Acme Tools", city="Boston", country="GB")).outcome is not Outcome.MATCHED
    assert decided(probe, company("Acme Tools")).outcome is not Outcome.MATCHED


def test_a_similar_name_alone_never_matches() -> None:
    found = decided(company("Acme Precision Tools", city="Boston"), company("Acme Precision Tool Shop", city="Boston"))
    assert found.outcome is not Outcome.MATCHED


def test_the_same_name_and_phone_elsewhere_is_a_site() -> None:
    probe = company("Acme Bakery", "12 Oak Street", "312-555-0101", city="Chicago")
    found = decided(probe, company("Acme Bakery", "990 Lake Avenue", "312-555-0101", city="Chicago"))
    assert (found.outcome, found.matched, found.site_of) == (Outcome.REVIEW, None, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Laurion Capital Fund VII", "Laurion Capital Fund VIII"),
        ("Laurion Capital Fund 7", "Laurion Capital Fund VIII"),
        ("Laurion Seventh Fund", "Laurion Eighth Fund"),
        ("Corner Store 12", "Corner Store #14"),
        ("Fund A", "Fund B"),
        ("Kelvix CH17 Ship Lease", "Kelvix CH16 Ship Lease"),
        ("华夏基金七期", "华夏基金八期"),
        ("第一机床厂", "第二机床厂"),
    ],
)
def test_numbers_that_differ_keep_companies_apart(one: str, other: str) -> None:
    left, right = (company(name, "12 Oak Street", "312-555-0101", city="Boston") for name in (one, other))
    assert decided(left, right).outcome is Outcome.NEW


@pytest.mark.parametrize(
    ("one", "other"),
    [("Laurion Fund VII", "Laurion Fund 7"), ("Laurion 7th Fund", "Laurion Seventh Fund"), ("Store 012", "Store 12")],
)
def test_one_number_written_twice_is_one(one: str, other: str) -> None:
    left, right = (company(name, "12 Oak Street", "312-555-0101", city="Boston") for name in (one, other))
    assert decided(left, right).outcome is Outcome.MATCHED


def test_two_customers_that_fit_equally_are_reviewed() -> None:
    probe = company("Acme Bakery", phone="312-555-0101")
    twins = [company("Acme Bakery", phone="312-555-0101"), company("Acme Bakery", phone="312-555-0101")]
    found = decided(probe, *twins)
    assert (found.outcome, len(found.candidates)) == (Outcome.REVIEW, 2)


def test_the_same_name_in_the_same_place_stands_above_another_with_the_same_phone() -> None:
    """Otherwise an intake with a switchboard's number would go to the neighbour, or to nobody."""
    probe = company("Kelvix Schuhe", country="DE", city="Hamburg", phone="+49 40 1234567")
    same = company("Kelvix Schuhe GmbH", country="DE", city="Hamburg", phone="+49 40 7654321")
    neighbour = company("Zanor Schuhe", country="DE", city="Hamburg", phone="+49 40 1234567")
    for base, place in (((same, neighbour), 0), ((neighbour, same), 1)):
        found = decided(probe, *base)
        assert (found.outcome, found.matched) == (Outcome.MATCHED, place)


def test_every_candidate_comes_with_what_agreed() -> None:
    found = decided(company("Acme Bakery", phone="555-0101"), company("Acme Bakery Inc", phone="(312) 555 0101 ext 4"))
    assert found.outcome is Outcome.MATCHED
    parts = {part.field: part.words for part in found.candidates[0].score.parts}
    assert parts["name"] == "name equal"
    assert parts["phone"] == "phone equal"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zanor Logistics GmbH", "Zanor Immobilien GmbH"),
        ("Zanor Capital Ltd", "Zanor Capital Management Ltd"),
        ("Zanor Growth", "Zanor Growth Fund II"),
        ("Zanor Store", "Zanor Store #14"),
        ("Cafe Zanor Plaza", "Restaurant Zanor Plaza"),
    ],
)
def test_companies_of_a_group_in_one_house_are_for_a_person(one: str, other: str) -> None:
    left, right = (company(name, "12 Oak Street", "312-555-0101", city="Boston") for name in (one, other))
    assert decided(left, right).outcome is Outcome.REVIEW


def test_tenants_of_one_house_are_two_companies() -> None:
    left = company("Zanor Dental", "12 Oak Street", "312-555-0101", city="Boston")
    assert decided(left, company("Kelvix Law", "12 Oak Street", "312-784-9962", city="Boston")).outcome is Outcome.NEW


def test_one_chain_in_two_towns_is_two_companies() -> None:
    left = company("Zanor Bakery", "12 Oak Street", "312-555-0101", city="Boston")
    right = company("Zanor Bakery", "480 Lake Road", "413-784-9962", city="Salem")
    assert decided(left, right).outcome is Outcome.NEW


def test_a_crowd_at_one_address_is_no_evidence() -> None:
    agent = company("Zanor Trust", "1209 Orange Street", city="Wilmington")
    other = company("Zanor Paper", "1209 Orange Street", city="Wilmington")
    crowd = Statistics(100_000, {"a:1209|orang": 4_000})
    assert scored(agent, other).points > scored(agent, other, crowd).points + 4


def test_where_no_city_is_known_a_rare_name_is_enough_unless_the_phones_differ() -> None:
    assert decided(company("Kelvix Zanor"), company("KELVIX ZANOR INC")).outcome is Outcome.MATCHED
    assert decided(company("Community Center"), company("Community Center")).outcome is not Outcome.MATCHED
    phones = [company("Kelvix Zanor", phone=phone) for phone in ("312-555-0101", "413-784-9962")]
    assert decided(*phones).outcome is not Outcome.MATCHED


def test_an_equal_name_is_for_a_person_where_one_city_is_not_known() -> None:
    probe = company("A BICYCLE ASSOCIATION INC.")
    found = decided(probe, company("A Bicycle Association", city="De Witt"))
    assert (found.outcome, len(found.candidates)) == (Outcome.REVIEW, 1)
    assert decided(probe, company("A Bicycle Association", city="De Witt", country="CA")).outcome is Outcome.NEW


def test_a_part_of_the_name_alone_is_nothing_to_review() -> None:
    left = company("Kelvix Zanor Brontal Housing Society Limited", city="Boston")
    right = company("Quentor Zanor Brontal Housing Federation Limited", city="Boston")
    assert decided(left, right).outcome is Outcome.NEW
