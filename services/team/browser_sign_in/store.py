"""Questions to sessions, codes and refresh tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, select, update

from orgchart.tables import person as chart_person
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.team.browser_sign_in.rules import IssuedCode, Session
from services.team.browser_sign_in.tables import authorization_code, refresh_token
from services.team.machine_clients.rules import hash_of
from services.team.people.rules import PersonKind
from services.team.people.tables import person
from services.team.sign_in.tables import sign_in_session


@dataclass(frozen=True, slots=True)
class ExchangedToken:
    """A refresh token of a session, when it was exchanged, if it was, and when the session ended, if it has."""

    session_id: UUID
    client_id: str
    exchanged_at: datetime | None
    ended_at: datetime | None


_now = bindparam("now", type_=DateTime(timezone=True))
s = sign_in_session.c
SESSION = prepared(
    select(s.id, s.person_id, s.client_id, s.signed_in_at, s.expires_at)
    .join_from(sign_in_session, person, person.c.id == s.person_id)
    .join(chart_person, chart_person.c.id == s.person_id)
    .where(
        s.id == bindparam("id"),
        s.ended_at.is_(None),
        s.expires_at > _now,
        person.c.kind == PersonKind.PERSON.value,
        chart_person.c.active,
    ),
    into=Session,
)

a = authorization_code.c
INSERT_CODE = prepared(
    authorization_code.insert().values(
        {
            name: bindparam(name)
            for name in ("code_hash", "session_id", "redirect_uri", "code_challenge", "nonce", "expires_at")
        }
    )
)
TAKE_CODE = prepared(
    update(authorization_code)
    .where(a.code_hash == bindparam("code_hash"), a.redeemed_at.is_(None), s.id == a.session_id)
    .values(redeemed_at=_now)
    .returning(a.session_id, s.client_id, a.redirect_uri, a.code_challenge, a.nonce, a.expires_at),
    into=IssuedCode,
)
SESSION_OF_CODE = prepared(select(a.session_id).where(a.code_hash == bindparam("code_hash")))

r = refresh_token.c
INSERT_TOKEN = prepared(
    refresh_token.insert().values({name: bindparam(name) for name in ("token_hash", "session_id", "expires_at")})
)
TAKE_TOKEN = prepared(
    update(refresh_token)
    .where(
        r.token_hash == bindparam("token_hash"),
        r.exchanged_at.is_(None),
        r.expires_at > _now,
        s.id == r.session_id,
        s.client_id == bindparam("client_id"),
    )
    .values(exchanged_at=_now)
    .returning(r.session_id)
)
TOKEN = prepared(
    select(r.session_id, s.client_id, r.exchanged_at, s.ended_at)
    .join_from(refresh_token, sign_in_session, s.id == r.session_id)
    .where(r.token_hash == bindparam("token_hash")),
    into=ExchangedToken,
)


async def find_session(tx: Questions, session_id: UUID, now: datetime) -> Session | None:
    """Return a session that goes on, of a person who is there."""
    return await tx.first(SESSION, id=session_id, now=now)


async def insert_code(tx: Writing, code: str, issued: IssuedCode) -> None:
    """Keep what is kept of a code."""
    await tx.execute(
        INSERT_CODE,
        code_hash=hash_of(code),
        session_id=issued.session_id,
        redirect_uri=issued.redirect_uri,
        code_challenge=issued.code_challenge,
        nonce=issued.nonce,
        expires_at=issued.expires_at,
    )


async def take_code(tx: Writing, code: str) -> IssuedCode | None:
    """Return what a code is bound to and have it redeemed; None where there is none, or somebody was first."""
    return await tx.first(TAKE_CODE, code_hash=hash_of(code), now=tx.now)


async def session_of_code(tx: Questions, code: str) -> UUID | None:
    """Return the session that a code was given for, redeemed or not."""
    found: UUID | None = await tx.value(SESSION_OF_CODE, code_hash=hash_of(code))
    return found


async def insert_token(tx: Writing, token: str, session_id: UUID, expires_at: datetime) -> None:
    """Keep what is kept of a refresh token."""
    await tx.execute(INSERT_TOKEN, token_hash=hash_of(token), session_id=session_id, expires_at=expires_at)


async def take_token(tx: Writing, client_id: str, token: str) -> UUID | None:
    """Return the session of a refresh token and have it exchanged; None where it does not count, or not any longer."""
    found: UUID | None = await tx.value(TAKE_TOKEN, token_hash=hash_of(token), client_id=client_id, now=tx.now)
    return found


async def find_token(tx: Questions, token: str) -> ExchangedToken | None:
    """Return what is kept of a refresh token, exchanged or not."""
    return await tx.first(TOKEN, token_hash=hash_of(token))
