"""Customers and their contacts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.scope.asking import (
    Answer,
    Ask,
    Draw,
    Fits,
    Judge,
    batch,
    everybody,
    expect,
    listing,
    named,
    only,
    roles,
    served,
    thing,
    word,
)
from tests.scope.rule import Activity, Actor, Customer, World
from tests.scope.trials import intakes, jobs, planning, supplements
from tests.scope.trials.every_service import own

REASON = "the region is shared out anew"
PLACE = {"country": "DE", "city": "Hamburg"}


def sees(customer: str) -> Fits:
    return lambda world, actor: world.sees_customer(actor, customer)


def keeps(customer: str) -> Fits:
    return lambda world, actor: world.keeps_customer(actor, customer)


def erases(customer: str) -> Fits:
    return lambda world, actor: world.may_erase(actor, customer)


def entered(world: World, actor: Actor, name: str) -> Customer:
    """Return a customer that somebody enters: it is theirs, unless they keep the house's data."""
    is_seller = not world.has(actor, "admin", "sales_operations")
    is_machine = world.people[actor.person].is_machine and actor.behalf is None
    return Customer(name, actor.authority if is_seller and not is_machine else None, actor.authority)


def create_customer(draw: Draw) -> Ask:
    name, actor = f"Company {word()}", draw.actor
    body: dict[str, Any] = {"legal_name": name, **PLACE}
    form = draw.chance.choice(["plain", "parent", "manager"])
    judge: Judge = everybody
    manager = draw.below()
    if form == "parent":
        parent = draw.customer()
        body["parent_id"], judge = parent, named(sees(parent))
    if form == "manager":
        body["account_manager_id"] = manager

        def may(world: World, actor: Actor) -> bool:
            if world.has(actor, "sales_operations") or manager == actor.authority:
                return True
            return manager not in actor.persons and actor.authority in world.above(manager)

        judge = only(may)

    async def effect(world: World, answer: Answer) -> None:
        made = entered(world, actor, name)
        made = replace(made, manager=manager) if form == "manager" else made
        world.customers[answer.content["id"]] = replace(made, parent=body.get("parent_id"))

    return Ask(judge, body=body, effect=effect)


def _reference(draw: Draw, known: Any) -> tuple[str, str | None]:
    """Return a reference, and what has it: often nothing yet."""
    taken = {name: thing for name, thing in draw.memory.references.items() if thing in known}
    if taken and draw.chance.random() < 0.7:
        name = draw.one(taken)
        return name, taken[name]
    return word(), None


def _put(draw: Draw) -> tuple[str, dict[str, Any], Judge, Any]:
    name, customer = _reference(draw, draw.world.customers)
    actor = draw.actor
    legal_name = draw.world.customers[customer].name if customer else f"Company {name}"
    body = {"legal_name": legal_name, **PLACE, "phone": word()}

    async def effect(world: World, answer: Answer) -> None:
        made = answer.content["items"][0]["id"] if "items" in answer.content else answer.content["id"]
        if made is not None and made not in world.customers:
            world.customers[made] = entered(world, actor, legal_name)
            draw.memory.references[name] = made

    judge = thing(sees(customer), keeps(customer)) if customer else everybody
    return name, body, judge, effect


def put_customer_by_reference(draw: Draw) -> Ask:
    name, body, judge, effect = _put(draw)
    return Ask(judge, {"system": "scope", "external_id": name}, body=body, effect=effect)


def upsert_customers(draw: Draw) -> Ask:
    name, body, judge, effect = _put(draw)
    item = body | {"external_reference": {"system": "scope", "id": name}}
    return Ask(batch(judge), body={"items": [item]}, effect=effect)


def list_customers(draw: Draw) -> Ask:
    form = draw.chance.choice(["all", "manager", "name"])
    manager = draw.below()
    chosen = draw.world.customers.get(draw.customer())
    name = chosen.name if chosen else word()

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.customers.items()
            if (form != "manager" or known.manager == manager)
            and (form != "name" or known.name == name)
            and world.sees_customer(actor, each)
        }

    query: dict[str, Any] = {"limit": 500}
    query |= {"account_manager_id": manager} if form == "manager" else {"search": name} if form == "name" else {}
    return Ask(listing(visible), query=query, shows=visible)


