"""Telling the counters and the log of a change: what an opportunity was before, and after.

A change that is the latest of its opportunity is told by the statement that makes it (`changing`): PostgreSQL knows the
row before and after. Whatever else happens to histories (an import, a change that is dated before others, many moved
at once) is told from the histories themselves: `tell_new` for opportunities that were not there, `tell_again` for what
holds from an instant on. So every row of the log follows from the histories, and from nothing else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Uuid,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from servicekit.data.statements import Statement, prepared
from servicekit.data.transactions import Writing
from services.opportunity.opportunities.tables import funnel_delta, opportunity, probability_change

STATE = (
    "principal_id",
    "funnel_version",
    "stage",
    "state",
    "decided_on",
    "currency",
    "amount",
    "expected_close",
    "customer_id",
    "manual_probability",
)
"""What the log keeps of an opportunity, before and after."""
_BEFORE, _AFTER = [f"before_{name}" for name in STATE], [f"after_{name}" for name in STATE]
_SHARED = ("opportunity_id", "at", "day", "simulated")
COLUMNS = (*_SHARED, *_BEFORE, *_AFTER)
"""What the log and the deltas have in common."""
NAMED = ", ".join(COLUMNS)
_TURNED = ", ".join((*_SHARED, *_AFTER, *_BEFORE))
_DIFFERS = f"({', '.join(_BEFORE)}) IS DISTINCT FROM ({', '.join(_AFTER)})"
_ZONE = "coalesce((SELECT time_zone FROM funnel_fold WHERE id = 1), 'UTC')"
"""Where the days of all that is counted are: one place, so that no two processes count by different ones."""


def returned(at: str) -> tuple[ColumnElement[Any], ...]:
    """Return what an UPDATE of opportunities has to return, so that `told` can tell it.

    `at` names the bind of when it happened. The column `is_latest` says that no change of the opportunity is dated
    later: one that is gets told anew, by `tell_again`.
    """
    ended = select(probability_change.c.id).where(
        probability_change.c.opportunity_id == literal_column("new.id"), probability_change.c.at > _instant(at)
    )
    last = func.greatest(*(literal_column(f"old.{kind}_since") for kind in ("stage", "funnel", "terms", "principal")))
    return (
        literal_column("new.version").label("version"),
        ((_instant(at) >= last) & ~ended.exists()).label("is_latest"),
        literal_column("new.id").label("opportunity_id"),
        literal_column("(new.origin = 'simulated')").label("simulated"),
        *(literal_column(f"old.{name}").label(f"before_{name}") for name in STATE),
        *(literal_column(f"new.{name}").label(f"after_{name}") for name in STATE),
    )


def told(updated: CTE, at: str) -> CTE:
    """Return the part of a statement that tells of a change; `updated` is its UPDATE, which returns `returned(at)`."""
    day = func.timezone(literal_column(_ZONE), _instant(at)).cast(Date)
    values: dict[str, Any] = {name: updated.c[name] for name in COLUMNS if name not in {"at", "day"}}
    values |= {"at": _instant(at), "day": day, "logged": literal_column("true")}
    source = select(*values.values()).where(updated.c.is_latest, text(_DIFFERS))
    return insert(funnel_delta).from_select(list(values), source).cte("told")


def _instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=DateTime(timezone=True))


def _stood_at() -> str:
    """Return, by kind of history, the row that holds at an instant: equal instants by their order of arrival."""
    return """
    CROSS JOIN LATERAL (
        SELECT principal_id FROM principal_history
        WHERE opportunity_id = instant.opportunity_id AND from_at <= instant.at
            AND (until_at IS NULL OR until_at > instant.at)
        ORDER BY from_at DESC LIMIT 1
    ) AS owner
    CROSS JOIN LATERAL (
        SELECT funnel_version, to_stage AS stage, to_state AS state, decided_on FROM stage_change
        WHERE opportunity_id = instant.opportunity_id AND at <= instant.at ORDER BY at DESC, id DESC LIMIT 1
    ) AS moved
    CROSS JOIN LATERAL (
        SELECT currency, amount, expected_close, customer_id FROM terms_change
        WHERE opportunity_id = instant.opportunity_id AND at <= instant.at ORDER BY at DESC, id DESC LIMIT 1
    ) AS agreed
    LEFT JOIN LATERAL (
        SELECT probability AS manual_probability FROM probability_change
        WHERE opportunity_id = instant.opportunity_id AND at <= instant.at ORDER BY at DESC, id DESC LIMIT 1
    ) AS said ON true
