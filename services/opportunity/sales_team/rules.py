"""Who takes part in an opportunity, and in which shares: they sum to the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from servicekit.values.money import Money, scale_of, spread

WHOLE = Decimal(1)


class Role(StrEnum):
    """What a member does; the `principal` is one by ownership and is never added here."""

    PRINCIPAL = "principal"
    CO_SELLER = "co_seller"
    PRESALES = "presales"
    DELIVERY = "delivery"
    EXECUTIVE_SPONSOR = "executive_sponsor"
    CHANNEL = "channel"


class PrincipalByOwnershipOnly(RuleViolated):
    """The principal is changed by a principal change, not through the team."""

    code = "principal_by_ownership_only"

    def __init__(self) -> None:
        super().__init__("The principal owner is replaced by a principal change.", field="/role")


class SharesNotWhole(RuleViolated):
    """The shares do not sum to the whole."""

    code = "shares_not_whole"
    members = ("sum",)

    def __init__(self, total: Decimal) -> None:
        super().__init__(f"The shares sum to {total.normalize():f}, not to 1.", field="/shares")
        self.sum = f"{total.normalize():f}"


class ShareNotPossible(RuleViolated):
    """A share lies outside ]0, 1], is named twice or belongs to nobody in the team."""

    code = "share_not_possible"


class ShareHeld(Conflict):
    """A member with a share leaves only after the shares were settled without them."""

    code = "share_held"

    def __init__(self) -> None:
        super().__init__("This member holds a share: set the shares without them first.")


@dataclass(frozen=True, slots=True)
class Share:
    """Whose part of an opportunity's credit is how large, a ratio in ]0, 1]."""

    person_id: UUID
    share: Decimal


def check_shares(shares: Sequence[Share], team: Mapping[UUID, object]) -> None:
    """Refuse shares that do not sum to the whole, or of somebody who takes no part."""
    seen: set[UUID] = set()
    for index, share in enumerate(shares):
        if not Decimal(0) < share.share <= WHOLE:
            raise ShareNotPossible("A share is above 0 and at most 1.", field=f"/shares/{index}/share")
        if share.person_id in seen:
            raise ShareNotPossible("A person has one share.", field=f"/shares/{index}/person_id")
        if share.person_id not in team:
            raise ShareNotPossible("This person takes no part in the opportunity.", field=f"/shares/{index}/person_id")
        seen.add(share.person_id)
    total = sum((share.share for share in shares), Decimal(0))
    if total != WHOLE:
        raise SharesNotWhole(total)


def with_member(shares: Sequence[Share], principal_id: UUID, joining: Share) -> list[Share]:
    """Give a joining member a share out of the principal's, who holds the whole while no shares are set."""
    present = list(shares) or [Share(principal_id, WHOLE)]
    held = sum((share.share for share in present if share.person_id == principal_id), Decimal(0))
    if any(share.person_id == joining.person_id for share in present):
        raise ShareNotPossible("This person has a share already.", field="/split")
    if not Decimal(0) < joining.share <= held:
        raise ShareNotPossible(
            f"The principal's share is {held.normalize():f}; a new one comes out of it.", field="/split"
        )
    others = [share for share in present if share.person_id != principal_id]
    rest = [Share(principal_id, held - joining.share)] if held > joining.share else []
    return [*rest, *others, joining]


def split_amounts(total: Money, shares: Sequence[Share]) -> list[Money]:
    """Split money by shares, by largest remainder, so that the parts add up to it."""
    parts = spread(total.amount, [share.share for share in shares], scale_of(total.currency))
    return [Money(part, total.currency) for part in parts]
