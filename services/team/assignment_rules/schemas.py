"""Assignment rules over the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, Input, Line, Output, Prose
from services.team.assignment_rules.rules import AssignmentRule, Subject

MOST_RULES, MOST_VALUES, MOST_SUBJECTS = 500, 1000, 500
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Revenue = Annotated[DecimalString, Field(ge=0, max_digits=20, decimal_places=4)]


def _any_of(what: str) -> Any:
    return Field(default_factory=list, max_length=MOST_VALUES, description=f"Any of these {what}; empty: any.")


class AssignmentRuleInput(Input):
    """A rule: every condition that is given has to hold; one with none fits every customer."""

    name: Line = Field(examples=["Shoe makers in South China"])
    person_ids: list[UUID] = Field(min_length=1, max_length=100, description="Who takes turns.")
    kinds: list[Word] = _any_of("kinds (`customer`, `channel`, `competitor`)")
    countries: list[Country] = _any_of("countries (ISO 3166)")
    regions: list[Line] = _any_of("regions")
    cities: list[Line] = _any_of("cities")
    industries: list[Line] = _any_of("industries")
    tiers: list[Word] = _any_of("tiers")
    sources: list[Word] = _any_of("sources of intake")
    customer_ids: list[UUID] = _any_of("named customers")
    revenue_from: Revenue | None = Field(default=None, description="Annual revenue of at least this much.")
    revenue_below: Revenue | None = Field(default=None, description="Annual revenue of less than this.")
    revenue_currency: Currency | None = Field(default=None, description="Only revenue known in it is compared.")
    from_date: date | None = Field(default=None, description="Holds from this day on.")
    until_date: date | None = Field(default=None, description="Holds up to, and not including, this day.")

    def as_rule(self) -> AssignmentRule:
        """Return the plain value."""
        values: dict[str, Any] = self.model_dump()
        values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return AssignmentRule(**values)


class AssignmentRulesInput(Input):
    """The rules in their order: the first that fits decides."""

    rules: list[AssignmentRuleInput] = Field(min_length=1, max_length=MOST_RULES)
    note: Prose | None = None


class ActivationRequest(Input):
    """From when rules are in force, and why."""

    from_date: date
    reason: Prose


class SubjectInput(Input):
    """What rules look at of a customer; what is not known is left out."""

    id: UUID | None = None
    account_manager_id: UUID | None = Field(default=None, description="Who looks after it now.")
    kind: Word | None = None
    country: Country | None = None
    region: Line | None = None
    city: Line | None = None
    industry: Line | None = None
    tier: Word | None = None
    source: Word | None = None
    revenue: Revenue | None = None
    revenue_currency: Currency | None = None

    def as_subject(self) -> Subject:
        """Return the plain value."""
        return Subject(**self.model_dump())


class SubjectsInput(Input):
    """Customers to ask the rules about."""

    customers: list[SubjectInput] = Field(max_length=MOST_SUBJECTS)


class AssignmentRuleAnswer(Output):
    """A rule of a version."""

    name: str
    person_ids: list[UUID]
    kinds: list[str]
    countries: list[str]
    regions: list[str]
    cities: list[str]
    industries: list[str]
    tiers: list[str]
    sources: list[str]
    customer_ids: list[UUID]
    revenue_from: DecimalString | None
    revenue_below: DecimalString | None
    revenue_currency: str | None
    from_date: date | None
    until_date: date | None


class AssignmentRulesAnswer(Output):
    """A version of the rules; a draft as long as `from_date` is null."""

    id: UUID
    version: int
    number: int
    rules: list[AssignmentRuleAnswer]
    note: str | None
    drafted_by: UUID | None
    drafted_at: datetime
    from_date: date | None
    reason: str | None
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime | None


class MoveAnswer(Output):
    """A customer that would go from one to another; to nobody where no rule fits."""

    customer_id: UUID | None
    from_id: UUID | None
    to_id: UUID | None
    position: int | None
    rule_name: str | None


class PreviewAnswer(Output):
    """Which of the customers would move."""

    moves: list[MoveAnswer]
    unmoved: int


class DecidedAnswer(Output):
    """Who a customer goes to, and by which rule (its place, from 1); nobody where no rule fits."""

    account_manager_id: UUID | None
    position: int | None
    rule_name: str | None


class EvaluationAnswer(Output):
    """One answer per customer, in order; `rules_id` and `number` are null where no rules are in force."""

    rules_id: UUID | None
    number: int | None
    customers: list[DecidedAnswer]


class AssignmentRulesQuery(ListQuery):
    """The versions, the latest first; `sort` takes `number`."""
