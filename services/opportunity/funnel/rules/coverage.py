"""Can the quota be met? The open pipeline against what is still to be won (NUMBERS, Velocity, coverage)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

SHOWN = Decimal("0.0001")


class MeetsQuota(StrEnum):
    """Whether what is open suffices for what is still to be won."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class QuotaStatus(StrEnum):
    """Whether there is a quota to compare with, and why not."""

    KNOWN = "known"
    NO_QUOTAS = "no_quotas"


@dataclass(frozen=True, slots=True)
class Coverage:
    """`ratio` is the open pipeline ÷ the quota still to be won, None without a quota or with nothing left to win."""

    ratio: Decimal | None
    meets: MeetsQuota
    status: QuotaStatus


NO_QUOTAS = Coverage(None, MeetsQuota.UNKNOWN, QuotaStatus.NO_QUOTAS)
"""Nobody sets quotas yet."""


def coverage(pipeline: Decimal, remaining: Decimal | None, unknown_amounts: int = 0) -> Coverage:
    """Compare the open pipeline, in full, with what is still to be won of the quota, both in one currency.

    Args:
        pipeline: the sum of the known amounts of what is open.
        remaining: quota less what was won; 0 or less where it has been met, None without a quota.
        unknown_amounts: so many open ones have no amount yet: they may be what is missing.
    """
    if remaining is None:
        return NO_QUOTAS
    if remaining <= 0:
        return Coverage(None, MeetsQuota.YES, QuotaStatus.KNOWN)
    ratio = (pipeline / remaining).quantize(SHOWN, rounding=ROUND_HALF_UP)
    if pipeline >= remaining:
        return Coverage(ratio, MeetsQuota.YES, QuotaStatus.KNOWN)
    return Coverage(ratio, MeetsQuota.UNKNOWN if unknown_amounts else MeetsQuota.NO, QuotaStatus.KNOWN)
