"""Loading the demo: import, simulate, give sign-ins, assess, walk a forecast. What was done is not done again."""

import asyncio
import json
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from keyaccount.api_client import ApiClient, Refused, SignIn, silence_retries
from keyaccount.demo.forecasting import Walk
from keyaccount.demo.market import market_of
from keyaccount.demo.settling import settled
from keyaccount.demo.sign_ins import FILE, give_sign_ins
from keyaccount.demo.simulation import OPPORTUNITIES, SYSTEM, simulate
from keyaccount.demo.working import Work
from keyaccount.files import write_whole
from keyaccount.importing.bars import bars
from keyaccount.importing.catalogue import Catalogue, Named, Planned
from keyaccount.importing.command import Imported, find_mapping, import_folder
from keyaccount.importing.journal import Journal
from keyaccount.importing.notes import Notes
from keyaccount.importing.outcomes import Outcomes
from keyaccount.importing.planning import Plan, RecordSet, references_in
from keyaccount.importing.sending import Sender
from keyaccount.problems import Unable
from keyaccount.settings import settings_from

FOLDER = Path(__file__).parent / "adventureworks"
STATE = "demo"
SIMULATED = "simulated"
_HEAD_OF_SALES = "273"


def load_demo(base_url: str, secrets_folder: Path, console: Console) -> None:
    """Load the demo into the instance whose secrets are in `secrets_folder`; what it keeps lies beside them."""
    silence_retries()
    try:
        asyncio.run(_connect_and_load(base_url, secrets_folder, console))
    except Refused as refused:
        raise Unable(f"The demo could not be loaded whole: {refused}") from None


async def _connect_and_load(base_url: str, secrets_folder: Path, console: Console) -> None:
    async with (
        ApiClient(base_url, SignIn.of_imports(secrets_folder)) as machine,
        ApiClient(base_url, SignIn.of_admin(secrets_folder)) as admin,
    ):
        await load(machine, admin, secrets_folder, console)


async def load(machine: ApiClient, admin: ApiClient, secrets_folder: Path, console: Console | None) -> None:
    """Load the demo as the client for imports and the first admin."""
    state = secrets_folder.parent / STATE
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    loading_day = _loading_day(state)
    imported = await import_folder(
        machine, find_mapping("adventureworks"), FOLDER, state=state, resume=True, console=console
    )
    _tell_rejected(imported.outcomes, console)
    sender = _simulation(machine, imported, state, loading_day)
    system = imported.plan.mapping.system
    people = [person async for person in machine.pages("/v1/people", {"external_system": system})]
    parts = {
        SIMULATED: OPPORTUNITIES,
        "sign-ins": len(people),
        "assessments": len(people),
        "forecast": len(people) - 1,
    }
    with bars(console, parts) as advance:
        sender.progress = lambda _, records: advance(SIMULATED, records)
        persons, _ = await asyncio.gather(
            give_sign_ins(admin, people, secrets_folder, partial(advance, "sign-ins", 1)), sender.send()
        )
        await settled(machine, ("opportunity", "forecast"))
        head = next(person["id"] for person in people if person["external_reference"]["id"] == _HEAD_OF_SALES)
        by_id = {person.id: person for person in persons}
        await Work(machine, by_id, partial(advance, "assessments", 1)).through(loading_day, head)
        await settled(machine, ("opportunity", "forecast"))
        await Walk(machine, by_id, partial(advance, "forecast", 1)).through(loading_day, head)
    _tell_rejected(sender.outcomes, console)
    if console is not None:
        console.print(
            f"Sign-ins of the demo's people: {secrets_folder / FILE}", markup=False, highlight=False, soft_wrap=True
        )


def _loading_day(state: Path) -> date:
    """Return the day on which the demo was begun to be loaded: it stays the same, whenever loading goes on."""
    path = state / "loading-day.json"
    if path.exists():
        return date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["loading_day"])
    today = datetime.now(UTC).astimezone(ZoneInfo(settings_from().time_zone)).date()
    write_whole(path, json.dumps({"loading_day": today.isoformat()}))
    return today


def _simulation(machine: ApiClient, imported: Imported, state: Path, loading_day: date) -> Sender:
    """Return what sends the simulated pipeline like any import: in batches, resumable, known by its references."""
    records = [
        Planned(
            "opportunities", "simulation", number, item["external_reference"]["id"], item, tuple(references_in(item))
        )
        for number, item in enumerate(simulate(market_of(imported.plan.catalogue), loading_day), start=1)
    ]
    mapping = imported.plan.mapping.model_copy(update={"system": SYSTEM})
    plan = Plan(mapping, [RecordSet("opportunities", records)], [], Catalogue(SYSTEM), Notes())
    sender = Sender(machine, plan, Journal.resume(state / "simulation.jsonl"), Outcomes(), lambda *_: None)
    system = imported.plan.mapping.system
    sender.ids.known.update(
        {Named(row.kind, system, row.external_id): row.id for row in imported.outcomes.rows if row.id is not None}
    )
    return sender


def _tell_rejected(outcomes: Outcomes, console: Console | None) -> None:
    rejected = [row for row in outcomes.rows if row.outcome == "rejected"]
    if rejected and console is not None:
        first = rejected[0]
        said = f"{len(rejected):,} records were rejected; the first: {first.kind} {first.external_id}: {first.reason}"
        console.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
