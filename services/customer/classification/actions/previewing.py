"""What a scheme would do to the base, for those who keep the schemes."""

from dataclasses import dataclass

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Reading
from services.customer.classification.actions.schemes import check_may_keep
from services.customer.classification.rules.previewing import Movement, Place, Unplaced, movements, place_of
from services.customer.classification.store import gaps, schemes
from services.customer.classification.store.gaps import Classified
from services.customer.customers.rules.values import Tier


@dataclass(frozen=True, slots=True)
class Preview:
    """How a scheme would move the base; the movements add up to `customers`."""

    scheme_number: int
    customers: int
    unchanged: int
    movements: list[Movement]


async def movement_of(tx: Reading, viewer: Viewer, number: int) -> Preview:
    """Return how many customers a scheme would move from where to where."""
    check_may_keep(viewer)
    kept = await schemes.get(tx, number)
    alike = await gaps.profiles(tx)
    moved = movements(kept.scheme, [(one.tier, one.profile, one.count) for one in alike])
    unchanged = sum(one.count for one in moved if one.from_tier == one.to)
    return Preview(number, sum(one.count for one in moved), unchanged, moved)


async def moving(  # noqa: PLR0917 (who, by what, from where to where, which part)
    tx: Reading, viewer: Viewer, number: int, source: Tier | None, target: Place, window: Window
) -> Slice[Classified]:
    """Return a page of the customers of a tier that a scheme would place somewhere."""
    check_may_keep(viewer)
    scheme = (await schemes.get(tx, number)).scheme
    tier = source.value if source else None
    if target is Unplaced.NOT_EVALUATED:
        return await gaps.UNEVALUATED.page(tx, window, {}, viewer=viewer, from_tier=tier)
    profiles = [
        one.profile
        for one in await gaps.profiles(tx)
        if one.tier == tier and one.profile is not None and place_of(scheme, one.profile) == target
    ]
    return await gaps.MOVING.page(tx, window, {}, viewer=viewer, from_tier=tier, profiles=profiles)