"""


def trajectory_sql(which: str) -> str:
    """Return the query of every change that the histories tell of, columns as `COLUMNS`.

    `which` is a condition on `opportunity_id`.
    """
    befores = ", ".join(f"lag({name}) OVER in_order AS before_{name}" for name in STATE)
    afters = ", ".join(f"{name} AS after_{name}" for name in STATE)
    return f"""
SELECT step.opportunity_id, step.at, (step.at AT TIME ZONE {_ZONE})::date AS day, one.origin = 'simulated' AS simulated,
    {", ".join((*_BEFORE, *_AFTER))}
FROM (
    SELECT opportunity_id, at, {befores}, {afters}
    FROM (
        SELECT instant.opportunity_id, instant.at, {", ".join(STATE)}
        FROM (
            SELECT opportunity_id, at FROM stage_change WHERE {which}
            UNION SELECT opportunity_id, at FROM terms_change WHERE {which}
            UNION SELECT opportunity_id, from_at FROM principal_history WHERE {which}
            UNION SELECT opportunity_id, at FROM probability_change WHERE {which}
        ) AS instant
        {_stood_at()}
    ) AS stood
    WINDOW in_order AS (PARTITION BY opportunity_id ORDER BY at)
) AS step
JOIN opportunity AS one ON one.id = step.opportunity_id
WHERE {_DIFFERS}
"""  # noqa: S608 (constants of this module)


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_SINCES = bindparam("sinces", type_=ARRAY(DateTime(timezone=True)))
_LATE = "unnest(:ids, :sinces) AS late(id, since)"
_GIVEN = trajectory_sql("opportunity_id = ANY(:ids)")
HOLD_LOG = prepared(text("LOCK TABLE funnel_change IN ROW EXCLUSIVE MODE"))
"""Waits for who rebuilds the log: what they have just put there would else be overlooked."""
TAKE_BACK_DELTAS = prepared(
    text(
        f"""
WITH undone AS (
    UPDATE funnel_delta AS delta SET logged = false FROM {_LATE}
    WHERE delta.opportunity_id = late.id AND delta.at >= late.since AND delta.logged RETURNING delta.*
)
INSERT INTO funnel_delta ({NAMED}, logged) SELECT {_TURNED}, false FROM undone
"""  # noqa: S608
    ).bindparams(_IDS, _SINCES)
)
TAKE_BACK_LOG = prepared(
    text(
        f"""
WITH undone AS (
    DELETE FROM funnel_change AS change USING {_LATE}
    WHERE change.opportunity_id = late.id AND change.at >= late.since RETURNING change.*
)
INSERT INTO funnel_delta ({NAMED}, logged) SELECT {_TURNED}, false FROM undone
"""  # noqa: S608
    ).bindparams(_IDS, _SINCES)
)
TELL_SINCE = prepared(
    text(
        f"""
