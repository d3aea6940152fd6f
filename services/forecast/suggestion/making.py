"""The job that makes a suggestion: people by the chunk in a process of their own, then the lines above them.

Each chunk commits with the job's progress. The role of whoever asked is looked at again at every chunk.
"""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orgchart.questions import person_of
from orgchart.viewer import ADMIN, SALES_OPERATIONS
from servicekit.data.transactions import Questions, Writing, reading
from servicekit.jobs.turns import Progress, Turn
from servicekit.values.ids import new_id
from servicekit.web.jobs.inside import Inside
from services.forecast import events
from services.forecast.cycles.actions import NotOperations
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store import definitions
from services.forecast.suggestion.actions import rates_of
from services.forecast.suggestion.process import forecast
from services.forecast.suggestion.rules.accuracy import of_line, past_accuracy, ratio
from services.forecast.suggestion.rules.periods import history_months, months_between, months_of
from services.forecast.suggestion.rules.suggesting import Figure, Suggested
from services.forecast.suggestion.rules.wire import History, Wanted
from services.forecast.suggestion.store import history, lines, suggestions

KIND = "suggestion"
PEOPLE_AT_ONCE = 200
SUPERIORS_AT_ONCE = 20
TRIED_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Key:
    """What a figure is of."""

    seat_id: UUID
    scope: str
    month: date
    is_total: bool
    customer_group: str | None = None
    product_line_id: UUID | None = None


class Suggesting:
    """Does such jobs; the position says whether people or lines come next, and the last seat that was done."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def __call__(self, turn: Turn) -> bool:
        """Make the figures of the next people, or of the next lines."""
        position = turn.job.position or {"scope": "own", "after": str(lines.FIRST)}
        after = UUID(position["after"])
        async with reading(turn.database) as questions:
            await _check_still_may(questions, turn)
            cycle = await definitions.get(questions, UUID(turn.job.request["cycle_id"]))
        make = self._people if position["scope"] == "own" else self._lines
        return await make(turn, cycle, after)

    async def _people(self, turn: Turn, cycle: Cycle, after: UUID) -> bool:
        as_of = date.fromisoformat(turn.job.request["as_of"])
        async with reading(turn.database) as questions:
            total = turn.job.total or await lines.count(questions, cycle.id)
            found = await lines.next_seats(questions, cycle.id, after, PEOPLE_AT_ONCE)
            people = [person for _, person in found]
            given = await history.histories(questions, people, history_months(as_of), await rates_of(questions, cycle))
        rows = [row async for row in self._forecast(turn, cycle, as_of, found, given)] if found else []
        following = (
            {"scope": "own", "after": str(found[-1][0])} if found else {"scope": "line", "after": str(lines.FIRST)}
        )
        async with turn.writing() as tx:
            await suggestions.append_figures(tx, rows)
            await turn.advance(tx, Progress(len(found), position=following, total=total))
        return True

    async def _forecast(
        self, turn: Turn, cycle: Cycle, as_of: date, seats: Sequence[tuple[UUID, UUID]], given: Sequence[History]
    ) -> Any:
        months = months_of(cycle.period)
        end = history_months(as_of).end
        wanted = Wanted([months_between(end, month) + 1 for month in months], cycle.scale)
        by_person = {str(person): seat_id for seat_id, person in seats}
        async with aclosing(forecast(wanted, given, turn.hold)) as suggested:
            async for person, each in suggested:
                for month, figures in zip(months, each, strict=True):
                    for row in _rows(turn.job.id, by_person[person], month, figures):
                        yield row

    async def _lines(self, turn: Turn, cycle: Cycle, after: UUID) -> bool:
        async with reading(turn.database) as questions:
            found = await lines.next_superiors(questions, cycle.id, after, SUPERIORS_AT_ONCE)
            sums = await lines.sums_below(questions, turn.job.id, found) if found else []
        rows = [
            _row(
                turn.job.id,
                Key(below.seat_id, "line", below.month, below.is_total, below.customer_group, below.product_line_id),
                of_line(below.amount, below.tried, cycle.scale, nothing_won=below.nothing_won),
            )
            for below in sums
        ]
        async with turn.writing() as tx:
            await suggestions.append_figures(tx, rows)
            position = {"scope": "line", "after": str(found[-1] if found else after)}
            await turn.advance(tx, Progress(len(found), position=position))
            if not found:
                await _finish(tx, turn, cycle)
        return bool(found)


async def _finish(tx: Writing, turn: Turn, cycle: Cycle) -> None:
    await suggestions.finish(tx, turn.job.id)
    told = {"id": str(turn.job.id), "cycle_id": str(cycle.id), "as_of": turn.job.request["as_of"]}
    tx.publish(events.SUGGESTED, cycle.id, told)
    await turn.succeed(tx)


async def _check_still_may(questions: Questions, turn: Turn) -> None:
    """Refuse to go on for somebody who has left, or has lost the role that it takes."""
    acts_as = turn.job.represents or turn.job.person_id
    found = await person_of(questions, acts_as) if acts_as else None
    if found is None or not found.active or not {SALES_OPERATIONS, ADMIN} & set(found.roles):
        raise NotOperations


def _rows(suggestion_id: UUID, seat_id: UUID, month: date, figures: Suggested) -> Iterator[dict[str, object]]:
    yield _row(suggestion_id, Key(seat_id, "own", month, is_total=True), figures.total)
    for (group, line), figure in figures.parts.items():
        key = Key(
            seat_id, "own", month, is_total=False, customer_group=group, product_line_id=UUID(line) if line else None
        )
        yield _row(suggestion_id, key, figure)


def _row(suggestion_id: UUID, key: Key, figure: Figure) -> dict[str, object]:
    past = past_accuracy(figure.tried)
    tried = [
        [each.months_before, round(each.forecast, TRIED_DECIMALS), round(each.actual, TRIED_DECIMALS)]
        for each in figure.tried
    ]
    return {
        "id": new_id(),
        "suggestion_id": suggestion_id,
        "seat_id": key.seat_id,
        "scope": key.scope,
        "month": key.month,
        "is_total": key.is_total,
        "customer_group": key.customer_group,
        "product_line_id": key.product_line_id,
        "amount": figure.amount,
        "lower": figure.lower,
        "upper": figure.upper,
        "coverage": None if figure.coverage is None else ratio(figure.coverage),
        "wape": past.wape,
        "bias": past.bias,
        "periods": past.periods,
        "lacking": figure.lacking,
        "tried": tried,
    }
