"""`keyaccount import MAPPING FOLDER`: plan, send, report."""

import asyncio
import json
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from rich.console import Console
from rich.table import Table

from keyaccount.api_client import ApiClient, Refused, SignIn, silence_retries
from keyaccount.importing.bars import bars
from keyaccount.importing.journal import Journal, digest_of
from keyaccount.importing.mapping import read_mapping
from keyaccount.importing.outcomes import Outcomes
from keyaccount.importing.planning import Plan, make_plan
from keyaccount.importing.sending import Sender, rehearse
from keyaccount.problems import Unable
from keyaccount.settings import settings_from


@dataclass(frozen=True)
class Imported:
    """What an import did: its counts per kind, all outcomes, what was remarked, and where it is written."""

    plan: Plan
    outcomes: Outcomes
    files: tuple[Path, Path]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Return the outcomes counted per kind, in the order of the mapping."""
        return self.outcomes.counts(records.kind for records in self.plan.sets)


def run_import(
    mapping: str,
    folder: Path,
    *,
    base_url: str,
    home: Path,
    dry_run: bool = False,
    resume: bool = False,
    as_json: bool = False,
    outcomes: Path | None = None,
) -> int:
    """Run one import from the command line and return the exit code."""
    silence_retries()
    console = Console(stderr=as_json)
    sign_in = SignIn.of_imports(home / "secrets")

    async def run() -> Imported:
        async with ApiClient(base_url, sign_in) as client:
            return await import_folder(
                client,
                find_mapping(mapping),
                folder,
                state=home / "imports",
                written_to=outcomes,
                dry_run=dry_run,
                resume=resume,
                time_zone=settings_from().time_zone,
                console=console,
            )

    try:
        done = asyncio.run(run())
    except Refused as refused:
        raise Unable(
            f"{refused} What was done until then is kept: mend the cause, then run it with --resume."
        ) from None
    _print_outcome(console, done)
    if as_json:
        sys.stdout.write(json.dumps(done.counts) + "\n")
    return 0


def find_mapping(named: str) -> Path:
    """Return the mapping file: a path, or the name of one that is shipped."""
    path = Path(named)
    if path.is_file():
        return path
    shipped = Path(str(resources.files("keyaccount.importing"))) / "mappings"
    inside = shipped / f"{path.name.removesuffix('.yaml')}.yaml"
    if path.parent == Path() and inside.is_file():
        return inside
    there = ", ".join(sorted(found.stem for found in shipped.glob("*.yaml")))
    raise Unable(f"There is no mapping {named}. Give the path of a YAML file, or one that is shipped: {there}.")


async def import_folder(
    client: ApiClient,
    mapping: Path,
    folder: Path,
    *,
    state: Path,
    written_to: Path | None = None,
    dry_run: bool = False,
    resume: bool = False,
    time_zone: str = "UTC",
    console: Console | None = None,
) -> Imported:
    """Import `folder` by `mapping`; outcomes are written even if it is cut short."""
    described, document = read_mapping(mapping)
    plan = make_plan(described, document, folder, time_zone)
    own = state / f"{described.name}-{digest_of(mapping, described, folder, client.base_url)}"
    target = written_to or own
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    outcomes = Outcomes()
    try:
        if dry_run:
            await rehearse(client, plan, outcomes)
        else:
            path = own / "journal.jsonl"
            journal = Journal.resume(path) if resume else Journal.begin(path)
            with bars(console, _totals(plan)) as advance:
                await Sender(client, plan, journal, outcomes, advance).send()
    finally:
        files = outcomes.write(target)
    return Imported(plan, outcomes, files)


def _totals(plan: Plan) -> dict[str, int]:
    totals: dict[str, int] = {}
    for records in plan.sets:
        totals[records.kind] = totals.get(records.kind, 0) + len(records.records)
    return totals


def _print_outcome(console: Console, done: Imported) -> None:
    kinds = done.counts
    columns = list(dict.fromkeys(outcome for counts in kinds.values() for outcome in counts))
    table = Table("", *(column.replace("_", " ") for column in columns), title=done.plan.mapping.name)
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, counts in kinds.items():
        table.add_row(kind, *(f"{counts.get(column, 0):,}" for column in columns))
    console.print(table)
    for kind in kinds:
        for outcome in ("rejected", "skipped"):
            for reason, rows in done.outcomes.reasons(kind, outcome):
                console.print(f"{kind}, {rows:,} {outcome}: {reason}", markup=False, highlight=False, soft_wrap=True)
    for line in done.plan.notes.lines():
        console.print(f"Noted. {line}", markup=False, highlight=False, soft_wrap=True)
    for lack in done.plan.mapping.lacks:
        console.print(f"Not in the source: {lack}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"Each row's outcome: {done.files[0]} and {done.files[1].name}", markup=False, highlight=False, soft_wrap=True
    )
