"""From name and password to a code, from a code to tokens, from a refresh token to the next; and out again."""

import time
from dataclasses import dataclass

from servicekit.data.transactions import Reading, Writing
from servicekit.values.ids import new_id
from services.team.browser_sign_in import rules, store
from services.team.browser_sign_in.rules import Asked, IssuedCode, Redemption, Session
from services.team.org_chart import store as chart
from services.team.sign_in import actions as sign_in_actions
from services.team.sign_in import store as sessions
from services.team.sign_in.issuer import ID_TOKEN, Issuer
from services.team.sign_in.rules import SignInRefused, SignInStep, claims


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a browser client gets."""

    access_token: str
    refresh_token: str
    id_token: str


async def sign_in(asking: Reading, tx: Writing, asked: Asked, username: str, password: str) -> str | None:
    """Return a code for whoever signs in so; None where name or password is wrong, which of them is not said."""
    try:
        found = await sign_in_actions.check_password(asking, tx, username, password, client_id=asked.client_id)
    except SignInRefused:
        return None
    expires_at = tx.now + rules.SESSION_LIFETIME
    session_id = await sessions.insert_session(tx, found.person_id, asked.client_id, expires_at)
    code = rules.new_secret()
    issued = IssuedCode(
        session_id=session_id,
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        code_challenge=asked.code_challenge or "",
        nonce=asked.nonce,
        expires_at=tx.now + rules.CODE_LIFETIME,
    )
    await store.insert_code(tx, code, issued)
    return code


async def redeem(tx: Writing, issuer: Issuer, given: Redemption) -> Tokens:
    """Return tokens for a code.

    A code that comes a second time, or from elsewhere than it was asked for, has been stolen: what it gave ends.

    Raises:
        GrantRefused: it does not count, or no longer.
    """
    issued = await store.take_code(tx, given.code)
    if issued is None or not rules.redeems(issued, given, tx.now):
        session_id = issued.session_id if issued else await store.session_of_code(tx, given.code)
        if session_id is not None:
            await sessions.end_session(tx, session_id, SignInStep.CODE_MISUSED)
            tx.keep_if_refused()
        raise rules.GrantRefused("/code")
    session = await store.find_session(tx, issued.session_id, tx.now)
    if session is None:
        raise rules.GrantRefused("/code")
    return await _tokens(tx, issuer, session, issued.nonce)


async def refresh(tx: Writing, issuer: Issuer, client_id: str, token: str) -> Tokens:
    """Return tokens for a refresh token, which counts no longer.

    One that comes again after it was exchanged has been stolen, from either of two: the session ends for both.

    Raises:
        RefreshTokenExchanged: another request was faster, just now.
        GrantRefused: it does not count, or no longer.
    """
    session_id = await store.take_token(tx, client_id, token)
    if session_id is None:
        await _refuse(tx, client_id, token)
    session = await store.find_session(tx, session_id, tx.now) if session_id else None
    if session is None:
        raise rules.GrantRefused("/refresh_token")
    return await _tokens(tx, issuer, session, None)


async def _refuse(tx: Writing, client_id: str, token: str) -> None:
    known = await store.find_token(tx, token)
    if known is None or known.exchanged_at is None or known.ended_at is not None or known.client_id != client_id:
        return
    if not rules.is_theft(known.exchanged_at, tx.now):
        raise rules.RefreshTokenExchanged
    await sessions.end_session(tx, known.session_id, SignInStep.REFRESH_TOKEN_REUSED)
    tx.keep_if_refused()


async def sign_out(tx: Writing, client_id: str, token: str) -> None:
    """End the session of a refresh token, also of one that was exchanged; nothing where it is not the client's."""
    known = await store.find_token(tx, token)
    if known is not None and known.client_id == client_id:
        await sessions.end_session(tx, known.session_id, SignInStep.SIGNED_OUT)


async def _tokens(tx: Writing, issuer: Issuer, session: Session, nonce: str | None) -> Tokens:
    refresh_token = rules.new_secret()
    await store.insert_token(tx, refresh_token, session.id, rules.refresh_until(session, tx.now))
    version = (await chart.state_now(tx)).version
    issued_at = int(time.time())
    content = claims(
        session.person_id,
        session.client_id,
        version,
        issued_at=issued_at,
        token_id=new_id(),
        seconds=rules.ACCESS_SECONDS,
    )
    access_token = issuer.sign(content)
    id_token = issuer.sign(rules.id_claims(session, access_token, nonce, issued_at=issued_at), ID_TOKEN)
    return Tokens(access_token, refresh_token, id_token)
