"""Everything that the funnel of today rests on, asked for at once: it is what people look at all day."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from servicekit.values.rates import Quote
from services.opportunity.currencies.store import LATEST_OF
from services.opportunity.funnel.rules.report import Standing
from services.opportunity.funnel.store.counters import present_sql, reach_of, standing_of
from services.opportunity.funnel.store.days import DAYS, MOMENT_SQL, Moment
from services.opportunity.funnel.store.past import FIRST_SQL
from services.opportunity.funnel.store.sums import Counts, told_quarter
from services.opportunity.funnel.tables import EVERYTHING


@dataclass(frozen=True, slots=True)
class Today:
    """What one instant says.

    Attributes:
        moment: what a remembered answer about the days compared with depends on.
        first: the earliest instant of which anything is known.
        known: whether the person who was asked for is in the org chart; true where none was.
        standing: what stands where.
        quotes: the latest rates between the reporting currency and each of `standing`.
    """

    moment: Moment
    first: datetime | None
    known: bool
    standing: Standing
    quotes: list[Quote]


_KNOWN = "EXISTS (SELECT FROM orgchart_person WHERE id = :person_id)"


_COUNTS = [field.name for field in fields(Counts)]
_QUOTES = [field.name for field in fields(Quote)]


def _columns(names: Sequence[str]) -> str:
    """Return each column as an array: a row of typed arrays is read much faster than an array of rows."""
    return ", ".join(f"coalesce(array_agg({name}), '{{}}')" for name in names)


def _asked(scope: str) -> Any:
    known = "true" if scope == "everything" else _KNOWN
    query = f"""
WITH standing AS MATERIALIZED ({present_sql(scope, told_quarter(":on"))}),
wanted AS (SELECT DISTINCT currency AS code FROM standing WHERE currency <> :into_currency)
SELECT moment.*, ({FIRST_SQL}) AS first, {known} AS known, counts.*, quotes.*
FROM ({MOMENT_SQL}) AS moment,
    (SELECT {_columns(_COUNTS)} FROM standing) AS counts,
    (SELECT {_columns(_QUOTES)} FROM wanted CROSS JOIN LATERAL ({LATEST_OF}) AS latest) AS quotes
"""  # noqa: S608 (constants of this package)
    binds = (("person_id", Uuid()), ("reach", Text()), ("into_currency", Text()), ("on", Date()))
    return prepared(text(query).bindparams(DAYS, *(bindparam(name, type_=kind) for name, kind in binds)))


TODAY = {scope: _asked(scope) for scope in ("everything", "person", "subtree")}


async def today(
    tx: Questions, scope: str, person_id: UUID | None, *, day: date, currency: str, compared: list[date]
) -> Today:
    """Return what today's funnel of a scope rests on.

    Args:
        tx: asks.
        scope: `everything`, `person` or `subtree`.
        person_id: whose.
        day: today.
        currency: the one that is reported in.
        compared: the days that the moment is wanted for.
    """
    person, reach = person_id or EVERYTHING, reach_of(scope)
    row = await tx.one(TODAY[scope], person_id=person, reach=reach, into_currency=currency, on=day, days=compared)
    chart_version, revisions, first, known, *arrays = row
    counts, quotes = arrays[: len(_COUNTS)], arrays[len(_COUNTS) :]
    standing = standing_of(day, map(Counts, *counts))
    return Today(Moment(chart_version, tuple(revisions)), first, known, standing, list(map(Quote, *quotes)))
