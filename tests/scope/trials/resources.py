"""Requests for sales resources, which superiors decide on up the reporting line."""

from collections.abc import Callable
from typing import Any

from tests.scope.asking import Answer, Ask, Draw, Fits, served, thing, word
from tests.scope.rule import Actor, Resources, World


def _wanted(draw: Draw) -> dict[str, Any]:
    return {"what": word(), "quantity": "2", "unit": "days", "needed_on": draw.memory.quarters_end, "why": word()}


def _request(draw: Draw) -> tuple[str, Fits]:
    request = draw.seen(draw.world.resources, draw.world.sees_resources)
    return request, lambda world, actor: world.sees_resources(actor, request)


def create_resource_request(draw: Draw) -> Ask:
    opportunity = draw.opportunity()

    def may(world: World, actor: Actor) -> bool:
        return world.may_edit(actor, opportunity) and not world.people[actor.person].is_machine

    async def effect(world: World, answer: Answer) -> None:
        told = answer.content
        world.resources[told["id"]] = Resources(
            opportunity, told["requested_by"], told["filed_by"], told["waits_below_id"]
        )

    judge = thing(lambda world, actor: world.sees_opportunity(actor, opportunity), may)
    return Ask(judge, {"opportunity_id": opportunity}, body=_wanted(draw), effect=effect)


def list_opportunity_resource_requests(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    shown = thing(lambda world, actor: world.sees_opportunity(actor, opportunity))
    return Ask(shown, {"opportunity_id": opportunity})


def list_resource_requests(draw: Draw) -> Ask:
    """What waits is of people below, what is mine is of the actor."""
    relation = draw.chance.choice(["waiting", "mine"])

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not answer.is_success:
            return served(answer)
        theirs = (
            (lambda one: one["requested_by"] == actor.authority)
            if relation == "mine"
            else (lambda one: actor.authority in world.above(one["waits_below_id"]))
        )
        strange = [one["id"] for one in answer.content["items"] if not theirs(one)]
        return f"lists {strange}" if strange else None

    return Ask(judge, query={"limit": 500, "relation": relation})


def get_resource_request(draw: Draw) -> Ask:
    request, shown = _request(draw)
    return Ask(thing(shown), {"request_id": request})


def _deciding(body: dict[str, Any]) -> Callable[[Draw], Ask]:
    def ask(draw: Draw) -> Ask:
        request, shown = _request(draw)
        judge = thing(shown, lambda world, actor: world.decides_on_resources(actor, request))
        return Ask(judge, {"request_id": request}, body=body)

    return ask


def withdraw_resource_request(draw: Draw) -> Ask:
    request, shown = _request(draw)
    judge = thing(shown, lambda world, actor: world.asks_for_resources(actor, request))
    return Ask(judge, {"request_id": request}, body={})


def resubmit_resource_request(draw: Draw) -> Ask:
    request, shown = _request(draw)

    async def effect(world: World, answer: Answer) -> None:
        told = answer.content
        world.resources[request] = Resources(
            told["opportunity_id"], told["requested_by"], told["filed_by"], told["waits_below_id"]
        )

    judge = thing(shown, lambda world, actor: world.asks_for_resources(actor, request))
    return Ask(judge, {"request_id": request}, body=_wanted(draw), effect=effect)


TRIALS = {
    "create_resource_request": create_resource_request,
    "list_opportunity_resource_requests": list_opportunity_resource_requests,
    "list_resource_requests": list_resource_requests,
    "get_resource_request": get_resource_request,
    "approve_resource_request": _deciding({}),
    "return_resource_request": _deciding({"comment": "half will do"}),
    "reject_resource_request": _deciding({"comment": "not this year"}),
    "withdraw_resource_request": withdraw_resource_request,
    "resubmit_resource_request": resubmit_resource_request,
}
