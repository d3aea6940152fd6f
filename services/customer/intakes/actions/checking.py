"""Which customer an intake is of: described once, checked while nobody else is at the same company."""

from collections.abc import Iterable
from dataclasses import dataclass

from servicekit.data.transactions import Questions
from servicekit.values.errors import KeyaccountError
from services.customer.customers.rules import describing
from services.customer.customers.rules.describing import Key
from services.customer.customers.rules.values import TypedCustomer
from services.customer.intakes.rules import deciding
from services.customer.intakes.rules.reading import company_of
from services.customer.intakes.rules.values import KEEPS_UNVERIFIED, Source, Verdict
from services.customer.intakes.store import writes
from services.customer.matching.rules.identifiers import Identifier
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_country
from services.customer.uniqueness.rules import words_of


@dataclass(frozen=True, slots=True)
class Described:
    """The company of an intake, and what it is compared by; who shares a word with it waits for it."""

    company: TypedCustomer
    key: Key
    name_keys: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    keeps_unverified: bool

    @property
    def words(self) -> set[str]:
        """What it may have in common with another description of the same company."""
        return words_of(self.identifiers, self.name_keys, self.key.country, self.key.city_key)


def describe(content: dict[str, object], source: Source) -> Described:
    """Return what an intake tells of, checked.

    Raises:
        KeyaccountError: a name, place or identifier cannot be one; the field says where in the intake.
    """
    keeps = source in KEEPS_UNVERIFIED
    company = company_of(content, source)
    try:
        key = describing.key_of(company.legal_name, company.country, company.city)
        identifiers = describing.checked_identifiers(company.identifiers, key.country, keeps_unverified=keeps)
        others = [
            normalise_name(other.name, f"/other_names/{place}/name") for place, other in enumerate(company.other_names)
        ]
        for place, address in enumerate(company.addresses):
            normalise_country(address.country, f"/addresses/{place}/country")
    except KeyaccountError as error:
        if error.field:
            error.field = f"/company{error.field}"
        raise
    names = tuple(dict.fromkeys((key.name_key, *others)))
    return Described(company, key, names, identifiers, keeps)


async def check(tx: Questions, described: Described) -> Verdict:
    """Say which customer a company is, by all that the base knows at this moment."""
    known = await writes.known_companies(tx, described.identifiers, described.name_keys, described.key)
    return deciding.verdict_of(described.identifiers, known)


def words_of_all(described: Iterable[Described]) -> set[str]:
    """Return the words of many companies, to wait for all of them at once."""
    return set().union(*(one.words for one in described))
