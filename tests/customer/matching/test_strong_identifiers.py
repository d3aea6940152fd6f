import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from servicekit.values.errors import KeyaccountError
from services.customer.matching.rules.identifiers import (
    CountryMissing,
    DomainShared,
    IdentifierInvalid,
    Scheme,
    check_identifier,
    keep_identifier,
)
from services.customer.matching.rules.places import CountryUnknown

USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALID = [
    (Scheme.USCC, "9111 0000 6000 3734 1L", None, "91110000600037341L"),
    (Scheme.USCC, "９１１１００００６０００３７３４１Ｌ", None, "91110000600037341L"),
    (Scheme.LEI, "5493001kjtiigc8y1r12", None, "5493001KJTIIGC8Y1R12"),
    (Scheme.VAT, "DE 136 695 976", None, "DE136695976"),
    (Scheme.VAT, "136695976", "de", "DE136695976"),
    (Scheme.VAT, "EL 094259216", "GR", "EL094259216"),
    (Scheme.VAT, "094259216", "GR", "EL094259216"),
    (Scheme.VAT, "CHE-107.787.577 IVA", "CH", "CHE107787577"),
    (Scheme.VAT, "CHE-107.787.577 MWST", "CH", "CHE107787577"),
    (Scheme.VAT, "980780684", "GB", "GB980780684"),
    (Scheme.VAT, "12-3456789", "US", "US123456789"),
    (Scheme.DUNS, "15-048-3782", None, "150483782"),
    (Scheme.DOMAIN, "https://www.Acme.co.uk/shop?x=1", None, "acme.co.uk"),
    (Scheme.DOMAIN, "bücher.de", None, "xn--bcher-kva.de"),
    (Scheme.DOMAIN, "acme.github.io", None, "acme.github.io"),
    (Scheme.DOMAIN, "sales@shoes.acme.com.cn", None, "acme.com.cn"),
]
INVALID = [
    (Scheme.USCC, "91110000600037342L", None),
    (Scheme.USCC, "91110000600037341", None),
    (Scheme.USCC, "9111000060003734IL", None),
    (Scheme.LEI, "5493001KJTIIGC8Y1R13", None),
    (Scheme.LEI, "5493001KJTIIGC8Y1R1", None),
    (Scheme.LEI, "", None),
    (Scheme.VAT, "136695977", "DE"),
    (Scheme.VAT, "DE136695976", "FR"),
    (Scheme.VAT, "91110000600037342L", "CN"),
    (Scheme.VAT, "no number", "US"),
    (Scheme.DUNS, "1504837", None),
    (Scheme.DUNS, "000000000", None),
    (Scheme.DUNS, "15048378A", None),
    (Scheme.DOMAIN, "localhost", None),
    (Scheme.DOMAIN, "com", None),
    (Scheme.DOMAIN, "192.168.1.1", None),
    (Scheme.DOMAIN, "a..b", None),
    (Scheme.DOMAIN, "http://[::1", None),
    (Scheme.DOMAIN, "\x00", None),
    (Scheme.DOMAIN, "x" * 300 + ".com", None),
]


@pytest.mark.parametrize(("scheme", "typed", "country", "kept"), VALID)
def test_each_scheme_has_one_spelling(scheme: Scheme, typed: str, country: str | None, kept: str) -> None:
    found = check_identifier(scheme, typed, country)
    assert (found.scheme, found.value, found.verified) == (scheme, kept, True)
    assert check_identifier(scheme, kept, country).value == kept


@pytest.mark.parametrize(("scheme", "typed", "country"), INVALID)
def test_what_fails_its_check_is_refused_when_typed_and_kept_unverified_by_an_import(
    scheme: Scheme, typed: str, country: str | None
) -> None:
    with pytest.raises(IdentifierInvalid):
        check_identifier(scheme, typed, country)
    assert not keep_identifier(scheme, typed, country).verified


@pytest.mark.parametrize("typed", ["gmail.com", "hotmail.co.uk", "mail.qq.com", "163.com", "yahoo.com.hk", "a@web.de"])
def test_a_public_mail_provider_is_refused_always(typed: str) -> None:
    with pytest.raises(DomainShared):
        check_identifier(Scheme.DOMAIN, typed)
    with pytest.raises(DomainShared):
        keep_identifier(Scheme.DOMAIN, typed)


def test_a_chinese_tax_number_is_the_credit_code() -> None:
    assert check_identifier(Scheme.VAT, "91110000600037341L", "CN").scheme is Scheme.USCC


def test_a_tax_number_needs_a_country_that_exists() -> None:
    with pytest.raises(CountryMissing):
        check_identifier(Scheme.VAT, "123456789")
    with pytest.raises(CountryUnknown):
        check_identifier(Scheme.VAT, "123456789", "UK")


@given(
    st.text(alphabet="0123456789", min_size=8, max_size=8), st.text(alphabet=USCC_CHARACTERS, min_size=9, max_size=9)
)
def test_one_wrong_character_of_a_credit_code_is_found(digits: str, rest: str) -> None:
    number = digits + rest
    valid = number + uscc.calc_check_digit(number)
    assert check_identifier(Scheme.USCC, valid).value == valid
    for position in (0, 7, 16, 17):
        wrong = USCC_CHARACTERS[(USCC_CHARACTERS.index(valid[position]) + 1) % 10]
        if wrong != valid[position]:
            with pytest.raises(IdentifierInvalid):
                check_identifier(Scheme.USCC, valid[:position] + wrong + valid[position + 1 :])


@given(st.sampled_from(Scheme), st.text(max_size=60), st.sampled_from([None, "DE", "CN", "US", "CH", "GR", "BR", "NO"]))
def test_nothing_typed_breaks_a_check(scheme: Scheme, typed: str, country: str | None) -> None:
    try:
        found = check_identifier(scheme, typed, country)
    except KeyaccountError:
        return
    assert found.verified
    assert check_identifier(found.scheme, found.value, country).value == found.value
