"""Calibrating from own history, and choosing which probabilities count."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from services.opportunity.calibration.rules.calibrating import (
    StageCalibration,
    WonDays,
    chance_of,
    judge,
    used_probabilities,
)
from services.opportunity.calibration.rules.choosing import ChosenSource, check_may_decide
from services.opportunity.calibration.rules.places import Place, places_of
from services.opportunity.calibration.store import calibrations, history
from services.opportunity.calibration.store.calibrations import Calibration, Choice
from services.opportunity.definitions.rules import find_stage
from services.opportunity.definitions.store import up_to_date


async def calibrate(tx: Writing, viewer: Viewer, *, today: date, zone: str) -> Calibration:
    """Calibrate now, as sales operations."""
    check_may_decide(viewer.roles)
    return await calibrate_by_history(tx, today=today, zone=zone, made_by=tx.actor_id)


async def calibrate_daily(tx: Writing, *, today: date, zone: str) -> Calibration | None:
    """Calibrate once a business day; None where that was done, or another process is at it."""
    if not await calibrations.hold_run(tx, today):
        return None
    made = await calibrate_by_history(tx, today=today, zone=zone, made_by=None)
    await calibrations.note_run(tx, today)
    return made


async def calibrate_by_history(tx: Writing, *, today: date, zone: str, made_by: UUID | None) -> Calibration:
    """Reckon everything from what is decided by now, and keep it."""
    definitions = await up_to_date(tx)
    definition, places = definitions.latest, places_of(definitions)

    def configured(version: int, stage: str) -> Decimal:
        return find_stage(definitions[version], stage).probability

    outcomes = await history.outcomes(tx, places)
    entries = await history.entries(tx, places, zone, configured)
    days = await history.won_days(tx, places)
    stages = [
        StageCalibration(
            stage.key,
            stage.order,
            stage.probability,
            chance_of(outcomes, stage.order),
            judge(outcomes, entries, stage.order),
            days.get(stage.order, WonDays()),
        )
        for stage in definition.open_stages
    ]
    made = Calibration(
        id=new_id(),
        funnel_version=definition.version,
        as_of=today,
        made_at=tx.now,
        made_by=made_by,
        on_behalf_of=tx.actor.on_behalf_of if made_by else None,
        decided=sum(each.count for each in outcomes),
        simulated=sum(each.simulated for each in outcomes),
        stages=calibrations.kept_stages(stages),
        probabilities=_by_version(places, used_probabilities(stages)),
    )
    await calibrations.add(tx, made)
    return made


async def choose_source(tx: Writing, viewer: Viewer, source: ChosenSource, reason: str) -> Choice:
    """Say which probabilities count from now on, where nobody says one of an opportunity."""
    check_may_decide(viewer.roles)
    return await calibrations.choose(tx, source.value, reason)


def _by_version(places: list[Place], used: Mapping[int, Decimal]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for place in places:
        if place.order in used:
            found.setdefault(str(place.version), {})[place.stage] = f"{used[place.order]:f}"
    return found
