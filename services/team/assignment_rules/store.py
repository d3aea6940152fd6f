"""Questions to the versions of the assignment rules."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Uuid, any_, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from orgchart.tables import person
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.team.assignment_rules.rules import AssignmentRule
from services.team.assignment_rules.tables import assignment_rules, assignment_turn

_c, _t = assignment_rules.c, assignment_turn.c
_ID = bindparam("the_id", type_=Uuid())
DATES = ("from_date", "until_date")
AMOUNTS = ("revenue_from", "revenue_below")
IDS = ("person_ids", "customer_ids")


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A version of the rules; a draft as long as it has no `from_date`."""

    id: UUID
    version: int
    number: int
    rules: list[dict[str, Any]]
    note: str | None
    drafted_by: UUID | None
    drafted_at: datetime
    from_date: date | None
    reason: str | None
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime | None

    def read(self) -> list[AssignmentRule]:
        """Return the rules as values."""
        return [_read(rule) for rule in self.rules]


def written(rule: AssignmentRule) -> dict[str, Any]:
    """Return a rule as it is kept."""
    kept = asdict(rule)
    kept |= {name: [str(each) for each in kept[name]] for name in IDS}
    kept |= {name: None if kept[name] is None else f"{kept[name]:f}" for name in AMOUNTS}
    return kept | {name: None if kept[name] is None else kept[name].isoformat() for name in DATES}


def _read(kept: Mapping[str, Any]) -> AssignmentRule:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    values |= {name: tuple(UUID(each) for each in kept[name]) for name in IDS}
    values |= {name: None if kept[name] is None else Decimal(kept[name]) for name in AMOUNTS}
    values |= {name: None if kept[name] is None else date.fromisoformat(kept[name]) for name in DATES}
    return AssignmentRule(**values)


_version = select(*[_c[name] for name in RuleVersion.__dataclass_fields__])
GET = prepared(_version.where(_c.id == _ID), into=RuleVersion)
LOCK = prepared(_version.where(_c.id == _ID).with_for_update(), into=RuleVersion)
IN_FORCE = prepared(
    _version.where(_c.from_date <= bindparam("on", type_=Date()))
    .order_by(_c.from_date.desc(), _c.decided_at.desc(), _c.id.desc())
    .limit(1),
    into=RuleVersion,
)
INSERT = prepared(
    insert(assignment_rules).values(
        {name: bindparam(name, type_=_c[name].type) for name in ("id", "rules", "note", "drafted_by", "drafted_at")}
    )
)
_decision = ("from_date", "reason", "decided_by", "on_behalf_of", "decided_at")
DECIDE = prepared(
    update(assignment_rules)
    .where(_c.id == _ID)
    .values({name: bindparam(name, type_=_c[name].type) for name in _decision} | {"version": _c.version + 1})
)
TURNS = prepared(select(_t.place, _t.taken).where(_t.rules_id == _ID))
_turn = upsert(assignment_turn).values(
    rules_id=_ID, place=bindparam("place", type_=Integer()), taken=bindparam("count", type_=_t.taken.type)
)
TAKE = prepared(
    _turn.on_conflict_do_update(
        index_elements=["rules_id", "place"], set_={"taken": _t.taken + _turn.excluded.taken}
    ).returning(_t.taken)
)
THERE = prepared(
    select(person.c.id).where(
        person.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))), person.c.active, person.c.kind == "person"
    )
)
LISTING = Listing(
    _version,
    into=RuleVersion,
    filters={},
    keys={"number": SortKey(_c.number)},
    identifier=_c.id,
    default="-number",
)


async def get(tx: Questions, rules_id: UUID) -> RuleVersion:
    """Return a version, or raise `NotVisible`."""
    return await tx.visible(GET, "version of the assignment rules", rules_id, the_id=rules_id)


async def lock(tx: Writing, rules_id: UUID) -> RuleVersion:
    """Return a version, locked until commit, or raise `NotVisible`."""
    return await tx.visible(LOCK, "version of the assignment rules", rules_id, the_id=rules_id)


async def in_force(tx: Questions, on: date) -> RuleVersion | None:
    """Return the version in force on a day, or None where there is none yet."""
    return await tx.first(IN_FORCE, on=on)


async def who_is_there(tx: Questions, rules: Sequence[AssignmentRule]) -> set[UUID]:
    """Return those whom the rules name and who work here now."""
    named = {each for rule in rules for each in rule.person_ids}
    return {row[0] for row in await tx.all(THERE, ids=list(named))} if named else set()


async def insert_draft(tx: Writing, draft: Mapping[str, Any]) -> None:
    """Add a version that is not in force."""
    await tx.execute(INSERT, **draft)


async def decide(tx: Writing, rules_id: UUID, decision: Mapping[str, Any]) -> None:
    """Put a version into force."""
    await tx.execute(DECIDE, the_id=rules_id, **decision)


async def turns_of(tx: Questions, rules_id: UUID) -> dict[int, int]:
    """Return how many turns were taken, by place."""
    return {row[0]: row[1] for row in await tx.all(TURNS, the_id=rules_id)}


async def take_turns(tx: Writing, rules_id: UUID, wanted: Mapping[int, int]) -> dict[int, int]:
    """Take turns, and return how many were taken before them by place; whoever takes at the same moment waits."""
    before = {}
    for place in sorted(wanted):
        after = await tx.value(TAKE, the_id=rules_id, place=place, count=wanted[place])
        before[place] = int(after) - wanted[place]
    return before
