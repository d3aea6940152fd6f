"""What becomes of the duties of an opportunity when something else of it changes."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Text, Uuid, any_, bindparam, column, func, select, update

from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from services.opportunity.opportunities.tables import duty

DONE = prepared(
    update(duty)
    .where(
        duty.c.opportunity_id == bindparam("the_id", type_=Uuid()),
        duty.c.criterion == any_(bindparam("which", type_=ARRAY(Text()))),
    )
    .values(is_done=bindparam("done", type_=Boolean()))
)
_held = (
    func.unnest(bindparam("held", type_=ARRAY(Text())), bindparam("stages", type_=ARRAY(Text())))
    .table_valued(column("criterion", Text()), column("stage", Text()))
    .render_derived(name="held")
)
MOVED = prepared(
    update(duty)
    .where(duty.c.opportunity_id == bindparam("the_id", type_=Uuid()))
    .values(
        stage=select(_held.c.stage).where(_held.c.criterion == duty.c.criterion).scalar_subquery(),
        is_done=duty.c.criterion == any_(bindparam("which", type_=ARRAY(Text()))),
    )
)
HAVING = prepared(
    select(duty.c.opportunity_id)
    .where(duty.c.opportunity_id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .distinct()
    .order_by(duty.c.opportunity_id)
)
DECIDED = prepared(
    update(duty)
    .where(duty.c.opportunity_id == bindparam("the_id", type_=Uuid()))
    .values(is_decided=bindparam("decided", type_=Boolean()))
)
PASS_ON = prepared(
    update(duty)
    .where(
        duty.c.opportunity_id == bindparam("the_id", type_=Uuid()), duty.c.owner_id == bindparam("former", type_=Uuid())
    )
    .values(owner_id=bindparam("next", type_=Uuid()))
)


async def settle_duties(tx: Writing, opportunity_id: UUID, criteria: Sequence[str], *, is_done: bool) -> None:
    """Keep whether duties are done, those of them that somebody was given."""
    await tx.execute(DONE, the_id=opportunity_id, which=list(criteria), done=is_done)


async def having_duties(tx: Writing, opportunity_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the opportunities of which somebody was given a duty."""
    return [row[0] for row in await tx.all(HAVING, ids=list(opportunity_ids))]


async def move_duties(tx: Writing, opportunity_id: UUID, stage_of: Mapping[str, str], done: Collection[str]) -> None:
    """Keep in which stage of another version of the funnel given duties are, and which of them are done.

    What is not in `stage_of` that version has no longer.
    """
    held, stages = list(stage_of), list(stage_of.values())
    await tx.execute(MOVED, the_id=opportunity_id, held=held, stages=stages, which=list(done))


async def decide_duties(tx: Writing, opportunity_id: UUID, *, is_decided: bool) -> None:
    """Keep whether the opportunity of the duties is decided: then nobody is asked to do them."""
    await tx.execute(DECIDED, the_id=opportunity_id, decided=is_decided)


async def pass_duties_on(tx: Writing, opportunity_id: UUID, former_id: UUID, next_id: UUID) -> None:
    """Give somebody the duties of whoever takes part no longer."""
    await tx.execute(PASS_ON, the_id=opportunity_id, former=former_id, next=next_id)
