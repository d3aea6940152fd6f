"""At the first start an administrator and a client for imports are made, with the secrets that `up` has made."""

import json
from pathlib import Path

from servicekit.data.transactions import writing
from servicekit.values.scopes import SERVICES
from servicekit.web.service import Service
from services.team.people.rules import PersonKind, Role
from services.team.sign_in import actions
from services.team.sign_in.actions import FirstSignIn

IMPORTING = ("import", "demand_plans:read", *(f"{service}:events:read" for service in SERVICES))
"""What loads data, waits until all services have taken it over, and reports what is loaded."""

FIRST_SIGN_INS = "first-sign-ins.json"


def read_first_sign_ins(secrets: Path) -> list[FirstSignIn]:
    """Return whom the file names; nobody where there is no file (another provider signs people in)."""
    path = secrets / FIRST_SIGN_INS
    if not path.exists():
        return []
    given = json.loads(path.read_text())
    admin, client = given["admin"], given["import_client"]
    return [
        FirstSignIn("Administrator", PersonKind.PERSON, admin["username"], admin["password"], (Role.ADMIN,)),
        FirstSignIn(
            "Import",
            PersonKind.MACHINE,
            client["client_id"],
            client["client_secret"],
            (Role.ADMIN, Role.SALES_OPERATIONS),
            IMPORTING,
        ),
    ]


async def make_first_sign_ins(service: Service) -> None:
    """Make whoever of them is missing."""
    wanted = read_first_sign_ins(service.settings.secrets)
    async with writing(service.database) as tx:
        await actions.ensure_first_sign_ins(tx, wanted)
