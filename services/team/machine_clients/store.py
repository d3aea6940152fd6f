"""Questions to machine clients; everybody who is signed in may see them, as all of the directory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from orgchart.tables import person as chart_person
from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from services.team.machine_clients.rules import Secret
from services.team.machine_clients.tables import client_secret, client_secret_use
from services.team.people.rules import PersonKind
from services.team.people.tables import person


@dataclass(frozen=True, slots=True)
class MachineClient:
    """A machine client; it is `active` as the chart was last published."""

    id: UUID
    version: int
    client_id: str | None
    name: str
    scopes: list[str]
    roles: list[str]
    active: bool
    created_at: datetime
    updated_at: datetime


c = person.c
_clients = (
    select(
        c.id,
        c.version,
        c.username.label("client_id"),
        c.name,
        c.scopes,
        c.roles,
        func.coalesce(chart_person.c.active, False).label("active"),
        c.created_at,
        c.updated_at,
    )
    .outerjoin_from(person, chart_person, chart_person.c.id == c.id)
    .where(c.kind == PersonKind.MACHINE.value)
)
CLIENT = prepared(_clients.where(c.id == bindparam("id")), into=MachineClient)
LISTING = Listing(
    _clients,
    into=MachineClient,
    filters={
        "active": func.coalesce(chart_person.c.active, False) == bindparam("active", type_=Boolean()),
        "client_id": c.username == bindparam("client_id"),
    },
    keys={"name": SortKey(c.name), "created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="name",
)

s = client_secret.c
SECRETS = prepared(
    select(s.id, s.person_id, s.secret_hash, s.expires_at, s.created_at, client_secret_use.c.last_used_at)
    .outerjoin_from(client_secret, client_secret_use, client_secret_use.c.secret_id == s.id)
    .where(s.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid()))), s.removed_at.is_(None))
    .order_by(s.id),
    into=Secret,
)
INSERT = prepared(
    client_secret.insert().values(
        {name: bindparam(name) for name in ("id", "person_id", "secret_hash", "expires_at", "created_by", "created_at")}
    )
)
REMOVE = prepared(
    update(client_secret)
    .where(s.person_id == bindparam("person_id"), s.id == bindparam("secret_id"), s.removed_at.is_(None))
    .values(removed_at=bindparam("at", type_=DateTime(timezone=True)), removed_by=bindparam("removed_by", type_=Uuid()))
)
_use = insert(client_secret_use).values(
    secret_id=bindparam("secret_id", type_=Uuid()), last_used_at=bindparam("at", type_=DateTime(timezone=True))
)
NOTE_USE = prepared(
    _use.on_conflict_do_update(
        index_elements=[client_secret_use.c.secret_id], set_={"last_used_at": _use.excluded.last_used_at}
    )
)


async def get(tx: Questions, client_id: UUID) -> MachineClient:
    """Return a machine client, or raise `NotVisible`."""
    found: MachineClient | None = await tx.first(CLIENT, id=client_id)
    if found is None:
        raise NotVisible("machine client", client_id)
    return found


async def list_clients(tx: Questions, window: Window, filters: Mapping[str, Any]) -> Slice[MachineClient]:
    """Return a page of machine clients."""
    return await LISTING.page(tx, window, filters)


async def secrets_of(tx: Questions, client_ids: Sequence[UUID]) -> list[Secret]:
    """Return the secrets of these machine clients, the oldest first, without removed ones."""
    return await tx.all(SECRETS, person_ids=list(client_ids))


async def insert_secret(tx: Writing, client_id: UUID, secret_hash: str, expires_at: datetime | None) -> UUID:
    """Keep what is kept of a secret; return its id."""
    secret_id = new_id()
    await tx.execute(
        INSERT,
        id=secret_id,
        person_id=client_id,
        secret_hash=secret_hash,
        expires_at=expires_at,
        created_by=tx.actor_id,
        created_at=tx.now,
    )
    return secret_id


async def remove_secret(tx: Writing, client_id: UUID, secret_id: UUID) -> bool:
    """Have a secret count no longer; whether there was one."""
    touched = await tx.execute(REMOVE, person_id=client_id, secret_id=secret_id, at=tx.now, removed_by=tx.actor_id)
    return touched == 1


async def note_use(tx: Writing, secret_id: UUID) -> None:
    """Note that a secret was used just now."""
    await tx.execute(NOTE_USE, secret_id=secret_id, at=tx.now)
