"""The kinds of people who ask, each found anew in the world as it is."""

import random
from collections.abc import Callable, Iterable

from tests.scope.rule import Actor, World

UNSIGNED = "unsigned"


def _people(world: World, fits: Callable[[str], bool]) -> Iterable[str]:
    return (
        person for person, known in world.people.items() if known.is_there and not known.is_machine and fits(person)
    )


def _managers(world: World) -> set[str]:
    return set(world.superior.values())


def _with_role(role: str) -> Callable[[World], Iterable[str]]:
    return lambda world: _people(world, lambda person: role in world.people[person].roles)


def _sellers(world: World) -> Iterable[str]:
    return _people(world, lambda person: person in world.superior and person not in _managers(world))


def _superiors(world: World) -> Iterable[str]:
    return _people(world, lambda person: person in _managers(world))


def _tops(world: World) -> Iterable[str]:
    return _people(world, lambda person: person in _managers(world) and person not in world.superior)


def _members(world: World) -> Iterable[str]:
    taking_part = {person for each in world.opportunities.values() for person, _ in each.team.values()}
    return _people(world, lambda person: person in taking_part)


def _account_managers(world: World) -> Iterable[str]:
    managers = {each.manager for each in world.customers.values()}
    return _people(world, lambda person: person in managers)


def _unit_heads(world: World) -> Iterable[str]:
    return _people(world, lambda person: person in world.heads.values())


def _newcomers(world: World) -> Iterable[str]:
    return _people(world, lambda person: person not in world.superior and person not in _managers(world))


def _leavers(world: World) -> Iterable[str]:
    return (person for person, known in world.people.items() if not known.is_there)


def _machines(world: World) -> Iterable[str]:
    return (person for person, known in world.people.items() if known.is_machine)


_BY_KIND: dict[str, Callable[[World], Iterable[str]]] = {
    "seller": _sellers,
    "superior": _superiors,
    "top": _tops,
    "team_member": _members,
    "account_manager": _account_managers,
    "unit_head": _unit_heads,
    "newcomer": _newcomers,
    "leaver": _leavers,
    "machine": _machines,
    **{
        role: _with_role(role)
        for role in ("admin", "sales_operations", "marketing", "finance", "production_planner", "auditor")
    },
}
KINDS = (*_BY_KIND, "stand_in", "stand_in_elsewhen", "usurper", UNSIGNED)


def actor_of(kind: str, world: World, chance: random.Random) -> Actor:
    """Return somebody of a kind; where there is none, anybody."""
    if kind in {"stand_in", "stand_in_elsewhen"}:
        agreed = [each for each in world.stand_ins.values() if each.is_today == (kind == "stand_in")]
        if agreed:
            drawn = chance.choice(agreed)
            return Actor(kind, drawn.stand_in, drawn.person)
    if kind == "usurper":
        person, other = chance.sample(sorted(world.people), 2)
        return Actor(kind, person, other)
    found = sorted(_BY_KIND[kind](world)) if kind in _BY_KIND else []
    return Actor(kind, chance.choice(found or sorted(world.people)))
