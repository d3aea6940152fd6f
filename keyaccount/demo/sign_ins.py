"""Sign-ins for the people of the demo, so that everybody's part can be tried: generated, kept in one private file."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keyaccount.api_client import ApiClient, Refused, SignIn
from keyaccount.files import write_whole

FILE = "demo-sign-ins.json"
_SIGNED_OUT = 401


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: str
    name: str
    title: str
    username: str
    password: str

    @property
    def sign_in(self) -> SignIn:
        """How they sign in."""
        return SignIn.of_person(self.username, self.password)


async def give_sign_ins(
    admin: ApiClient, people: Sequence[Mapping[str, Any]], folder: Path, progress: Callable[[], None]
) -> list[Person]:
    """Give each of `people` a password and keep it in `folder`; who has one already keeps it."""
    path = folder / FILE
    kept = {known["username"]: known["password"] for known in _read(path)}
    persons = [
        Person(
            person["id"],
            person["name"],
            person["title"] or "",
            person["username"],
            kept.get(person["username"]) or secrets.token_urlsafe(12),
        )
        for person in people
    ]
    # The file comes first: a password that is set and written nowhere would lock its person out.
    shown = [{name: getattr(one, name) for name in ("name", "title", "username", "password")} for one in persons]
    write_whole(path, json.dumps({"people": shown}, indent=2, ensure_ascii=False) + "\n")
    for person in persons:
        if person.username not in kept or not await _can_sign_in(admin, person):
            await admin.post(
                f"/v1/people/{person.id}/credentials", {"username": person.username, "password": person.password}
            )
        progress()
    return persons


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    people: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))["people"]
    return people


async def _can_sign_in(admin: ApiClient, person: Person) -> bool:
    async with admin.another(person.sign_in) as client:
        try:
            await client.get("/v1/sign-in/me")
        except Refused as refused:
            if refused.status == _SIGNED_OUT:
                return False
            raise
    return True
