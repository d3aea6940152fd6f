"""Gathers what a file for an ERP system hands over, or refuses what the system could not take."""

from datetime import datetime

from servicekit.data.transactions import Questions
from services.forecast.cycles.rules.definition import PlanPeriod
from services.forecast.cycles.store import definitions
from services.forecast.demand_plan.store import DemandPlan
from services.forecast.erp.rules.demand import Handed, Readiness
from services.forecast.erp.rules.files import Asked, WithoutReference, chosen
from services.forecast.erp.rules.references import ReferencesMissing, UnitsMixed
from services.forecast.erp.rules.systems import UnknownErpSystem, check_settings
from services.forecast.erp.store import demand, systems


async def handed_over(tx: Questions, plan: DemandPlan, asked: Asked, now: datetime) -> Handed:
    """Return what a file hands over to a system.

    Raises:
        UnknownErpSystem, ErpSettingMissing: there is no such system, or it lacks what its documents require.
        ReferencesMissing: it has no code for some of what the plan names, and that is not to be left out.
        UnitsMixed: it has one code for what is counted in different units.
    """
    fields = chosen(asked.form, asked.system, [each.fields for each in await systems.all_systems(tx)])
    check_settings(fields)
    if asked.unmapped is WithoutReference.REFUSE:
        await _check_mapped(tx, plan, fields.name)
    if mixed := await demand.mixed_units(tx, plan.id, fields.name):
        raise UnitsMixed(mixed)
    cycle = await definitions.get(tx, plan.cycle_id)
    horizon = await demand.horizon_of(tx, plan.id, PlanPeriod(cycle.plan_period), now.date())
    return Handed(
        system=fields,
        plan_id=plan.id,
        cycle_id=plan.cycle_id,
        cycle_name=plan.cycle_name,
        cycle_start=cycle.period_start,
        version=plan.number,
        published_at=plan.published_at,
        as_of=now,
        horizon=horizon,
        in_money_only=await demand.in_money_only(tx, plan.id),
    )


async def readiness(tx: Questions, plan: DemandPlan, name: str) -> Readiness:
    """Return what of a plan a system could not take, without refusing.

    Raises:
        UnknownErpSystem: there is no such system.
    """
    there = [each.fields for each in await systems.all_systems(tx)]
    fields = next((each for each in there if each.name == name), None)
    if fields is None:
        names = [each.name for each in there]
        raise UnknownErpSystem(f"There is no ERP system '{name}'.", names, "query:system")
    return Readiness(
        system=fields,
        unmapped=await demand.unmapped(tx, plan.id, name),
        mixed_units=await demand.mixed_units(tx, plan.id, name),
        in_money_only=await demand.in_money_only(tx, plan.id),
    )


async def _check_mapped(tx: Questions, plan: DemandPlan, system: str) -> None:
    missing = await demand.unmapped(tx, plan.id, system)
    if missing:
        raise ReferencesMissing(system, missing)
