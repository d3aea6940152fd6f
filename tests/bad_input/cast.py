"""Who sends: everybody of the scene, signed in as they would, and some who have no place here."""

import json
from dataclasses import dataclass, field
from random import Random

from servicekit.values.scopes import SCOPES
from tests.bad_input.knowing import Known
from tests.house import Client, House
from tests.make import word
from tests.system.scene import Scene

SIGNED_IN_BY_PASSWORD = ("head", "superior", "seller", "junior", "peer", "elsewhere", "planner", "newcomer")
AS_TABLE, POWERFUL = 0.45, 0.3
SPARE_PEOPLE = 4


@dataclass
class Cast:
    """Tokens by names; `tokens[""]` is nobody's."""

    scene: Scene
    known: Known
    tokens: dict[str, str] = field(default_factory=dict)

    def chosen(self, rightly: str, chance: Random) -> str:
        """Return who sends a request: mostly somebody who may."""
        dice = chance.random()
        if dice < AS_TABLE and rightly:
            return rightly
        if dice < AS_TABLE + POWERFUL:
            return chance.choice(("admin", "operations", "clumsy"))
        return chance.choice(sorted(self.tokens))


async def gathered(scene: Scene, paths: set[str]) -> Cast:
    """Sign everybody in, and make those whom nobody will miss."""
    house, people = scene.house, scene.people
    people["clumsy"], _ = await scene.make.machine(sorted(SCOPES), roles=["sales_operations"])
    people["auditor"] = await scene.make.person(roles=["auditor", "marketing", "finance"])
    spare = [await scene.make.person(people["outsider"]) for _ in range(SPARE_PEOPLE)]
    machine, made = await scene.make.machine(["team:read"])
    await house.settle()
    for name in SIGNED_IN_BY_PASSWORD:
        people[name] = await _signed_in(people["admin"], people[name])
    await house.settle()
    unwanted = {
        "person_id": [each.id for each in spare],
        "client_id": [machine.id],
        "secret_id": [made["secrets"][0]["id"]],
    }
    known = Known(scene.ids | {"admin_password": _password_of_admin(house)}, unwanted, paths)
    tokens = {name: client.token for name, client in people.items() if client.token}
    return Cast(scene, known, tokens | {"nobody": "", "forged": (people["seller"].token or "")[:-6] + "AAAAAA"})


def _password_of_admin(house: House) -> str:
    return str(json.loads((house.secrets / "first-sign-ins.json").read_text())["admin"]["password"])


async def _signed_in(admin: Client, person: Client) -> Client:
    """Give somebody a password and sign them in by it."""
    username, password = f"user.{word()}", f"long enough {word()}"
    credentials = {"username": username, "password": password}
    await admin.done("POST", f"/v1/people/{person.id}/credentials", credentials)
    form = {"grant_type": "password", **credentials}
    answer = await admin.house.clients["team"].post("/v1/sign-in/token", data=form)
    answer.raise_for_status()
    return Client(admin.house, person.person_id, answer.json()["access_token"])