def _company(draw: Draw) -> tuple[str, str]:
    """Return a customer and its name, seen or not."""
    customer = draw.one(draw.world.customers) if draw.either() else draw.customer()
    known = draw.world.customers.get(customer)
    return customer, known.name if known else f"Company {word()}"


def masked(customer: str, items: Callable[[Answer], list[dict[str, Any]]]) -> Judge:
    """All the base is looked through; of a customer out of sight name, tier and account manager alone are told."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := served(answer):
            return wrong
        told = items(answer)
        for each in told:
            if each["visible"] != (each["customer_id"] is not None):
                return f"says {each}"
            if not each["visible"] and {name for name, value in each.items() if value} - MASKED:
                return f"tells more than the masked form: {each}"
        shown = {each["customer_id"] for each in told if each["visible"]}
        if any(not world.sees_customer(actor, each) for each in shown):
            return f"shows {shown}"
        if customer in world.customers and world.sees_customer(actor, customer) and customer not in shown:
            return f"does not show {customer}"
        return None

    return judge


MASKED = {"visible", "legal_name", "tier", "account_manager_id"}


def check_matches(draw: Draw) -> Ask:
    customer, name = _company(draw)
    judge = masked(customer, lambda answer: answer.content["items"][0]["candidates"])
    return Ask(judge, body={"companies": [{"legal_name": name, **PLACE}]})


def search_customers(draw: Draw) -> Ask:
    customer, name = _company(draw)
    return Ask(masked(customer, lambda answer: answer.content["items"]), query={"q": name})


def reading(draw: Draw) -> Ask:
    customer = draw.customer()
    return Ask(thing(sees(customer)), {"customer_id": customer})


def get_customer_hierarchy(draw: Draw) -> Ask:
    customer = draw.customer()
    shown = thing(sees(customer))

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        wrong = shown(world, actor, answer)
        if wrong or not answer.is_success:
            return wrong
        standing = [each["id"] for each in (*answer.content["above"], *answer.content["below"])]
        leaked = [each for each in standing if not world.sees_customer(actor, each)]
        return f"shows {leaked}" if leaked else None

    return Ask(judge, {"customer_id": customer})


def changing(body: Any, *, with_version: bool = False) -> Any:
    """Return the trial of a change by those who look after a customer."""

    def trial(draw: Draw) -> Ask:
        customer = draw.customer()
        version_of = customer if with_version else ""
        return Ask(
            thing(sees(customer), keeps(customer)), {"customer_id": customer}, body=body(), version_of=version_of
        )

    return trial


def ending(kind: str, parameter: str) -> Any:
    """Return the trial of an end of a part: one that has ended already is not there."""

    def trial(draw: Draw) -> Ask:
        customer = draw.customer()
        parts = draw.memory.parts.get(customer, {}).get(kind) or []
        part = draw.one(parts)
        strict = thing(sees(customer), keeps(customer))

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            wrong = strict(world, actor, answer)
            may = world.sees_customer(actor, customer) and world.keeps_customer(actor, customer)
            return None if wrong and may and answer.status == 404 else wrong

        return Ask(judge, {"customer_id": customer, parameter: part}, body={})

    return trial


def change_customer_parent(draw: Draw) -> Ask:
    customer, parent = draw.customer(), draw.customer()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not world.sees_customer(actor, customer) or not world.keeps_customer(actor, customer):
            return thing(sees(customer), keeps(customer))(world, actor, answer)
        if answer.status == 409:
            return None
        return named(sees(parent))(world, actor, answer)

    async def effect(world: World, answer: Answer) -> None:
        world.customers[customer] = world.customers[customer].of_parent(parent)

    return Ask(judge, {"customer_id": customer}, body={"parent_id": parent}, effect=effect)


def assign_customer(draw: Draw) -> Ask:
    customer, manager = draw.customer(), draw.below()

    def may(world: World, actor: Actor) -> bool:
        return world.may_assign(actor, customer, manager)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if world.sees_customer(actor, customer) and world.customers[customer].manager == manager:
            return served(answer)  # they look after it already, whoever asks
        return thing(sees(customer), may)(world, actor, answer)

    async def effect(world: World, answer: Answer) -> None:
        world.customers[customer] = replace(world.customers[customer], manager=manager)

    body = {"account_manager_id": manager, "reason": REASON}
    return Ask(judge, {"customer_id": customer}, body=body, effect=effect)


def create_reclaim_rules(draw: Draw) -> Ask:
    body = {"from_date": draw.memory.ten_days_on, "is_on": False, "reason": REASON}
    return Ask(roles("admin", "sales_operations"), body=body)


def list_reclaim_notices(_: Draw) -> Ask:
    """Notices are seen by those who look after the customer; of what is new here none is neglected."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        shown = {each["customer_id"] for each in answer.content["items"]} if answer.is_success else set()
        leaked = {each for each in shown if not world.sees_customer(actor, each)}
        return f"shows {leaked}" if leaked else everybody(world, actor, answer)

    return Ask(judge, query={"limit": 500})


