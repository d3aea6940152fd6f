"""Whatever is sent, no answer is a 5xx, each has its declared shape, and nothing is half-written.

A failure prints its seed: `KEYACCOUNT_INPUT_SEED=… make test T=tests/bad_input` sends the same requests again.
"""

import os
from collections.abc import Callable

import pytest

from tests.bad_input.opening import traffic_to
from tests.bad_input.running import Plan, Report
from tests.conftest import Template
from tests.telling import TOLD

TOUCHING = Plan(boundaries=1, allowed=0, forbidden=0, crossed=1, spoilt=1, plausible=1)
FORBIDDEN = Plan(boundaries=0, allowed=0, forbidden=1, crossed=0, spoilt=1, plausible=1)
BOUNDED = (TOUCHING, FORBIDDEN, FORBIDDEN)
"""To find every boundary of an operation takes longer than to send one; the long run crosses with all of them."""

LONG = Plan(boundaries=14, allowed=2, forbidden=3, crossed=8, spoilt=9, plausible=2)
WORLDS_IN_LONG = 3
REQUESTS_IN_LONG, EACH_IN_LONG = 20_000, 20
FIRST_SEED = int(os.environ.get("KEYACCOUNT_INPUT_SEED", "20261126"))
pytestmark = pytest.mark.timeout(3600)


def check(report: Report, record_property: Callable[[str, object], None]) -> None:
    record_property(TOLD, report.told())
    assert not report.wrong, "\n".join(report.wrong)


async def test_bad_input_is_answered_and_leaves_nothing(
    template: Template, record_property: Callable[[str, object], None]
) -> None:
    async with traffic_to(template, FIRST_SEED) as traffic:
        report = await traffic.run(traffic.requests(*BOUNDED))
    check(report, record_property)
    assert report.changes > 0
    assert min(sum(each.values()) for each in report.operations.values()) >= 2
    assert len(report.operations) == len(traffic.operations)


@pytest.mark.long
async def test_twenty_thousand_requests_are_answered_and_leave_nothing(
    template: Template, record_property: Callable[[str, object], None]
) -> None:
    whole = Report()
    for seed in range(FIRST_SEED + 1, FIRST_SEED + 1 + WORLDS_IN_LONG):
        async with traffic_to(template, seed) as traffic:
            whole.add(await traffic.run(traffic.requests(LONG)))
    check(whole, record_property)
    assert whole.requests >= REQUESTS_IN_LONG
    assert min(sum(each.values()) for each in whole.operations.values()) >= EACH_IN_LONG
