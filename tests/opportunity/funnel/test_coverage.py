from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.funnel.rules.coverage import NO_QUOTAS, MeetsQuota, QuotaStatus, coverage
from tests.make import Make


@pytest.mark.parametrize(
    ("pipeline", "remaining", "unknown", "ratio", "meets"),
    [
        ("300", "100", 0, "3.0000", "yes"),
        ("100", "100", 0, "1.0000", "yes"),
        ("99.99", "100", 0, "0.9999", "no"),
        ("99.99", "100", 1, "0.9999", "unknown"),
        ("0", "100", 0, "0.0000", "no"),
        ("500", "0", 0, None, "yes"),
        ("0", "-20", 3, None, "yes"),
    ],
)
def test_coverage_is_the_pipeline_by_what_is_still_to_be_won(
    pipeline: str, remaining: str, unknown: int, *, ratio: str | None, meets: str
) -> None:
    found = coverage(Decimal(pipeline), Decimal(remaining), unknown)
    assert (found.ratio, found.meets) == (None if ratio is None else Decimal(ratio), meets)
    assert found.status is QuotaStatus.KNOWN


def test_without_a_quota_nothing_is_covered() -> None:
    assert coverage(Decimal(100), None) == NO_QUOTAS
    assert (NO_QUOTAS.ratio, NO_QUOTAS.meets) == (None, MeetsQuota.UNKNOWN)


@given(st.decimals(0, 10**9, places=2), st.decimals("0.01", 10**9, places=2))
def test_what_meets_the_quota_is_not_rounded(pipeline: Decimal, remaining: Decimal) -> None:
    assert (coverage(pipeline, remaining).meets is MeetsQuota.YES) == (pipeline >= remaining)


async def test_the_answer_says_why_there_is_no_quota(make: Make) -> None:
    found = await (await make.seller()).done("GET", "/v1/funnel?scope=person")
    told = {name: found[name] for name in ("quota", "quota_status", "coverage", "meets_quota")}
    assert told == {"quota": None, "quota_status": "no_quotas", "coverage": None, "meets_quota": "unknown"}
