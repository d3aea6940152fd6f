"""Which account manager a customer goes to: the first rule that fits and has somebody who is there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.text import searchable

DECIDING_ROLES = frozenset({"admin", "sales_operations"})
READING_ROLES = DECIDING_ROLES | {"auditor"}


class AssignmentRulesNotAllowed(NotAllowed):
    """Assignment rules are for sales operations and administrators; auditors read them."""

    code = "assignment_rules_not_allowed"

    def __init__(self) -> None:
        super().__init__("Assignment rules are for the roles sales_operations and admin; auditors may read them.")


class OwnAssignment(NotAllowed):
    """Nobody puts rules into force that give customers to themselves."""

    code = "own_assignment"

    def __init__(self) -> None:
        super().__init__("These rules give customers to you: somebody else has to put them into force.")


class RulesInForce(Conflict):
    """These rules were put into force already; others are drafted as a new version."""

    code = "rules_in_force"

    def __init__(self) -> None:
        super().__init__("These rules were put into force already: draft a new version.")


class RulesInPast(RuleViolated):
    """Rules come into force today or later: what was assigned stays."""

    code = "rules_in_past"

    def __init__(self) -> None:
        super().__init__("Rules come into force today or later.", field="/from_date")


class UnknownAssignee(RuleViolated):
    """Somebody named in a rule does not work here."""

    code = "unknown_assignee"

    def __init__(self, place: int) -> None:
        super().__init__("Everybody named has to be a person who works here.", field=f"/rules/{place}/person_ids")


class RevenueBoundsUnclear(RuleViolated):
    """Bounds of revenue need their currency, and the lower one lies below the upper one."""

    code = "revenue_bounds_unclear"

    def __init__(self, place: int) -> None:
        super().__init__(
            "Bounds of revenue need a currency, and revenue_from has to be less than revenue_below.",
            field=f"/rules/{place}/revenue_from",
        )


class RuleSpanEmpty(RuleViolated):
    """A rule would end before, or on the day, it begins."""

    code = "rule_span_empty"

    def __init__(self, place: int) -> None:
        super().__init__("The end has to lie after the beginning.", field=f"/rules/{place}/until_date")


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """A rule: every condition that is given has to hold, of each list one value; one with no condition fits all.

    `person_ids` take turns. Bounds of revenue speak of customers whose revenue is known in their currency; the lower
    one is included. The rule holds from `from_date` up to, and not including, `until_date`.
    """

    name: str
    person_ids: tuple[UUID, ...]
    kinds: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    customer_ids: tuple[UUID, ...] = ()
    revenue_from: Decimal | None = None
    revenue_below: Decimal | None = None
    revenue_currency: str | None = None
    from_date: date | None = None
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules look at of a customer; `account_manager_id` is who looks after it now."""

    id: UUID | None = None
    account_manager_id: UUID | None = None
    kind: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    industry: str | None = None
    tier: str | None = None
    source: str | None = None
    revenue: Decimal | None = None
    revenue_currency: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Who a customer goes to, and by which rule (its place, from 1); nobody where no rule fits."""

    account_manager_id: UUID | None
    position: int | None
    rule_name: str | None


NOBODY = Decided(None, None, None)


def check_rules(rules: Sequence[AssignmentRule], there: Collection[UUID]) -> None:
    """Refuse rules that name somebody who is not there, or whose bounds say nothing."""
    for place, rule in enumerate(rules):
        if not set(rule.person_ids) <= set(there):
            raise UnknownAssignee(place)
        low, high = rule.revenue_from, rule.revenue_below
        has_bounds = low is not None or high is not None
        if has_bounds != (rule.revenue_currency is not None):
            raise RevenueBoundsUnclear(place)
        if low is not None and high is not None and low >= high:
            raise RevenueBoundsUnclear(place)
        if rule.from_date and rule.until_date and rule.until_date <= rule.from_date:
            raise RuleSpanEmpty(place)


def fits(rule: AssignmentRule, subject: Subject, on: date) -> bool:
    """Whether a rule holds on a day and every condition of it is true of a customer; what is unknown is not true."""
    if (rule.from_date and on < rule.from_date) or (rule.until_date and on >= rule.until_date):
        return False
    listed = (
        (rule.kinds, subject.kind),
        (rule.countries, subject.country),
        (rule.tiers, subject.tier),
        (rule.sources, subject.source),
        (rule.customer_ids, subject.id),
    )
    if any(wanted and value not in wanted for wanted, value in listed):
        return False
    written = (
        (rule.regions, subject.region),
        (rule.cities, subject.city),
        (rule.industries, subject.industry),
    )
    return all(not wanted or _is_among(wanted, value) for wanted, value in written) and _is_within(rule, subject)


def _is_among(wanted: Sequence[str], value: str | None) -> bool:
    return value is not None and searchable(value) in {searchable(each) for each in wanted}


def _is_within(rule: AssignmentRule, subject: Subject) -> bool:
    if rule.revenue_currency is None:
        return True
    if subject.revenue is None or subject.revenue_currency != rule.revenue_currency:
        return False
    low, high = rule.revenue_from, rule.revenue_below
    return (low is None or subject.revenue >= low) and (high is None or subject.revenue < high)


def rule_for(
    rules: Sequence[AssignmentRule], subject: Subject, there: Collection[UUID], on: date
) -> tuple[int, AssignmentRule] | None:
    """Return the first rule that fits a customer and has somebody who is there, with its place from 0."""
    for place, rule in enumerate(rules):
        if fits(rule, subject, on) and any(person in there for person in rule.person_ids):
            return place, rule
    return None


def decide(
    rules: Sequence[AssignmentRule],
    subjects: Sequence[Subject],
    there: Collection[UUID],
    turns: Mapping[int, int],
    on: date,
) -> tuple[list[Decided], dict[int, int]]:
    """Return who each customer goes to, and how many turns were taken of the rule at each place.

    Whoever looks after a customer already and is one of the rule's keeps it, and takes no turn. `turns` say how many
    were taken before, by place.
    """
    found: list[Decided] = []
    taken: dict[int, int] = {}
    for subject in subjects:
        match = rule_for(rules, subject, there, on)
        if match is None:
            found.append(NOBODY)
            continue
        place, rule = match
        people = [person for person in rule.person_ids if person in there]
        chosen = subject.account_manager_id if subject.account_manager_id in people else None
        if chosen is None:
            chosen = people[(turns.get(place, 0) + taken.get(place, 0)) % len(people)]
            taken[place] = taken.get(place, 0) + 1
        found.append(Decided(chosen, place + 1, rule.name))
    return found, taken


def check_may_read(roles: Collection[str]) -> None:
    """Refuse whoever neither decides on assignment rules nor audits."""
    if READING_ROLES.isdisjoint(roles):
        raise AssignmentRulesNotAllowed


def check_may_decide(roles: Collection[str]) -> None:
    """Refuse whoever does not decide on assignment rules."""
    if DECIDING_ROLES.isdisjoint(roles):
        raise AssignmentRulesNotAllowed


def check_activation(rules: Sequence[AssignmentRule], persons: Collection[UUID], from_date: date, today: date) -> None:
    """Refuse rules in force before today, and such as give customers to whoever decides."""
    if from_date < today:
        raise RulesInPast
    if any(person in persons for rule in rules for person in rule.person_ids):
        raise OwnAssignment
