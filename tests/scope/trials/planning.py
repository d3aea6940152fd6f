"""What is planned and heard of customers: leads and their hand-over."""

from typing import Any

from tests.scope.asking import Answer, Ask, Draw, Fits, Judge, expect, listing, served, thing, word
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


TRIALS = {
    "create_lead": create_lead,
    "list_leads": list_leads,
    "get_lead": reading_lead,
    "change_lead": change_lead,
    "drop_lead": drop_lead,
    "convert_lead": convert_lead,
    "hand_over_customer": hand_over_customer,
    "list_lead_changes": reading_lead,
}
