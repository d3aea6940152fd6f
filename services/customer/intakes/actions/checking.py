"""Which customer an intake is of: described once, checked while nobody else is at the same company."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from servicekit.data.transactions import Questions
from servicekit.values.errors import KeyaccountError
from services.customer.customers.rules import describing
from services.customer.customers.rules.describing import Key
from services.customer.customers.rules.values import TypedCustomer
from services.customer.customers.store import writes as customers
from services.customer.intakes.rules import deciding
from services.customer.intakes.rules.reading import company_of
from services.customer.intakes.rules.values import KEEPS_UNVERIFIED, Candidate, Outcome, Source, Verdict
from services.customer.matching.actions import checking
from services.customer.matching.actions.counting import statistics_of
from services.customer.matching.rules.company import LEGAL, Address, Company, Name
from services.customer.matching.rules.identifiers import Identifier
from services.customer.matching.rules.keys import keys_of, rarest
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_country
from services.customer.matching.rules.profiles import profile_of
from services.customer.uniqueness.rules import words_of

WORDS_OF_NAME = 2
"""The rarest words of each name by which intakes wait for each other: who shares one may be near enough to be one."""


@dataclass(frozen=True, slots=True)
class Described:
    """The company of an intake, and what it is compared by."""

    company: TypedCustomer
    key: Key
    name_keys: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    keeps_unverified: bool

    @property
    def compared(self) -> Company:
        """The company as the uniqueness check compares it."""
        company = self.company
        return Company(
            names=(Name(company.legal_name, LEGAL), *(Name(one.name, one.kind) for one in company.other_names)),
            country=self.key.country,
            city=company.city,
            addresses=tuple(
                Address(one.line_1, one.line_2, one.city, one.region, one.postal_code) for one in company.addresses
            ),
            phones=(company.phone,) if company.phone else (),
            websites=(company.website,) if company.website else (),
            identifiers=self.identifiers,
        )


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


async def words_to_wait_for(tx: Questions, described: Sequence[Described]) -> list[set[str]]:
    """Return for each company what it may have in common with another description of it: who shares a word waits."""
    statistics = await statistics_of(tx)
    found = []
    for one in described:
        keys = keys_of(profile_of(one.compared))
        rare = {word for name in keys.names for word in rarest(name.words, statistics.holders, WORDS_OF_NAME)}
        sure = words_of(one.identifiers, one.name_keys, one.key.country, one.key.city_key)
        found.append(sure | set(keys.exact) | rare)
    return found


async def check(tx: Questions, described: Sequence[Described]) -> list[Verdict]:
    """Say which customer each company is, by all that the base knows at this moment."""
    decisions = await checking.check(tx, [one.compared for one in described])
    verdicts = [deciding.verdict_of(decision) for decision in decisions]
    return [
        await _with_taken_key(tx, one, verdict) if verdict.outcome is Outcome.NEW else verdict
        for one, verdict in zip(described, verdicts, strict=True)
    ]


async def _with_taken_key(tx: Questions, described: Described, verdict: Verdict) -> Verdict:
    """Let a person decide where a new customer could not be made: a unique key is taken, though nothing is like it."""
    holder = await customers.find_by_key(tx, described.key)
    if holder is None:
        return verdict
    taken = Candidate(holder, deciding.SURE // 2, ("name_country_and_city",))
    return replace(verdict, outcome=Outcome.REVIEW, candidates=(taken,))
