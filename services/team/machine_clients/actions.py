"""What an administrator does with machine clients."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.errors import NotVisible
from servicekit.values.versions import check_version
from services.team import events
from services.team.machine_clients import rules, store
from services.team.machine_clients.store import MachineClient
from services.team.org_chart import actions as org_chart
from services.team.people import actions as people_actions
from services.team.people import store as people
from services.team.people.actions import GivenPerson
from services.team.people.rules import PersonKind, check_not_own


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that was just made: its id, and what is told once."""

    id: UUID
    secret: str
    expires_at: datetime | None


async def add_client(
    tx: Writing, viewer: Viewer, given: Mapping[str, Any], expires_at: datetime | None
) -> tuple[MachineClient, NewSecret]:
    """Register a machine client with its first secret; `given` are name, client_id and scopes."""
    rules.check_secret(expires_at, (), tx.now)
    scopes = rules.check_scopes(given["scopes"])
    on = await org_chart.administer(tx, viewer)
    values = {
        "name": given["name"],
        "kind": PersonKind.MACHINE,
        "username": given["client_id"],
        "scopes": scopes,
    }
    added = await people_actions.write_new(tx, GivenPerson(values, None))
    made = await _add_secret(tx, added.id, expires_at)
    await people_actions.publish(tx, [added.id], on)
    return await store.get(tx, added.id), made


async def change_client(
    tx: Writing, viewer: Viewer, client_id: UUID, version: int, changes: Mapping[str, Any]
) -> MachineClient:
    """Change name or scopes of a machine client; never one's own."""
    given = dict(changes)
    if "scopes" in given:
        given["scopes"] = rules.check_scopes(given["scopes"])
    on = await org_chart.administer(tx, viewer)
    client = await store.get(tx, client_id)
    check_not_own(
        client_id, (viewer.person_id, viewer.on_behalf_of), {name: str(value) for name, value in given.items()}
    )
    check_version(client.version, version)
    present = await people.get(tx, client_id)
    if await people_actions.write_changes(tx, present, given) != present:
        await people_actions.publish(tx, [client_id], on)
    return await store.get(tx, client_id)


async def change_status(tx: Writing, viewer: Viewer, client_id: UUID, *, disabled: bool, reason: str) -> MachineClient:
    """Disable a machine client, from now on, or enable it again; never oneself."""
    on = await org_chart.administer(tx, viewer)
    client = await store.get(tx, client_id)
    check_not_own(client_id, (viewer.person_id, viewer.on_behalf_of), {"disabled": str(disabled).lower()})
    if client.active != disabled:
        raise rules.StatusUnchanged(disabled=disabled)
    changed = await people_actions.write_changes(
        tx, await people.get(tx, client_id), {"left_on": on if disabled else None}
    )
    event = events.MACHINE_CLIENT_DISABLED if disabled else events.MACHINE_CLIENT_ENABLED
    tx.publish(event, client_id, {"version": changed.version, "reason": reason})
    await people_actions.publish(tx, [client_id], on)
    return await store.get(tx, client_id)


async def add_secret(tx: Writing, viewer: Viewer, client_id: UUID, expires_at: datetime | None) -> NewSecret:
    """Add a secret beside those there are, so that whoever uses the client can change over without a gap."""
    on = await org_chart.administer(tx, viewer)
    client = await store.get(tx, client_id)
    rules.check_secret(expires_at, await store.secrets_of(tx, [client_id]), tx.now)
    if client.client_id is None:  # it was added as a person of the kind `machine`, and never signed in
        await people_actions.write_changes(tx, await people.get(tx, client_id), {"username": str(client_id)})
        await people_actions.publish(tx, [client_id], on)
    return await _add_secret(tx, client_id, expires_at)


async def remove_secret(tx: Writing, viewer: Viewer, client_id: UUID, secret_id: UUID) -> MachineClient:
    """Remove a secret: nobody signs in by it any more."""
    await org_chart.administer(tx, viewer)
    await store.get(tx, client_id)
    if not await store.remove_secret(tx, client_id, secret_id):
        raise NotVisible("secret", secret_id)
    tx.publish(events.SECRET_REMOVED, client_id, {"secret_id": secret_id})
    return await store.get(tx, client_id)


async def _add_secret(tx: Writing, client_id: UUID, expires_at: datetime | None) -> NewSecret:
    secret = rules.SECRET_PREFIX + secrets.token_urlsafe(rules.SECRET_BYTES)
    secret_id = await store.insert_secret(tx, client_id, rules.hash_of(secret), expires_at)
    tx.publish(events.SECRET_ADDED, client_id, {"secret_id": secret_id, "expires_at": expires_at})
    return NewSecret(secret_id, secret, expires_at)
