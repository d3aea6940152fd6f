"""What is done with confirmed orders: an ERP system says them, changes them, and cancels them."""

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
from services.forecast.erp.rules import orders as rules
from services.forecast.erp.rules.orders import ErpCodeUnknown, OrderFields, OrderKey, OrderState, SaidOrder
from services.forecast.erp.rules.references import ReferenceKind
from services.forecast.erp.store import orders, references
from services.forecast.erp.store.orders import ConfirmedOrder
from services.forecast.rollup.rules.cells import UNSPECIFIED


async def add(tx: Writing, viewer: Viewer, said: SaidOrder) -> ConfirmedOrder:
    """Keep an order line that was not known."""
    check_may_keep(viewer)
    return await _add(tx, said.key, await _understood(tx, said))


async def put(tx: Writing, viewer: Viewer, said: SaidOrder) -> Done:
    """Make the order line with this reference say what is told: new, changed, or left as it is."""
    check_may_keep(viewer)
    present = await orders.lock_of(tx, said.key)
    fields = await _understood(tx, said)
    if present is None:
        return Done("created", (await _add(tx, said.key, fields)).id)
    changed = await _write(tx, viewer, present, fields)
    return Done("unchanged" if changed.version == present.version else "updated", present.id)


async def set_state(tx: Writing, viewer: Viewer, order_id: UUID, state: OrderState, expected: int) -> ConfirmedOrder:
    """Say that an order line was delivered, cancelled, or stands again."""
    present = await orders.lock(tx, viewer, order_id)
    check_may_keep(viewer)
    check_version(present.version, expected)
    said = {name: getattr(present.fields, name) for name in OrderFields.__dataclass_fields__}
    return await _write(tx, viewer, present, OrderFields(**(said | {"state": state})))


async def _understood(tx: Questions, said: SaidOrder) -> OrderFields:
    """Return what is told in our own terms.

    Raises:
        OrderUnclear: product or place are said twice, or the product not at all.
        ErpCodeUnknown: a code stands for nothing of ours, or for several things.
        ProductUnknown, UnitDiffers, QuantityWrong, NegativeOrderAmount: it does not fit the product.
    """
    rules.one_of(said.item_code, said.product_id, "product_id", "item_code")
    product_id, place = said.product_id, said.place
    if said.item_code is not None:
        product_id = UUID(await _called(tx, said, ReferenceKind.PRODUCT, said.item_code, "item_code"))
    if said.location_code is not None:
        rules.one_of(said.location_code, place, "place", "location_code")
        place = await _called(tx, said, ReferenceKind.PLACE, said.location_code, "location_code")
    found = await known.products(tx, [product_id] if product_id else [])
    if product_id is None or product_id not in found:
        raise ProductUnknown("The catalogue has no such product.", field="/product_id")
    item, amount = found[product_id].item, said.amount
    rules.check(item, said.unit, said.quantity, amount.amount if amount else None)
    return OrderFields(
        order_number=said.order_number,
        line_number=said.line_number,
        product_id=product_id,
        place=place or UNSPECIFIED,
        due_on=said.due_on,
        quantity=said.quantity,
        unit=str(item.unit),
        amount=amount.amount if amount else None,
        currency=amount.currency if amount else None,
        opportunity_id=said.opportunity_id,
        state=said.state,
    )


async def _called(tx: Questions, said: SaidOrder, kind: ReferenceKind, code: str, field: str) -> str:
    subjects = await references.called(tx, said.key.system, kind.value, code)
    if len(subjects) != 1:
        raise ErpCodeUnknown(said.key.system, code, subjects, f"/{field}")
    return subjects[0]


async def _add(tx: Writing, key: OrderKey, fields: OrderFields) -> ConfirmedOrder:
    values = {name: getattr(fields, name) for name in OrderFields.__dataclass_fields__} | {"state": fields.state.value}
    made = ConfirmedOrder(
        id=new_id(),
        version=1,
        external_system=key.system,
        external_id=key.id,
        created_at=tx.now,
        changed_at=tx.now,
        **values,
    )
    await tx.execute(orders.INSERT, **{name: getattr(made, name) for name in ConfirmedOrder.__dataclass_fields__})
    _publish(tx, made)
    return made


async def _write(tx: Writing, viewer: Viewer, present: ConfirmedOrder, fields: OrderFields) -> ConfirmedOrder:
    if present.fields == fields:
        return present
    values = {name: getattr(fields, name) for name in OrderFields.__dataclass_fields__} | {"state": fields.state.value}
    await tx.execute(orders.UPDATE, order_id=present.id, changed_at=tx.now, **values)
    changed = await orders.get(tx, viewer, present.id)
    _publish(tx, changed)
    return changed


def _publish(tx: Writing, order: ConfirmedOrder) -> None:
    tx.publish(
        events.CONFIRMED_ORDER_CHANGED,
        order.id,
        {
            "id": str(order.id),
            "version": order.version,
            "product_id": str(order.product_id),
            "place": order.place,
            "due_on": order.due_on.isoformat(),
            "quantity": str(order.quantity),
            "unit": order.unit,
            "opportunity_id": str(order.opportunity_id) if order.opportunity_id else None,
            "state": order.state,
        },
    )
