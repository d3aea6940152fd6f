"""Where each opportunity stood at the ends of two days, from the histories: the query that everything else asks.

Whatever is open, or was decided since the start, is looked at. What has not changed since an end stands there as it
does now; for the rest the last row of its history before that end is asked.
"""

from typing import Any

from sqlalchemy import ARRAY, BindParameter, Date, DateTime, Integer, Numeric, Text, Uuid, bindparam

from services.opportunity.opportunities.store.stood import (
    EVER_OF_CUSTOMERS,
    EVER_OF_PRODUCTS,
    amount_of_products,
    asked_before,
    columns_at,
)
from services.opportunity.scopes.rules import Scope, ScopeKind

BINDS: dict[str, Any] = {
    "start_until": DateTime(timezone=True),
    "end_until": DateTime(timezone=True),
    "from_date": Date(),
    "to_date": Date(),
    "person_id": Uuid(),
    "customer_ids": ARRAY(Uuid()),
    "product_ids": ARRAY(Uuid()),
    "product_texts": ARRAY(Text()),
    "close_from": Date(),
    "close_until": Date(),
    "currencies": ARRAY(Text()),
    "factors": ARRAY(Numeric()),
    "stages": ARRAY(Text()),
    "places": ARRAY(Integer()),
}
"""Every bind that a query of `moved_sql` may have, with its type."""

_ALL = "'00000000-0000-0000-0000-000000000000'::uuid"
"""Stands for the scope where nobody below is told apart."""
_FORCE = "edge.from_date <= :{day} AND (edge.until_date IS NULL OR edge.until_date > :{day})"
_LINE = f"""
{{end}}_line(person_id, branch_id) AS (
    SELECT :person_id, :person_id
    UNION
    SELECT edge.person_id, CASE above.branch_id WHEN :person_id THEN edge.person_id ELSE above.branch_id END
    FROM {{end}}_line AS above JOIN orgchart_edge AS edge ON edge.superior_id = above.person_id AND {_FORCE}
)"""  # noqa: S608 (constants of this module)
"""Everybody below a person by the reporting line of a day, and below which direct report of theirs."""
_TOPS = f"""
{{end}}_line(person_id, branch_id) AS (
    SELECT top.id, top.id FROM orgchart_person AS top
    WHERE NOT EXISTS (SELECT FROM orgchart_edge AS edge WHERE edge.person_id = top.id AND {_FORCE})
    UNION
    SELECT edge.person_id, above.branch_id
    FROM {{end}}_line AS above JOIN orgchart_edge AS edge ON edge.superior_id = above.person_id AND {_FORCE}
)"""  # noqa: S608
"""Everybody, and below whom of those who have nobody above them."""
_STOOD = ("funnel_version", "stage", "state", "amount", "currency", "expected_close", "principal_id")
_MORE = {
    "customer": ("customer_id",),
    "product": ("product_ids", "lines"),
    "product_in_line": ("product_ids", "lines"),
}
"""What a scope asks of the terms besides: what is not asked for need not be read, and lines are long."""
_BRANCHES = {
    "person": "CASE stood.{end}_principal_id WHEN :person_id THEN :person_id END",
    "line": "{end}_line.branch_id",
    "everybody": "coalesce({end}_line.branch_id, stood.{end}_principal_id)",
    "everything": _ALL,
    "customer": f"CASE WHEN stood.{{end}}_customer_id = ANY(:customer_ids) THEN {_ALL} END",
    "product": f"CASE WHEN stood.{{end}}_product_ids && :product_ids THEN {_ALL} END",
    "product_in_line": f"CASE WHEN stood.{{end}}_product_ids && :product_ids AND {{end}}_line.branch_id IS NOT NULL "
    f"THEN {_ALL} END",
}
"""What tells by which branch of the scope an opportunity is in it, null where it is not."""
_HELD = """AND one.id IN (
    SELECT opportunity_id FROM principal_history
    WHERE principal_id IN ({people}) AND (until_at IS NULL OR until_at >= :start_until)
)"""
_OF_LINES = "SELECT person_id FROM start_line UNION SELECT person_id FROM end_line"
_ASKED = {
    "person": _HELD.format(people=":person_id"),
    "line": _HELD.format(people=_OF_LINES),
    "customer": f"AND {EVER_OF_CUSTOMERS} ",
    "product": f"AND {EVER_OF_PRODUCTS} ",
    "product_in_line": f"AND {EVER_OF_PRODUCTS} " + _HELD.format(people=_OF_LINES),
}
"""What leaves out what was in the scope at neither end, so that a small scope is a small question."""
_FIRST = "OFFSET 0"
"""Keeps the planner from asking the histories before that."""
_LINES = {"line": _LINE, "everybody": _TOPS, "product_in_line": _LINE}


