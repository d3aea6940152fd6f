"""Who takes part: two lines of heads, managers and sellers who never meet, and those who look after the instance."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from orgchart.sign_in import ALGORITHM
from servicekit.values.ids import new_id
from tests.faults.connections import Line, Lost

PROBES = {
    "team": "/v1/people?limit=1",
    "customer": "/v1/customers?limit=1",
    "opportunity": "/v1/opportunities?limit=1",
    "forecast": "/v1/forecast-cycles?limit=1",
}
"""What shows, through the gateway, that a service and its database answer."""
KNOWN_WITHIN_SECONDS = 20.0
TOKEN_SECONDS = 6 * 3600
MANAGERS, SELLERS = 2, 3
"""Below each head, and below each manager."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in."""

    id: str
    name: str
    superior: str | None
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What says who asks."""
        return {"authorization": f"Bearer {self.token}"}


@dataclass
class Company:
    """Everybody; `superiors` names each person's line, the nearest first. It stays as it is."""

    operations: Person
    admin: Person
    people: dict[str, Person] = field(default_factory=dict)
    levels: dict[str, list[Person]] = field(default_factory=lambda: {"head": [], "manager": [], "seller": []})

    @property
    def superiors(self) -> Mapping[str, Sequence[str]]:
        """Return everybody's superiors."""
        return {person: list(self._above(person)) for person in self.people}

    def _above(self, person: str) -> Iterator[str]:
        superior = self.people[person].superior
        while superior is not None:
            yield superior
            superior = self.people[superior].superior

    @property
    def sellers(self) -> list[Person]:
        """Those who sell."""
        return self.levels["seller"]

    def below(self, person: Person) -> list[Person]:
        """Return the direct reports."""
        return [each for each in self.people.values() if each.superior == person.id]


class Issuer:
    """Signs tokens as the built-in issuer does, so that the load need not sign in again and again.

    Whose and for whom they are is taken over from a token that it gave out itself, at the first sign-in.
    """

    def __init__(self, secrets: Path) -> None:
        jwk = json.loads((secrets / "issuer-key.json").read_text())
        self._kid = jwk["kid"]
        self._like: dict[str, str] = {}
        self._key = OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "d")})

    def take_after(self, token: str) -> None:
        """Make tokens like this one from now on."""
        content = token.split(".")[1]
        given = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        self._like = {name: given[name] for name in ("iss", "aud")}

    def token(self, subject: str) -> str:
        """Return an access token of a person."""
        now = int(time.time())
        claims = {**self._like, "sub": subject, "client_id": "faults", "iat": now - 5}
        claims |= {"exp": now + TOKEN_SECONDS, "jti": str(new_id()), "chart_version": 0}
        return jwt.encode({"alg": ALGORITHM, "kid": self._kid}, claims, self._key, algorithms=[ALGORITHM])


async def assemble(port: int, secrets: Path) -> Company:
    """Make everybody through the API."""
    issuer, line = Issuer(secrets), Line(port)
    first = json.loads((secrets / "first-sign-ins.json").read_text())
    admin = await _sign_in(line, issuer, {"grant_type": "password", **first["admin"]}, "admin")
    given = {"grant_type": "client_credentials", **first["import_client"]}
    company = Company(await _sign_in(line, issuer, given, "operations"), admin)
    for number in range(2):
        head = await _hire(line, company, issuer, f"Head {number}", None)
        for place in range(MANAGERS):
            manager = await _hire(line, company, issuer, f"Manager {number}.{place}", head)
            for seat in range(SELLERS):
                await _hire(line, company, issuer, f"Seller {number}.{place}.{seat}", manager)
    for path in PROBES.values():
        await _known(line, company, path)
    line.close()
    return company


async def _known(line: Line, company: Company, path: str) -> None:
    """Wait until a service's copy of the organisation has everybody."""
    for person in company.people.values():
        async with asyncio.timeout(KNOWN_WITHIN_SECONDS):
            while True:
                answer = await line.ask("GET", path, person.headers)
                if answer.status == 200:
                    break
                await asyncio.sleep(0.05)


async def _sign_in(line: Line, issuer: Issuer, given: Mapping[str, str], name: str) -> Person:
    wire = await asyncio.to_thread(_form_answer, line.port, given)
    issuer.take_after(wire["access_token"])
    answer = await line.ask("GET", "/v1/sign-in/me", {"authorization": f"Bearer {wire['access_token']}"})
    person_id = answer.json()["person_id"]
    return Person(person_id, name, None, issuer.token(person_id))


def _form_answer(port: int, given: Mapping[str, str]) -> Any:
    import httpx  # noqa: PLC0415 (used once, and slow to import)

    answer = httpx.post(f"http://127.0.0.1:{port}/v1/sign-in/token", data=dict(given), timeout=30)
    answer.raise_for_status()
    return answer.json()


async def _hire(line: Line, company: Company, issuer: Issuer, name: str, superior: Person | None) -> Person:
    level = name.split(maxsplit=1)[0].lower()
    made = await _done(line, company.admin, "/v1/people", {"name": name, "title": level})
    if superior is not None:
        change = {"superior_id": superior.id, "reason": "joined the team"}
        await _done(line, company.admin, f"/v1/people/{made['id']}/superior-changes", change)
    person = Person(made["id"], name, superior.id if superior else None, issuer.token(made["id"]))
    company.people[person.id] = person
    company.levels[level].append(person)
    return person


async def _done(line: Line, person: Person, path: str, body: Any) -> Any:
    key = {"idempotency-key": str(new_id())}
    for _ in range(20):
        try:
            answer = await line.ask("POST", path, person.headers | key, body)
        except Lost:
            await asyncio.sleep(0.1)
            continue
        if answer.status < 400:
            return answer.json()
        if answer.status < 500 and answer.status != 409:
            raise AssertionError(f"{path}: {answer.status} {answer.body!r}")
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} is not to be done")
