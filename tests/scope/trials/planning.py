"""What is planned and heard of customers: leads and their hand-over, account plans."""

from collections.abc import Callable
from typing import Any

from servicekit.values.ids import new_id
from tests.scope.asking import (
    Answer,
    Ask,
    Draw,
    Fits,
    Judge,
    everybody,
    expect,
    listing,
    named,
    roles,
    served,
    thing,
    word,
)
from tests.scope.rule import Actor, Lead, Opportunity, World

TERMS = {"currency": "USD", "amount": "10.00"}


def _lead(draw: Draw) -> tuple[str, Fits, Fits]:
    lead = draw.seen(draw.world.leads_heard, draw.world.sees_lead)
    return lead, lambda world, actor: world.sees_lead(actor, lead), lambda world, actor: world.works_at(actor, lead)


def create_lead(draw: Draw) -> Ask:
    owner, customer = draw.below(), draw.customer() if draw.either() else None

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not world.may_give(actor, owner):
            return expect(answer, 403)
        if customer is not None and not world.sees_customer(actor, customer):
            return expect(answer, 422)
        return served(answer)

    async def effect(world: World, answer: Answer) -> None:
        world.leads_heard[answer.content["id"]] = Lead(owner, customer)

    company = {"customer_id": customer} if customer else {"company_name": f"Company {word()}"}
    body = {"heard": word(), "source": "referral", "owner_id": owner} | company
    return Ask(judge, body=body, effect=effect)


def list_leads(draw: Draw) -> Ask:
    customer = draw.customer() if draw.either() else None

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            lead
            for lead, of in world.leads_heard.items()
            if customer in {None, of.customer} and world.sees_lead(actor, lead)
        }

    query: dict[str, Any] = {"limit": 500} | ({"customer_id": customer} if customer else {})
    return Ask(listing(visible), query=query, shows=visible)


def reading_lead(draw: Draw) -> Ask:
    lead, shown, _ = _lead(draw)
    return Ask(thing(shown), {"lead_id": lead})


def change_lead(draw: Draw) -> Ask:
    lead, shown, may = _lead(draw)
    return Ask(thing(shown, may), {"lead_id": lead}, body={"heard": word()}, version_of=lead)


def drop_lead(draw: Draw) -> Ask:
    lead, shown, may = _lead(draw)
    return Ask(thing(shown, may), {"lead_id": lead}, body={"reason": word()})


def _handed_over(judge: Judge, draw: Draw, path: dict[str, str]) -> Ask:
    """Handing over: what is made is an opportunity of whoever owns the lead."""
    name = f"Opportunity {word()}"

    async def effect(world: World, answer: Answer) -> None:
        made, owner, customer = (answer.content[each] for each in ("opportunity_id", "owner_id", "customer_id"))
        world.leads_heard[answer.content["id"]] = Lead(owner, customer, made)
        if made is not None:
            world.opportunities.setdefault(made, Opportunity(name, owner, customer, True, 10))

    return Ask(judge, path, body=TERMS | {"name": name}, effect=effect)


def convert_lead(draw: Draw) -> Ask:
    lead, shown, may = _lead(draw)
    return _handed_over(thing(shown, may), draw, {"lead_id": lead})


def hand_over_customer(draw: Draw) -> Ask:
    customer = draw.customer()
    judge = thing(
        lambda world, actor: world.sees_customer(actor, customer),
        lambda world, actor: world.keeps_customer(actor, customer),
    )
    return _handed_over(judge, draw, {"customer_id": customer})


def _plan(draw: Draw) -> tuple[str, Fits, Fits]:
    world = draw.world
    plan = draw.seen(world.account_plans, world.sees_account_plan)
    customer = world.account_plans.get(plan, "")
    return (
        plan,
        lambda world, actor: world.sees_account_plan(actor, plan),
        lambda world, actor: world.keeps_customer(actor, customer),
    )


