"""A forecast beside its quota."""

from decimal import Decimal

import pytest

from services.forecast.rollup.rules.quota import NO_QUOTAS, ForecastQuotaStatus, beside_quota


@pytest.mark.parametrize(
    ("result", "quota", "attainment", "gap"),
    [("80", "100", "0.8000", "20"), ("120", "100", "1.2000", "-20"), ("1", "3", "0.3333", "2"), ("5", "0", None, "-5")],
)
def test_attainment_and_gap(result: str, quota: str, attainment: str | None, gap: str) -> None:
    found = beside_quota(Decimal(result), Decimal(quota))
    assert (found.attainment, found.gap) == (Decimal(attainment) if attainment else None, Decimal(gap))
    assert found.status is ForecastQuotaStatus.KNOWN


def test_what_is_not_known_is_not_invented() -> None:
    assert beside_quota(Decimal(80), None) == NO_QUOTAS
    assert beside_quota(None, Decimal(100)).attainment is None
