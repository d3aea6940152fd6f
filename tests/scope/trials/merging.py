"""Merging customers, and the map of their people.

None is merged here: whoever may is told that they saw neither as it is now.
"""

from typing import Any

from tests.scope.asking import Answer, Ask, Draw, Judge, expect, served, thing
from tests.scope.rule import Actor, World
from tests.scope.trials.customer import sees

NEVER_REACHED = 1_000_000
"""A version that no customer has."""
REASON = "one company"


def _judge(survivor: str, merged: str, due: int) -> Judge:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not world.sees_customer(actor, survivor):
            return expect(answer, 404)
        if not world.sees_customer(actor, merged):
            return expect(answer, 422)
        if survivor == merged:
            return expect(answer, 409)
        if not (world.may_merge(actor, survivor) and world.may_merge(actor, merged)):
            return expect(answer, 403)
        return served(answer) if answer.status == 422 else expect(answer, due)

    return judge


def preview_customer_merge(draw: Draw) -> Ask:
    survivor, merged = draw.customer(), draw.customer()
    return Ask(_judge(survivor, merged, 200), {"customer_id": survivor}, query={"merged_id": merged})


def merge_customer(draw: Draw) -> Ask:
    survivor, merged = draw.customer(), draw.customer()
    versions: dict[str, Any] = {"survivor_version": NEVER_REACHED, "merged_version": NEVER_REACHED}
    body = {"merged_id": merged, "reason": REASON, **versions}
    return Ask(_judge(survivor, merged, 412), {"customer_id": survivor}, body=body)


def list_customer_merges(draw: Draw) -> Ask:
    customer = draw.customer()
    return Ask(thing(sees(customer)), {"customer_id": customer})


def get_relationship_map(draw: Draw) -> Ask:
    customer = draw.customer()

    def shown(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := thing(sees(customer))(world, actor, answer):
            return wrong
        told = {each["id"] for each in answer.content["nodes"]} if answer.is_success else set()
        due = {contact for contact, of in world.contacts.items() if of == customer}
        return None if told <= due else f"shows {sorted(told - due)}"

    return Ask(shown, {"customer_id": customer})


def undo_customer_merge(draw: Draw) -> Ask:
    """Whoever sees the customer and whoever does not: there is no such merge."""
    path = {"customer_id": draw.customer(), "merge_id": draw.customer()}
    return Ask(lambda _, __, answer: expect(answer, 404), path, body={"reason": REASON})


TRIALS = {
    "preview_customer_merge": preview_customer_merge,
    "merge_customer": merge_customer,
    "list_customer_merges": list_customer_merges,
    "get_group_figures": list_customer_merges,
    "get_relationship_map": get_relationship_map,
    "undo_customer_merge": undo_customer_merge,
}
