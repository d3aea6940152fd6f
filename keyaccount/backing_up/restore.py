"""`keyaccount restore FOLDER --to HOME`: a home like the one that was backed up, as of its end or an instant."""

import asyncio
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from keyaccount import postgres
from keyaccount.auditing.command import read_key
from keyaccount.backing_up.backup import ADMIN_PASSWORD, AUDIT, CLUSTER, SECRETS, WAL
from keyaccount.children import Say
from keyaccount.database_urls import with_database
from keyaccount.files import write_whole
from keyaccount.postgres.places import Places, find_places
from keyaccount.postgres.system_user import SystemUser, find_system_user
from keyaccount.problems import Unable
from keyaccount.provisioning import DATABASE, SERVICES
from orgchart.difference import EPOCH
from servicekit.data.checkpoint_file import restoration, restoration_line
from servicekit.run.checkpointing import Signer, file_in

TO_RESTORE = "wal-to-restore"
_AUTO = "postgresql.auto.conf"
_REPLAY_SECONDS = 3600.0
_LOOK_SECONDS = 0.1
RENEW_CHART = """
WITH renewed AS (
    UPDATE team.orgchart_state SET version = (version / $1::bigint + 1) * $1 + version % $1 RETURNING version
), people AS (
    UPDATE team.chart_person_change SET version = (SELECT version FROM renewed)
)
INSERT INTO team.chart_part_change (part, version)
SELECT part, version FROM unnest(ARRAY['units', 'stand_ins']) AS part, renewed
ON CONFLICT (part) DO UPDATE SET version = EXCLUDED.version
"""
"""The copies of the org chart ask for what changed since their version, which may be above the restored one: in the
next epoch everybody and everything is news to every copy."""


def restore(folder: Path, home: Path, until: datetime | None, say: Say) -> None:
    """Make a home out of a backup; `keyaccount up` with that home goes on from there."""
    if not (folder / CLUSTER / "PG_VERSION").exists():
        message = f"{folder} is no backup: there is no {CLUSTER} in it."
        raise Unable(message)
    if home.exists() and any(home.iterdir()):
        message = f"{home} is not empty; name a new folder."
        raise Unable(message)
    began = time.monotonic()
    home.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder / SECRETS, home / "secrets")
    if (folder / AUDIT).exists():
        shutil.copytree(folder / AUDIT, home / "audit")
    user = find_system_user()
    places = find_places(home / "postgres", user)
    _lay_out(folder, places, user, until)
    server = postgres.start(home / "postgres")
    try:
        until_known = asyncio.run(_settle(server.admin_url, home))
    finally:
        server.stop()
    _clear(places, user)
    say("restore", f"{home} is as of {until_known:%Y-%m-%d %H:%M:%S} UTC, in {time.monotonic() - began:.1f} s")
    say("restore", f"start it with KEYACCOUNT_HOME={home} keyaccount up; erasures since then have to be done again")


def _lay_out(folder: Path, places: Places, user: SystemUser, until: datetime | None) -> None:
    """Put everything where the server will find it, with what tells it to replay the log."""
    shutil.copytree(folder / CLUSTER, places.cluster, symlinks=True)
    shutil.copyfile(folder / ADMIN_PASSWORD, places.admin_password)
    places.admin_password.chmod(0o600)
    log = places.base / TO_RESTORE
    log.mkdir()
    for path in (folder / WAL).iterdir() if (folder / WAL).exists() else ():
        shutil.copyfile(path, log / path.name.removesuffix(".partial"))
    auto = places.cluster / _AUTO
    settings = [f'restore_command = \'cp "{log}/%f" "%p"\'']
    if until is not None:
        settings += [
            f"recovery_target_time = '{until.astimezone(UTC).isoformat()}'",
            "recovery_target_action = promote",
        ]
    (places.cluster / "recovery.signal").touch()
    write_whole(auto, auto.read_text(encoding="utf-8") + "\n".join(settings) + "\n")
    for top in (places.cluster, log):
        for path in (top, *top.rglob("*")):
            user.own(path, 0o700 if path.is_dir() else 0o600)


def _clear(places: Places, user: SystemUser) -> None:
    """Take away what only the replay needed."""
    auto = places.cluster / _AUTO
    kept = [
        line
        for line in auto.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("restore_command", "recovery_target"))
    ]
    write_whole(auto, "\n".join(kept) + "\n")
    user.own(auto, 0o600)
    shutil.rmtree(places.base / TO_RESTORE)


async def _settle(admin_url: str, home: Path) -> datetime:
    """Note where the trail stands now, make the org chart news; return the instant of the last change."""
    connection = await asyncpg.connect(with_database(admin_url, DATABASE))
    try:
        await _await_end_of_replay(connection)
        signer = Signer(read_key(home / "secrets"))
        last = datetime.fromtimestamp(0, UTC)
        for service in SERVICES:
            number = await connection.fetchval(f"SELECT coalesce(max(number), 0) FROM {service}.audit_checkpoint")  # noqa: S608 (our own names)
            file = file_in(home / "audit", service)
            filed = file.last()
            if filed is not None and filed.number > number:
                content = restoration(service, number, datetime.now(UTC).isoformat())
                file.add([restoration_line(content, signer.sign(content))])
            newest = await connection.fetchval(f"SELECT max(at) FROM {service}.audit")  # noqa: S608 (our own names)
            last = max(last, newest or last)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(RENEW_CHART, EPOCH)
        return last
    finally:
        await connection.close()


async def _await_end_of_replay(connection: asyncpg.Connection) -> None:
    """Wait until the log is replayed: the server lets readers in before that."""
    deadline = time.monotonic() + _REPLAY_SECONDS
    while await connection.fetchval("SELECT pg_is_in_recovery()"):
        if time.monotonic() > deadline:
            message = f"The log was not replayed within {_REPLAY_SECONDS:.0f} s."
            raise Unable(message)
        await asyncio.sleep(_LOOK_SECONDS)
