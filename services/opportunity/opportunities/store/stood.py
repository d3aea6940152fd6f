"""Where an opportunity stood at an instant, as parts of queries over `opportunity AS one`.

What has not changed since then stands as its row says. Of the rest the last row of its history before the instant is
asked for, and of nothing else: an instant is named by its bind, such as `:until`.
"""

from collections.abc import Collection

_MOVED = {"funnel_version": "funnel_version", "stage": "to_stage", "state": "to_state", "decided_on": "decided_on"}
"""Of each column of the opportunity that a stage change tells the one that tells it; all others are of the terms."""
_SINCE = {"moved": "greatest(one.stage_since, one.funnel_since)", "agreed": "one.terms_since"}
_OWNED_SINCE = "one.principal_since"
EVER_OF_CUSTOMERS = "one.id IN (SELECT opportunity_id FROM terms_change WHERE customer_id = ANY(:customer_ids))"
EVER_OF_PRODUCTS = "one.id IN (SELECT opportunity_id FROM terms_change WHERE product_ids && :product_ids)"
"""Whatever ever was about them: what is about them at an instant is among these, and there is an index of them."""


def column_at(until: str, name: str, prefix: str = "") -> str:
    """Return what a column of the opportunity held at an instant; `asked_before` has to be among the joins."""
    if name == "principal_id":
        since, row, kept = _OWNED_SINCE, "owner", name
    elif name in _MOVED:
        since, row, kept = _SINCE["moved"], "moved", _MOVED[name]
    else:
        since, row, kept = _SINCE["agreed"], "agreed", "at" if name == "terms_since" else name
    return f"CASE WHEN {since} < {until} THEN one.{name} ELSE {prefix}{row}.{kept} END"


def columns_at(until: str, names: Collection[str], prefix: str = "") -> str:
    """Return what columns of the opportunity held at an instant, each under its name behind the prefix."""
    return ", ".join(f"{column_at(until, name, prefix)} AS {prefix}{name}" for name in names)


def asked_before(until: str, names: Collection[str], prefix: str = "") -> str:
    """Return the joins with the histories that tell what these columns held at an instant."""
    moved = [_MOVED[name] for name in names if name in _MOVED]
    agreed = ["at" if name == "terms_since" else name for name in names if name not in {*_MOVED, "principal_id"}]
    joins = [
        _last(until, "stage_change", moved, f"{prefix}moved", _SINCE["moved"]) if moved else "",
        _last(until, "terms_change", agreed, f"{prefix}agreed", _SINCE["agreed"]) if agreed else "",
        _owner(until, f"{prefix}owner") if "principal_id" in names else "",
    ]
    return "".join(joins)


def amount_of_products(row: str) -> str:
    """Return the amount of the products asked for; `row` is what stands before its columns, such as `stood.`.

    Of an opportunity that wants others too, only the amounts of these lines count, unknown where a price is missing.
    """
    return f"""CASE WHEN {row}product_ids <@ :product_ids THEN {row}amount ELSE (
    SELECT CASE WHEN bool_and(line ->> 'amount' IS NOT NULL) THEN sum((line ->> 'amount')::numeric) END
    FROM jsonb_array_elements({row}lines) AS line WHERE line ->> 'product_id' = ANY(:product_texts)
) END"""  # noqa: S608 (constants of the callers)


def _last(until: str, history: str, columns: Collection[str], name: str, since: str) -> str:
    return f"""
LEFT JOIN LATERAL (
    SELECT {", ".join(columns)} FROM {history}
    WHERE {since} >= {until} AND one.opened_at < {until} AND opportunity_id = one.id AND at < {until}
    ORDER BY at DESC, id DESC LIMIT 1
) AS {name} ON true"""  # noqa: S608


def _owner(until: str, name: str) -> str:
    return f"""
LEFT JOIN LATERAL (
    SELECT principal_id FROM principal_history
    WHERE {_OWNED_SINCE} >= {until} AND one.opened_at < {until} AND opportunity_id = one.id
        AND from_at < {until} AND (until_at IS NULL OR until_at >= {until})
    ORDER BY from_at DESC LIMIT 1
) AS {name} ON true"""  # noqa: S608
