"""What is done with ERP systems."""

from uuid import UUID

from orgchart.viewer import ADMIN, PRODUCTION_PLANNER, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.forecast import events
from services.forecast.erp.rules.systems import MayNotKeepErp, SystemFields, check_settings
from services.forecast.erp.store import systems
from services.forecast.erp.store.systems import ErpSystem


def check_may_keep(viewer: Viewer) -> None:
    """Refuse whoever does not keep what ERP systems are told."""
    if not viewer.has_role(SALES_OPERATIONS, PRODUCTION_PLANNER, ADMIN):
        raise MayNotKeepErp


async def add(tx: Writing, viewer: Viewer, fields: SystemFields) -> ErpSystem:
    """Add an ERP system."""
    check_may_keep(viewer)
    check_settings(fields)
    made = ErpSystem(
        new_id(), 1, fields.name, fields.kind.value, fields.company, fields.customer, fields.forecast_name, tx.now
    )
    await tx.execute(systems.INSERT, **{name: getattr(made, name) for name in ErpSystem.__dataclass_fields__})
    _publish(tx, made)
    return made


async def change(tx: Writing, viewer: Viewer, system_id: UUID, fields: SystemFields, expected: int) -> ErpSystem:
    """Change what is said of an ERP system; its name stays."""
    present = await systems.lock(tx, viewer, system_id)
    check_may_keep(viewer)
    check_version(present.version, expected)
    check_settings(fields)
    if present.fields == fields:
        return present
    await tx.execute(
        systems.UPDATE,
        system_id=system_id,
        kind=fields.kind.value,
        company=fields.company,
        customer=fields.customer,
        forecast_name=fields.forecast_name,
    )
    changed = await systems.get(tx, viewer, system_id)
    _publish(tx, changed)
    return changed


def _publish(tx: Writing, system: ErpSystem) -> None:
    told = {"id": str(system.id), "version": system.version, "name": system.name, "kind": system.kind}
    tx.publish(events.ERP_SYSTEM_CHANGED, system.id, told)
