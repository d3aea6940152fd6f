"""Strong identifiers: each decides alone which company is meant, so each is checked before it may.

| scheme | standard | check |
| --- | --- | --- |
| `uscc` | GB 32100-2015, unified social credit code 统一社会信用代码 | check character, modulus 31 |
| `lei` | ISO 17442, legal entity identifier | ISO 7064 MOD 97-10 |
| `vat` | EU VAT numbers, and others that python-stdnum knows | each country's own; elsewhere the form only |
| `duns` | D-U-N-S, nine digits | form only: it has had no check digit since 2006 |
| `domain` | registered domain below its public suffix (bundled list) | form; public mail and shared hosts refused |
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import tldextract
from stdnum import lei
from stdnum.ch import uid
from stdnum.cn import uscc
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.no import orgnr
from stdnum.util import get_cc_module

from servicekit.values.errors import Malformed, RuleViolated
from services.customer.matching.rules.mail_providers import is_shared
from services.customer.matching.rules.places import normalise_country


class Scheme(StrEnum):
    """What kind of number or name it is."""

    USCC = "uscc"
    VAT = "vat"
    DUNS = "duns"
    LEI = "lei"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """An identifier as the base keeps it: `value` compact, in capitals (a domain in small letters).

    One that is not `verified` is kept as it came and decides nothing.
    """

    scheme: Scheme
    value: str
    verified: bool


class IdentifierInvalid(RuleViolated):
    """Its form or its check digits say that this cannot be such an identifier."""

    code = "identifier_invalid"
    members = ("scheme", "value")

    def __init__(self, scheme: Scheme, value: str, reason: str, field: str | None = None) -> None:
        super().__init__(f"{value!r} is no {scheme}: {reason}.", field=field)
        self.scheme = scheme.value
        self.value = value


class DomainShared(IdentifierInvalid):
    """The domain is a mail provider's or a shared host's and says nothing about who the company is."""

    code = "domain_shared"


class CountryMissing(Malformed):
    """A tax number says whose it is only together with its country."""

    code = "country_missing"


_CHECK_FAILED = "its check digits do not fit"
_FORM_WRONG = "its length or characters are wrong"
_GREECE = {"GR": "EL"}
_OTHER_TAX_NUMBER = re.compile(r"[0-9A-Z]{4,20}")
_DUNS = re.compile(r"\d{9}")
_REGISTERS = {"CH": uid, "NO": orgnr}
"""Where the tax number is the number in the register with a word behind it, which varies by language."""
_WORD_FOR_TAX = re.compile(r"(?<=\d)(MWST|TVA|IVA|TPV|MVA)$")
_SIGNS = re.compile(r"[\s\-./·]")
_LONGEST_DOMAIN = 253


def check_identifier(scheme: Scheme, value: str, country: str | None = None, field: str | None = None) -> Identifier:
    """Return the verified identifier in its one spelling, or raise `IdentifierInvalid`.

    A Chinese tax number is the unified social credit code and is kept as one.
    """
    try:
        if scheme is Scheme.VAT:
            return _check_vat(value, country, field)
        return Identifier(scheme, _CHECKS[scheme](value, field), verified=True)
    except InvalidChecksum:
        raise IdentifierInvalid(scheme, value, _CHECK_FAILED, field) from None
    except ValidationError:
        raise IdentifierInvalid(scheme, value, _FORM_WRONG, field) from None


def keep_identifier(scheme: Scheme, value: str, country: str | None = None, field: str | None = None) -> Identifier:
    """Return the identifier for an import, which may keep what fails its check, unverified.

    A shared domain is refused here too: it is well formed and belongs to somebody else.
    """
    try:
        return check_identifier(scheme, value, country, field)
    except DomainShared:
        raise
    except (IdentifierInvalid, CountryMissing):
        return Identifier(scheme, _SIGNS.sub("", value).upper()[:100] or value, verified=False)


def _check_uscc(value: str, field: str | None) -> str:
    del field
    checked: str = uscc.validate(_ascii(value))
    return checked


def _check_lei(value: str, field: str | None) -> str:
    compact = _ascii(value).replace(" ", "").replace("-", "").upper()
    if not re.fullmatch(r"[0-9A-Z]{18}\d{2}", compact):
        raise IdentifierInvalid(Scheme.LEI, value, _FORM_WRONG, field)
    checked: str = lei.validate(compact)
    return checked


def _check_duns(value: str, field: str | None) -> str:
    compact = _SIGNS.sub("", _ascii(value))
    if not _DUNS.fullmatch(compact) or len(set(compact)) == 1:
        raise IdentifierInvalid(Scheme.DUNS, value, _FORM_WRONG, field)
    return compact


def _check_vat(value: str, country: str | None, field: str | None) -> Identifier:
    compact = _SIGNS.sub("", _ascii(value)).upper()
    code = normalise_country(country) if country else _country_of_vat(compact)
    if code is None:
        raise CountryMissing("A tax number needs its country.", field=field)
    if code == "CN":
        return Identifier(Scheme.USCC, uscc.validate(compact.removeprefix("CN")), verified=True)
    prefix = _GREECE.get(code, code)
    number = compact.removeprefix(prefix)
    if prefix.lower() in {*eu_vat.MEMBER_STATES, "el"} - {"xi"}:
        return Identifier(Scheme.VAT, eu_vat.validate(prefix + number), verified=True)
    if code in _REGISTERS:
        register = _REGISTERS[code].validate(_WORD_FOR_TAX.sub("", compact if code == "CH" else number))
        return Identifier(Scheme.VAT, prefix + register.removeprefix(prefix), verified=True)
    module = get_cc_module(code.lower(), "vat")
    if module is not None:
        return Identifier(Scheme.VAT, prefix + module.validate(number).removeprefix(prefix), verified=True)
    if not _OTHER_TAX_NUMBER.fullmatch(number) or not any(map(str.isdigit, number)):
        raise IdentifierInvalid(Scheme.VAT, value, _FORM_WRONG, field)
    return Identifier(Scheme.VAT, prefix + number, verified=True)


def _country_of_vat(compact: str) -> str | None:
    prefix = compact[:2].lower()
    if prefix == "el":
        return "GR"
    return prefix.upper() if prefix in eu_vat.MEMBER_STATES and prefix != "xi" else None


@cache
def _public_suffixes() -> tldextract.TLDExtract:
    """The list bundled with tldextract, never fetched; private suffixes too: `acme.github.io` is one of its own."""
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def _check_domain(value: str, field: str | None) -> str:
    text = value.strip()
    parts = _public_suffixes()(text.rsplit("@", 1)[-1])
    registered = parts.top_domain_under_public_suffix.rstrip(".").casefold()
    try:
        ascii_domain = registered.encode("idna").decode("ascii") if registered else ""
    except UnicodeError:
        ascii_domain = ""
    if not ascii_domain or len(ascii_domain) > _LONGEST_DOMAIN or not re.fullmatch(r"[a-z0-9.-]+", ascii_domain):
        raise IdentifierInvalid(Scheme.DOMAIN, value, "it has no name below a public suffix", field)
    if is_shared(ascii_domain, parts.domain.casefold()):
        raise DomainShared(Scheme.DOMAIN, value, "it is a mail provider's or a shared host's", field)
    return ascii_domain


def _ascii(value: str) -> str:
    """Return full-width digits and letters as their plain ones."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in value).strip()


_CHECKS = {Scheme.USCC: _check_uscc, Scheme.LEI: _check_lei, Scheme.DUNS: _check_duns, Scheme.DOMAIN: _check_domain}
