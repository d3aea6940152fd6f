"""Who may approve what somebody has planned or proposed for a customer."""

from collections.abc import Collection
from uuid import UUID

from servicekit.values.errors import NotAllowed
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.refusals import OwnMatter


class ApprovalNotAllowed(NotAllowed):
    """A superior of whom it concerns approves; where there is none, an administrator."""

    code = "approval_not_allowed"


def check_approval(decider: Decider, concerned: Collection[UUID], superiors: Collection[UUID]) -> None:
    """Refuse an approval by whom it concerns, also as a stand-in, and by anybody who is not above.

    Args:
        decider: who decides, and in whose authority.
        concerned: whoever made it, and whose customer it is: none of them decides, in whosever name.
        superiors: who stands above the one whose matter it is, the direct superior first.
    """
    if not decider.persons.isdisjoint(concerned):
        raise OwnMatter("Somebody else has to decide on what you have planned or proposed.")
    if decider.authority in superiors:
        return
    if not superiors and len(decider.persons) == 1 and decider.has_any({"admin"}):
        return
    raise ApprovalNotAllowed("Only a superior can decide on this; where there is none, an administrator.")
