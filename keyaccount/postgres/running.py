"""Reaching the server of a cluster that another process has started."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from keyaccount.postgres.cluster import ADMIN
from keyaccount.postgres.left_over import processes_of
from keyaccount.postgres.places import Places, find_places
from keyaccount.postgres.system_user import environment, find_system_user
from keyaccount.problems import Unable

_PORT_LINE, _SOCKET_LINE = 3, 4


@dataclass(frozen=True)
class Running:
    """A server that is running: where it listens, and as whom it is administered."""

    places: Places
    socket: Path
    port: int
    password: str

    @property
    def admin_url(self) -> str:
        """The administrator's URL."""
        host = quote(str(self.socket), safe="/")
        return f"postgresql://{ADMIN}:{self.password}@/postgres?host={host}&port={self.port}"

    def program(self, name: str) -> str:
        """Return one of PostgreSQL's own programs."""
        return str(self.places.binaries / name)

    def environment(self) -> dict[str, str]:
        """Return what PostgreSQL's programs need to reach it as administrator."""
        reached = {"PGHOST": str(self.socket), "PGPORT": str(self.port), "PGUSER": ADMIN}
        return environment() | reached | {"PGPASSWORD": self.password}


def running_server(folder: Path) -> Running:
    """Return the server of the cluster in `folder`.

    Raises:
        Unable: none is running there.
    """
    if folder.exists():
        places = find_places(folder, find_system_user())
        pid_file = places.cluster / "postmaster.pid"
        if pid_file.exists() and processes_of(Path(os.path.realpath(places.cluster))):
            lines = pid_file.read_text(encoding="utf-8").split("\n")
            password = places.admin_password.read_text(encoding="utf-8").strip()
            return Running(places, Path(lines[_SOCKET_LINE]), int(lines[_PORT_LINE]), password)
    message = (
        f"No embedded PostgreSQL is running in {folder}; start the instance first. "
        "For an own server see docs/backup-and-restore.md."
    )
    raise Unable(message)