def create_account_plan(draw: Draw) -> Ask:
    customer = draw.customer()

    async def effect(world: World, answer: Answer) -> None:
        world.account_plans[answer.content["id"]] = customer

    body = {
        "customer_id": customer,
        "year": draw.chance.randint(2030, 2040),
        "goals": ["Grow"],
        "situation": "Small",
        "strategy": "Be there",
        "currency": "USD",
        "measures": [{"what": "Visit", "due_on": "2031-01-01", "owner_id": draw.person()}],
        "targets": [],
    }
    judge = named(
        lambda world, actor: world.sees_customer(actor, customer),
        lambda world, actor: world.keeps_customer(actor, customer),
    )
    return Ask(judge, body=body, effect=effect)


def list_account_plans(draw: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {plan for plan in world.account_plans if world.sees_account_plan(actor, plan)}

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def reading_plan(draw: Draw) -> Ask:
    plan, shown, _ = _plan(draw)
    return Ask(thing(shown), {"account_plan_id": plan})


def change_account_plan(draw: Draw) -> Ask:
    plan, shown, may = _plan(draw)
    return Ask(thing(shown, may), {"account_plan_id": plan}, body={"strategy": word()}, version_of=plan)


def submit_account_plan(draw: Draw) -> Ask:
    plan, shown, may = _plan(draw)
    version = draw.memory.versions.get(plan, 1)
    return Ask(thing(shown, may), {"account_plan_id": plan}, body={"version": version})


def decide_on_account_plan(draw: Draw) -> Ask:
    plan, shown, _ = _plan(draw)
    customer = draw.world.account_plans.get(plan, "")

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if shown(world, actor) and world.customers[customer].manager is None:
            return expect(answer, 201, 403, 409)  # whose matter it is then depends on who has submitted it
        return thing(shown, lambda world, actor: world.may_approve(actor, customer))(world, actor, answer)

    return Ask(judge, {"account_plan_id": plan}, body={"submission": 1, "decision": "approved"})


def complete_account_plan_measure(draw: Draw) -> Ask:
    """None of these plans is in force: its measures are not there for anybody."""
    plan, _, __ = _plan(draw)

    def judge(_: World, __: Actor, answer: Answer) -> str | None:
        return expect(answer, 404)

    return Ask(judge, {"account_plan_id": plan, "measure_id": str(new_id())}, body={"on": "2026-01-05"})


def list_account_plan_standings(draw: Draw) -> Ask:
    """Customers of the tiers that count, and those with a plan of the year: only what the reader looks after."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        shown = {each["customer_id"] for each in answer.content["items"]}
        hidden = {each for each in shown if not world.looks_after(actor, each)}
        return f"shows {hidden}" if hidden else None

    return Ask(judge, query={"year": draw.chance.randint(2030, 2040), "limit": 500})


def count_account_plan_standings(_: Draw) -> Ask:
    return Ask(everybody, query={"year": 2031})


def set_account_plan_year(draw: Draw) -> Ask:
    year = draw.chance.randint(2030, 2040)
    return Ask(roles("sales_operations", "admin"), {"year": str(year)}, body={"due_on": f"{year}-01-31"})


def list_account_plan_years(_: Draw) -> Ask:
    return Ask(everybody)


def _of_customer(draw: Draw) -> tuple[str, Fits, Fits, Fits]:
    customer = draw.customer()
    return (
        customer,
        lambda world, actor: world.sees_customer(actor, customer),
        lambda world, actor: world.keeps_customer(actor, customer),
        lambda world, actor: world.looks_after(actor, customer),
    )


def reading_what_is_planned(draw: Draw) -> Ask:
    customer, shown, _, looks_after = _of_customer(draw)
    return Ask(thing(shown, looks_after), {"customer_id": customer})


def get_customer_potential(draw: Draw) -> Ask:
    """Nothing is reckoned here: who may see it is told that it is not there yet."""
    customer, shown, _, looks_after = _of_customer(draw)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, 403 if shown(world, actor) and not looks_after(world, actor) else 404)

    return Ask(judge, {"customer_id": customer})


def list_customer_potentials(_: Draw) -> Ask:
    def visible(_: World, __: Actor) -> set[str]:
        return set()

    return Ask(listing(visible, key="customer_id"))


def choose_target_customer(draw: Draw) -> Ask:
    customer, shown, may, _ = _of_customer(draw)

    async def effect(world: World, answer: Answer) -> None:
        world.targets[answer.content["id"]] = customer

    body = {"period": str(draw.chance.randint(2030, 2060)), "why": word()}
    return Ask(thing(shown, may), {"customer_id": customer}, body=body, effect=effect)


def end_target_customer(draw: Draw) -> Ask:
    world = draw.world
    target = draw.seen(world.targets, lambda actor, each: world.looks_after(actor, world.targets[each]))
    customer = world.targets.get(target, str(new_id()))

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not world.sees_customer(actor, customer):
            return expect(answer, 404)
        return served(answer) if world.keeps_customer(actor, customer) else expect(answer, 403)

    return Ask(judge, {"customer_id": customer, "target_id": target}, body={"reason": word()})


def list_target_customers(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {target for target, customer in world.targets.items() if world.looks_after(actor, customer)}

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def assess_customer_need(draw: Draw) -> Ask:
    customer, shown, may, _ = _of_customer(draw)
    day, actor = draw.memory.today, draw.actor

    async def effect(world: World, answer: Answer) -> None:
        if answer.content["key_proposal_id"]:
            world.key_proposals[answer.content["key_proposal_id"]] = (customer, actor)

    need = {"assessed_on": day, "needed_by": day, "what": word(), "quantity": "3", "fit": 5, "fit_reason": word()}
    return Ask(thing(shown, may), {"customer_id": customer}, body=need, effect=effect)


def list_key_proposals(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {each for each, (customer, _) in world.key_proposals.items() if world.looks_after(actor, customer)}

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def decide_on_key_proposal(draw: Draw) -> Ask:
    world = draw.world
    proposal = draw.seen(
        world.key_proposals, lambda actor, each: world.looks_after(actor, world.key_proposals[each][0])
    )
    customer, proposer = world.key_proposals.get(proposal, ("", draw.actor))

    def may(world: World, actor: Actor) -> bool:
        return actor.persons.isdisjoint(proposer.persons) and world.may_classify(actor, customer)

    judge = thing(lambda world, actor: world.looks_after(actor, customer), may)
    return Ask(judge, {"key_proposal_id": proposal}, body={"accept": False, "reason": word()})


def assess_competition(draw: Draw) -> Ask:
    """No company of these worlds is a competitor: who may is told so."""
    customer, shown, may, _ = _of_customer(draw)
    criteria = [{"criterion": word(), "ours": 1, "theirs": 2, "evidence": word()}]
    body = {"competitor_id": str(new_id()), "assessed_on": "2026-01-05", "criteria": criteria}
    return Ask(thing(shown, may), {"customer_id": customer}, body=body)


def write_competitive_strategy(draw: Draw) -> Ask:
    customer, shown, may, _ = _of_customer(draw)
    body = {"upon": 0, "stance": "attack", "strategy": word()}
    return Ask(thing(shown, may), {"customer_id": customer}, body=body)


PORTFOLIO = {
    "name": "Plan",
    "from_date": "2027-01-01",
    "until_date": "2028-01-01",
    "currency": "USD",
    "targets": [{"tier": "key", "amount": "1.00"}],
}


def _portfolio(draw: Draw) -> tuple[str, str, Fits]:
    plan = draw.seen(draw.world.portfolios, draw.world.sees_portfolio)
    owner = draw.world.portfolios.get(plan, ("", ""))[0]
    return plan, owner, lambda world, actor: world.sees_portfolio(actor, plan)


def create_portfolio_plan(draw: Draw) -> Ask:
    actor = draw.actor

    async def effect(world: World, answer: Answer) -> None:
        world.portfolios[answer.content["id"]] = (actor.authority, actor.person)

    return Ask(everybody, body=PORTFOLIO, effect=effect)


def list_portfolio_plans(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {plan for plan in world.portfolios if world.sees_portfolio(actor, plan)}

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def reading_portfolio(draw: Draw) -> Ask:
    plan, _, shown = _portfolio(draw)
    return Ask(thing(shown), {"portfolio_plan_id": plan})


def working_at_portfolio(body: dict[str, Any], *, with_version: bool = False) -> Callable[[Draw], Ask]:
    """Return the trial of a change by the owner and those above."""

    def trial(draw: Draw) -> Ask:
        plan, owner, shown = _portfolio(draw)
        judge = thing(shown, lambda world, actor: world.is_in_line(actor, owner))
        return Ask(judge, {"portfolio_plan_id": plan}, body=body, version_of=plan if with_version else "")

    return trial


def approve_portfolio_plan(draw: Draw) -> Ask:
    """None of these plans is shared out: who may approve is told so; who wrote it last may not."""
    plan, owner, shown = _portfolio(draw)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not shown(world, actor):
            return expect(answer, 404)
        above = world.above(owner)
        is_admin = not above and actor.behalf is None and world.has(actor, "admin")
        if owner in actor.persons or not (actor.authority in above or is_admin):
            return expect(answer, 403)
        return expect(answer, 403, 422)

    return Ask(judge, {"portfolio_plan_id": plan}, body={"in_force_from": "2027-01-01"})


def list_portfolio_parts(_: Draw) -> Ask:
    def visible(_: World, __: Actor) -> set[str]:
        return set()

    return Ask(listing(visible, key="customer_id"))


TRIALS = {
    "create_portfolio_plan": create_portfolio_plan,
    "list_portfolio_plans": list_portfolio_plans,
    "get_portfolio_plan": reading_portfolio,
    "change_portfolio_plan": working_at_portfolio(PORTFOLIO, with_version=True),
    "allocate_portfolio_plan": working_at_portfolio({"fixed": [{"customer_id": str(new_id()), "amount": "1"}]}),
    "list_portfolio_allocations": reading_portfolio,
    "get_portfolio_progress": reading_portfolio,
    "approve_portfolio_plan": approve_portfolio_plan,
    "revise_portfolio_plan": working_at_portfolio({"reason": "the market has changed"}),
    "list_portfolio_parts": list_portfolio_parts,
    "list_customer_potentials": list_customer_potentials,
    "get_customer_potential": get_customer_potential,
    "choose_target_customer": choose_target_customer,
    "end_target_customer": end_target_customer,
    "list_target_customers": list_target_customers,
    "assess_customer_need": assess_customer_need,
    "list_customer_needs": reading_what_is_planned,
    "list_key_proposals": list_key_proposals,
    "decide_on_key_proposal": decide_on_key_proposal,
    "assess_competition": assess_competition,
    "list_competitive_assessments": reading_what_is_planned,
    "write_competitive_strategy": write_competitive_strategy,
    "list_competitive_strategies": reading_what_is_planned,
    "create_account_plan": create_account_plan,
    "list_account_plans": list_account_plans,
    "get_account_plan": reading_plan,
    "change_account_plan": change_account_plan,
    "submit_account_plan": submit_account_plan,
    "list_account_plan_submissions": reading_plan,
    "decide_on_account_plan": decide_on_account_plan,
    "complete_account_plan_measure": complete_account_plan_measure,
    "list_account_plan_standings": list_account_plan_standings,
    "count_account_plan_standings": count_account_plan_standings,
    "set_account_plan_year": set_account_plan_year,
    "list_account_plan_years": list_account_plan_years,
    "create_lead": create_lead,
    "list_leads": list_leads,
    "get_lead": reading_lead,
    "change_lead": change_lead,
    "drop_lead": drop_lead,
    "convert_lead": convert_lead,
    "hand_over_customer": hand_over_customer,
    "list_lead_changes": reading_lead,
}
