"""The kinds of people who ask, each found anew in the world as it is."""

import random
from collections.abc import Callable, Iterable

from tests.scope.rule import SCOPES, Actor, World

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
KINDS = (*_BY_KIND, "machine_with_scope", "machine_without_scope", "stand_in", "stand_in_elsewhen", "usurper", UNSIGNED)
KINDS_BY_SCOPE = tuple(f"machine of {scope}" for scope in SCOPES)
"""Machine clients that have been given one scope each, and no other."""


def _programs(kind: str, world: World, needed: str) -> Iterable[str]:
    """Return machine clients by what they may call, where an operation needs a scope."""
    here = [(each, world.people[each]) for each in _machines(world) if world.people[each].is_there]
    if kind in {"machine_with_scope", "machine_without_scope"}:
        return [each for each, known in here if known.may_call(needed) == (kind == "machine_with_scope")]
    return [each for each, known in here if known.scopes == frozenset({kind.removeprefix("machine of ")})]


def actor_of(kind: str, world: World, chance: random.Random, needed: str = "") -> Actor:
    """Return somebody of a kind; where there is none, anybody. `needed` is the scope of what they will ask."""
    if kind in {"stand_in", "stand_in_elsewhen"}:
        agreed = [each for each in world.stand_ins.values() if each.is_today == (kind == "stand_in")]
        if agreed:
            drawn = chance.choice(agreed)
            return Actor(kind, drawn.stand_in, drawn.person)
    if kind == "usurper":
        person, other = chance.sample(sorted(world.people), 2)
        return Actor(kind, person, other)
    found = sorted(_BY_KIND[kind](world) if kind in _BY_KIND else _programs(kind, world, needed))
    return Actor(kind, chance.choice(found or sorted(world.people)))
