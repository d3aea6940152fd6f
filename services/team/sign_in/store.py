"""Questions to the credentials."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, DateTime, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from orgchart.questions import chart_version, person_of
from orgchart.tables import person as chart_person
from orgchart.tables import stand_in
from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.team.people.tables import person
from services.team.sign_in.rules import SignInStep
from services.team.sign_in.tables import credential, sign_in_event, sign_in_session

FORGOTTEN_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody signs in by, as long as they are there; a machine client may have secrets instead."""

    person_id: UUID
    kind: str
    password_hash: str | None
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks."""

    person_id: UUID | None
    name: str | None
    on_behalf_of: UUID | None
    roles: list[str]
    may_stand_in_for: list[UUID]
    chart_version: int


CREDENTIAL = prepared(
    select(person.c.id.label("person_id"), person.c.kind, credential.c.password_hash, person.c.scopes)
    .outerjoin_from(person, credential, credential.c.person_id == person.c.id)
    .join(chart_person, chart_person.c.id == person.c.id)
    .where(person.c.username == bindparam("username"), chart_person.c.active),
    into=Credential,
)
REPRESENTED = prepared(
    select(stand_in.c.person_id)
    .join(chart_person, chart_person.c.id == stand_in.c.person_id)
    .where(
        chart_person.c.active,
        stand_in.c.stand_in_id == bindparam("person_id"),
        stand_in.c.from_date <= bindparam("on", type_=Date()),
        stand_in.c.until_date > bindparam("on", type_=Date()),
    )
    .order_by(stand_in.c.person_id)
)
_given = insert(credential).values({column.name: bindparam(column.name) for column in credential.c})
PUT = prepared(
    _given.on_conflict_do_update(
        index_elements=[credential.c.person_id],
        set_={name: _given.excluded[name] for name in ("password_hash", "changed_by", "changed_at")},
    )
)

NOTE_STEP = prepared(sign_in_event.insert().values({each.name: bindparam(each.name) for each in sign_in_event.c}))

s = sign_in_session.c
_at = bindparam("at", type_=DateTime(timezone=True))
INSERT_SESSION = prepared(
    sign_in_session.insert().values(
        {name: bindparam(name) for name in ("id", "person_id", "client_id", "signed_in_at", "expires_at")}
    )
)
END_SESSION = prepared(
    update(sign_in_session)
    .where(s.id == bindparam("id"), s.ended_at.is_(None))
    .values(ended_at=_at)
    .returning(s.person_id, s.client_id)
)
END_SESSIONS_OF = prepared(
    update(sign_in_session).where(s.person_id == bindparam("person_id"), s.ended_at.is_(None)).values(ended_at=_at)
)
FORGET_SESSIONS = prepared(
    delete(sign_in_session).where(
        s.id.in_(select(s.id).where(s.expires_at < _at).limit(FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True))
    )
)


async def find_credential(tx: Questions, username: str) -> Credential | None:
    """Return the credential of somebody who is there today."""
    return await tx.first(CREDENTIAL, username=username)


async def me(tx: Questions, viewer: Viewer, on: date) -> Me:
    """Return who asks, and for whom they may act on a date."""
    somebody = await person_of(tx, viewer.person_id) if viewer.person_id else None
    represented = await tx.all(REPRESENTED, person_id=viewer.person_id, on=on)
    return Me(
        person_id=viewer.person_id,
        name=somebody.name if somebody else None,
        on_behalf_of=viewer.on_behalf_of,
        roles=sorted(viewer.roles),
        may_stand_in_for=[row[0] for row in represented],
        chart_version=await chart_version(tx),
    )


async def put_credential(tx: Writing, person_id: UUID, password_hash: str) -> None:
    """Write somebody's password, hashed."""
    await tx.execute(PUT, person_id=person_id, password_hash=password_hash, changed_by=tx.actor_id, changed_at=tx.now)


async def note_step(tx: Writing, person_id: UUID, step: SignInStep, client_id: str | None) -> None:
    """Keep that somebody signed in, tried to, or was signed out."""
    await tx.execute(NOTE_STEP, id=new_id(), person_id=person_id, step=step.value, client_id=client_id, at=tx.now)


async def insert_session(tx: Writing, person_id: UUID, client_id: str, expires_at: datetime) -> UUID:
    """Keep that somebody is signed in at a browser client, and forget some sessions that are over."""
    session_id = new_id()
    await tx.execute(FORGET_SESSIONS, at=tx.now)
    await tx.execute(
        INSERT_SESSION,
        id=session_id,
        person_id=person_id,
        client_id=client_id,
        signed_in_at=tx.now,
        expires_at=expires_at,
    )
    return session_id


async def end_session(tx: Writing, session_id: UUID, step: SignInStep) -> None:
    """End a session and note why; nothing where it has ended before."""
    ended = await tx.first(END_SESSION, id=session_id, at=tx.now)
    if ended is not None:
        await note_step(tx, ended["person_id"], step, ended["client_id"])


async def end_sessions_of(tx: Writing, person_id: UUID) -> None:
    """End all sessions of a person."""
    await tx.execute(END_SESSIONS_OF, person_id=person_id, at=tx.now)
