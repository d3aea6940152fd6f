"""Short ways to say a company in tests of matching."""

from services.customer.matching.rules.company import Address, Company, Name
from services.customer.matching.rules.deciding import Decision, decide
from services.customer.matching.rules.identifiers import Identifier, Scheme
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.scoring import Score, score
from services.customer.matching.rules.statistics import Statistics

YOUNG = Statistics()


def company(
    name: str,
    line: str | None = None,
    phone: str | None = None,
    *,
    city: str | None = None,
    country: str | None = "US",
    postal_code: str | None = None,
    lei: str | None = None,
    website: str | None = None,
    others: tuple[str, ...] = (),
) -> Company:
    return Company(
        names=(Name(name), *(Name(other, "other") for other in others)),
        country=country,
        city=city,
        addresses=(Address(line, city=city, postal_code=postal_code),) if line else (),
        phones=(phone,) if phone else (),
        websites=(website,) if website else (),
        identifiers=(Identifier(Scheme.LEI, lei, verified=True),) if lei else (),
    )


def scored(probe: Company, candidate: Company, statistics: Statistics = YOUNG) -> Score:
    return score(profile_of(probe), profile_of(candidate), statistics)


def decided(probe: Company, *candidates: Company, statistics: Statistics = YOUNG) -> Decision[int]:
    return decide([(place, scored(probe, candidate, statistics)) for place, candidate in enumerate(candidates)])
