"""Our end of the load generator: define sets of requests, run them, read what was measured."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from statistics import quantiles
from typing import Any, Self

from bench.load import Job
from keyaccount.settings import PROJECT

_LONGEST_LINE = 64 * 1024 * 1024


class RunFailed(RuntimeError):
    """A request of a run was not answered as it must be."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: requests per second, latencies in milliseconds, CPU milliseconds per request by process."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: Mapping[str, float] = field(default_factory=dict)
    busy_cores: float = 0.0
    """How many cores everything on the machine kept busy meanwhile."""
    load_cores: float = 0.0
    """How much of one the load generator did."""

    @classmethod
    def of(cls, latencies_ms: Sequence[float], seconds: float, cpu: Mapping[str, float]) -> Self:
        """Return what latencies within a span and the CPU seconds of it amount to."""
        if not latencies_ms:
            raise RunFailed("Nothing was answered while it was measured.")
        count = len(latencies_ms)
        per_request = {name: spent / count * 1000 for name, spent in cpu.items()}
        median, slow = percentile(latencies_ms, 50), percentile(latencies_ms, 99)
        return cls(count, count / seconds, median, slow, per_request)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent lie below."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


class LoadGenerator:
    """The load generator's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator[Self]:
        """Run the process for the length of the block."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.load",
            cwd=PROJECT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
        )
        try:
            yield cls(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), 5)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def define(self, name: str, slots: Sequence[Sequence[str]]) -> None:
        """Tell it a set of raw requests, a list for each connection."""
        await self._ask({"define": name, "slots": slots})

    async def run(self, job: Job) -> Measured:
        """Run a job.

        Raises:
            RunFailed: an answer was a failure, or did not come.
        """
        answer = await self._ask(dict(job))
        if "failure" in answer:
            raise RunFailed(answer["failure"])
        seconds = answer["seconds"]
        measured = Measured.of([ns / 1e6 for ns in answer["latencies"]], seconds, answer["cpu"])
        return replace(measured, busy_cores=answer["busy"] / seconds, load_cores=answer["own"] / seconds)

    async def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise RunFailed("The load generator has ended.")
        answer: dict[str, Any] = json.loads(line)
        return answer
