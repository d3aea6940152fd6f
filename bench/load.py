"""The load generator, in a process of its own: `python -m bench.load` reads one job per line and answers each.

Closed loop: every connection has one request on its way, and sends the next when the answer is complete. A set of
requests has slots; connection n of a run goes round slot n and remembers for the next run where it stood, so that
writes that undo each other stay in step.
"""

import asyncio
import functools
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypedDict, cast
from uuid import uuid4

import httptools
import psutil
import uvloop

FRESH_KEY = b"0" * 32
"""Stands in a request for an Idempotency-Key that nobody has used."""
_LOOK_SECONDS = 0.005
_FIRST_FAILURE = 400
_STALLED_SECONDS = 30.0


class Job(TypedDict):
    """A run: who is asked what, on how many connections, for how long.

    `seconds` are gone on until `least` requests are through, but not beyond `most_seconds`; `processes` are the pids
    whose CPU time is taken, by name.
    """

    set: str
    port: int
    connections: int
    warm_up: float
    seconds: float
    most_seconds: float
    least: int
    processes: dict[str, list[int]]


class Run:
    """What the connections of a run share."""

    def __init__(self) -> None:
        self.going = True
        self.recording = False
        self.latencies: list[int] = []
        self.failure: str | None = None

    def fail(self, what: str) -> None:
        """Keep the first failure and stop."""
        self.failure = self.failure or what
        self.going = False


class Slot:
    """A ring of requests and where it stands."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = requests
        self._place = 0

    def next(self) -> bytes:
        """Return the next request."""
        request = self._requests[self._place]
        self._place = (self._place + 1) % len(self._requests)
        if FRESH_KEY in request:
            request = request.replace(FRESH_KEY, uuid4().hex.encode())
        return request


class Connection(asyncio.Protocol):
    """One connection with one request on its way."""

    def __init__(self, run: Run, slot: Slot) -> None:
        self._run = run
        self._slot = slot
        self._parser: Any = httptools.HttpResponseParser(self)
        self._sent_at = 0
        self._request = b""
        self._failed_body: bytes | None = None
        self._transport: asyncio.WriteTransport | None = None
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.WriteTransport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Feed the parser, which calls the methods below."""
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Note a connection that was closed with a request on its way."""
        if not self.done.done():
            self._run.fail(f"connection lost: {error}")
            self.done.set_result(None)

    def on_headers_complete(self) -> None:
        """Keep the body of a failure."""
        if self._parser.get_status_code() >= _FIRST_FAILURE:
            self._failed_body = b""

    def on_body(self, body: bytes) -> None:
        """Keep the body of a failure."""
        if self._failed_body is not None:
            self._failed_body += body

    def on_message_complete(self) -> None:
        """Take the time, and go on."""
        run = self._run
        if run.recording:
            run.latencies.append(time.perf_counter_ns() - self._sent_at)
        if self._failed_body is not None:
            line = self._request.split(b"\r\n", 1)[0].decode()
            status = self._parser.get_status_code()
            run.fail(f"{line}: {status} {self._failed_body.decode(errors='replace')[:600]}")
        if run.going:
            self._send()
        else:
            self.close()

    def close(self) -> None:
        """End it."""
        if not self.done.done():
            self.done.set_result(None)
        if self._transport is not None:
            self._transport.close()

    def _send(self) -> None:
        assert self._transport is not None
        self._request = self._slot.next()
        self._sent_at = time.perf_counter_ns()
        self._transport.write(self._request)


def cpu_seconds(processes: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Return the CPU time of processes with all their children, living and dead, by name."""
    children = _children_of_all()
    return {name: sum(_tree_seconds(pid, children) for pid in pids) for name, pids in processes.items()}


def _children_of_all() -> Mapping[int, list[int]]:
    """Return everybody's children: looked up once, for the system is asked after each process."""
    found: dict[int, list[int]] = defaultdict(list)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found[process.ppid()].append(process.pid)
    return found


def busy_seconds() -> float:
    """Return the CPU time that everything on this machine has taken."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + getattr(times, "irq", 0.0) + getattr(times, "softirq", 0.0))


def _tree_seconds(pid: int, children: Mapping[int, Sequence[int]]) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    own = float(times.user + times.system + times.children_user + times.children_system)
    return own + sum(_tree_seconds(child, children) for child in children.get(pid, ()))


async def run_job(job: Job, slots: Sequence[Slot]) -> dict[str, Any]:
    """Run a job to its end, and return what was measured: latencies in ns, CPU in seconds by name."""
    run = Run()
    loop = asyncio.get_running_loop()
    connections = [Connection(run, slot) for slot in slots[: job["connections"]]]
    for connection in connections:
        await loop.create_connection(functools.partial(_itself, connection), "127.0.0.1", job["port"])
    await _sleep(run, job["warm_up"])
    before = cpu_seconds(job["processes"])
    busy_before, own_before = busy_seconds(), time.process_time()
    run.recording = True
    began = time.perf_counter()
    await _sleep(run, job["seconds"])
    if len(run.latencies) < job["least"]:
        await _sleep(run, job["most_seconds"] - job["seconds"], enough=job["least"])
    run.recording = False
    elapsed = time.perf_counter() - began
    busy, own = busy_seconds() - busy_before, time.process_time() - own_before
    after = cpu_seconds(job["processes"])
    run.going = False
    done, stalled = await asyncio.wait([one.done for one in connections], timeout=_STALLED_SECONDS)
    for connection in connections:
        connection.close()
    if stalled:
        run.fail(f"{len(stalled)} of {len(stalled) + len(done)} requests are not answered")
    if run.failure:
        return {"failure": run.failure}
    cpu = {name: after[name] - before[name] for name in after}
    return {"latencies": run.latencies, "seconds": elapsed, "cpu": cpu, "busy": busy, "own": own}


def _itself(connection: Connection) -> Connection:
    return connection


async def _sleep(run: Run, seconds: float, enough: int | None = None) -> None:
    """Let it run for so long, or until it fails or has enough answers."""
    until = time.perf_counter() + seconds
    while run.going and (left := until - time.perf_counter()) > 0:
        if enough is not None and len(run.latencies) >= enough:
            return
        await asyncio.sleep(min(left, _LOOK_SECONDS))


def main() -> None:
    """Answer jobs until the input ends."""
    sets: dict[str, list[Slot]] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            asked = json.loads(line)
            answer: dict[str, Any] = {}
            if "define" in asked:
                sets[asked["define"]] = [Slot([text.encode() for text in slot]) for slot in asked["slots"]]
            else:
                try:
                    answer = runner.run(run_job(asked, sets[asked["set"]]))
                except OSError as error:
                    answer = {"failure": str(error)}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
