"""What is learned of customers, proposed changes, and how old what is known is."""

from tests.scope.asking import Answer, Ask, Draw, listing, thing, word
from tests.scope.rule import Actor, World


def supplement_customer(draw: Draw) -> Ask:
    """Whoever sees a customer tells of it; a second word on its industry is proposed."""
    customer = draw.customer()

    async def effect(world: World, answer: Answer) -> None:
        for change in answer.content["proposed"]:
            world.proposals[change["id"]] = customer

    body = {"source": {"kind": "visit"}, "industry": f"Industry {word()}"}
    judge = thing(lambda world, actor: world.sees_customer(actor, customer))
    return Ask(judge, {"customer_id": customer}, body=body, effect=effect)


def confirm_customer(draw: Draw) -> Ask:
    customer = draw.customer()
    judge = thing(
        lambda world, actor: world.sees_customer(actor, customer),
        lambda world, actor: world.keeps_customer(actor, customer),
    )
    return Ask(judge, {"customer_id": customer}, body={"fields": ["legal_name"]})


def list_outdated_customers(_: Draw) -> Ask:
    """All that was written before now: so every customer."""

    def visible(world: World, actor: Actor) -> set[str]:
        return {each for each in world.customers if world.sees_customer(actor, each)}

    return Ask(listing(visible), query={"limit": 500, "older_than_days": 0})


def list_proposed_changes(draw: Draw) -> Ask:
    customer = draw.customer() if draw.either() else None

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            change
            for change, of in world.proposals.items()
            if customer in {None, of} and world.sees_customer(actor, of)
        }

    return Ask(listing(visible), query={"limit": 500} | ({"customer_id": customer} if customer else {}))


def _change(draw: Draw) -> tuple[str, str]:
    proposals = draw.world.proposals
    change = draw.seen(proposals, lambda actor, each: draw.world.sees_customer(actor, proposals[each]))
    return change, proposals.get(change, "")


def get_proposed_change(draw: Draw) -> Ask:
    change, customer = _change(draw)
    return Ask(thing(lambda world, actor: world.sees_customer(actor, customer)), {"change_id": change})


def decide_proposed_change(draw: Draw) -> Ask:
    change, customer = _change(draw)
    judge = thing(
        lambda world, actor: world.sees_customer(actor, customer),
        lambda world, actor: world.may_decide_change(actor, customer),
    )
    return Ask(judge, {"change_id": change}, body={"decision": draw.chance.choice(["accept", "reject"])})


TRIALS = {
    "supplement_customer": supplement_customer,
    "confirm_customer": confirm_customer,
    "list_outdated_customers": list_outdated_customers,
    "list_proposed_changes": list_proposed_changes,
    "get_proposed_change": get_proposed_change,
    "decide_proposed_change": decide_proposed_change,
}
