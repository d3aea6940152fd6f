"""Product lines and products by external reference: made, changed or left as they are."""

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Writing
from services.opportunity.products import actions, store
from services.opportunity.products.actions import LineFields, ProductFields, Reference


async def upsert_line(tx: Writing, viewer: Viewer, reference: Reference, fields: LineFields) -> Done:
    """Make the product line that has the reference say what is given."""
    present = await store.line_by_reference(tx, reference.system, reference.id)
    if present is None:
        made = await actions.add_line(tx, viewer, fields, reference)
        return Done("created", made.id)
    changed = await actions.change_line(tx, viewer, present.id, fields)
    return Done("unchanged" if changed.version == present.version else "updated", present.id)


async def upsert_product(tx: Writing, viewer: Viewer, reference: Reference, fields: ProductFields) -> Done:
    """Make the product that has the reference say what is given."""
    present = await store.product_by_reference(tx, reference.system, reference.id)
    if present is None:
        made = await actions.add_product(tx, viewer, fields, reference)
        return Done("created", made.id)
    changed = await actions.change_product(tx, viewer, present.id, fields)
    return Done("unchanged" if changed.version == present.version else "updated", present.id)
