"""What a supplement adds, confirms and contradicts."""

from typing import Any

import pytest

from services.customer.customers.rules.values import AddressKind, NameKind, TypedAddress, TypedName
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.supplements.rules.comparing import Difference, Known, Told, compare, is_same, spelled

HERE = TypedAddress(AddressKind.OTHER, "Quai 1", None, "Ghent", None, None, "BE")
CODE = Identifier(Scheme.USCC, "A", verified=True)


def known(**fields: Any) -> Known:
    return Known("DE", fields, frozenset({"bata"}), frozenset({CODE}), frozenset({spelled(HERE)}))


def test_what_is_not_known_is_added_and_nothing_is_overwritten() -> None:
    finding = compare(known(phone=None, employees=7, industry="shoes"), Told({"phone": "1", "employees": 8}))

    assert finding.added == {"phone": "1"}
    assert finding.differences == (Difference("employees", 7, 8),)
    assert finding.confirmed == ()


def test_what_is_told_as_nothing_says_nothing() -> None:
    assert not compare(known(phone="1"), Told({"phone": None, "website": ""})).adds


@pytest.mark.parametrize(
    ("field", "present", "told"),
    [
        ("phone", "+49 221 1234567", "0221/123 45 67"),
        ("website", "https://www.Bata.com/", "bata.com"),
        ("industry", "Shoes", "SHOES"),
        ("employees", 7, 7),
        ("annual_revenue", {"amount": "1.00", "currency": "EUR"}, {"amount": "1.00", "currency": "EUR"}),
        ("attributes.colour", "Rouge", "rouge"),
    ],
)
def test_the_same_in_another_spelling_confirms(field: str, present: Any, told: Any) -> None:
    assert is_same(field, present, told, "DE")
    finding = compare(known(**{field: present}), Told({field: told}))
    assert (finding.confirmed, finding.adds, finding.differences) == ((field,), False, ())


def test_parts_are_added_once_in_whatever_spelling() -> None:
    again = TypedAddress(AddressKind.OTHER, "QUAI 1", None, "ghent", None, None, "BE")
    there = TypedAddress(AddressKind.OTHER, "Quai 2", None, "Ghent", None, None, "BE")
    names = (TypedName(NameKind.OTHER, "Bata Ltd"), TypedName(NameKind.OTHER, "Bata Group"))

    finding = compare(known(), Told(names=names, identifiers=(CODE,), addresses=(again, there, there)))

    assert [one.name for one in finding.names] == ["Bata Group"]
    assert (finding.identifiers, finding.addresses) == ((), (there,))


def test_another_number_of_a_register_is_proposed_and_another_domain_added() -> None:
    domain = Identifier(Scheme.DOMAIN, "bata.com", verified=True)
    other, unsure = Identifier(Scheme.USCC, "B", verified=True), Identifier(Scheme.USCC, "C", verified=False)

    finding = compare(known(), Told(identifiers=(domain, other, unsure)))

    assert finding.identifiers == (domain, unsure)
    assert finding.differences == (Difference("identifiers.uscc", "A", "B"),)
