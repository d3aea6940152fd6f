"""Scopes of operations: what a machine client needs to call one.

An operation needs `<service>:read` or `<service>:write`, unless its router or itself says otherwise.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from servicekit.values.errors import NotAllowed
from servicekit.values.scopes import SCOPES, derived
from servicekit.web.callers import Caller

E = TypeVar("E", bound=Callable[..., Any])
DECLARED = "needed_scope"
FAMILY = "scope_family"


class ScopeMissing(NotAllowed):
    """The machine client was not given the scope that the operation needs."""

    code = "scope_missing"
    members = ("scope",)

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}: an administrator gives it to the machine client.")
        self.scope = scope


def needs_scope(scope: str) -> Callable[[E], E]:
    """Declare the scope of an operation; written below its route."""
    if scope not in SCOPES:
        raise ValueError(f"'{scope}' is no scope; servicekit.values.scopes lists them.")

    def declare(endpoint: E) -> E:
        setattr(endpoint, DECLARED, scope)
        return endpoint

    return declare


def scope_of(endpoint: Any, method: str, service: str) -> str:
    """Return the scope that an operation of a service needs."""
    declared: str | None = getattr(endpoint, DECLARED, None)
    return declared or derived(getattr(endpoint, FAMILY, None) or service, method)


def check_scope(caller: Caller, scope: str) -> None:
    """Refuse a machine client that lacks the scope; people and services have none, and need none."""
    if caller.scopes is not None and scope not in caller.scopes:
        raise ScopeMissing(scope)
