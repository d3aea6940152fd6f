"""What runs in a container: `keyaccount serve NAME`, `keyaccount provision` and `keyaccount first-sign-ins`."""

import asyncio
import os
import shutil
from pathlib import Path

from keyaccount.databases import Databases
from keyaccount.environment import with_files
from keyaccount.files import PRIVATE_FILE, write_whole
from keyaccount.migrating import migrate_all
from keyaccount.problems import Unable
from keyaccount.provisioning import SERVICES
from keyaccount.secrets import DATABASE_URLS, FIRST_SIGN_INS, ensure_secrets, read_urls
from keyaccount.settings import PROJECT, Settings
from keyaccount.supervisor import GATEWAY, gateway_command, service_command

LOGIN_URL = "login-url"


def serve(name: str, port: int) -> None:
    """Become the process of a service or of the gateway; returns only by refusing."""
    if name not in (*SERVICES, GATEWAY):
        message = f"There is nothing to serve called {name!r}; there are {', '.join((*SERVICES, GATEWAY))}."
        raise Unable(message)
    environment = with_files(os.environ) | {"PYTHONUNBUFFERED": "1"}
    if name != GATEWAY:
        environment["KEYACCOUNT_SERVICE"] = name
        if missing := [each for each in ("KEYACCOUNT_LOGIN_URL", "KEYACCOUNT_SECRETS") if not environment.get(each)]:
            message = (
                f"Set {missing[0]} (or {missing[0]}_FILE): `keyaccount provision --services` writes what it needs."
            )
            raise Unable(message)
    host = environment.get("KEYACCOUNT_HOST") or "127.0.0.1"
    command = list(gateway_command() if name == GATEWAY else service_command(name, port))
    if "--host" in command:  # the gateway reads it from its environment
        command[command.index("--host") + 1] = host
    os.chdir(PROJECT)
    os.execve(command[0], command, environment)  # noqa: S606 - our own Python: the container's first process


def provision_once(settings: Settings, services: Path | None) -> None:
    """Make keys, roles, database and schemas on own servers, migrate, and hand each service what it needs."""
    if settings.needs_embedded:
        message = (
            "`keyaccount provision` is for own servers: set KEYACCOUNT_DATABASE_URL. `keyaccount up` does the rest."
        )
        raise Unable(message)
    ensure_secrets(settings.secrets)
    asyncio.run(Databases(settings, lambda who, what: print(f"{who}: {what}")).open())  # noqa: T201 - told to people
    migrate_all(settings.secrets)
    if services is not None:
        hand_out(settings.secrets, services)


def hand_out(secrets: Path, services: Path) -> None:
    """Write into a folder for each service its keys and its login, and nothing of another service.

    First sign-ins are for `team` alone; the owners' logins, which migrate, are for nobody that runs.
    """
    for service, urls in read_urls(secrets).items():
        folder = services / service
        folder.mkdir(parents=True, exist_ok=True)
        for path in secrets.iterdir():
            if path.is_file() and path.name != DATABASE_URLS and (path.name != FIRST_SIGN_INS or service == "team"):
                shutil.copyfile(path, folder / path.name)
                (folder / path.name).chmod(PRIVATE_FILE)
        write_whole(folder / LOGIN_URL, f"{urls.login}\n")
