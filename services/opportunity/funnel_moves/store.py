"""Writing that opportunities were moved to another version of the funnel."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import bindparam

from servicekit.data.transactions import Writing
from services.opportunity.opportunities.store.appending import StageChangeRow
from services.opportunity.opportunities.store.changes import change, changing
from services.opportunity.opportunities.tables import opportunity, stage_change

_o = opportunity.c
_NAMES = [*StageChangeRow.__dataclass_fields__, "from_version"]
MOVE = changing(
    {
        "stage": bindparam("to_stage", type_=_o.stage.type),
        "funnel_version": bindparam("funnel_version", type_=_o.funnel_version.type),
        "funnel_since": bindparam("at", type_=_o.funnel_since.type),
    },
    stage_change,
    _NAMES,
)


@dataclass(frozen=True, slots=True)
class FunnelMove(StageChangeRow):
    """A move to another version as it is kept in the stage history."""

    from_version: int


async def append_move(tx: Writing, move: FunnelMove) -> int:
    """Move an opportunity and keep the move, in one statement; return the new version."""
    binds: dict[str, Any] = {field.name: getattr(move, field.name) for field in fields(move)}
    return await change(tx, MOVE, binds)
