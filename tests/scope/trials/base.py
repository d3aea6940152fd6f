"""Figures of the base: each counts what the asker sees."""

from typing import Any

from servicekit.values.ids import new_id
from tests.scope.asking import Answer, Ask, Draw, expect, listing, same, word
from tests.scope.asking import everybody as whoever
from tests.scope.rule import Actor, World


def get_segmentation(draw: Draw) -> Ask:
    """By account manager: exactly those of the customers that one sees, each with their number."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        managers = [str(known.manager) for each, known in world.customers.items() if world.sees_customer(actor, each)]
        shown = {f"{group['key']}: {group['customers']}" for group in answer.content["groups"]}
        return same({f"{manager}: {managers.count(manager)}" for manager in managers}, shown)

    return Ask(judge, query={"by": "account_manager", "limit": 500})


def get_concentration(draw: Draw) -> Ask:
    """The largest customers are some that one sees, of an opportunity that one sees."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        largest = {one["customer_id"] for one in answer.content["largest"]}
        sold = {
            str(known.customer)
            for each, known in world.opportunities.items()
            if known.customer and world.sees_opportunity(actor, each)
        }
        return f"shows {sorted(largest - sold)}" if largest - sold else None

    return Ask(judge, query={"top": 500})


def list_whitespace(draw: Draw) -> Ask:
    """Of a manager's customers without anything open, those that one looks after."""
    manager = draw.below()

    def visible(world: World, actor: Actor) -> set[str]:
        sold = {known.customer for known in world.opportunities.values() if known.is_open}
        return {
            each
            for each, known in world.customers.items()
            if known.manager == manager and each not in sold and looks_after(world, actor, each)
        }

    return Ask(listing(visible), query={"limit": 500, "account_manager_id": manager})


def looks_after(world: World, actor: Actor, customer: str) -> bool:
    """Whether they see everything, or look after the customer, or stand above who does."""
    known = world.customers[customer]
    return world.sees_all(actor) or world.is_in_line(actor, known.manager or known.entered_by)


def get_product_lines_sold(draw: Draw) -> Ask:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        due = sum(looks_after(world, actor, each) for each in world.customers)
        shown = answer.content.get("customers") if answer.is_success else None
        return None if shown == due else f"counts {shown} customers, not {due}"

    return Ask(judge)


def get_completeness(draw: Draw) -> Ask:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        due = sum(world.sees_customer(actor, each) for each in world.customers)
        shown = sum(group["customers"] for group in answer.content["groups"]) if answer.is_success else None
        return None if shown == due else f"counts {shown} customers, not {due}"

    return Ask(judge)


def create_segment(draw: Draw) -> Ask:
    actor = draw.actor

    async def effect(_: World, answer: Answer) -> None:
        draw.memory.segments[answer.content["id"]] = actor.authority

    body: dict[str, Any] = {"name": word(), "filters": {"tier": "key"}}
    return Ask(whoever, body=body, effect=effect, is_local=True)


def list_segments(draw: Draw) -> Ask:
    def visible(_: World, actor: Actor) -> set[str]:
        return {each for each, owner in draw.memory.segments.items() if owner == actor.authority}

    return Ask(listing(visible), query={"limit": 500})


def delete_segment(draw: Draw) -> Ask:
    """One of somebody else's, or none: it is not there."""
    actor = draw.actor
    others = [each for each, owner in draw.memory.segments.items() if owner != actor.authority]
    segment = draw.one(others) if others else str(new_id())
    return Ask(lambda _, __, answer: expect(answer, 404), {"segment_id": segment})


TRIALS = {
    "get_segmentation": get_segmentation,
    "get_concentration": get_concentration,
    "list_whitespace": list_whitespace,
    "get_product_lines_sold": get_product_lines_sold,
    "get_completeness": get_completeness,
    "create_segment": create_segment,
    "list_segments": list_segments,
    "delete_segment": delete_segment,
}
