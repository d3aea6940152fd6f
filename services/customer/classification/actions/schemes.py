"""Keeping schemes: sales operations makes drafts and puts them in force."""

from datetime import date

from orgchart.viewer import ADMIN, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Writing
from services.customer.classification.rules.refusals import SchemesKept
from services.customer.classification.rules.schemes import Scheme, check_scheme, check_start
from services.customer.classification.store import schemes
from services.customer.classification.store.schemes import KeptScheme


def check_may_keep(viewer: Viewer) -> None:
    """Refuse whoever does not keep the schemes."""
    if not viewer.has_role(SALES_OPERATIONS, ADMIN):
        raise SchemesKept


async def create(tx: Writing, viewer: Viewer, name: str, scheme: Scheme) -> KeptScheme:
    """Make a draft."""
    check_may_keep(viewer)
    check_scheme(scheme)
    return await schemes.get(tx, await schemes.insert_scheme(tx, name, scheme))


async def start(tx: Writing, viewer: Viewer, number: int, from_date: date, reason: str, *, today: date) -> KeptScheme:
    """Put a draft in force from a date on."""
    check_may_keep(viewer)
    await schemes.get(tx, number)
    check_start(from_date, today)
    await schemes.insert_start(tx, number, from_date, reason)
    return await schemes.get(tx, number)
