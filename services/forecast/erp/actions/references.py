"""What is done with references: an ERP system's codes for what is ours."""

from dataclasses import dataclass
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.forecast import events
from services.forecast.confirmation.rules.confirming import ProductUnknown
from services.forecast.confirmation.store import known
from services.forecast.erp.actions.systems import check_may_keep
from services.forecast.erp.rules.references import Named, ReferenceKind
from services.forecast.erp.rules.systems import UnknownErpSystem
from services.forecast.erp.store import references, systems
from services.forecast.erp.store.references import ErpReference


@dataclass(frozen=True, slots=True)
class Said:
    """That a system calls something so."""

    system: str
    named: Named
    code: str


async def add(tx: Writing, viewer: Viewer, said: Said) -> ErpReference:
    """Say what an ERP system calls something of ours."""
    check_may_keep(viewer)
    await check_system(tx, said.system)
    await _check_product(tx, said.named)
    kind, subject = said.named.kind.value, said.named.subject
    made = ErpReference(new_id(), 1, said.system, kind, subject, said.code, tx.now)
    await tx.execute(references.INSERT, **{name: getattr(made, name) for name in ErpReference.__dataclass_fields__})
    _publish(tx, made)
    return made


async def change(
    tx: Writing, viewer: Viewer, reference_id: UUID, code: str, expected: int | None = None
) -> ErpReference:
    """Say another code of the same thing."""
    present = await references.lock(tx, viewer, reference_id)
    check_may_keep(viewer)
    if expected is not None:
        check_version(present.version, expected)
    if present.code == code:
        return present
    await tx.execute(references.UPDATE, reference_id=reference_id, code=code)
    changed = await references.get(tx, viewer, reference_id)
    _publish(tx, changed)
    return changed


async def remove(tx: Writing, viewer: Viewer, reference_id: UUID, expected: int) -> None:
    """Forget what an ERP system calls something."""
    present = await references.lock(tx, viewer, reference_id)
    check_may_keep(viewer)
    check_version(present.version, expected)
    await tx.execute(references.DELETE, id=reference_id)
    tx.publish(events.ERP_REFERENCE_REMOVED, reference_id, {"id": str(reference_id), "version": present.version + 1})


async def put(tx: Writing, viewer: Viewer, said: Said) -> Done:
    """Make the system call it so: said for the first time, changed, or left as it is."""
    present = await references.lock_of(tx, said.system, said.named)
    if present is None:
        made = await add(tx, viewer, said)
        return Done("created", made.id)
    changed = await change(tx, viewer, present.id, said.code)
    return Done("unchanged" if changed.version == present.version else "updated", present.id)


async def check_system(tx: Questions, name: str, field: str = "/system") -> None:
    """Refuse the name of no ERP system."""
    names = [each.name for each in await systems.all_systems(tx)]
    if name not in names:
        raise UnknownErpSystem(f"There is no ERP system '{name}': add it (/v1/erp-systems).", names, field)


async def _check_product(tx: Questions, named: Named) -> None:
    if named.kind is ReferenceKind.PRODUCT and not await known.products(tx, [UUID(named.subject)]):
        raise ProductUnknown("The catalogue has no such product.", field="/product_id")


def _publish(tx: Writing, reference: ErpReference) -> None:
    told = {name: str(getattr(reference, name)) for name in ("id", "system", "kind", "subject", "code")}
    tx.publish(events.ERP_REFERENCE_CHANGED, reference.id, told | {"version": reference.version})
