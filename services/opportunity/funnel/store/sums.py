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


def sides_sql(changes: str, conditions: str = "true", *, sides: str = "added taken", sign: str = "") -> str:
    """Return what changes add, a row for each side: day, person_id, `PLACE` and `FIGURES`.

    Args:
        changes: a relation with the columns of `funnel_change`, which the query calls `change`.
        conditions: on its rows, and on `side.person_id`.
        sides: which of `added` and `taken` are wanted.
        sign: "-" takes back what was added.
    """
    values = {
        "added": f"({sign}1, {_side('after')})",
        "taken": f"({'' if sign else '-'}1, {_side('before')})",
    }
    wanted = ", ".join(values[side] for side in sides.split())
    return f"""
SELECT change.day, side.person_id, side.funnel_version, CASE side.state WHEN 'open' THEN side.stage ELSE side.state END
    AS place, coalesce(date_trunc('quarter', side.decided_on::timestamp)::date, {NO_QUARTER}) AS quarter, side.currency,
    side.sign AS count, side.sign * coalesce(side.amount, 0) AS amount,
    side.sign * (side.amount IS NULL)::int AS unknown_amount, side.sign * change.simulated::int AS simulated,
    side.sign * side.by_hand AS manual_amount, side.sign * side.by_hand * coalesce(side.manual_probability, 0)
    AS manual_weighted
FROM {changes} AS change CROSS JOIN LATERAL (VALUES {wanted}) AS side(
    sign, person_id, funnel_version, stage, state, decided_on, currency, amount, manual_probability, by_hand
)
WHERE side.person_id IS NOT NULL AND ({conditions})
"""  # noqa: S608 (constants of this package)


def _side(name: str) -> str:
    columns = "principal_id funnel_version stage state decided_on currency amount manual_probability"
    is_by_hand = f"change.{name}_state = 'open' AND change.{name}_manual_probability IS NOT NULL"
    by_hand = f"CASE WHEN {is_by_hand} THEN coalesce(change.{name}_amount, 0) ELSE 0 END"
    return ", ".join([*(f"change.{name}_{column}" for column in columns.split()), by_hand])
