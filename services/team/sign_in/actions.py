"""Signing in, and setting by what."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Reading, Writing
from servicekit.values.ids import new_id
from services.team import events
from services.team.machine_clients import store as machine_clients
from services.team.machine_clients.rules import find_secret, is_use_noted
from services.team.org_chart import actions as org_chart
from services.team.org_chart import store as chart
from services.team.people import actions as people_actions
from services.team.people import store as people
from services.team.people.rules import PersonKind, Role, RoleStep
from services.team.people.store import Person
from services.team.sign_in import rules, store
from services.team.sign_in.hashing import hash_password, is_password
from services.team.sign_in.issuer import Issuer
from services.team.sign_in.store import Credential

OWN_SYSTEM = "keyaccount"
"""Whom the first start makes is known by a reference of our own."""


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """Somebody who is there from the first start on."""

    name: str
    kind: PersonKind
    username: str
    password: str
    roles: tuple[Role, ...]
    scopes: tuple[str, ...] = ()


async def issue_token(asking: Reading, tx: Writing, issuer: Issuer, username: str, password: str) -> str:
    """Return an access token for the person who signs in so.

    Raises:
        SignInRefused: name or password is wrong, or they are there no longer; all take the same time.
    """
    version = (await chart.state_now(asking)).version
    found = await check_password(asking, tx, username, password, client_id=None)
    return _signed(issuer, found, username, version)


async def check_password(
    asking: Reading, tx: Writing, username: str, password: str, *, client_id: str | None
) -> Credential:
    """Return whose password it is, and note in their trail that they signed in, or that somebody tried.

    For a name that nobody has the same is written and then rolled back: it takes as long, and nobody fills the trail
    with names that they make up.

    Raises:
        SignInRefused: name or password is wrong, or they are there no longer; all take the same time.
    """
    found = await store.find_credential(asking, username.lower())
    is_known = found is not None and found.kind == PersonKind.PERSON
    fits = await _is_theirs(found, PersonKind.PERSON, password)
    step = rules.SignInStep.SIGNED_IN if fits else rules.SignInStep.REFUSED
    await store.note_step(tx, found.person_id if found and is_known else new_id(), step, client_id)
    if not fits or found is None:
        if is_known:
            tx.keep_if_refused()
        raise rules.SignInRefused
    return found


async def issue_client_token(
    asking: Reading, tx: Writing, issuer: Issuer, given: tuple[str, str], asked: Sequence[str]
) -> str:
    """Return an access token for a machine client, narrowed to the scopes it asks for; `given` are its id and secret.

    Raises:
        SignInRefused: id or secret is wrong, or the client is disabled; all take the same time.
        ScopeNotGranted: it asks for more than it was given.
    """
    client_id, secret = given
    found = await store.find_credential(asking, client_id.lower())
    secrets = await machine_clients.secrets_of(asking, [found.person_id]) if found else []
    version = (await chart.state_now(asking)).version
    await asking.release()
    used = find_secret(secret, secrets, tx.now)
    fits = used is not None or await _is_theirs(found, PersonKind.MACHINE, secret)
    if found is None or not fits:
        raise rules.SignInRefused
    rules.check_asked(asked, found.scopes)
    if used is not None and not is_use_noted(used, tx.now):
        await machine_clients.note_use(tx, used.id)
    return _signed(issuer, found, client_id, version, " ".join(asked))


async def _is_theirs(found: Credential | None, kind: PersonKind, password: str) -> bool:
    """Whether it is the password of somebody of this kind; where it is not, that takes as long."""
    return await is_password(password, found.password_hash if found and found.kind == kind else None)


def _signed(issuer: Issuer, found: Credential, name: str, version: int, scope: str = "") -> str:
    issued_at = int(time.time())
    return issuer.sign(
        rules.claims(found.person_id, name.lower(), version, issued_at=issued_at, token_id=new_id(), scope=scope)
    )


async def set_credentials(tx: Writing, viewer: Viewer, person_id: UUID, username: str, password: str) -> Person:
    """Set by what somebody signs in; what they had before counts no longer, and they are signed out of browsers."""
    rules.check_password(username, password)
    password_hash = await hash_password(password)
    on = await org_chart.administer(tx, viewer)
    changed = await people_actions.write_changes(tx, await people.get(tx, person_id), {"username": username})
    await store.put_credential(tx, person_id, password_hash)
    await store.end_sessions_of(tx, person_id)
    await store.note_step(tx, person_id, rules.SignInStep.CREDENTIALS_SET, None)
    tx.publish(events.CREDENTIALS_SET, person_id, {"version": changed.version})
    await people_actions.publish(tx, [person_id], on)
    return await people.get(tx, person_id)


async def ensure_first_sign_ins(tx: Writing, wanted: list[FirstSignIn]) -> None:
    """Make whoever is to be there from the first start on; who is there already stays as they are."""
    on = await org_chart.lock(tx)
    added = [
        await _add_first(tx, first)
        for first in wanted
        if await people.find_by_reference(tx, OWN_SYSTEM, first.username) is None
    ]
    if added:
        await people_actions.publish(tx, added, on)


async def _add_first(tx: Writing, first: FirstSignIn) -> UUID:
    values = {"name": first.name, "kind": first.kind, "username": first.username, "scopes": first.scopes}
    person = await people_actions.write_new(tx, people_actions.GivenPerson(values, (OWN_SYSTEM, first.username)))
    for role in first.roles:
        person = await people_actions.write_role(tx, person, role, RoleStep.GRANTED, "the first start")
    await store.put_credential(tx, person.id, await hash_password(first.password))
    return person.id
