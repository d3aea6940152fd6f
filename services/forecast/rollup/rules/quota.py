"""A forecast beside its quota: what share of it the forecast comes to, and what is wanting."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

SHOWN = Decimal("0.0001")


class ForecastQuotaStatus(StrEnum):
    """Whether there is a quota to stand beside the forecast, and why not."""

    KNOWN = "known"
    NO_QUOTAS = "no_quotas"


@dataclass(frozen=True, slots=True)
class BesideQuota:
    """`attainment` is forecast ÷ quota, `gap` is quota − forecast; None where either is unknown, or the quota 0."""

    quota: Decimal | None
    attainment: Decimal | None
    gap: Decimal | None
    status: ForecastQuotaStatus


NO_QUOTAS = BesideQuota(None, None, None, ForecastQuotaStatus.NO_QUOTAS)
"""Nobody sets quotas yet."""


def beside_quota(result: Decimal | None, quota: Decimal | None) -> BesideQuota:
    """Compare the figure that counts with the quota, both in the currency of the cycle."""
    if quota is None:
        return NO_QUOTAS
    if result is None:
        return BesideQuota(quota, None, None, ForecastQuotaStatus.KNOWN)
    attainment = (result / quota).quantize(SHOWN, ROUND_HALF_UP) if quota else None
    return BesideQuota(quota, attainment, quota - result, ForecastQuotaStatus.KNOWN)
