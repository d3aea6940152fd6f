"""Who asks, as far as the router needs to know."""

from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import UUID

from fastapi import Request


class Caller(Protocol):
    """Somebody who has signed in: a person, a machine client, or a service."""

    @property
    def subject(self) -> str:
        """The id under which peers are asked on their behalf."""

    @property
    def person_id(self) -> UUID | None:
        """The person or machine client, or None where a service calls by itself."""

    @property
    def on_behalf_of(self) -> UUID | None:
        """The person they stand in for, if they do."""

    @property
    def service(self) -> str:
        """The service that passes the call on, or nothing."""

    @property
    def scopes(self) -> frozenset[str] | None:
        """What a machine client is limited to; None for people and services, who have no scopes."""

    @property
    def reads_events(self) -> bool:
        """Whether they may read the feed."""

    @property
    def reads_audit(self) -> bool:
        """Whether they may read the audit trail."""

    @property
    def administers_webhooks(self) -> bool:
        """Whether they see and change everybody's webhooks."""

    @property
    def keeps_webhooks(self) -> bool:
        """Whether they may have webhooks of their own."""

    @property
    def oversees_jobs(self) -> bool:
        """Whether they may see, stop and resume everybody's jobs."""


Authenticate = Callable[[Request], Awaitable[Caller]]
"""Returns who asks, or raises `NotSignedIn`."""
