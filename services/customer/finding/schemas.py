"""Checks and searches over the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from servicekit.web.schemas import Input, Line, Output
from services.customer.customers.rules.describing import checked_identifiers
from services.customer.customers.rules.values import CustomerKind, NameKind, Tier, TypedIdentifier
from services.customer.finding.rules.fitting import FoundBy
from services.customer.finding.rules.telling import Checked, Result, Told
from services.customer.matching.rules.company import LEGAL, Address, Company, Name
from services.customer.matching.rules.identifiers import Scheme
from services.customer.matching.rules.places import normalise_country

MOST_COMPANIES = 100
MOST_PARTS = 20
MOST_FOUND = 50
_DIGITS = 4

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Country = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2)]


class CheckedName(Input):
    """Another name of the company."""

    kind: NameKind = NameKind.OTHER
    name: Line


class CheckedAddress(Input):
    """An address as it was heard; any part may hold more than its own."""

    line_1: Line
    line_2: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)] | None = None


class CheckedIdentifier(Input):
    """A strong identifier; a tax number (`vat`) is of the company's country unless said otherwise."""

    scheme: Scheme
    value: Short = Field(examples=["91110000600037341L"])
    country: Country | None = None


class CheckedCompany(Input):
    """A company as far as it is known."""

    legal_name: Line = Field(examples=["宝安鞋业有限公司"])
    other_names: list[CheckedName] = Field(default_factory=list, max_length=MOST_PARTS)
    country: Country | None = Field(default=None, description="ISO 3166-1 alpha-2.", examples=["CN"])
    city: Line | None = Field(default=None, examples=["深圳"])
    addresses: list[CheckedAddress] = Field(default_factory=list, max_length=MOST_PARTS)
    phones: list[Short] = Field(default_factory=list, max_length=MOST_PARTS)
    website: Line | None = None
    identifiers: list[CheckedIdentifier] = Field(default_factory=list, max_length=MOST_PARTS)

    def company(self, place: int) -> Company:
        """Return the plain value; what is refused is named by its place in the list."""
        at = f"/companies/{place}"
        country = normalise_country(self.country, f"{at}/country") if self.country else None
        typed = [TypedIdentifier(one.scheme, one.value, one.country) for one in self.identifiers]
        return Company(
            names=(Name(self.legal_name, LEGAL), *(Name(one.name, one.kind.value) for one in self.other_names)),
            country=country,
            city=self.city,
            addresses=tuple(
                Address(one.line_1, one.line_2, one.city, one.region, one.postal_code) for one in self.addresses
            ),
            phones=tuple(self.phones),
            websites=(self.website,) if self.website else (),
            identifiers=checked_identifiers(typed, country, keeps_unverified=False, at=at),
        )


class MatchRequest(Input):
    """Companies that are to be looked for."""

    companies: list[CheckedCompany] = Field(min_length=1, max_length=MOST_COMPANIES)

    def plain(self) -> list[Company]:
        """Return the plain values."""
        return [company.company(place) for place, company in enumerate(self.companies)]


class MatchAgreementAnswer(Output):
    """How far a field agrees, in words, and what that adds to the score (log odds)."""

    field: str
    agreement: str
    points: float
    words: str


class MaskedCustomer(Output):
    """A customer; of one that you do not see, name, tier and account manager alone are told."""

    visible: bool
    customer_id: UUID | None
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None
    kind: CustomerKind | None
    country: str | None
    city: str | None


class MatchCandidateAnswer(MaskedCustomer):
    """A customer that the company may be."""

    score: float | None = Field(description="How sure it is that they are one, from 0 to 1; null if you do not see it.")
    verdict: str | None = Field(description="`identified`, `matched`, `site` or `review`; null if you do not see it.")
    reason: str | None
    agreements: list[MatchAgreementAnswer]


class CheckAnswer(Output):
    """What becomes of one company, and the customers that it may be, the likeliest first."""

    decision: Literal["matched", "new", "review"]
    reason: str | None = Field(description="Null where it would tell of a customer that you do not see.")
    customer_id: UUID | None = Field(description="The customer that it is, if `matched` and you see it.")
    site_of: UUID | None = Field(description="The customer of which it seems to be another site, if you see it.")
    candidates: list[MatchCandidateAnswer]


class MatchAnswer(Output):
    """An answer for each company, in order."""

    items: list[CheckAnswer]


class SearchQuery(Input):
    """What is searched for, in any case, width, accents and Chinese characters."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="Of a name, a former name, an identifier or a contact: a beginning, words, or something like it."
    )
    limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 20


class FoundAnswer(MaskedCustomer):
    """A customer that fits."""

    found_by: FoundBy | None = Field(description="Null if you do not see it.")
    name: str | None = Field(description="The name by which it was found; null for an identifier.")
    relevance: int | None = Field(description="From 1 to 1000; null if you do not see it.")


class FoundContactAnswer(Output):
    """A contact that fits, of a customer that you see."""

    id: UUID
    customer_id: UUID
    name: str
    department: str | None
    title: str | None
    has_left: bool


class SearchAnswer(Output):
    """The customers that fit best, the best first, and contacts of those that you see."""

    items: list[FoundAnswer]
    contacts: list[FoundContactAnswer]


def check_answer(checked: Checked) -> CheckAnswer:
    """Return what is told of a check, as it goes over the wire."""
    return CheckAnswer(
        decision=checked.decision.value,
        reason=checked.reason,
        customer_id=checked.customer_id,
        site_of=checked.site_of,
        candidates=[
            MatchCandidateAnswer(
                **_told(one.told),
                score=None if one.score is None else round(one.score, _DIGITS),
                verdict=None if one.verdict is None else one.verdict.name.lower(),
                reason=one.reason,
                agreements=[MatchAgreementAnswer.model_validate(part) for part in one.parts],
            )
            for one in checked.candidates
        ],
    )


def found_answer(result: Result) -> FoundAnswer:
    """Return what is told of a search's result, as it goes over the wire."""
    sees = result.told.visible
    return FoundAnswer(
        **_told(result.told),
        found_by=result.fit.found_by if sees else None,
        name=result.fit.name if sees else None,
        relevance=result.fit.relevance if sees else None,
    )


def _told(told: Told) -> dict[str, Any]:
    """Return what is told of a customer; of one out of sight, name, tier and account manager alone."""
    sees = told.visible
    return {
        "visible": sees,
        "customer_id": told.id if sees else None,
        "legal_name": told.legal_name,
        "tier": told.tier,
        "account_manager_id": told.account_manager_id,
        "kind": told.kind if sees else None,
        "country": told.country if sees else None,
        "city": told.city if sees else None,
    }
