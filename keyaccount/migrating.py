"""Brings the schemas of all services up to date: `python -m keyaccount.migrating SECRETS`.

A process of its own, so that what lives as long as the instance does not carry Alembic and all tables with it.
"""

import sys
from pathlib import Path

from keyaccount.secrets import read_urls
from servicekit.data.migrations import migrate


def migrate_all(secrets: Path) -> None:
    """Migrate every service that `database.json` names, as its owner."""
    for service, urls in read_urls(secrets).items():
        migrate(service, urls.owner)


if __name__ == "__main__":
    migrate_all(Path(sys.argv[1]))
