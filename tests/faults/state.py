"""What the API and the database say when all is over."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg

from keyaccount.secrets import read_urls
from tests.faults.calling import Caller
from tests.faults.company import Person
from tests.faults.connections import Line

Row = Mapping[str, Any]
Rows = Sequence[Row]
SETTLED_WITHIN_SECONDS = 60.0
ANSWERED_WITHIN_SECONDS = 20.0

BROKEN_LINKS = """
SELECT count(*) FROM (
    SELECT *, lag(digest) OVER chain AS before_it, row_number() OVER chain AS place
    FROM audit WINDOW chain AS (PARTITION BY aggregate, aggregate_id ORDER BY sequence)
) AS entry WHERE sequence <> place OR previous_digest IS DISTINCT FROM before_it
"""
QUESTIONS = {
    "opportunity": {
        "opportunities": """SELECT id, version, name, principal_id, stage, state, currency, amount, external_id
            FROM opportunity""",
        "principals": """SELECT opportunity_id, principal_id, from_at, until_at, decided_by, reason
            FROM principal_history ORDER BY opportunity_id, from_at, until_at NULLS LAST""",
        "stage_changes": "SELECT opportunity_id, to_stage, to_state, reason FROM stage_change",
        "terms": "SELECT opportunity_id, amount FROM terms_change",
        "members": "SELECT opportunity_id, person_id, from_at, until_at FROM sales_team_member",
        "refusals": "SELECT aggregate_id, actor FROM audit WHERE operation = 'refused'",
        "counters": """SELECT person_id, reach, place, currency, sum(count)::int AS count, sum(amount) AS amount
            FROM (SELECT person_id, reach, place, currency, count, amount FROM funnel_counter) AS counted
            GROUP BY person_id, reach, place, currency""",
        "deltas": "SELECT count(*) AS count FROM funnel_delta",
        "jobs": "SELECT id, kind, state, done, total FROM job",
        "hooked": "SELECT event_id, state FROM webhook_delivery",
        "rates": "SELECT from_currency, to_currency, date, rate FROM exchange_rate",
    },
    "customer": {
        "customers": "SELECT id, version, legal_name FROM customer",
        "jobs": "SELECT id, kind, state, done, total FROM job",
        "hooked": "SELECT event_id, state FROM webhook_delivery",
    },
    "forecast": {
        "known": "SELECT id, version, principal_id, state FROM known_opportunity",
        "live_lines": """SELECT line.cycle_id, line.opportunity_id, line.seat_id, said.principal_id, said.category
            FROM live_line AS line JOIN confirmation AS said ON said.id = line.confirmation_id""",
        "confirmations": "SELECT id, opportunity_id, category, amount FROM confirmation",
        "submissions": """SELECT submission.forecast_id, forecast.seat_id, forecast.state
            FROM submission JOIN forecast ON forecast.id = submission.forecast_id""",
        "adjustments": "SELECT forecast_id, reason FROM adjustment",
        "parts": "SELECT forecast_id, from_forecast_id FROM submission_part",
        "own": "SELECT forecast_id, confirmation_id FROM submission_confirmation",
        "totals": "SELECT forecast_id, category, own, gathered, adjustment FROM submission_total",
        "cells": """SELECT forecast_id, category, sum(own_amount) AS own, sum(gathered_amount) AS gathered,
            sum(adjustment_amount) AS adjustment FROM submission_cell GROUP BY forecast_id, category""",
    },
    "team": {},
}
COMMON = {
    "feed": """SELECT position, event_id, type, aggregate_id, (data->>'version')::int AS version
        FROM feed ORDER BY position""",
    "outbox": "SELECT count(*) AS count FROM outbox",
    "unfinished_keys": "SELECT count(*) AS count FROM idempotency WHERE status IS NULL",
    "broken_links": BROKEN_LINKS,
}


@dataclass(frozen=True)
class Final:
    """The rows of each question, by service and name; `superiors` are everybody's, the nearest first.

    `funnels` are the funnels that heads and managers read through the API: person → place → (count, amount).
    """

    rows: Mapping[str, Mapping[str, Rows]]
    superiors: Mapping[str, Sequence[str]]
    funnels: Mapping[str, Mapping[str, tuple[int, Decimal]]]

    def of(self, service: str, name: str) -> Rows:
        """Return the rows of a question."""
        return self.rows[service][name]

    def count(self, service: str, name: str) -> int:
        """Return the number that a question asked for."""
        return int(next(iter(self.rows[service][name][0].values())))


async def read_state(secrets: Path, caller: Caller) -> Final:
    """Ask everything; relay, folds and consumers have come to rest before."""
    rows: dict[str, dict[str, Rows]] = {}
    for service, urls in read_urls(secrets).items():
        connection = await asyncpg.connect(urls.owner)
        try:
            rows[service] = {
                name: [_plain(row) for row in await connection.fetch(sql)]
                for name, sql in {**QUESTIONS[service], **COMMON}.items()
            }
        finally:
            await connection.close()
    return Final(rows, caller.company.superiors, await _funnels(caller))


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: value if isinstance(value, int | Decimal) else _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    return value.timestamp() if hasattr(value, "timestamp") else None if value is None else str(value)


async def _funnels(caller: Caller) -> dict[str, dict[str, tuple[int, Decimal]]]:
    """Read the funnel of every superior's people."""
    line, found = caller.line(), {}
    for person in (*caller.company.levels["head"], *caller.company.levels["manager"]):
        content = await _funnel(caller, line, person)
        found[person.id] = {stage["stage"]: _sums(stage) for stage in content["stages"]}
        found[person.id]["open"] = _sums(content["open"])
    line.close()
    return found


