"""Following `team`: an older copy is brought up to date, once for all who wait, and must do when `team` is away."""

import asyncio

import pytest

from orgchart.chart import Chart
from servicekit.peers.client import PeerRefused
from servicekit.values.errors import PeerUnavailable
from servicekit.values.ids import new_id
from tests.orgchart.conftest import Copy, chart_person, difference


async def test_many_who_need_a_newer_copy_ask_once_or_twice(copy: Copy) -> None:
    seller = new_id()
    copy.team.answer = difference(7, chart_person(seller))
    chart = Chart(copy.service)
    await asyncio.gather(*[chart.ensure(7) for _ in range(20)])
    assert chart.version == 7
    assert chart.member(seller) is not None
    assert copy.team.asked == 1


async def test_a_version_that_team_does_not_have_is_asked_for_once_by_all_who_wait(copy: Copy) -> None:
    """The hint of a version is a header: whoever sends a false one must not make us ask for every request."""
    copy.team.answer = difference(7, chart_person(new_id()))
    chart = Chart(copy.service)
    await asyncio.gather(*[chart.ensure(10**14) for _ in range(50)], *[chart.ensure_knows(new_id()) for _ in range(50)])
    assert copy.team.asked <= 2


@pytest.mark.parametrize("error", [PeerUnavailable("team"), PeerRefused("team", 401, {})])
async def test_without_team_the_older_copy_must_do(copy: Copy, error: Exception) -> None:
    seller = new_id()
    await copy.apply(difference(3, chart_person(seller)))
    copy.team.answer = error
    chart = Chart(copy.service)
    for _ in range(5):
        await chart.ensure(4)
    assert (chart.version, copy.team.asked) == (3, 1)
    assert chart.member(seller) is not None
    copy.team.answer = difference(4)
    await chart.refresh()
    assert chart.version == 4


async def test_a_copy_that_another_process_has_brought_up_to_date_is_read_again(copy: Copy) -> None:
    chart = Chart(copy.service)
    await chart.reload()
    await copy.apply(difference(5, chart_person(new_id())))
    await chart.ensure(5)
    assert (chart.version, copy.team.asked) == (5, 0)
