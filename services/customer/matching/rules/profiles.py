"""A company prepared for comparison: each field normalised once."""

from dataclasses import dataclass

from services.customer.matching.rules.addresses import AddressProfile, address_profile
from services.customer.matching.rules.company import Company
from services.customer.matching.rules.identifiers import Identifier, IdentifierInvalid, Scheme, check_identifier
from services.customer.matching.rules.name_profiles import NameProfile, name_profile
from services.customer.matching.rules.phones import Phone, phones_of
from services.customer.matching.rules.places import normalise_city
from services.customer.matching.rules.words import word_of


@dataclass(frozen=True, slots=True)
class Profile:
    """All normalised features of a company. `identifiers`, domains among them, hold only what is verified."""

    names: tuple[NameProfile, ...]
    country: str
    cities: frozenset[str]
    addresses: tuple[AddressProfile, ...]
    phones: tuple[Phone, ...]
    identifiers: frozenset[Identifier]


def profile_of(company: Company) -> Profile:
    """Work out the profile of a company; never fails, whatever the texts hold."""
    found = (address_profile(address, company.city) for address in company.addresses)
    addresses = tuple(dict.fromkeys(address for address in found if address != _NOWHERE))
    own_numbers = frozenset(number for address in addresses for number in address.numbers)
    places = frozenset(word_of(word) for address in addresses for word in (*address.street, *address.city.split()))
    prepared = (name_profile(name, own_numbers, places) for name in company.names)
    names = dict.fromkeys(name for name in prepared if name is not None)
    phones = dict.fromkeys(phone for text in company.phones for phone in phones_of(text, company.country))
    cities = {normalise_city(company.city)} | {address.city for address in addresses}
    return Profile(
        names=tuple(names),
        country=company.country or "",
        cities=frozenset(cities - {""}),
        addresses=addresses,
        phones=tuple(phones),
        identifiers=frozenset(_verified(company)),
    )


_NOWHERE = AddressProfile()


def _verified(company: Company) -> list[Identifier]:
    found = [identifier for identifier in company.identifiers if identifier.verified]
    for website in company.websites:
        try:
            found.append(check_identifier(Scheme.DOMAIN, website))
        except IdentifierInvalid:
            continue
    return found
