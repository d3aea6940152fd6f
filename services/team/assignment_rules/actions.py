"""Drafting assignment rules, looking at what they would move, putting them into force, and asking them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.team import events
from services.team.assignment_rules import rules, store
from services.team.assignment_rules.rules import NOBODY, AssignmentRule, Decided, Subject
from services.team.assignment_rules.store import RuleVersion


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Who customers go to, in their order, by which version; none is in force where `rules_id` is None."""

    rules_id: UUID | None
    number: int | None
    decided: list[Decided]


@dataclass(frozen=True, slots=True)
class Move:
    """A customer that would go from one to another."""

    customer_id: UUID | None
    from_id: UUID | None
    to_id: UUID | None
    position: int | None
    rule_name: str | None


async def draft(tx: Writing, viewer: Viewer, drafted: Sequence[AssignmentRule], note: str | None) -> RuleVersion:
    """Draft a version of the rules, in force for nobody yet."""
    rules.check_may_decide(viewer.roles)
    rules.check_rules(drafted, await store.who_is_there(tx, drafted))
    rules_id = new_id()
    values = {"id": rules_id, "rules": [store.written(rule) for rule in drafted], "note": note}
    await store.insert_draft(tx, values | {"drafted_by": tx.actor_id, "drafted_at": tx.now})
    drafted_version = await store.get(tx, rules_id)
    tx.publish(events.ASSIGNMENT_RULES_DRAFTED, rules_id, {"number": drafted_version.number})
    return drafted_version


async def activate(
    tx: Writing, viewer: Viewer, rules_id: UUID, from_date: date, reason: str, *, today: date
) -> RuleVersion:
    """Put a version into force from a day on, until a later one takes its place.

    Raises:
        RulesInForce: that was decided already.
    """
    rules.check_may_decide(viewer.roles)
    present = await store.lock(tx, rules_id)
    if present.from_date is not None:
        raise rules.RulesInForce
    persons = {each for each in (viewer.person_id, viewer.acts_as) if each is not None}
    rules.check_activation(present.read(), persons, from_date, today)
    rules.check_rules(present.read(), await store.who_is_there(tx, present.read()))
    decision = {"from_date": from_date, "reason": reason, "decided_at": tx.now}
    await store.decide(tx, rules_id, decision | {"decided_by": tx.actor_id, "on_behalf_of": tx.actor.on_behalf_of})
    activated = await store.get(tx, rules_id)
    tx.publish(events.ASSIGNMENT_RULES_ACTIVATED, rules_id, {"number": activated.number, "from_date": from_date})
    return activated


async def preview(
    tx: Questions, viewer: Viewer, rules_id: UUID, subjects: Sequence[Subject], *, on: date
) -> list[Move]:
    """Return which customers a version would move, from whom to whom; nobody takes a turn by it."""
    rules.check_may_read(viewer.roles)
    version = await store.get(tx, rules_id)
    drafted = version.read()
    there = await store.who_is_there(tx, drafted)
    day = max(on, version.from_date or on)
    decided, _ = rules.decide(drafted, subjects, there, await store.turns_of(tx, rules_id), day)
    return [
        Move(subject.id, subject.account_manager_id, one.account_manager_id, one.position, one.rule_name)
        for subject, one in zip(subjects, decided, strict=True)
        if subject.account_manager_id != one.account_manager_id
    ]


async def evaluate(tx: Writing, viewer: Viewer, subjects: Sequence[Subject], *, today: date) -> Evaluation:
    """Return who customers go to by the rules in force today; people take their turns by it."""
    if not viewer.service:
        rules.check_may_decide(viewer.roles)
    version = await store.in_force(tx, today)
    if version is None:
        return Evaluation(None, None, [NOBODY] * len(subjects))
    present = version.read()
    there = await store.who_is_there(tx, present)
    decided, wanted = rules.decide(present, subjects, there, {}, today)
    shared = {place: count for place, count in wanted.items() if len(present[place].person_ids) > 1}
    if shared:
        before = await store.take_turns(tx, version.id, shared)
        decided, _ = rules.decide(present, subjects, there, before, today)
    return Evaluation(version.id, version.number, decided)
