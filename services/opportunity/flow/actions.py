"""Reports about the flow through the funnel, from a scope and days to what they say."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from servicekit.data.transactions import Questions, Reading
from servicekit.values.dates import Period, end_of_day, start_of_day
from servicekit.values.rates import converting, factors
from services.opportunity.calibration.rules.ageing import idle_since
from services.opportunity.calibration.rules.places import Place, places_of
from services.opportunity.calibration.store.standing import thresholds_ahead_of
from services.opportunity.currencies.store import rates_into
from services.opportunity.definitions.rules import Definition
from services.opportunity.definitions.store import up_to_date
from services.opportunity.flow.rules.conversion import Path, cohort_size, conversions
from services.opportunity.flow.rules.report import ConversionReport, TimesReport, VelocityReport
from services.opportunity.flow.rules.standing import StandingAsked, StandingReport
from services.opportunity.flow.rules.times import NO_PACE
from services.opportunity.flow.rules.velocity import velocity_of
from services.opportunity.flow.rules.window import Window, trailing
from services.opportunity.flow.store import figures
from services.opportunity.flow.store.figures import Instants
from services.opportunity.flow.store.subjects import subjects_of
from services.opportunity.scopes.rules import Scope


async def report_conversion(tx: Reading, scope: Scope, window: Window, zone: ZoneInfo) -> ConversionReport:
    """Return the conversion from each stage of the current funnel to each later one."""
    definition, places = await _told_in(tx)
    subjects = await subjects_of(tx, scope, window.last_day)
    found = await figures.paths(tx, subjects, places, _instants(window, zone))
    orders = [stage.order for stage in definition.stages]
    cohorts = {order: cohort_size(found, order) for order in orders}
    return ConversionReport(scope, window, definition, cohorts, conversions(found, orders), _simulated(found))


async def report_times(tx: Reading, scope: Scope, window: Window, zone: ZoneInfo) -> TimesReport:
    """Return how long opportunities stood in each open stage of the current funnel."""
    definition, places = await _told_in(tx)
    subjects = await subjects_of(tx, scope, window.last_day)
    found = {pace.order: pace for pace in await figures.times(tx, subjects, places, _instants(window, zone))}
    paces = {stage.order: found.get(stage.order, NO_PACE) for stage in definition.open_stages}
    return TimesReport(scope, window, definition, paces)


async def report_velocity(
    tx: Reading, scope: Scope, as_of: date, *, decided_in: Period | None = None, currency: str, zone: ZoneInfo
) -> VelocityReport:
    """Return the velocity as of a day; what was decided counts for the 365 days up to it unless said otherwise."""
    days = decided_in or trailing(as_of)
    subjects = await subjects_of(tx, scope, as_of)
    bunches = await figures.decided(tx, subjects, days, end_of_day(as_of, zone), zone.key)
    rates = await rates_into(tx, currency, {bunch.currency for bunch in bunches}, as_of)
    velocity = velocity_of(bunches, factors(rates))
    return VelocityReport(scope, as_of, days, currency, velocity, converting(rates))


async def report_standing(tx: Reading, asked: StandingAsked) -> StandingReport:
    """Return what stands in the stages too long as of a day, by the thresholds in force then."""
    until = end_of_day(asked.as_of, asked.zone)
    found = await thresholds_ahead_of(tx, until, asked.ageing_days)
    subjects = await subjects_of(tx, asked.scope, asked.as_of)
    rows = await figures.standing(
        tx,
        subjects,
        found.places,
        limits=[threshold.limit(min(asked.now, until)) for threshold in found.stages],
        idle=idle_since(asked.as_of, asked.stalled_days, asked.zone),
        until=until,
    )
    return StandingReport(asked, found.definition, found.stages, {row.order: row for row in rows}, found.calibration_id)


async def _told_in(tx: Questions) -> tuple[Definition, list[Place]]:
    definitions = await up_to_date(tx)
    return definitions.latest, places_of(definitions)


def _instants(window: Window, zone: ZoneInfo) -> Instants:
    return Instants(
        start_of_day(window.days.start, zone), start_of_day(window.days.end, zone), end_of_day(window.as_of, zone)
    )


def _simulated(paths: Sequence[Path]) -> int:
    return sum(path.simulated for path in paths)