def list_unassigned_customers(draw: Draw) -> Ask:
    """The queue shows those customers without an account manager that its reader sees."""

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.customers.items()
            if known.manager is None and world.sees_customer(actor, each)
        }

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def assign_customers(draw: Draw) -> Ask:
    one = assign_customer(draw)
    customer = one.path["customer_id"]

    async def effect(world: World, answer: Answer) -> None:
        if answer.content["items"][0]["outcome"] == "updated" and one.effect:
            await one.effect(world, answer)

    return Ask(batch(one.judge), body={"items": [{"customer_id": customer, **one.body}]}, effect=effect)


def change_customer_tier(draw: Draw) -> Ask:
    customer = draw.customer()
    strict = thing(sees(customer), lambda world, actor: world.may_classify(actor, customer))

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if answer.status == 409 and world.sees_customer(actor, customer):
            return None  # it has that tier already, whoever asks
        return strict(world, actor, answer)

    tier = draw.chance.choice(["strategic", "key", "growth", "standard"])
    return Ask(judge, {"customer_id": customer}, body={"tier": tier, "reason": REASON})


def create_contact(draw: Draw) -> Ask:
    customer = draw.customer()

    async def effect(world: World, answer: Answer) -> None:
        world.contacts[answer.content["id"]] = customer

    body = {"customer_id": customer, "name": f"Contact {word()}"}
    return Ask(named(sees(customer), keeps(customer)), body=body, effect=effect)


def _put_contact(draw: Draw) -> tuple[str, dict[str, Any], Judge, Any]:
    name, contact = _reference(draw, draw.world.contacts)
    customer = draw.world.contacts[contact] if contact else draw.customer()
    strict = named(sees(customer), keeps(customer))

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if contact and not world.sees_customer(actor, customer) and answer.status == 409:
            return None  # that the reference is taken cannot be hidden from who may make one of it
        return strict(world, actor, answer)

    async def effect(world: World, answer: Answer) -> None:
        made = answer.content["items"][0]["id"] if "items" in answer.content else answer.content["id"]
        if made is not None and made not in world.contacts:
            world.contacts[made] = customer
            draw.memory.references[name], draw.memory.contact_names[made] = made, body["name"]

    body = {"customer_id": customer, "name": f"Contact {name}", "phone": word()}
    return name, body, judge, effect


def put_contact_by_reference(draw: Draw) -> Ask:
    name, body, judge, effect = _put_contact(draw)
    return Ask(judge, {"system": "scope", "external_id": name}, body=body, effect=effect)


def upsert_contacts(draw: Draw) -> Ask:
    name, body, judge, effect = _put_contact(draw)
    item = body | {"external_reference": {"system": "scope", "id": name}}
    return Ask(batch(judge), body={"items": [item]}, effect=effect)


def list_contacts(draw: Draw) -> Ask:
    customer = draw.customer() if draw.either() else None

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            contact
            for contact, of in world.contacts.items()
            if customer in {None, of} and world.sees_customer(actor, of)
        }

    query = {"limit": 500} | ({"customer_id": customer} if customer else {})
    return Ask(listing(visible), query=query, shows=visible)


def _contact(draw: Draw) -> tuple[str, Fits, Fits]:
    world = draw.world
    contact = draw.seen(world.contacts, lambda actor, each: world.sees_customer(actor, world.contacts[each]))
    customer = world.contacts.get(contact, "")
    return contact, sees(customer), keeps(customer)


