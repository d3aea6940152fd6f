"""Addresses, phones and names as people write them."""

import pytest

from services.customer.matching.rules.agreements import AddressLevel, NameLevel, PhoneLevel
from services.customer.matching.rules.numerals import han_number, roman
from tests.customer.matching.companies import company, scored


def address_level(one: str, other: str, **places: str) -> AddressLevel:
    return scored(company("A", one, **places), company("B", other)).address.level  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("221 E. 51st St.", "221 East 51 Street"),
        ("850 W. Eastwood", "850 W Eastwood Avenue"),
        ("102 5th Ave. between 15th and 16th Sts.", "102 Fifth Avenue"),
        ("7954-58 S. Western", "7956 South Western Ave."),
        ("540 N Lakeshore Dr", "540 N Lake Shore Drive"),
        ("804 Northpoint", "804 North Point St."),
        ("4910 S King", "4910 S. Dr. Martin Luther King Dr"),
        ("Hayes Center 4859 S. Wabash", "4859 S. Wabash Ave. 2nd floor"),
        ("5500 N. St. Louis", "5500 North Saint Louis Avenue"),
        ("23485 Western Avenue\nPark Forest, IL 60466", "23485 Western Ave"),
        ("358 370 E 71ST", "358-370 E 71st."),
        ("Hauptstr. 12", "Hauptstrasse 12"),
        ("上海市浦东新区世纪大道100号", "世纪大道100號"),
        ("中国北京市朝阳区建国路八十八号", "北京市建国路88号"),
        ("１２ Ｏａｋ Ｓｔｒｅｅｔ", "12 oak st"),
    ],
)
def test_one_address_written_twice_is_one(one: str, other: str) -> None:
    assert address_level(one, other) is AddressLevel.SAME


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("12 Oak Street", "990 Oak Street", AddressLevel.SAME_STREET),
        ("12 Oak Street", "12 Elm Street", AddressLevel.DIFFERENT),
        ("4910 N Kimball", "4910 S Kimball", AddressLevel.NEAR),
        ("160 N LaSalle Suite 201", "160 N LaSalle Suite 300", AddressLevel.SAME_BUILDING),
        ("Oak Street", "12 Oak Street", AddressLevel.PARTLY),
        ("100 51st Street", "100 52nd Street", AddressLevel.DIFFERENT),
        ("上海市南京路100号", "上海市北京路100号", AddressLevel.DIFFERENT),
        ("", "12 Oak Street", AddressLevel.UNKNOWN),
    ],
)
def test_other_addresses_are_not(one: str, other: str, level: AddressLevel) -> None:
    assert address_level(one, other) is level


def test_one_line_in_two_cities_is_no_second_field() -> None:
    here = company("Acme Bakery", "12 Main Street", "217-555-0101", city="Springfield")
    there = company("Acme Bakery", "12 Main Street", "413-555-9876", city="Salem")
    assert scored(here, there).address.level is AddressLevel.PARTLY


def phone_level(one: str, other: str, country: str = "US") -> PhoneLevel:
    left, right = company("A", None, one, country=country), company("B", None, other, country=country)
    return scored(left, right).phone.level


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [
        ("404/351 -9533", "404-351-9533", "US"),
        ("+1 (312) 555-0101", "555-0101", "US"),
        ("312.555.0101 ext. 12", "3125550101", "US"),
        ("312-555-0101; 312-555-0199", "312 555 0199", "US"),
        ("+86 21 6888 1234", "021-68881234", "CN"),
        ("0086 138 0013 8000", "13800138000", "CN"),
        ("010-65881234转8001", "(010) 6588 1234", "CN"),
        ("+49 (0)30 1234567", "030 1234567", "DE"),
    ],
)
def test_one_number_written_twice_is_one(one: str, other: str, country: str) -> None:
    assert phone_level(one, other, country) is PhoneLevel.SAME


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("312-555-0101", "312-555-0110", PhoneLevel.NEAR),
        ("312-555-0101", "312-556-0101", PhoneLevel.NEAR),
        ("312-555-0101", "773-555-0101", PhoneLevel.DIFFERENT),
        ("312-555-0101", "312-784-9962", PhoneLevel.DIFFERENT),
        ("312-555-0101", "none", PhoneLevel.UNKNOWN),
    ],
)
def test_other_numbers_are_not(one: str, other: str, level: PhoneLevel) -> None:
    assert phone_level(one, other) is level


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("Kelvix Learning Ctr.", "KELVIX LEARNING CENTERS, INC.", NameLevel.SAME_WORDS),
        ("Zanor Day Care", "Zanor Daycare", NameLevel.SAME_WORDS),
        ("Zanor Kelvix Paper", "Kelvix Zanor Paper", NameLevel.SAME_WORDS),
        ("Zanor Manufacturing", "Zanor Manufactruing", NameLevel.SAME_WORDS),
        ("Zanor Kelvix", "Zanor Kelvix - Riverside Site", NameLevel.CONTAINED),
        ("Children?s Zanor Home", "Children's Zanor Home", NameLevel.SAME_WORDS),
        ("International Zanor Machines", "IZM Consulting", NameLevel.CONTAINED),
    ],
)
def test_one_name_written_twice_is_near(one: str, other: str, least: NameLevel) -> None:
    assert scored(company(one), company(other)).name.level >= least


def test_common_words_alone_say_little() -> None:
    found = scored(company("Riverton Community Center"), company("Oakdale Community Center"))
    assert found.name.level <= NameLevel.DIFFERENT


def test_numbers_are_read_in_every_spelling() -> None:
    assert [roman(word) for word in ("i", "iv", "viii", "xix", "xl", "mix", "")] == [1, 4, 8, 19, 40, 0, 0]
    assert [han_number(text) for text in ("七", "十二", "二十", "一百零五", "二〇一五")] == [7, 12, 20, 105, 2015]
