"""Routes of machine clients."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.data.lists import Slice
from servicekit.values.errors import PreconditionMissing, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.team.machine_clients import actions, store
from services.team.machine_clients.rules import (
    ReadingClientsNotAllowed,
    SecretEndsBefore,
    StatusUnchanged,
    TooManySecrets,
    UnknownScope,
    check_reads,
)
from services.team.machine_clients.schemas import (
    MachineClientAnswer,
    MachineClientInput,
    MachineClientPatch,
    MachineClientsQuery,
    NewMachineClientAnswer,
    NewSecretAnswer,
    SecretInput,
    StatusInput,
)
from services.team.org_chart.rules import AdministrationNotAllowed
from services.team.people.rules import OwnMatter, UsernameTaken

router = Router(prefix="/v1/machine-clients", tags=["Machine clients"], scopes="access")


@router.post(
    "",
    status_code=201,
    responses=problems(AdministrationNotAllowed, UsernameTaken, UnknownScope, SecretEndsBefore),
    summary="Register a machine client",
)
async def create_machine_client(
    body: MachineClientInput, viewer: CurrentViewer, tx: CurrentWriting
) -> NewMachineClientAnswer:
    """Register a program that signs in by itself, with its first secret; needs the role `admin`."""
    client, made = await actions.add_client(tx, viewer, body.model_dump(), body.secret_expires_at)
    shown = MachineClientAnswer.of(client, await store.secrets_of(tx, [client.id]))
    return NewMachineClientAnswer(**shown.model_dump(), client_secret=made.secret)


@router.get("", responses=problems(ReadingClientsNotAllowed), summary="List machine clients")
async def list_machine_clients(
    query: Annotated[MachineClientsQuery, Query()], viewer: CurrentViewer, pages: CurrentPages, tx: CurrentReading
) -> Page[MachineClientAnswer]:
    """List machine clients, by name unless `sort` says otherwise (`name`, `created_at`); for admins and auditors."""
    check_reads(viewer.roles)
    window = pages.window(query, *store.LISTING.sorting)
    found = await store.list_clients(tx, window, query.filters())
    secrets = await store.secrets_of(tx, [client.id for client in found.items])
    shown = [MachineClientAnswer.of(client, secrets) for client in found.items]
    return pages.page(query, Slice(shown, found.position, found.total), MachineClientAnswer)


@router.get("/{client_id}", responses=problems(ReadingClientsNotAllowed), summary="Read a machine client")
async def get_machine_client(client_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> MachineClientAnswer:
    """Read a machine client: what it may, when each of its secrets was used last; for admins and auditors."""
    check_reads(viewer.roles)
    return MachineClientAnswer.of(await store.get(tx, client_id), await store.secrets_of(tx, [client_id]))


@router.patch(
    "/{client_id}",
    responses=problems(AdministrationNotAllowed, OwnMatter, UnknownScope, Stale, PreconditionMissing),
    summary="Change a machine client",
)
async def change_machine_client(
    client_id: UUID, body: MachineClientPatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> MachineClientAnswer:
    """Change name or scopes of a machine client; it counts from the next request on. Needs the role `admin`."""
    changes = body.model_dump(exclude_unset=True)
    changed = await actions.change_client(tx, viewer, client_id, version, changes)
    return MachineClientAnswer.of(changed, await store.secrets_of(tx, [client_id]))


@router.post(
    "/{client_id}/status-changes",
    status_code=201,
    responses=problems(AdministrationNotAllowed, OwnMatter, StatusUnchanged),
    summary="Disable or enable a machine client",
)
async def create_machine_client_status_change(
    client_id: UUID, body: StatusInput, viewer: CurrentViewer, tx: CurrentWriting
) -> MachineClientAnswer:
    """Disable a machine client, whose tokens count no longer either, or enable it again; needs the role `admin`."""
    changed = await actions.change_status(tx, viewer, client_id, disabled=body.disabled, reason=body.reason)
    return MachineClientAnswer.of(changed, await store.secrets_of(tx, [client_id]))


@router.post(
    "/{client_id}/secrets",
    status_code=201,
    responses=problems(AdministrationNotAllowed, TooManySecrets, SecretEndsBefore),
    summary="Add a secret",
)
async def create_machine_client_secret(
    client_id: UUID, body: SecretInput, viewer: CurrentViewer, tx: CurrentWriting
) -> NewSecretAnswer:
    """Add a secret beside those there are, to change over without a gap; needs the role `admin`."""
    made = await actions.add_secret(tx, viewer, client_id, body.expires_at)
    return NewSecretAnswer(id=made.id, expires_at=made.expires_at, client_secret=made.secret)


@router.delete(
    "/{client_id}/secrets/{secret_id}", responses=problems(AdministrationNotAllowed), summary="Remove a secret"
)
async def remove_machine_client_secret(
    client_id: UUID, secret_id: UUID, viewer: CurrentViewer, tx: CurrentWriting
) -> MachineClientAnswer:
    """Remove a secret: nobody gets a token by it any more, those given out last up to an hour. Needs `admin`."""
    changed = await actions.remove_secret(tx, viewer, client_id, secret_id)
    return MachineClientAnswer.of(changed, await store.secrets_of(tx, [client_id]))
