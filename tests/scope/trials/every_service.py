"""What every service has: probes, the audit trail, the event feed, jobs and webhooks."""

from collections.abc import Callable, Collection
from typing import Any

from tests.scope.asking import Ask, Draw, everybody, only
from tests.scope.rule import Actor, World
from tests.scope.trials import jobs, webhooks


def reads_trail(world: World, actor: Actor) -> bool:
    """Who administers or audits."""
    return world.has(actor, "admin", "auditor")


def follows_feed(world: World, actor: Actor) -> bool:
    """Machine clients; which of them follow which feed, their scopes say."""
    return actor.behalf is None and world.people[actor.person].is_machine


def own(service: str, aggregate: str, things: Callable[[World], Collection[str]]) -> dict[str, Any]:
    """Return the trials of what every service has; `things` are those whose trail is read."""

    def list_audit(draw: Draw) -> Ask:
        trail = {"aggregate": aggregate, "aggregate_id": draw.one(things(draw.world))}
        return Ask(only(reads_trail), query=trail)

    return (
        {
            "get_live": lambda _: Ask(everybody),
            "get_ready": lambda _: Ask(everybody),
            f"list_{service}_audit": list_audit,
            f"list_{service}_events": lambda _: Ask(only(follows_feed), query={"limit": 5}),
        }
        | jobs.Trials(service).all()
        | webhooks.Trials(service).all()
    )