INSERT INTO funnel_delta ({NAMED}, logged)
SELECT {NAMED}, true FROM ({_GIVEN}) AS given JOIN {_LATE} ON late.id = given.opportunity_id AND given.at >= late.since
ORDER BY given.opportunity_id, given.at
"""  # noqa: S608
    ).bindparams(_IDS, _SINCES)
)
TELL_NEW = prepared(
    text(
        f"INSERT INTO funnel_delta ({NAMED}, logged) SELECT {NAMED}, true FROM ({_GIVEN}) AS given "  # noqa: S608
        "ORDER BY opportunity_id, at"
    ).bindparams(_IDS)
)


def changing(changed: dict[str, Any], history: Any, names: Sequence[str], *, at: str = "at") -> Statement[Any]:
    """Return one statement that changes an opportunity, appends to a history and tells of it: run it by `change`.

    Its binds are `opportunity_id`, those of `changed`, and `names` for the columns of the history; `at` is the one of
    when it happened.
    """
    updated = (
        update(opportunity)
        .where(opportunity.c.id == bindparam("opportunity_id"))
        .values({"version": opportunity.c.version + 1} | changed)
        .returning(*returned(at))
        .cte("updated")
    )
    kept = insert(history).values({name: bindparam(name, type_=history.c[name].type) for name in names}).cte("kept")
    return prepared(select(updated.c.version, updated.c.is_latest).add_cte(kept, told(updated, at)))


def changing_many(changed: dict[str, Any], source: Any, history: Any, kept: Mapping[str, Any]) -> Statement[Any]:
    """Return one statement that changes many opportunities at one instant (`at`), as `changing` does one.

    `source` has their ids (`id`) and what `changed` takes of it; `kept` says, by column of the history, the expression
    over `source` and, through `before`, the row as it was. Run it by `change_many`.
    """
    updated = (
        update(opportunity)
        .where(opportunity.c.id == source.c.id)
        .values({"version": opportunity.c.version + 1} | changed)
        .returning(*returned("at"), *(value.label(f"kept_{name}") for name, value in kept.items()))
        .cte("updated")
    )
    names = ["opportunity_id", *kept]
    rows = select(updated.c.opportunity_id, *(updated.c[f"kept_{name}"] for name in kept))
    written = insert(history).from_select(names, rows.order_by(updated.c.opportunity_id)).cte("kept")
    answer = select(updated.c.opportunity_id, updated.c.version, updated.c.is_latest)
    return prepared(answer.add_cte(written, told(updated, "at")))


def before(name: str) -> ColumnElement[Any]:
    """Return a column of the opportunity before the change, for `changing_many`."""
    return literal_column(f"old.{name}", opportunity.c[name].type)


async def change_many(tx: Writing, statement: Statement[Any], binds: Mapping[str, Any]) -> dict[UUID, int]:
    """Run a statement of `changing_many` and return the new version of each opportunity, all of which are locked."""
    rows = await tx.all(statement, viewer=None, **binds)
    await tell_again(tx, {each: binds["at"] for each, _, is_latest in rows if not is_latest})
    return {each: int(version) for each, version, _ in rows}


async def change(tx: Writing, statement: Statement[Any], binds: Mapping[str, Any], *, at: str = "at") -> int:
    """Run a statement of `changing` and return the new version.

    What is dated before other changes of the opportunity has these told anew.
    """
    version, is_latest = await tx.one(statement, viewer=None, **binds)
    if not is_latest:
        await tell_again(tx, {binds["opportunity_id"]: binds[at]})
    return int(version)


async def tell_new(tx: Writing, opportunity_ids: Sequence[UUID]) -> None:
    """Tell of opportunities that were not there, as their histories say, which are written already."""
    if opportunity_ids:
        await tx.execute(TELL_NEW, ids=list(opportunity_ids))


async def tell_again(tx: Writing, since: Mapping[UUID, datetime]) -> None:
    """Tell anew of what happened from an instant on, by opportunity, as the histories say by now.

    The opportunities are locked, and their histories written. What was told of these instants before is taken back:
    first what is on its way, for the relay moves rows from there to the log and never back.
    """
    if since:
        binds: dict[str, Any] = {"ids": list(since), "sinces": list(since.values())}
        await tx.execute(HOLD_LOG)
        await tx.execute(TAKE_BACK_DELTAS, **binds)
        await tx.execute(TAKE_BACK_LOG, **binds)
        await tx.execute(TELL_SINCE, **binds)