def get_contact(draw: Draw) -> Ask:
    contact, shown, _ = _contact(draw)
    return Ask(thing(shown), {"contact_id": contact})


def export_personal_data(draw: Draw) -> Ask:
    contact, shown, _ = _contact(draw)
    return Ask(thing(shown, erases(draw.world.contacts.get(contact, ""))), {"contact_id": contact})


def erase_personal_data(draw: Draw) -> Ask:
    """Erasing: what is kept of the contact anywhere goes with it, so that no answer tells it any more."""
    contact, shown, _ = _contact(draw)

    async def effect(world: World, _: Answer) -> None:
        if contact not in world.erased:
            world.erased[contact] = draw.memory.contact_names[contact]
            jobs.forgotten(world)

    judge = thing(shown, erases(draw.world.contacts.get(contact, "")))
    return Ask(judge, {"contact_id": contact}, effect=effect)


def change_contact(draw: Draw) -> Ask:
    contact, shown, may = _contact(draw)
    return Ask(thing(shown, may), {"contact_id": contact}, body={"title": word()}, version_of=contact)


def create_activity(draw: Draw) -> Ask:
    """Planning, for oneself or somebody else, who may not see what it is about: then nobody is told of anything."""
    customer, actor = draw.customer(), draw.actor
    owner = draw.below() if draw.either() else None
    opportunity = draw.opportunity() if draw.either() else None

    def sees_both(world: World, actor: Actor) -> bool:
        known = world.opportunities.get(opportunity or "")
        return world.sees_customer(actor, customer) and (
            opportunity is None
            or (known is not None and known.customer == customer and world.sees_opportunity(actor, opportunity))
        )

    def may(world: World, actor: Actor) -> bool:
        return owner is None or world.is_in_line(actor, owner) or world.has(actor, "admin", "sales_operations")

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if owner is None and world.people[actor.authority].is_machine:
            return expect(answer, 422)
        return named(sees_both, may)(world, actor, answer)

    async def effect(world: World, answer: Answer) -> None:
        made = answer.content
        world.activities[made["id"]] = Activity(customer, owner or actor.authority, opportunity)

    body = {"customer_id": customer, "kind": "call", "subject": word(), "planned_on": draw.memory.ten_days_on}
    body |= {"owner_id": owner} if owner else {}
    body |= {"opportunity_id": opportunity} if opportunity else {}
    return Ask(judge, body=body, effect=effect, is_local=True)


def list_activities(draw: Draw) -> Ask:
    customer = draw.customer() if draw.either() else None

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.activities.items()
            if customer in {None, known.customer} and world.sees_activity(actor, each)
        }

    query = {"limit": 500} | ({"customer_id": customer} if customer else {})
    return Ask(listing(visible), query=query, shows=visible)


def _activity(draw: Draw) -> tuple[str, Fits, Fits]:
    world = draw.world
    activity = draw.seen(world.activities, world.sees_activity)
    return (
        activity,
        lambda world, actor: world.sees_activity(actor, activity),
        lambda world, actor: world.works_on_activity(actor, activity),
    )


def get_activity(draw: Draw) -> Ask:
    activity, shown, _ = _activity(draw)
    return Ask(thing(shown), {"activity_id": activity})


def working(body: Any, *, with_version: bool = False) -> Any:
    """Return the trial of a change of an activity."""

    def trial(draw: Draw) -> Ask:
        activity, shown, may = _activity(draw)
        version_of = activity if with_version else ""
        return Ask(thing(shown, may), {"activity_id": activity}, body=body(), version_of=version_of)

    return trial


