"""When a person may say how likely a win is."""

from decimal import Decimal

from servicekit.values.errors import Conflict
from services.opportunity.funnel.rules.refusals import OpportunityClosed
from services.opportunity.vocabulary import State

STEP = Decimal("0.0001")
"""So exactly a probability is kept."""


class ProbabilityUnchanged(Conflict):
    """It is what they say already; a change that changes nothing is not written."""

    code = "probability_unchanged"

    def __init__(self, present: Decimal | None) -> None:
        super().__init__(
            "Nobody has said a probability, so there is none to end: the stage's counts. Say a ratio from 0 to 1."
            if present is None
            else f"The manual probability is {present.normalize():f} already: say another ratio, or null to end it.",
            field="/probability",
        )


def checked_probability(state: State, present: Decimal | None, said: Decimal | None) -> Decimal | None:
    """Return what is said as it is kept, with four decimals; 0 is a value, None ends what was said before.

    Raises:
        OpportunityClosed: it is decided.
        ProbabilityUnchanged: it is what they say already.
    """
    if state is not State.OPEN:
        raise OpportunityClosed(state)
    if present == said:
        raise ProbabilityUnchanged(present)
    return None if said is None else said.quantize(STEP)
