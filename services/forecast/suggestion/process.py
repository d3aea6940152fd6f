"""The process that forecasts (`forecasting`): begun for some histories, gone when they are done."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import IO

import orjson

from services.forecast.suggestion.rules.suggesting import Suggested
from services.forecast.suggestion.rules.wire import History, Wanted, suggested_of, told_history

MODULE = "services.forecast.suggestion.forecasting"
SAY_EVERY_SECONDS = 5.0
LONGEST_LINE = 16 * 1024**2
LONGEST_COMPLAINT = 2000


class ForecastingFailed(RuntimeError):
    """The process that forecasts ended before it was done."""


async def _nobody_waits() -> None:
    """Tell nobody that it goes on."""


async def forecast(
    wanted: Wanted, histories: Sequence[History], still_at_it: Callable[[], Awaitable[None]] = _nobody_waits
) -> AsyncGenerator[tuple[str, list[Suggested]], None]:
    """Yield each person with what is suggested of each month that is wanted, in the order of the histories.

    `still_at_it` is called every few seconds until all is done.

    Raises:
        ForecastingFailed: the process ended before it was done.
    """
    with tempfile.TemporaryFile() as complaints:
        process = await _begun(complaints)
        feeding = asyncio.create_task(_feed(process, wanted, histories))
        saying = _Saying(still_at_it)
        try:
            for _ in histories:
                line = await _line(process, saying)
                if not line:
                    complaints.seek(0)
                    raise ForecastingFailed(complaints.read()[-LONGEST_COMPLAINT:].decode(errors="replace"))
                told = orjson.loads(line)
                yield told["person"], [suggested_of(month) for month in told["months"]]
        finally:
            feeding.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await feeding
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class _Saying:
    """Says now and then that it goes on."""

    def __init__(self, say: Callable[[], Awaitable[None]]) -> None:
        self._say = say
        self._due = time.monotonic() + SAY_EVERY_SECONDS

    @property
    def seconds(self) -> float:
        """How long there is until it is due."""
        return max(self._due - time.monotonic(), 0.0)

    async def say_if_due(self) -> None:
        """Say it, unless it was said a moment ago."""
        if self.seconds == 0:
            await self._say()
            self._due = time.monotonic() + SAY_EVERY_SECONDS


async def _begun(complaints: IO[bytes]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=complaints,
        limit=LONGEST_LINE,
    )


async def _feed(process: asyncio.subprocess.Process, wanted: Wanted, histories: Sequence[History]) -> None:
    writer = process.stdin
    if writer is None:
        raise ForecastingFailed("There is no way into the process.")
    writer.write(orjson.dumps(asdict(wanted)) + b"\n")
    for history in histories:
        writer.write(orjson.dumps(told_history(history)) + b"\n")
        await writer.drain()
    writer.close()


async def _line(process: asyncio.subprocess.Process, saying: _Saying) -> bytes:
    reader = process.stdout
    if reader is None:
        raise ForecastingFailed("There is no way out of the process.")
    reading = asyncio.create_task(reader.readline())
    try:
        while not (await asyncio.wait({reading}, timeout=saying.seconds))[0]:
            await saying.say_if_due()
        await saying.say_if_due()
        return reading.result()
    finally:
        reading.cancel()
