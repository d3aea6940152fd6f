"""What is summed of opportunities, and how a change of one becomes figures to add: out of one place, into another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.opportunity.funnel.tables import EVERYTHING

NO_QUARTER = "'0001-01-01'::date"
"""The quarter of what is not decided yet, and in reports of a decision in an earlier quarter than theirs."""
HOUSE = f"'{EVERYTHING}'::uuid"
PLACE = "funnel_version, place, quarter, currency"
"""What tells the sums of one person apart."""
_FIGURES = {
    "count": "int",
    "amount": "numeric(20,4)",
    "unknown_amount": "int",
    "simulated": "int",
    "manual_amount": "numeric(20,4)",
    "manual_weighted": "numeric(28,8)",
}
FIGURES = ", ".join(_FIGURES)
SUMS = ", ".join(f"sum({name})::{kind} AS {name}" for name, kind in _FIGURES.items())
NOT_NOTHING = " OR ".join(f"sum({name}) <> 0" for name in _FIGURES)
"""A group that adds up to nothing needs no row."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Opportunities of a person in a place, by version of the funnel, quarter of decision and currency.

    The figures are those of `funnel_counter`.
    """

    person_id: UUID
    funnel_version: int
    place: str
    quarter: date
    currency: str
    count: int
    amount: Decimal
    unknown_amount: int
    simulated: int
    manual_amount: Decimal
    manual_weighted: Decimal


def add_up(key: str) -> str:
    """Return what an INSERT into a table of figures named `kept` does with rows that are there already."""
    added = ", ".join(f"{name} = kept.{name} + EXCLUDED.{name}" for name in _FIGURES)
    return f"ON CONFLICT ({key}) DO UPDATE SET {added}"


def told_quarter(on: str) -> str:
    """Return the quarter under which a report of a day tells something: the day's own, or none."""
    return (
        f"CASE WHEN quarter = date_trunc('quarter', CAST({on} AS timestamp))::date THEN quarter ELSE {NO_QUARTER} END"
    )


def sides_sql(changes: str, conditions: str = "true", *, sides: str = "after before", sign: int = 1) -> str:
    """Return what changes add, a row for each side: day, person_id, `PLACE` and `FIGURES`.

    Each side is a query of its own: a list of values joined to every row costs ten times as much.

    Args:
        changes: a relation with the columns of `funnel_change`, which the query calls `change`.
        conditions: on its rows; `{side}` stands for `after` or `before`.
        sides: which of them are wanted: `after` is added, `before` taken away.
        sign: -1 takes back what was added, and gives back what was taken.
    """
    signs = {"after": sign, "before": -sign}
    return " UNION ALL ".join(_side(changes, conditions, side, signs[side]) for side in sides.split())


def _side(changes: str, conditions: str, side: str, sign: int) -> str:
    is_by_hand = f"change.{side}_state = 'open' AND change.{side}_manual_probability IS NOT NULL"
    amount = f"coalesce({'' if sign > 0 else '-'}change.{side}_amount, 0)"
    by_hand = f"CASE WHEN {is_by_hand} THEN {amount} ELSE 0 END"
    return f"""
SELECT change.day, change.{side}_principal_id AS person_id, change.{side}_funnel_version AS funnel_version,
    CASE change.{side}_state WHEN 'open' THEN change.{side}_stage ELSE change.{side}_state END AS place,
    coalesce(date_trunc('quarter', change.{side}_decided_on::timestamp)::date, {NO_QUARTER}) AS quarter,
    change.{side}_currency AS currency, {sign} AS count, {amount} AS amount,
    {sign} * (change.{side}_amount IS NULL)::int AS unknown_amount, {sign} * change.simulated::int AS simulated,
    {by_hand} AS manual_amount,
    CASE WHEN {is_by_hand} THEN {amount} * change.{side}_manual_probability ELSE 0 END AS manual_weighted
FROM {changes} AS change
WHERE change.{side}_principal_id IS NOT NULL AND ({conditions.format(side=side)})
"""  # noqa: S608 (constants of this package)
