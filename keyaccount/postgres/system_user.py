"""As whom PostgreSQL runs: it refuses to run as root, so root lends it a user of its own."""

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from keyaccount.problems import Unable

USER_NAME = "keyaccount"


@dataclass(frozen=True)
class SystemUser:
    """The user that owns the cluster; `switch` says whether we are root and must become it in each child."""

    uid: int
    gid: int
    switch: bool

    def run(self, *command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as this user, in `folder`."""
        return subprocess.run(  # noqa: S603 - only our own binaries and paths come here
            [str(part) for part in command],
            cwd=folder,
            env=environment(),
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
            capture_output=True,
            text=True,
            check=False,
        )

    def may(self, permission: str, path: Path) -> bool:
        """Whether this user reaches `path` with `permission` (`r`, `w` or `x`, as test(1) asks)."""
        if not self.switch:
            return os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[permission])
        return self.run("test", f"-{permission}", path, folder=Path("/")).returncode == 0

    def own(self, path: Path, mode: int) -> None:
        """Hand `path` over to this user with exactly `mode`."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def environment() -> dict[str, str]:
    """Return our environment without what would point PostgreSQL's programs elsewhere or change their language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def find_system_user() -> SystemUser:
    """Return whom PostgreSQL shall run as: ourselves, or, as root, the user `keyaccount`, made when absent."""
    if os.geteuid() != 0:
        return SystemUser(os.geteuid(), os.getegid(), switch=False)
    entry = _entry() or _make_entry()
    return SystemUser(entry.pw_uid, entry.pw_gid, switch=True)


def system_user_exists() -> bool:
    """Whether the user that root needs is already there."""
    return _entry() is not None


def can_make_system_user() -> bool:
    """Whether this machine has a program to make the user with."""
    return _making_command() is not None


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER_NAME)
    except KeyError:
        return None


def _making_command() -> list[str] | None:
    if program := shutil.which("useradd", path=_SYSTEM_PATH):
        return [program, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER_NAME]
    if program := shutil.which("adduser", path=_SYSTEM_PATH):  # busybox
        return [program, "-S", "-D", "-H", USER_NAME]
    return None


def _make_entry() -> pwd.struct_passwd:
    command = _making_command()
    said = "neither useradd nor adduser is installed"
    for _ in range(20 if command else 0):
        done = subprocess.run(command or [], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        if entry := _entry():  # or somebody else made it meanwhile
            return entry
        said = done.stderr.strip()
        time.sleep(0.1)  # /etc/passwd is locked while another process adds a user
    message = (
        f"PostgreSQL does not run as root and the user '{USER_NAME}' could not be made ({said}). "
        f"Make a system user '{USER_NAME}', run as an ordinary user, or set KEYACCOUNT_DATABASE_URL."
    )
    raise Unable(message)


_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
