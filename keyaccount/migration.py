"""Drafts a migration from the tables: `python -m keyaccount.migration SERVICE MESSAGE`, or `make migration`.

The draft compares the tables with a server made for it, on which every existing migration has run. SERVICE may also be
`servicekit` or `orgchart`, whose tables every service has. Read the draft: it sees no checks, triggers and grants.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command

from keyaccount import postgres
from keyaccount.problems import Unable
from keyaccount.provisioning import SERVICES, Account, provision
from servicekit.data.migrations import configuration, migrate, parts_of


def draft(name: str, message: str) -> None:
    """Write the draft into the folder of `name`'s revisions."""
    if not message.strip() or name not in (*SERVICES, "servicekit", "orgchart"):
        wanted = f"S=one of {', '.join((*SERVICES, 'servicekit', 'orgchart'))} M='what it does'"
        raise Unable(f"Say which and what: make migration {wanted}")
    service, part_name = (name, "service") if name in SERVICES else (SERVICES[0], name)
    part = next(part for part in parts_of(service) if part.name == part_name)
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        cluster = Path(folder) / "postgres"
        server = postgres.start(cluster, durable=False)
        try:
            urls = asyncio.run(provision(server.admin_url, {service: Account("owner", "login")}))
            migrate(service, urls[service].owner)
            part.versions.mkdir(parents=True, exist_ok=True)
            config = configuration(service, part, urls[service].owner)
            command.revision(config, message=message, autogenerate=True)
        finally:
            server.stop()
            postgres.remove(cluster)


if __name__ == "__main__":
    try:
        draft(*sys.argv[1:3])
    except Unable as problem:
        sys.exit(str(problem))
