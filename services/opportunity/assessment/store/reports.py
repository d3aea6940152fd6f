"""What many assessments say, each one statement over everything in the scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime, Integer, Text, bindparam, text

from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Reading
from servicekit.values.dates import Period
from services.opportunity.assessment.rules.models import MOST_DIMENSIONS
from services.opportunity.assessment.rules.reports import AnswerCount, Decided, Pile
from services.opportunity.flow.store.subjects import FORMS, Subjects, binds_for
from services.opportunity.vocabulary import State

_PLACES = range(1, MOST_DIMENSIONS + 1)
_SUMS = ", ".join(
    f"ARRAY[{', '.join(f'coalesce(sum({name}[{place}]), 0)::int' for place in _PLACES)}] AS {name}"
    for name in ("dimension_scores", "dimension_mosts")
)
_DISTRIBUTION = f"""
WITH subject AS ({{subjects}}), held AS (
    SELECT one.* FROM assessment AS one
    WHERE one.assessed_at < :until AND NOT EXISTS (
        SELECT FROM assessment AS later WHERE later.supersedes_id = one.id AND later.assessed_at < :until)
)
SELECT held.model_number, held.score, held.score_most, held.value,
    coalesce(held.assessed_at < :fresh_from OR (subject.age_known AND held.assessed_at < subject.stage_since), false)
        AS outdated,
    count(*)::int AS count, (count(*) FILTER (WHERE subject.origin = 'simulated'))::int AS simulated, {_SUMS}
FROM subject LEFT JOIN held ON held.opportunity_id = subject.id
WHERE subject.state = :state
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 (constants of this package)
_THEN = """
WITH subject AS ({subjects}), decided AS (
    SELECT subject.id, subject.origin, subject.state = 'won' AS won, one.model_number, one.score, one.value,
        one.yes, one.no,
        coalesce(one.assessed_at < (subject.decided_on - :days)::timestamp AT TIME ZONE :zone OR EXISTS (
            SELECT FROM stage_change AS moved WHERE moved.opportunity_id = subject.id
                AND moved.from_version IS NULL
                AND moved.at > one.assessed_at AND moved.at < subject.stage_since), false) AS outdated
    FROM subject LEFT JOIN assessment AS one ON one.opportunity_id = subject.id
        AND one.assessed_at <= subject.stage_since AND NOT EXISTS (
            SELECT FROM assessment AS later
            WHERE later.supersedes_id = one.id AND later.assessed_at <= subject.stage_since)
    WHERE subject.state <> 'open' AND subject.decided_on >= :from_day AND subject.decided_on < :until_day
)
"""
"""What was decided in the window, with the assessment that was in force when it was, and whether it was outdated."""
_WIN_RATES = f"""{_THEN}
SELECT model_number, score, value, outdated, count(*)::int AS count, (count(*) FILTER (WHERE won))::int AS won,
    (count(*) FILTER (WHERE origin = 'simulated'))::int AS simulated
FROM decided GROUP BY 1, 2, 3, 4
"""  # noqa: S608 (constants of this package)
_QUESTIONS = f"""{_THEN}
SELECT question, CASE WHEN question = ANY(yes) THEN 'yes' WHEN question = ANY(no) THEN 'no' ELSE 'unanswered' END
        AS answer,
    outdated, count(*)::int AS count, (count(*) FILTER (WHERE won))::int AS won
FROM decided CROSS JOIN unnest(CAST(:questions AS text[])) AS question
WHERE model_number = :model
GROUP BY 1, 2, 3
"""  # noqa: S608 (constants of this package)
_KINDS: Mapping[str, Any] = {
    "fresh_from": DateTime(timezone=True),
    "state": Text(),
    "days": Integer(),
    "zone": Text(),
    "model": Integer(),
}


def _asked(query: str, *own: str) -> Mapping[str, Statement[Any]]:
    found = {}
    for form, subjects in FORMS.items():
        sql = query.replace("{subjects}", subjects)
        found[form] = prepared(
            text(sql).bindparams(*(bindparam(name, type_=_KINDS[name]) for name in own), *binds_for(sql))
        )
    return found


DISTRIBUTION = _asked(_DISTRIBUTION, "fresh_from", "state")
WIN_RATES = _asked(_WIN_RATES, "days", "zone")
QUESTIONS = _asked(_QUESTIONS, "days", "zone", "model")


@dataclass(frozen=True, slots=True)
class Deciding:
    """What was decided in which days, by the owners and as is known at the end of them.

    An assessment was outdated when it was older than `days` (in the enterprise's `zone`) at the decision.
    """

    window: Period
    until: datetime
    days: int
    zone: str

    @property
    def binds(self) -> dict[str, Any]:
        """What the statements bind."""
        days: dict[str, date] = {"from_day": self.window.start, "until_day": self.window.end}
        return {"owned": self.until, "until": self.until, "days": self.days, "zone": self.zone} | days


async def distribution(
    tx: Reading, subjects: Subjects, *, state: State, until: datetime, fresh_from: datetime
) -> list[Pile]:
    """Return how opportunities of a state were assessed at an instant, those alike together."""
    rows = await tx.all_planned(
        DISTRIBUTION[subjects.form],
        **subjects.binds,
        owned=until,
        until=until,
        state=state.value,
        fresh_from=fresh_from,
    )
    return [Pile(*row) for row in rows]


async def win_rates(tx: Reading, subjects: Subjects, deciding: Deciding) -> list[Decided]:
    """Return what was decided, by how it was assessed then."""
    rows = await tx.all_planned(WIN_RATES[subjects.form], **subjects.binds, **deciding.binds)
    return [Decided(*row) for row in rows]


async def answers(
    tx: Reading, subjects: Subjects, deciding: Deciding, *, model: int, questions: list[str]
) -> list[AnswerCount]:
    """Return what was decided, by what was answered to each question of a model then."""
    rows = await tx.all_planned(
        QUESTIONS[subjects.form], **subjects.binds, **deciding.binds, model=model, questions=questions
    )
    return [AnswerCount(*row) for row in rows]
