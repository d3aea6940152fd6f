"""The thresholds in force: what the latest calibration says of the won ones, or the setting."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from servicekit.data.transactions import Questions
from services.opportunity.calibration.rules.ageing import Threshold, thresholds
from services.opportunity.calibration.rules.places import Place, places_of
from services.opportunity.calibration.store import calibrations
from services.opportunity.definitions.rules import Definition
from services.opportunity.definitions.store import up_to_date


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The threshold of each open stage of the current funnel, and the calibration that they come from, if there is one.

    `places` are the stages of every version by their order in the current one.
    """

    definition: Definition
    places: list[Place]
    stages: list[Threshold]
    calibration_id: UUID | None


async def thresholds_ahead_of(tx: Questions, before: datetime, fixed_days: int) -> Thresholds:
    """Return the thresholds that were in force ahead of an instant."""
    definitions = await up_to_date(tx)
    definition, places = definitions.latest, places_of(definitions)
    found = await calibrations.latest(tx, before)
    orders = {(place.version, place.stage): place.order for place in places}
    won = {}
    for stage in found.told() if found else ():
        order = orders.get((found.funnel_version, stage.stage)) if found else None
        if order is not None:
            won[order] = stage.won_days
    stages = thresholds([stage.order for stage in definition.open_stages], won, fixed_days)
    return Thresholds(definition, places, stages, found.id if found else None)
