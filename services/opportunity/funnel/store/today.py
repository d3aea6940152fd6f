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
from services.opportunity.baselines.rules import Baseline, Basis
from services.opportunity.baselines.store import COLUMNS as BASELINE_COLUMNS
from services.opportunity.currencies.store import LATEST_OF
from services.opportunity.definitions.store import CURRENT_SQL
from services.opportunity.funnel.rules.standing import Standing
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
        funnel_version: the current one of the funnel.
        first: the earliest instant of which anything is known.
        known: whether the person who was asked for is in the org chart; true where none was.
        standing: what stands where.
        quotes: the latest rates between the reporting currency and each of `standing`.
        said: what was said of the baselines of the scope until the day.
    """

    moment: Moment
    funnel_version: int
    first: datetime | None
    known: bool
    standing: Standing
    quotes: list[Quote]
    said: list[Baseline]


_KNOWN = "EXISTS (SELECT FROM orgchart_person WHERE id = :person_id)"


_COUNTS = [field.name for field in fields(Counts)]
_QUOTES = [field.name for field in fields(Quote)]
_SAID = list(BASELINE_COLUMNS)


def _columns(names: Sequence[str]) -> str:
    """Return each column as an array: a row of typed arrays is read much faster than an array of rows."""
    return ", ".join(f"coalesce(array_agg({name}), '{{}}')" for name in names)


def _asked(scope: str) -> Any:
    known = "true" if scope == "everything" else _KNOWN
    query = f"""
WITH standing AS MATERIALIZED ({present_sql(scope, told_quarter(":on"))}),
wanted AS (SELECT DISTINCT currency AS code FROM standing WHERE currency <> :into_currency)
SELECT moment.*, ({CURRENT_SQL}) AS funnel_version, ({FIRST_SQL}) AS first, {known} AS known, counts.*, quotes.*, said.*
FROM ({MOMENT_SQL}) AS moment,
    (SELECT {_columns(_COUNTS)} FROM standing) AS counts,
    (SELECT {_columns(_QUOTES)} FROM wanted CROSS JOIN LATERAL ({LATEST_OF}) AS latest) AS quotes,
    (SELECT {_columns(_SAID)} FROM baseline
     WHERE scope_kind = '{scope}' AND scope_id = :person_id AND basis = :basis AND from_date <= :on) AS said
"""  # noqa: S608 (constants of this package)
    binds: tuple[tuple[str, Any], ...] = (("person_id", Uuid()), ("reach", Text()), ("into_currency", Text()))
    binds += (("on", Date()), ("basis", Text()))
    return prepared(text(query).bindparams(DAYS, *(bindparam(name, type_=kind) for name, kind in binds)))


TODAY = {scope: _asked(scope) for scope in ("everything", "person", "subtree")}


async def today(
    tx: Questions,
    scope: str,
    person_id: UUID | None,
    *,
    day: date,
    currency: str,
    basis: Basis,
    compared: list[date],
) -> Today:
    """Return what today's funnel of a scope rests on.

    Args:
        tx: asks.
        scope: `everything`, `person` or `subtree`.
        person_id: whose.
        day: today.
        currency: the one that is reported in.
        basis: what health compares.
        compared: the days that the moment is wanted for.
    """
    person, reach = person_id or EVERYTHING, reach_of(scope)
    row = await tx.one(
        TODAY[scope],
        person_id=person,
        reach=reach,
        into_currency=currency,
        on=day,
        days=compared,
        basis=basis.value,
    )
    chart_version, revisions, funnel_version, first, known, *arrays = row
    counts, others = arrays[: len(_COUNTS)], arrays[len(_COUNTS) :]
    quotes, said = others[: len(_QUOTES)], others[len(_QUOTES) :]
    standing = standing_of(day, map(Counts, *counts))
    moment = Moment(chart_version, tuple(revisions))
    return Today(moment, funnel_version, first, known, standing, list(map(Quote, *quotes)), list(map(Baseline, *said)))
