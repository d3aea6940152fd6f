import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.matching.rules.places import COUNTRIES, CountryUnknown, normalise_city, normalise_country


def test_iso_3166_has_249_assigned_codes() -> None:
    assert len(COUNTRIES) == 249


def test_a_country_is_its_code_in_capitals() -> None:
    assert normalise_country(" cn ") == "CN"


@pytest.mark.parametrize("typed", ["UK", "China", "", "EU", "XX", "ＣＮ", "C\x00"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CountryUnknown) as refusal:
        normalise_country(typed)
    assert refusal.value.field == "/country"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京市", "北京"),
        ("臺北市", "台北"),
        ("Zürich", "ZURICH"),
        ("St. Gallen", "Saint Gallen"),
        ("Ｓｈａｎｇｈａｉ", " shanghai "),
        (None, ""),
    ],
)
def test_one_city_has_one_spelling(one: str | None, other: str) -> None:
    assert normalise_city(one) == normalise_city(other)


def test_a_city_of_two_characters_keeps_both() -> None:
    assert normalise_city("沙市") == "沙市"


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(city: str) -> None:
    assert normalise_city(normalise_city(city)) == normalise_city(city)
