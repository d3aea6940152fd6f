"""The process that forecasts: it finds cycles, rests on nothing later, and says why it failed."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from services.forecast.suggestion import process
from services.forecast.suggestion.process import ForecastingFailed, forecast
from services.forecast.suggestion.rules.suggesting import Suggested
from services.forecast.suggestion.rules.wire import History, Wanted

QUARTERLY = [10.0, 200.0, 40.0] * 5
PART = ("A", "boots")


async def suggested(histories: Sequence[Sequence[float]], ahead: Sequence[int] = (1,)) -> list[list[Suggested]]:
    given = [History(str(number), {PART: amounts}) for number, amounts in enumerate(histories)]
    return [months async for _, months in forecast(Wanted(ahead, 2), given)]


async def test_a_cycle_is_found_and_past_figures_are_those_suggested_then() -> None:
    bumpy = [float(7 * month % 13 + month) for month in range(20)]
    cyclic, now, before = await suggested([QUARTERLY, bumpy, bumpy[:-1]], (1, 2, 3))
    for month, there in zip(cyclic, (10, 200, 40), strict=True):
        amount = month.total.amount
        assert amount is not None
        assert abs(float(amount) - there) < 25
    amount = before[0].total.amount
    assert amount is not None
    assert abs(now[0].total.tried[-1].forecast - float(amount)) < 0.01
    assert now[0].total.tried[-1].actual == bumpy[-1]
    assert len(now[0].total.tried) == 12


async def test_what_goes_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MODULE", "services.forecast.no_such_module")
    with pytest.raises(ForecastingFailed, match="no_such_module"):
        await suggested([QUARTERLY])


async def test_it_is_said_now_and_then_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease is held on while one line quickly follows the other, as while none comes."""
    now, said = [100.0], []

    async def tell() -> None:
        said.append(now[0])

    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: now[0]))
    saying = process._Saying(tell)
    for _ in range(13):
        await saying.say_if_due()
        now[0] += 1
    assert said == [105.0, 110.0]
    assert saying.seconds == 2.0


async def test_whoever_waits_is_told_and_may_leave() -> None:
    """What gives up waiting leaves no process behind."""
    said = asyncio.Event()

    async def tell() -> None:
        said.set()
        raise TimeoutError

    wanted, given = Wanted([1], 2), [History("one", {PART: QUARTERLY})]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "SAY_EVERY_SECONDS", 0.001)
        with pytest.raises(TimeoutError):
            [each async for each in forecast(wanted, given, tell)]
    assert said.is_set()


def test_a_service_does_not_read_the_library_in() -> None:
    """It would hold 130 MB for good."""
    modules = "services.forecast.app, services.forecast.suggestion.process"
    code = f"import sys, {modules}; print([each for each in ('statsmodels', 'numpy', 'pandas') if each in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