def check_activities(_: Draw) -> Ask:
    """Who is told of: oneself and everybody below, and everybody to who sees everything."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        told = {each["person_id"] for each in answer.content["people"]} if answer.is_success else set()
        hidden = set() if world.sees_all(actor) else {each for each in told if not world.is_in_line(actor, each)}
        return f"tells of {hidden}" if hidden else everybody(world, actor, answer)

    return Ask(judge, query={"from_date": "2026-01-01", "until_date": "2030-01-01"})


def create_visit_frequencies(draw: Draw) -> Ask:
    days = dict.fromkeys(("strategic_days", "key_days", "growth_days", "standard_days"))
    body = {"from_date": draw.memory.ten_days_on, "reason": REASON, **days}
    return Ask(roles("admin", "sales_operations"), body=body)


def check_visits(_: Draw) -> Ask:
    """The customers that the reader, or somebody below them, looks after; all that somebody does to who sees all."""

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.customers.items()
            if known.manager is not None and (world.sees_all(actor) or world.is_in_line(actor, known.manager))
        }

    period = {"from_date": "2026-01-01", "until_date": "2027-01-01"}
    return Ask(listing(visible, key="customer_id"), query=period | {"limit": 500})


def create_coverage(draw: Draw) -> Ask:
    contact = draw.seen(draw.world.contacts, lambda actor, each: sees(draw.world.contacts[each])(draw.world, actor))
    customer = draw.world.contacts.get(contact, "")

    async def effect(world: World, answer: Answer) -> None:
        world.coverages[answer.content["id"]] = customer

    body = {"contact_id": contact, "person_id": draw.person(), "every_days": 30}
    return Ask(named(sees(customer), keeps(customer)), body=body, effect=effect, is_local=True)


def list_coverages(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {each for each, customer in world.coverages.items() if world.sees_customer(actor, customer)}

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def end_coverage(draw: Draw) -> Ask:
    world = draw.world
    line = draw.seen(world.coverages, lambda actor, each: world.sees_customer(actor, world.coverages[each]))
    customer = world.coverages.get(line, "")
    return Ask(thing(sees(customer), keeps(customer)), {"coverage_id": line}, body={})


TRIALS = own("customer", "contact", lambda world: world.contacts) | {
    "create_customer": create_customer,
    "upsert_customers": jobs.also_later("customer", "upsert_customers", upsert_customers),
    "export_customers": jobs.exporting("customer", "list_customers", list_customers),
    "put_customer_by_reference": put_customer_by_reference,
    "list_customers": list_customers,
    "check_matches": check_matches,
    "search_customers": search_customers,
    "get_customer": reading,
    "change_customer": changing(lambda: {"phone": word()}, with_version=True),
    "add_customer_name": changing(lambda: {"kind": "brand", "name": f"Brand {word()}"}),
    "end_customer_name": ending("other_names", "name_id"),
    "add_customer_identifier": changing(lambda: {"scheme": "domain", "value": f"{word()}.com"}),
    "end_customer_identifier": ending("identifiers", "identifier_id"),
    "add_customer_address": changing(lambda: {"kind": "other", "line_1": "Street 1", "country": "DE"}),
    "end_customer_address": ending("addresses", "address_id"),
    "get_customer_hierarchy": get_customer_hierarchy,
    "change_customer_parent": change_customer_parent,
    "list_customer_assignments": reading,
    "assign_customer": assign_customer,
    "check_activities": check_activities,
    "create_visit_frequencies": create_visit_frequencies,
    "list_visit_frequencies": lambda _: Ask(everybody),
    "check_visits": check_visits,
    "create_coverage": create_coverage,
    "list_coverages": list_coverages,
    "end_coverage": end_coverage,
    "create_reclaim_rules": create_reclaim_rules,
    "list_reclaim_rules": lambda _: Ask(everybody),
    "list_reclaim_notices": list_reclaim_notices,
    "list_unassigned_customers": list_unassigned_customers,
    "assign_customers": jobs.also_later("customer", "assign_customers", assign_customers),
    "list_customer_tier_changes": reading,
    "change_customer_tier": change_customer_tier,
    "list_customer_changes": reading,
    "create_contact": create_contact,
    "upsert_contacts": jobs.also_later("customer", "upsert_contacts", upsert_contacts),
    "export_contacts": jobs.exporting("customer", "list_contacts", list_contacts),
    "export_personal_data": export_personal_data,
    "erase_personal_data": erase_personal_data,
    "put_contact_by_reference": put_contact_by_reference,
    "create_activity": create_activity,
    "list_activities": list_activities,
    "get_activity": get_activity,
    "change_activity": working(lambda: {"outcome": word()}, with_version=True),
    "complete_activity": working(lambda: {"outcome": word()}),
    "cancel_activity": working(lambda: {"reason": REASON}),
    "list_contacts": list_contacts,
    "get_contact": get_contact,
    "change_contact": change_contact,
}
TRIALS.update(planning.TRIALS)
TRIALS |= intakes.TRIALS | supplements.TRIALS
