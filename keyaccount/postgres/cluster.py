"""Making a cluster and saying how it runs."""

import locale
import secrets
import shutil
import sys
from pathlib import Path

from keyaccount.files import write_whole
from keyaccount.postgres.places import Places
from keyaccount.postgres.system_user import SystemUser
from keyaccount.problems import Unable

ADMIN = "postgres"

# With LC_CTYPE C, pg_trgm takes no Chinese character for a letter and finds no trigram in a Chinese name.
_CHARACTER_TYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8")

_ACCESS = f"""\
# Written by Keyaccount at every start. Passwords everywhere; only the administrator enters the maintenance databases.
local all {ADMIN} scram-sha-256
local replication {ADMIN} scram-sha-256
host all {ADMIN} 127.0.0.1/32 scram-sha-256
local postgres,template1 all reject
host postgres,template1 all 127.0.0.1/32 reject
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""

MOST_CONNECTIONS = 200
OTHERS_CONNECTIONS = 20
"""Of those, so many are for backups, migrations, checks and the administrator."""

_SETTINGS = f"""\
# Written by Keyaccount at every start; what you set with ALTER SYSTEM comes after it and wins.
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
max_connections = {MOST_CONNECTIONS}
shared_preload_libraries = 'pg_stat_statements'
shared_buffers = '128MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '64MB'
random_page_cost = 1.1  # solid-state disks
jit = off  # compiling costs more than our short queries take
max_wal_size = '2GB'
max_slot_wal_keep_size = '4GB'  # a backup that follows and has gone must not fill the disk
checkpoint_timeout = '15min'
autovacuum_naptime = '20s'  # outbox and counters turn over quickly
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_lock_waits = on
log_min_duration_statement = -1  # statements hold answers that are kept; pg_stat_statements tells the slow ones
log_min_error_statement = panic
log_error_verbosity = terse  # details hold rows
log_parameter_max_length = 0  # values may be personal
log_parameter_max_length_on_error = 0
log_line_prefix = '%m [%p] %u@%d '
"""

_ON_LINUX = """\
recovery_init_sync_method = 'syncfs'  # file by file it takes most of the time that a killed server needs to be back
"""

_CARELESS = """\
# For tests: a power cut may lose everything.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = '1min'
"""


def ensure_cluster(places: Places, user: SystemUser, *, durable: bool) -> str:
    """Make the cluster when there is none, bring its settings up to date; return the administrator's password."""
    if not (places.cluster / "PG_VERSION").exists():
        _make(places, user, durable=durable)
    if places.cluster.stat().st_uid != user.uid:
        message = f"{places.cluster} belongs to another user than the one PostgreSQL would run as now ({user.uid})."
        raise Unable(message)
    if not places.admin_password.exists():
        message = f"{places.admin_password} is missing: without it nobody can administer the cluster beside it."
        raise Unable(message)
    _configure(places, user, durable=durable)
    return places.admin_password.read_text(encoding="utf-8").strip()


def _make(places: Places, user: SystemUser, *, durable: bool) -> None:
    """Run initdb beside the final place, so that an interrupted one is never taken for a cluster."""
    password = secrets.token_urlsafe(24)
    write_whole(places.admin_password, f"{password}\n")
    unfinished = places.base / "cluster.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    user.own(unfinished, 0o700)
    password_file = places.socket / "password"  # the one folder of the user's that is there already
    write_whole(password_file, f"{password}\n")
    user.own(password_file, 0o600)
    try:
        done = user.run(*_initdb(places, unfinished, password_file, durable=durable), folder=Path("/"))
    finally:
        password_file.unlink()
    if done.returncode != 0:
        message = f"PostgreSQL's initdb failed: {done.stderr.strip()}"
        raise Unable(message)
    unfinished.rename(places.cluster)


def _initdb(places: Places, cluster: Path, password_file: Path, *, durable: bool) -> list[str | Path]:
    return [
        places.binaries / "initdb",
        f"--pgdata={cluster}",
        f"--username={ADMIN}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        f"--lc-ctype={character_type()}",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]


def character_type() -> str:
    """Return the name this machine has for a locale that knows which characters of Unicode are letters."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in _CHARACTER_TYPES:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    message = f"This machine has none of the locales {', '.join(_CHARACTER_TYPES)}; install one."
    raise Unable(message)


def _configure(places: Places, user: SystemUser, *, durable: bool) -> None:
    settings = _SETTINGS + (_ON_LINUX if sys.platform == "linux" else "") + ("" if durable else _CARELESS)
    _write(places.cluster / "keyaccount.conf", settings, user)
    _write(places.cluster / "pg_hba.conf", _ACCESS, user)
    main = places.cluster / "postgresql.conf"
    include = "include_if_exists = 'keyaccount.conf'"
    content = main.read_text(encoding="utf-8")
    if include not in content:
        _write(main, f"{content}\n{include}\n", user)


def _write(path: Path, content: str, user: SystemUser) -> None:
    write_whole(path, content)
    user.own(path, 0o600)
