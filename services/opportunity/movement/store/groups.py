"""What moved alike between two days, added up by the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Questions
from services.opportunity.movement.rules.parts import Alike
from services.opportunity.movement.store.ends import binds_in, form_of, moved_sql
from services.opportunity.products.store import products_below
from services.opportunity.scopes.rules import Scope
from services.opportunity.shapes import Shapes
from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: a scope at the ends of two days, perhaps only what is expected to close in a period.

    `below` tells apart who has nobody above them in everything. `factors` turns currencies into the reporting one, and
    `places` says, by version and stage, how far that is in the current funnel.
    """

    scope: Scope
    from_date: date
    to_date: date
    start_until: datetime
    end_until: datetime
    close_from: date | None
    close_until: date | None
    below: bool
    factors: Mapping[str, Decimal] = field(hash=False)
    places: Mapping[tuple[int, str], int] = field(hash=False)

    @property
    def shape(self) -> tuple[str, bool]:
        """What tells one compiled statement from another: the form of the scope, and whether a period is given."""
        return form_of(self.scope, below=self.below), self.close_from is not None or self.close_until is not None


_SUMS = """
    count(*)::int AS count, (count(*) FILTER (WHERE simulated))::int AS simulated,
    coalesce(sum(start_worth) FILTER (WHERE was_in), 0) AS start_amount,
    (count(*) FILTER (WHERE was_in AND start_worth IS NULL))::int AS start_unknown,
    coalesce(sum(end_worth) FILTER (WHERE is_in), 0) AS end_amount,
    (count(*) FILTER (WHERE is_in AND end_worth IS NULL))::int AS end_unknown
"""
_START = ("start_version", "start_stage", "start_currency")
_END = ("end_version", "end_stage", "end_currency")
_NOTHING = {"start_version": "0", "end_version": "0"}
_KEYS = (
    "start_branch",
    "end_branch",
    "existed",
    "was_open",
    "was_in",
    "is_in",
    "CASE WHEN is_in THEN 'open' ELSE end_state END AS state",
    *(f"CASE WHEN was_in THEN {name} ELSE {_NOTHING.get(name, chr(39) * 2)} END AS {name}" for name in _START),
    *(f"CASE WHEN is_in THEN {name} ELSE {_NOTHING.get(name, chr(39) * 2)} END AS {name}" for name in _END),
    "direction",
    "step",
)
_groups: Shapes[Any] = Shapes()
ROOM = prepared(text("SELECT set_config('work_mem', '64MB', true)"))
"""So that what moved alike is added up in a table of memory: the planner cannot know that there are few kinds."""
_NAMES = [each.name for each in fields(Alike)]


def _grouped(form: str, *, period: bool) -> Statement[Any]:
    query = f"{moved_sql(form, period=period)} SELECT {', '.join(_KEYS)}, {_SUMS} FROM moved GROUP BY "  # noqa: S608
    query += ", ".join(str(place) for place in range(1, len(_KEYS) + 1))
    return prepared(text(query).bindparams(*binds_in(query)))


async def alike_between(tx: Questions, question: Question) -> list[Alike]:
    """Return everything that was in at the start or is in at the end, together with what moved alike."""
    form, period = question.shape
    statement = _groups.statement((form, period), lambda: _grouped(form, period=period))
    binds = await binds_of(tx, question)
    await tx.value(ROOM)
    rows = await tx.all(statement, **binds)
    return [_alike({name: row[name] for name in _NAMES}) for row in rows]


def _alike(row: dict[str, Any]) -> Alike:
    return Alike(**row | {"state": State(row["state"])})


async def binds_of(tx: Questions, question: Question) -> dict[str, Any]:
    """Return the binds of a question."""
    line_id = question.scope.product_line_id
    products = await products_below(tx, line_id) if line_id else []
    return {
        "start_until": question.start_until,
        "end_until": question.end_until,
        "from_date": question.from_date,
        "to_date": question.to_date,
        "person_id": question.scope.person_id,
        "customer_ids": list(question.scope.customer_ids),
        "product_ids": products,
        "product_texts": [str(each) for each in products],
        "close_from": question.close_from or date.min,
        "close_until": question.close_until or date.max,
        "currencies": list(question.factors),
        "factors": list(question.factors.values()),
        "stages": [f"{version} {stage}" for version, stage in question.places],
        "places": list(question.places.values()),
    }
