"""Signing in, and setting by what."""

import time
from dataclasses import dataclass
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Reading, Writing
from servicekit.values.ids import new_id
from services.team import events
from services.team.org_chart import actions as org_chart
from services.team.org_chart import store as chart
from services.team.people import actions as people_actions
from services.team.people import store as people
from services.team.people.rules import PersonKind, Role, RoleStep
from services.team.people.store import Person
from services.team.sign_in import rules, store
from services.team.sign_in.hashing import hash_password, is_password
from services.team.sign_in.issuer import Issuer

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


async def issue_token(tx: Reading, issuer: Issuer, kind: PersonKind, username: str, password: str) -> str:
    """Return an access token for whoever signs in so.

    Raises:
        SignInRefused: name or password is wrong, or they are there no longer; all take the same time.
    """
    found = await store.find_credential(tx, username.lower())
    version = (await chart.state_now(tx)).version
    await tx.release()
    fits = await is_password(password, found.password_hash if found and found.kind == kind else None)
    if found is None or not fits:
        raise rules.SignInRefused
    claims = rules.claims(found.person_id, username.lower(), version, issued_at=int(time.time()), token_id=new_id())
    return issuer.sign(claims)


async def set_credentials(tx: Writing, viewer: Viewer, person_id: UUID, username: str, password: str) -> Person:
    """Set by what somebody signs in; what they had before counts no longer."""
    rules.check_password(username, password)
    password_hash = await hash_password(password)
    on = await org_chart.administer(tx, viewer)
    changed = await people_actions.write_changes(tx, await people.get(tx, person_id), {"username": username})
    await store.put_credential(tx, person_id, password_hash)
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
    values = {"name": first.name, "kind": first.kind, "username": first.username}
    person = await people_actions.write_new(tx, people_actions.GivenPerson(values, (OWN_SYSTEM, first.username)))
    for role in first.roles:
        person = await people_actions.write_role(tx, person, role, RoleStep.GRANTED, "the first start")
    await store.put_credential(tx, person.id, await hash_password(first.password))
    return person.id
