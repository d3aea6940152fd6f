"""Who may see and do what, a second time: plain sets over a model of the enterprise, written from the domain's words.

Nothing of the product is imported here. `docs/domain.md` says the rule for people; where the two differ, one is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

SEE_ALL = frozenset({"admin", "sales_operations", "auditor"})
OPERATIONS = frozenset({"admin", "sales_operations"})
SERVICES = frozenset({"customer", "opportunity", "forecast", "team"})
SCOPES = (
    *(f"{service}:{step}" for service in sorted(SERVICES) for step in ("read", "write", "events:read")),
    *("import", "demand_plans:read", "demand_plans:acknowledge", "webhooks:read", "webhooks:write"),
    *("confirmed_orders:read", "confirmed_orders:write"),
    *("access:read", "access:write", "audit:read"),
)
"""What a machine client can be given."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a machine client, which has `scopes`: the operations that it may call at all."""

    name: str
    roles: frozenset[str] = frozenset()
    is_there: bool = True
    scopes: frozenset[str] | None = None

    @property
    def is_machine(self) -> bool:
        """Whether it is a program."""
        return self.scopes is not None

    def may_call(self, scope: str) -> bool:
        """Whether a scope is theirs; people need none, and `import` stands for reading and writing everywhere."""
        if self.scopes is None or scope in self.scopes:
            return True
        service, _, step = scope.partition(":")
        imported = service in SERVICES or service == "confirmed_orders"
        return "import" in self.scopes and imported and step in {"read", "write"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, perhaps in somebody's name; `kind` is how the report calls them."""

    kind: str
    person: str
    behalf: str | None = None

    @property
    def authority(self) -> str:
        """Whose scope counts."""
        return self.behalf or self.person

    @property
    def persons(self) -> frozenset[str]:
        """Everybody whose own matter it must not be."""
        return frozenset({self.person, self.authority})


@dataclass(frozen=True, slots=True)
class Customer:
    """A company, who looks after it, who entered it, to whom it belongs and belonged before."""

    name: str
    manager: str | None
    entered_by: str
    parent: str | None = None
    former_parents: frozenset[str] = frozenset()

    def of_parent(self, parent: str | None) -> "Customer":
        """Return the company as one that belongs to another from now on."""
        former = {self.parent} if self.parent and self.parent != parent else set[str]()
        return replace(self, parent=parent, former_parents=self.former_parents | former)


@dataclass(frozen=True, slots=True)
class Intake:
    """Something heard of a company: who entered it, whose it turned out to be, and whether that is still a question."""

    name: str
    entered_by: str
    customer: str | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Opportunity:
    """An opportunity; `team` has (person, role) by the id of the membership."""

    name: str
    principal: str
    customer: str | None
    is_open: bool
    amount: int
    team: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """What is planned or was done with a customer, perhaps for an opportunity of it."""

    customer: str
    owner: str
    opportunity: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """What was heard of a customer, or of a company not known yet, who follows it up, and what it became."""

    owner: str
    customer: str | None
    opportunity: str | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of a cycle: who holds it, and the seats above, the nearest first."""

    cycle: str
    holder: str
    above: tuple[str, ...]
    unit: str | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who may act for whom; `is_today` says whether the dates hold today."""

    person: str
    stand_in: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Job:
    """What somebody asked to be done later; `made` is what the file of an export has to hold."""

    service: str
    asker: Actor
    operation: str
    state: str = "queued"
    is_kept: bool = True
    made: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events of a service are sent, and who had them sent there."""

    service: str
    owner: str
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Resources:
    """A request for sales resources: for which opportunity, who asked, who filed it, and whose superiors decide."""

    opportunity: str
    requested_by: str
    filed_by: str
    line_from: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to a webhook, or a dead letter."""

    webhook: str
    is_dead: bool = False


@dataclass(slots=True)
class World:
    """The enterprise at one moment."""

    people: dict[str, Person] = field(default_factory=dict)
    superior: dict[str, str] = field(default_factory=dict)
    stand_ins: dict[str, StandIn] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    activities: dict[str, "Activity"] = field(default_factory=dict)
    coverages: dict[str, str] = field(default_factory=dict)
    """Whose contact each line of the coverage plan is about."""
    contacts: dict[str, str] = field(default_factory=dict)
    portfolios: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Whose each plan is, and who has written it last."""
    targets: dict[str, str] = field(default_factory=dict)
    key_proposals: dict[str, tuple[str, Actor]] = field(default_factory=dict)
    account_plans: dict[str, str] = field(default_factory=dict)
    """By the customer that they are for."""
    leads_heard: dict[str, Lead] = field(default_factory=dict)
    intakes: dict[str, Intake] = field(default_factory=dict)
    proposals: dict[str, str] = field(default_factory=dict)
    """Proposed changes, and the customer of each."""
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    resources: dict[str, Resources] = field(default_factory=dict)
    cycles: dict[str, bool] = field(default_factory=dict)
    baselines: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What was set by hand: of which kind of scope, and of whom or what."""
    seats: dict[str, Seat] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Of which unit each source of forecasts is, and who answers for it."""
    comparisons: dict[str, str] = field(default_factory=dict)
    """Of which unit each comparison of forecasts is."""
    said: dict[str, str] = field(default_factory=dict)
    """What sources forecast, and which source each is of."""
    plan_lines: dict[str, str] = field(default_factory=dict)
    """Lines of published plans, and the plan of each."""
    handovers: dict[str, str] = field(default_factory=dict)
    """Which ERP each version of a plan is handed over to."""
    erased: dict[str, str] = field(default_factory=dict)
    """What contacts were called whose personal data were erased."""
    jobs: dict[str, Job] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)

    def copy(self) -> "World":
        """Return a world of its own to be changed; what is in the tables is replaced, never altered."""
        return replace(self, **{name: dict(getattr(self, name)) for name in self.__slots__})

    # Who stands where

    def above(self, person: str) -> list[str]:
        """Return everybody above somebody, the direct superior first."""
        found: list[str] = []
        at = self.superior.get(person)
        while at is not None:
            found.append(at)
            at = self.superior.get(at)
        return found

    def is_in_line(self, actor: Actor, person: str | None) -> bool:
        """Whether somebody is who the actor acts as, or stands below them."""
        return person is not None and (person == actor.authority or actor.authority in self.above(person))

    def below(self, actor: Actor) -> set[str]:
        """Return who the actor acts as, and everybody below them."""
        return {person for person in self.people if self.is_in_line(actor, person)}

    def roles(self, actor: Actor) -> frozenset[str]:
        """Return the roles that count: standing in conveys no `admin`."""
        held = self.people[actor.authority].roles
        return held - {"admin"} if actor.behalf else held

    def has(self, actor: Actor, *roles: str) -> bool:
        """Whether one of the roles counts."""
        return not self.roles(actor).isdisjoint(roles)

    def sees_all(self, actor: Actor) -> bool:
        """Whether a role shows everything."""
        return not self.roles(actor).isdisjoint(SEE_ALL)

    def may_stand_in(self, actor: Actor) -> bool:
        """Whether the actor may act in that name: within the dates, and for somebody who is there themselves."""
        return actor.behalf is None or (
            self.people[actor.behalf].is_there
            and any(
                (each.person, each.stand_in, each.is_today) == (actor.behalf, actor.person, True)
                for each in self.stand_ins.values()
            )
        )

    # Customers

    def opportunities_of(self, customer: str) -> Iterator[Opportunity]:
        """Yield what may be sold to a customer."""
        return (each for each in self.opportunities.values() if each.customer == customer)

    def group_of(self, customer: str) -> set[str]:
        """Return a customer and every company below it."""
        group, before = {customer}, set[str]()
        while group != before:
            before = set(group)
            group |= {each for each, known in self.customers.items() if known.parent in group}
        return group

    def sees_customer(self, actor: Actor, customer: str) -> bool:
        """Whoever looks after it and their superiors; who takes part in an opportunity of it; a principal's superiors.

        While nobody looks after it, whoever entered it and their superiors do.
        """
        known = self.customers.get(customer)
        if known is None:
            return False
        return (
            self.sees_all(actor)
            or self.is_in_line(actor, known.manager or known.entered_by)
            or any(
                self.is_in_line(actor, each.principal) or actor.authority in {who for who, _ in each.team.values()}
                for each in self.opportunities_of(customer)
            )
        )

    def keeps_customer(self, actor: Actor, customer: str) -> bool:
        """Whoever looks after it (or entered it while nobody does), their superiors, and who keeps the house's data."""
        known = self.customers[customer]
        return self.has(actor, *OPERATIONS) or self.is_in_line(actor, known.manager or known.entered_by)

    def may_assign(self, actor: Actor, customer: str, to: str) -> bool:
        """Sales operations, or who stands above both the present and the new account manager; never to oneself."""
        present = self.customers[customer].manager
        if to in actor.persons or present in actor.persons:
            return False
        stands_above = actor.authority in self.above(to) and (present is None or actor.authority in self.above(present))
        return self.has(actor, "sales_operations") or stands_above

    def may_classify(self, actor: Actor, customer: str) -> bool:
        """Sales operations, or a superior of the account manager; never the account manager, in whosever name."""
        manager = self.customers[customer].manager
        if manager in actor.persons:
            return False
        return self.has(actor, "sales_operations") or (manager is not None and actor.authority in self.above(manager))

    def sees_whole_base(self, actor: Actor) -> bool:
        """Whether a report may be about everybody."""
        return self.sees_all(actor) or self.has(actor, "marketing", "finance")

    def sees_report(self, actor: Actor, kind: str, subject: str) -> bool:
        """Whether a report about a person or a customer is shown, perhaps of a part of it."""
        if kind == "customer":
            known = self.customers.get(subject)
            return known is not None and (self.sees_whole_base(actor) or self.is_in_line(actor, known.manager))
        return self.sees_whole_base(actor) or (kind != "everything" and self.is_in_line(actor, subject))

    def sees_whole(self, actor: Actor, kind: str, subject: str) -> bool:
        """Whether a report about a person or a customer with all below it leaves nothing out for the actor."""
        group = self.group_of(subject) if kind == "customer" else ()
        return self.sees_report(actor, kind, subject) and all(
            self.sees_whole_base(actor) or self.is_in_line(actor, self.customers[each].manager) for each in group
        )

    def may_set_baseline(self, actor: Actor, kind: str, subject: str) -> bool:
        """Who keeps the house's data, or a superior of who is measured; nobody says what they are measured by."""
        measured = self.customers[subject].manager if kind == "customer" else subject
        if measured in actor.persons:
            return False
        is_above = measured is not None and kind != "everything" and actor.authority in self.above(measured)
        return self.sees_whole(actor, kind, subject) and (self.has(actor, *OPERATIONS) or is_above)

    def may_erase(self, actor: Actor, customer: str) -> bool:
        """Whose personal data are given out and erased: as with tiers, and an admin may; never one's own contacts."""
        manager = self.customers[customer].manager
        if manager in actor.persons:
            return False
        return self.has(actor, *OPERATIONS) or (manager is not None and actor.authority in self.above(manager))

    def may_merge(self, actor: Actor, customer: str) -> bool:
        """A superior of who looks after it (or entered it while nobody does), and who keeps the house's data."""
        known = self.customers[customer]
        if known.manager in actor.persons:
            return False
        return self.has(actor, *OPERATIONS) or actor.authority in self.above(known.manager or known.entered_by)

    def sees_activity(self, actor: Actor, activity: str) -> bool:
        """Who looks after the customer; who sees the opportunity that it is for; else whose it is, if they see both."""
        known = self.activities.get(activity)
        if known is None:
            return False
        manager = self.customers[known.customer].manager
        if self.sees_all(actor) or self.is_in_line(actor, manager):
            return True
        if known.opportunity is not None:
            return self.sees_opportunity(actor, known.opportunity)
        entered_by = self.customers[known.customer].entered_by
        if manager is None and self.is_in_line(actor, entered_by):
            return True
        return self.is_in_line(actor, known.owner) and self.sees_customer(actor, known.customer)

    def works_on_activity(self, actor: Actor, activity: str) -> bool:
        """Whose it is, who looks after the customer, their superiors, and who keeps the house's data."""
        known = self.activities[activity]
        return self.is_in_line(actor, known.owner) or self.keeps_customer(actor, known.customer)

    def looks_after(self, actor: Actor, customer: str) -> bool:
        """Whoever sees all that anybody does for a customer: who looks after it, their superiors, and roles."""
        known = self.customers.get(customer)
        if known is None:
            return False
        return self.sees_all(actor) or self.is_in_line(actor, known.manager or known.entered_by)

    # What is planned

    def sees_account_plan(self, actor: Actor, plan: str) -> bool:
        """Whoever looks after its customer."""
        return plan in self.account_plans and self.looks_after(actor, self.account_plans[plan])

    def sees_portfolio(self, actor: Actor, plan: str) -> bool:
        """The owner and their superiors, and roles."""
        known = self.portfolios.get(plan)
        return known is not None and (self.sees_all(actor) or self.is_in_line(actor, known[0]))

    def may_approve(self, actor: Actor, customer: str) -> bool:
        """A superior of the account manager, an administrator where there is none; never in one's own matter."""
        manager = self.customers[customer].manager
        if manager is None or manager in actor.persons:
            return False
        above = self.above(manager)
        return actor.authority in above or (not above and actor.behalf is None and self.has(actor, "admin"))

    # Leads

    def sees_lead(self, actor: Actor, lead: str) -> bool:
        """The owner and their superiors, and whoever looks after the customer."""
        known = self.leads_heard.get(lead)
        if known is None:
            return False
        looks_after = known.customer is not None and self.looks_after(actor, known.customer)
        return self.sees_all(actor) or self.is_in_line(actor, known.owner) or looks_after

    def works_at(self, actor: Actor, lead: str) -> bool:
        """The owner, their superiors, and who keeps the house's data."""
        return self.has(actor, *OPERATIONS) or self.is_in_line(actor, self.leads_heard[lead].owner)

    def may_give(self, actor: Actor, owner: str) -> bool:
        """Whether a new lead may be somebody's: one's own, or of somebody below."""
        return self.has(actor, *OPERATIONS) or self.is_in_line(actor, owner)

    def sees_intake(self, actor: Actor, intake: str) -> bool:
        """Whoever entered it, whoever looks after the customer that it became part of, and those above them."""
        known = self.intakes.get(intake)
        if known is None:
            return False
        manager = self.customers[known.customer].manager if known.customer else None
        return self.sees_all(actor) or self.is_in_line(actor, known.entered_by) or self.is_in_line(actor, manager)

    def may_decide_change(self, actor: Actor, customer: str) -> bool:
        """The account manager and those above them; of a customer that nobody looks after, sales operations."""
        manager = self.customers[customer].manager
        return self.has(actor, "sales_operations") if manager is None else self.is_in_line(actor, manager)

    def may_review(self, actor: Actor, intake: str) -> bool:
        """A superior of whoever entered it, or sales operations: no program, and nobody what they entered."""
        entered_by = self.intakes[intake].entered_by
        is_program = self.people[actor.person].is_machine and actor.behalf is None
        if entered_by in actor.persons or is_program:
            return False
        return self.has(actor, "sales_operations") or actor.authority in self.above(entered_by)

    def may_erase_intake(self, actor: Actor, intake: str) -> bool:
        """A superior of whoever entered it, and who keeps the house's data; nobody what they entered."""
        entered_by = self.intakes[intake].entered_by
        if entered_by in actor.persons:
            return False
        return self.has(actor, *OPERATIONS) or actor.authority in self.above(entered_by)

    # Opportunities

    def sees_opportunity(self, actor: Actor, opportunity: str) -> bool:
        """The principal and their superiors, the sales team, the customer's account manager and their superiors."""
        known = self.opportunities.get(opportunity)
        if known is None:
            return False
        manager = self.customers[known.customer].manager if known.customer else None
        return (
            self.sees_all(actor)
            or self.is_in_line(actor, known.principal)
            or self.is_in_line(actor, manager)
            or actor.authority in {who for who, _ in known.team.values()}
        )

    def leads(self, actor: Actor, opportunity: str) -> bool:
        """The principal owner and their superiors."""
        principal = self.opportunities[opportunity].principal
        return principal in actor.persons or self.is_superior(actor, opportunity)

    def is_superior(self, actor: Actor, opportunity: str) -> bool:
        """Whoever stands above the principal, unless they are the principal, who stands in for a superior."""
        principal = self.opportunities[opportunity].principal
        return principal not in actor.persons and actor.authority in self.above(principal)

    def may_close(self, actor: Actor, opportunity: str) -> bool:
        """Those who lead it, and who keeps the house's data."""
        return self.leads(actor, opportunity) or self.has(actor, *OPERATIONS)

    def may_edit(self, actor: Actor, opportunity: str) -> bool:
        """Those who may close it, and the co-sellers."""
        return self.may_close(actor, opportunity) or (actor.authority, "co_seller") in set(
            self.opportunities[opportunity].team.values()
        )

    def may_replace(self, actor: Actor, opportunity: str, to: str) -> bool:
        """A superior of the present principal; an admin where there is none; nobody in their own matter."""
        principal = self.opportunities[opportunity].principal
        if principal in actor.persons:
            return False
        above = self.above(principal)
        if actor.authority in above:
            return actor.behalf is None or to != actor.person
        return not above and actor.behalf is None and self.has(actor, "admin") and to != actor.person

    def sees_resources(self, actor: Actor, request: str) -> bool:
        """Whoever sees the opportunity, and who asked with everybody above: they decide, whether they see it or not."""
        known = self.resources.get(request)
        return known is not None and (
            self.sees_all(actor)
            or self.sees_opportunity(actor, known.opportunity)
            or self.is_in_line(actor, known.requested_by)
        )

    def asks_for_resources(self, actor: Actor, request: str) -> bool:
        """Who asked, and the principal owner."""
        known = self.resources[request]
        return not actor.persons.isdisjoint({known.requested_by, self.opportunities[known.opportunity].principal})

    def decides_on_resources(self, actor: Actor, request: str) -> bool:
        """A superior of who asked, above the principal owner should that one stand above; nobody whom it concerns."""
        known = self.resources[request]
        concerned = {known.requested_by, known.filed_by, self.opportunities[known.opportunity].principal}
        if not actor.persons.isdisjoint(concerned):
            return False
        line = self.above(known.line_from)
        return actor.authority in line or (not line and actor.behalf is None and self.has(actor, "admin"))

    # Forecasts

    def sees_seat(self, actor: Actor, seat: str) -> bool:
        """Whoever holds it or one above it, the head of the unit that a top is handed to, and roles."""
        known = self.seats.get(seat)
        if known is None:
            return False
        line = (known, *(self.seats[each] for each in known.above))
        return (
            self.sees_all(actor)
            or self.has(actor, "marketing")
            or any(each.holder == actor.authority for each in line)
            or (not known.above and known.unit is not None and self.heads.get(known.unit) == actor.authority)
        )

    def seats_of(self, cycle: str) -> dict[str, Seat]:
        """Return the seats of a cycle."""
        return {seat: known for seat, known in self.seats.items() if known.cycle == cycle}

    def holds_seat(self, person: str, cycle: str) -> bool:
        """Whether somebody takes part in a cycle."""
        return any(known.holder == person for known in self.seats_of(cycle).values())

    def may_decide(self, actor: Actor, seat: str) -> bool:
        """The direct superior in the frozen line; on a top its unit's head or operations; never on one's own."""
        known = self.seats[seat]
        if known.holder in actor.persons:
            return False
        if known.above:
            return self.seats[known.above[0]].holder in actor.persons
        heads_unit = known.unit is not None and self.heads.get(known.unit) == actor.authority
        return heads_unit or self.has(actor, *OPERATIONS)

    def decides_on_seats(self, actor: Actor, above: tuple[str, ...], concerned: set[str]) -> bool:
        """A superior in the frozen line, or operations; nobody on a seat of their own, in whosever name."""
        if not concerned.isdisjoint(actor.persons):
            return False
        return self.has(actor, *OPERATIONS) or actor.authority in {self.seats[each].holder for each in above}

    def sees_plan(self, actor: Actor, plan: str) -> bool:
        """Roles that work by it, and who holds every seat at the top of its cycle."""
        cycle = self.plans.get(plan)
        if cycle is None:
            return False
        tops = {known.holder for known in self.seats_of(cycle).values() if not known.above}
        return self.works_by_plans(actor) or self.takes_plans(actor) or tops == {actor.authority}

    def works_by_plans(self, actor: Actor) -> bool:
        """Whether a role shows every plan, and how each is handed over."""
        return self.sees_all(actor) or self.has(actor, "marketing", "finance", "production_planner")

    def takes_plans(self, actor: Actor) -> bool:
        """Whether it is a program with a scope for plans, which is for all of them."""
        known = self.people[actor.person]
        scopes = ("demand_plans:read", "demand_plans:acknowledge")
        return known.is_machine and actor.behalf is None and any(known.may_call(scope) for scope in scopes)

    def sees_handover(self, actor: Actor, handover: str) -> bool:
        """Whoever works by plans, and the ERP itself."""
        receiver = self.handovers.get(handover)
        return receiver is not None and (self.works_by_plans(actor) or receiver == actor.authority)

    # What every service has

    def sees_job(self, actor: Actor, job: str) -> bool:
        """Who asked for it in the same name, in whose name it was asked for, and who administers."""
        known = self.jobs.get(job)
        if known is None:
            return False
        asked_by = (known.asker.person, known.asker.behalf)
        is_theirs = asked_by == (actor.person, actor.behalf) or asked_by[1] == actor.person == actor.authority
        return is_theirs or self.has(actor, "admin")

    def keeps_webhooks(self, actor: Actor, service: str) -> bool:
        """Who administers, and programs in their own name; events are sent to those only who may follow the feed."""
        known = self.people[actor.person]
        is_program = known.is_machine and actor.behalf is None
        return (is_program or self.has(actor, "admin")) and known.may_call(f"{service}:events:read")

    def sees_webhook(self, actor: Actor, webhook: str) -> bool:
        """Programs see their own, who administers sees all."""
        known = self.webhooks.get(webhook)
        return known is not None and (known.owner == actor.authority or self.has(actor, "admin"))

    def keeps_forecasts_of(self, actor: Actor, unit: str) -> bool:
        """Marketing, sales operations, and the head of the unit."""
        is_head = unit in self.heads and self.heads[unit] == actor.authority
        return is_head or self.has(actor, "marketing", "sales_operations", "admin")

    def sees_source(self, actor: Actor, source: str) -> bool:
        """Whoever keeps it, whoever answers for it, and roles that see everything."""
        if source not in self.sources:
            return False
        unit, responsible = self.sources[source]
        return self.sees_all(actor) or self.keeps_forecasts_of(actor, unit) or responsible == actor.authority

    def enters_for(self, actor: Actor, source: str) -> bool:
        """Whoever keeps a source, and whoever answers for it."""
        unit, responsible = self.sources[source]
        return self.keeps_forecasts_of(actor, unit) or responsible == actor.authority

    def sees_comparison(self, actor: Actor, comparison: str) -> bool:
        """Whoever works on the unit's forecast, and roles that see everything."""
        unit = self.comparisons.get(comparison)
        return unit is not None and (self.sees_all(actor) or self.keeps_forecasts_of(actor, unit))

    def decides_comparison(self, actor: Actor, comparison: str) -> bool:
        """Whoever works on the unit's forecast, unless a line with its top in the unit is their own."""
        unit = self.comparisons[comparison]
        tops = {known.holder for known in self.seats.values() if not known.above and known.unit == unit}
        return self.keeps_forecasts_of(actor, unit) and tops.isdisjoint({actor.person, actor.authority})
