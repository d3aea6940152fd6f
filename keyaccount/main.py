"""The commands. Each imports what it needs when it is called: `up` must not wait for spreadsheets."""

# ruff: noqa: PLC0415 - the imports inside the commands are the point of this module

import asyncio
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from keyaccount.problems import Unable
from keyaccount.settings import settings_from

application = typer.Typer(
    name="keyaccount",
    help="Key-account sales: customers, opportunities, forecasts, sales teams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@application.command()
def up() -> None:
    """Start PostgreSQL, the four services and the gateway, and keep them running until Ctrl-C."""
    from keyaccount import instance, supervisor
    from keyaccount.telling import Teller

    with problems_told():
        settings = settings_from()
        _make_home(settings.home)
        with instance.held(settings.home, settings.port) as record:
            asyncio.run(supervisor.run(settings, record, Teller(Console())))


@application.command()
def down() -> None:
    """Stop the instance of KEYACCOUNT_HOME that runs elsewhere."""
    from keyaccount import instance, postgres

    with problems_told():
        home = settings_from().home
        stopped = instance.stop_from_elsewhere(home)
        stopped |= instance.running_instance(home) is None and postgres.stop_left_over(home / "postgres")
        typer.echo(f"The instance in {home} is stopped." if stopped else f"No instance was running in {home}.")


@application.command()
def doctor() -> None:
    """Print the configuration in force and check what this machine lacks."""
    from keyaccount.doctor import examine

    with problems_told():
        if not examine(Console()):
            raise typer.Exit(1)


@application.command()
def serve(name: Annotated[str, typer.Argument(help="customer, opportunity, forecast, team or gateway.")]) -> None:
    """Be the process of one service, or of the gateway: what a container runs."""
    from keyaccount.serving import serve as become

    with problems_told():
        become(name, settings_from().port)


@application.command()
def provision(
    services: Annotated[
        Path | None, typer.Option("--services", help="A folder, to get a folder of secrets for each service.")
    ] = None,
) -> None:
    """Make keys, roles, database and schemas on an own server, once or again, and migrate."""
    from keyaccount.serving import provision_once

    with problems_told():
        settings = settings_from()
        _make_home(settings.home)
        provision_once(settings, services)


@application.command("first-sign-ins")
def first_sign_ins() -> None:
    """Print the first administrator's and the import client's secrets."""
    from keyaccount.secrets import FIRST_SIGN_INS

    with problems_told():
        path = settings_from().secrets / FIRST_SIGN_INS
        if not path.exists():
            message = f"There is no {path}: `keyaccount up` or `keyaccount provision` makes it."
            raise Unable(message)
        typer.echo(path.read_text(encoding="utf-8"))


@application.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is made.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with the write-ahead log until Ctrl-C.")] = False,
) -> None:
    """Back up the running instance: database, keys, and the second record of the audit trail."""
    from keyaccount.backing_up import backup as backing
    from keyaccount.telling import Teller

    with problems_told():
        (backing.follow if follow else backing.back_up)(settings_from(), folder.resolve(), Teller(Console()).say)


@application.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.", exists=True, file_okay=False)],
    *,
    to: Annotated[Path, typer.Option("--to", help="The home that is made.")],
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%dT%H:%M:%S"], help="As of this instant (UTC), not the log's end."),
    ] = None,
) -> None:
    """Make a home out of a backup, as of the end of its log or an instant."""
    from keyaccount.backing_up.restore import restore as restoring
    from keyaccount.telling import Teller

    with problems_told():
        instant = until.replace(tzinfo=UTC) if until else None
        restoring(folder.resolve(), to.resolve(), instant, Teller(Console()).say)


@application.command("restore-drill")
def restore_drill(
    *,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="How long to write.")] = 10.0,
    as_json: AsJson = False,
) -> None:
    """Back up the running instance under writes, restore it elsewhere, start it there, compare, and clean up."""
    import json

    from keyaccount.backing_up.drill import drill
    from keyaccount.telling import Teller

    with problems_told():
        report = drill(settings_from(), seconds, Teller(Console(stderr=True)).say)
        if as_json:
            typer.echo(json.dumps(report, indent=2))


audit = typer.Typer(help="The audit trail: whether it is whole, and signing it now.", no_args_is_help=True)
application.add_typer(audit, name="audit")

OneService = Annotated[str | None, typer.Option("--service", help="One service instead of all.")]


@audit.command("verify")
def audit_verify(
    *,
    service: OneService = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only what came after it (UTC)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the whole audit trail and name the first bad row; exit code 3 if there is one."""
    from keyaccount.auditing.command import verify
    from keyaccount.provisioning import SERVICES

    with problems_told():
        instant = since.replace(tzinfo=UTC) if since else None
        code = verify(settings_from(), [service] if service else SERVICES, instant, as_json=as_json)
    raise typer.Exit(code)


@audit.command("checkpoint")
def audit_checkpoint(*, service: OneService = None, as_json: AsJson = False) -> None:
    """Sign what was written to the audit trail since the last checkpoint."""
    from keyaccount.auditing.command import checkpoint
    from keyaccount.provisioning import SERVICES

    with problems_told():
        code = checkpoint(settings_from(), [service] if service else SERVICES, as_json=as_json)
    raise typer.Exit(code)


keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
application.add_typer(keys, name="keys")


@keys.callback()
def _keys() -> None:
    """Keep `rotate` a command of its own name, though it is the only one."""


@keys.command()
def rotate(
    *,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The key is known to others: it counts no longer.")
    ] = False,
) -> None:
    """Have a new key sign the built-in issuer's tokens; nobody is signed out, unless it is to be at once."""
    from keyaccount.rotation import rotate_issuer_key

    with problems_told():
        kid = rotate_issuer_key(settings_from().secrets, at_once=at_once)
        typer.echo(f"Tokens are signed by the key {kid} from now on.")


@application.command("import")
def import_(
    mapping: Annotated[str, typer.Argument(help="A mapping file, or the name of one that ships.")],
    folder: Annotated[Path, typer.Argument(help="The folder of CSV or XLSX files.", exists=True, file_okay=False)],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, send nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted import stopped.")] = False,
    as_json: AsJson = False,
    outcomes: Annotated[Path | None, typer.Option("--outcomes", help="Where to write each row's outcome.")] = None,
) -> None:
    """Import CSV or XLSX files by a mapping, through the API of the running instance."""
    from keyaccount.importing.command import run_import

    with problems_told():
        settings = settings_from()
        code = run_import(
            mapping,
            folder,
            base_url=settings.base_url,
            home=settings.home,
            dry_run=dry_run,
            resume=resume,
            as_json=as_json,
            outcomes=outcomes,
        )
    raise typer.Exit(code)


@application.command()
def report(
    *,
    as_json: AsJson = False,
    as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="A past date.")] = None,
) -> None:
    """Show what is loaded: customers, funnel with health, forecast roll-up, demand plan."""
    command = importlib.import_module("keyaccount.reporting.command")

    with problems_told():
        settings = settings_from()
        code: int = command.run_report(
            base_url=settings.base_url, home=settings.home, as_of=as_of.date() if as_of else None, as_json=as_json
        )
    raise typer.Exit(code)


@contextmanager
def problems_told() -> Iterator[None]:
    """Turn what we cannot go on with into a sentence and exit code 1."""
    try:
        yield
    except Unable as problem:
        print(f"keyaccount: {problem}", file=sys.stderr)  # noqa: T201 - where people look
        raise typer.Exit(1) from None


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as refusal:
        message = f"The data folder {home} cannot be made ({refusal.strerror}); set KEYACCOUNT_HOME to another."
        raise Unable(message) from refusal
