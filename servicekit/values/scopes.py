"""What a machine client may be allowed: one word for each body of data, and whether it reads or writes."""

from collections.abc import Collection, Iterable, Mapping

SERVICES = ("customer", "opportunity", "forecast", "team")

IMPORT = "import"

SCOPES: Mapping[str, str] = {
    **{f"{service}:read": f"Read what the service {service} keeps." for service in SERVICES},
    **{f"{service}:write": f"Change what the service {service} keeps." for service in SERVICES},
    **{f"{service}:events:read": f"Follow the event feed of the service {service}." for service in SERVICES},
    IMPORT: "All that imports need: `:read` and `:write` of every service, and of confirmed orders.",
    "demand_plans:read": "Read published demand plans.",
    "demand_plans:acknowledge": "Say that the ERP has taken a demand plan over.",
    "confirmed_orders:read": "Read the orders that ERP systems have confirmed.",
    "confirmed_orders:write": "Tell of confirmed orders, change and cancel them.",
    "webhooks:read": "Read subscriptions of webhooks and their deliveries.",
    "webhooks:write": "Subscribe to events by webhook, replay deliveries.",
    "access:read": "Read machine clients.",
    "access:write": "Change machine clients, passwords and roles: who gets in, and with what rights.",
    "audit:read": "Read the audit trail (needs the role `auditor` or `admin` as well).",
}
"""Scope → what it allows. Roles count beside scopes: a scope opens the operation, a role says how far it reaches."""

CONVEYED: Mapping[str, frozenset[str]] = {
    IMPORT: frozenset(f"{family}:{step}" for family in (*SERVICES, "confirmed_orders") for step in ("read", "write")),
}
"""What a scope allows beside itself."""


def conveyed_by(granted: Iterable[str]) -> frozenset[str]:
    """Return all that the granted scopes allow."""
    return frozenset().union(*(CONVEYED.get(scope, frozenset()) | {scope} for scope in granted))


def narrowed(allowed: frozenset[str], asked: Collection[str]) -> frozenset[str]:
    """Return what is left of the allowed scopes where a token asks for less.

    Words that are no scopes of ours (`openid`, `profile`) say nothing: a token with none of ours is not narrowed.
    """
    ours = [scope for scope in asked if scope in SCOPES]
    return allowed & conveyed_by(ours) if ours else allowed


def derived(family: str, method: str) -> str:
    """Return the scope of an operation that declares none: its family, read or changed."""
    return f"{family}:read" if method in {"GET", "HEAD"} else f"{family}:write"