async def _funnel(caller: Caller, line: Line, person: Person) -> Any:
    until = time.monotonic() + ANSWERED_WITHIN_SECONDS
    answer = None
    while time.monotonic() < until:
        answer, _, _ = await caller.read(line, person, "/v1/funnel?scope=subtree")
        if answer is not None and answer.status == 200:
            return answer.json()
        await asyncio.sleep(0.1)
    raise AssertionError(f"The funnel of {person.name} is not to be read: {answer}")


def _sums(told: Mapping[str, Any]) -> tuple[int, Decimal]:
    return int(told["count"]), Decimal(told["amount"] or 0)


WAITING = (
    "SELECT count(*) FROM webhook_delivery WHERE state = 'waiting'",
    """SELECT coalesce(sum(last_position - position), 0)::int FROM webhook_progress, relay""",
)
UNSETTLED = {
    "team": ("SELECT count(*) FROM outbox",),
    "customer": ("SELECT count(*) FROM outbox", *WAITING),
    "opportunity": ("SELECT count(*) FROM outbox", "SELECT count(*) FROM funnel_delta", *WAITING),
    "forecast": ("SELECT count(*) FROM outbox",),
}


async def unsettled(secrets: Path) -> dict[str, int]:
    """Return what is still on its way: events to the feeds, deltas to the counters, events to the consumers."""
    left: dict[str, int] = {}
    last: dict[str, int] = {}
    cursors: dict[tuple[str, str], int] = {}
    for service, urls in read_urls(secrets).items():
        connection = await asyncpg.connect(urls.owner)
        try:
            for sql in UNSETTLED[service]:
                left[f"{service}: {sql}"] = await connection.fetchval(sql)
            last[service] = await connection.fetchval("SELECT coalesce(max(position), 0) FROM feed")
            for row in await connection.fetch("SELECT peer, position FROM consumer_cursor"):
                cursors[service, row["peer"]] = row["position"]
        finally:
            await connection.close()
    left |= {
        f"{service} behind {peer}": last[peer] - position
        for (service, peer), position in cursors.items()
        if peer in last
    }
    return {what: count for what, count in left.items() if count}
