"""Everything that the funnel of today rests on, asked for at once: it is what people look at all day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Text, Uuid, bindparam, text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from servicekit.values.dates import quarter_of
from services.opportunity.currencies.rules import Quote
from services.opportunity.currencies.store import LATEST_OF
from services.opportunity.funnel.rules.report import Standing
from services.opportunity.funnel.store.counters import Counts, present_sql, reach_of, standing_of
from services.opportunity.funnel.store.past import FIRST_SQL, MOMENT_SQL, Moment
from services.opportunity.funnel.tables import EVERYTHING


@dataclass(frozen=True, slots=True)
class Today:
    """What one instant says.

    Attributes:
        moment: what a remembered answer about the past depends on.
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


_QUARTER = "CASE WHEN quarter = :quarter THEN quarter ELSE '0001-01-01'::date END"
"""Of the quarters in which things were decided, today's report tells only the present one apart."""
_KNOWN = "EXISTS (SELECT FROM orgchart_person WHERE id = :person_id)"


def _asked(scope: str) -> Any:
    known = "true" if scope == "everything" else _KNOWN
    query = f"""
WITH standing AS MATERIALIZED ({present_sql(scope, _QUARTER)}),
wanted AS (SELECT DISTINCT currency AS code FROM standing WHERE currency <> :into_currency)
SELECT moment.past_revision, moment.chart_version, ({FIRST_SQL}) AS first, {known} AS known,
    ARRAY(SELECT ROW(standing.*) FROM standing) AS counts,
    ARRAY(SELECT ROW(latest.*) FROM wanted CROSS JOIN LATERAL ({LATEST_OF}) AS latest) AS quotes
FROM ({MOMENT_SQL}) AS moment
"""  # noqa: S608 (constants of this package)
    binds = (("person_id", Uuid()), ("reach", Text()), ("into_currency", Text()), ("on", Date()), ("quarter", Date()))
    return prepared(text(query).bindparams(*(bindparam(name, type_=kind) for name, kind in binds)))


TODAY = {scope: _asked(scope) for scope in ("everything", "person", "subtree")}


async def today(tx: Questions, scope: str, person_id: UUID | None, *, day: date, currency: str) -> Today:
    """Return what today's funnel of a scope rests on; `day` is today, `currency` the one that is reported in."""
    person, reach = person_id or EVERYTHING, reach_of(scope)
    quarter = quarter_of(day).start
    row = await tx.one(TODAY[scope], person_id=person, reach=reach, into_currency=currency, on=day, quarter=quarter)
    return Today(
        Moment(row["past_revision"], row["chart_version"]),
        row["first"],
        row["known"],
        standing_of(day, (Counts(*one) for one in row["counts"])),
        [Quote(*one) for one in row["quotes"]],
    )
