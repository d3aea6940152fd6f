"""What may be decided on an evaluation, and what an evaluation lacks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.customer.classification.rules.refusals import DecisionIncomplete, TierUndecided
from services.customer.customers.rules.values import Tier


class Verdict(StrEnum):
    """What a superior says of an evaluation."""

    CONFIRMED = "confirmed"
    OVERRIDDEN = "overridden"
    RETURNED = "returned"


class EvaluationState(StrEnum):
    """Where an evaluation stands; only the latest of a customer is anything but superseded or decided."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    OVERRIDDEN = "overridden"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


class Gap(StrEnum):
    """Why a customer's classification needs somebody's attention."""

    NEVER_EVALUATED = "never_evaluated"
    OUTDATED = "outdated"
    SCHEME_CHANGED = "scheme_changed"
    UNDECIDED = "undecided"
    AWAITING_DECISION = "awaiting_decision"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict; an override says which tier instead, and why."""

    verdict: Verdict
    tier: Tier | None = None
    reason: str | None = None


def tier_by(ruling: Ruling, computed: Tier | None) -> Tier | None:
    """Return the tier that a ruling gives a customer; None where it gives none.

    Raises:
        DecisionIncomplete: an override without tier or reason, a return without a reason, a tier that is not asked for.
        TierUndecided: what was evaluated leaves more than one tier possible.
    """
    if ruling.verdict is Verdict.OVERRIDDEN and ruling.tier is None:
        raise DecisionIncomplete("An override says which tier instead.", field="/tier")
    if ruling.verdict is not Verdict.OVERRIDDEN and ruling.tier is not None:
        raise DecisionIncomplete("Only an override names a tier: decide `overridden`.", field="/tier")
    if ruling.verdict is not Verdict.CONFIRMED and ruling.reason is None:
        raise DecisionIncomplete("Say why.", field="/reason")
    if ruling.verdict is Verdict.RETURNED:
        return None
    if ruling.verdict is Verdict.CONFIRMED and computed is None:
        raise TierUndecided
    return ruling.tier or computed


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest evaluation of a customer."""

    scheme_number: int
    at: datetime
    tier: Tier | None
    verdict: Verdict | None


def gaps_of(latest: Latest | None, in_force: int, outdated_before: datetime) -> list[Gap]:
    """Return what a customer's classification lacks."""
    if latest is None:
        return [Gap.NEVER_EVALUATED]
    found = {
        Gap.OUTDATED: latest.at < outdated_before,
        Gap.SCHEME_CHANGED: latest.scheme_number != in_force,
        Gap.UNDECIDED: latest.verdict is None and latest.tier is None,
        Gap.AWAITING_DECISION: latest.verdict is None and latest.tier is not None,
        Gap.RETURNED: latest.verdict is Verdict.RETURNED,
    }
    return [gap for gap, is_there in found.items() if is_there]