def form_of(scope: Scope, *, below: bool) -> str:
    """Return the form of the query for a scope; `below` tells apart who has nobody above them in everything."""
    if scope.kind is ScopeKind.EVERYTHING:
        return "everybody" if below else "everything"
    if scope.kind is ScopeKind.PRODUCT_LINE:
        return "product" if scope.person_id is None else "product_in_line"
    return {ScopeKind.PERSON: "person", ScopeKind.SUBTREE: "line", ScopeKind.CUSTOMER: "customer"}[scope.kind]


def _inside(end: str, *, period: bool) -> str:
    """Return whether an opportunity is in at an end."""
    conditions = [f"{end}_state = 'open'", f"{end}_branch IS NOT NULL"]
    if period:
        conditions.append(f"{end}_expected_close >= :close_from AND {end}_expected_close < :close_until")
    return f"coalesce({' AND '.join(conditions)}, false)"


def moved_sql(form: str, *, period: bool) -> str:
    """Return the query of what was in at the start or is in at the end, a row for each, as a `WITH … moved AS (…)`."""
    ends = {"start": "from_date", "end": "to_date"}
    names = (*_STOOD, *_MORE.get(form, ()))
    line = _LINES.get(form)
    lines = "".join(line.format(end=end, day=day) + "," for end, day in ends.items()) if line else ""
    joins = "".join(f" LEFT JOIN {end}_line ON {end}_line.person_id = stood.{end}_principal_id" for end in ends if line)
    branches = ", ".join(f"{_BRANCHES[form].format(end=end)} AS {end}_branch" for end in ends)
    worth = {end: amount_of_products(f"{end}_") if form.startswith("product") else f"{end}_amount" for end in ends}
    columns = ", ".join(columns_at(f":{end}_until", names, f"{end}_") for end in ends)
    histories = "".join(asked_before(f":{end}_until", names, f"{end}_") for end in ends)
    versions = ", ".join(f"{end}_funnel_version AS {end}_version" for end in ends)
    return f"""
WITH RECURSIVE {lines}
stood AS (
    SELECT one.id, one.origin = 'simulated' AS simulated, one.opened_at < :start_until AS existed,
        {columns}
    FROM (
        SELECT one.* FROM opportunity AS one
        WHERE one.opened_at < :end_until AND (one.state = 'open' OR one.stage_since >= :start_until)
            {_ASKED[form] + _FIRST if form in _ASKED else ""}
    ) AS one{histories}
),
placed AS (SELECT stood.*, {versions}, {branches} FROM stood{joins}),
judged AS (
    SELECT placed.*, existed AND start_state = 'open' AS was_open,
        existed AND {_inside("start", period=period)} AS was_in, {_inside("end", period=period)} AS is_in,
        {worth["start"]} AS start_worth, {worth["end"]} AS end_worth
    FROM placed
),
moved AS (
    SELECT judged.*,
        CASE WHEN NOT (was_in AND is_in) THEN 0
            WHEN start_currency = end_currency THEN sign(coalesce(end_worth, 0) - coalesce(start_worth, 0))::int
            ELSE sign(
                coalesce(end_worth * (:factors)[array_position(:currencies, end_currency)], 0)
                - coalesce(start_worth * (:factors)[array_position(:currencies, start_currency)], 0)
            )::int END AS direction,
        CASE WHEN NOT (was_in AND is_in) OR (start_version, start_stage) = (end_version, end_stage) THEN 0 ELSE sign(
            (:places)[array_position(:stages, concat(end_version, ' ', end_stage))]
            - (:places)[array_position(:stages, concat(start_version, ' ', start_stage))]
        )::int END AS step
    FROM judged WHERE was_in OR is_in
)
"""  # noqa: S608


def binds_in(sql: str) -> list[BindParameter[Any]]:
    """Return the typed binds that a query has."""
    return [bindparam(name, type_=kind) for name, kind in BINDS.items() if f":{name}" in sql]
