"""What taking in an intake costs: checked, kept, and followed by its outcome, beside the same statements asked barely.

What an intake tells of a known customer is noted with that customer's next change, so its statements cannot be
repeated: it has no floor. The floor of a new one is dearer than it seems: what it makes has the same name's keys each
time, so its check meets ever more of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

from bench.instance import Instance
from bench.load import FRESH_KEY, Job
from bench.loading import LoadGenerator, Measured, RunFailed
from bench.measuring import BARE, Plan, bare_request
from bench.operations import SLOTS, Operation, Request
from bench.recording import recorder
from bench.scripts import write_recordings

SEVERAL = 16
KNOWN, NEW = "intake_known", "intake_new"
_RECORDED = 2
_LEAST = 60
_PATIENCE = 8


def intake_operations(known: Sequence[Mapping[str, Any]], token: str) -> list[Operation]:
    """Return intakes of companies as the base may know them, and of those that nobody has heard of."""
    new = [
        {"legal_name": f"{FRESH_KEY.decode()} Schuhe GmbH", "country": "DE", "city": "Hamburg"} for _ in range(SLOTS)
    ]
    operations = []
    for name, companies in ((KNOWN, known), (NEW, new)):
        requests = [
            Request("POST", "/v1/intakes", token, {"source": "web_form", "company": company}) for company in companies
        ]
        slots = [requests[place::SLOTS] or requests for place in range(SLOTS)]
        operations.append(Operation(name, slots, requests[:_RECORDED]))
    return operations


async def measure_intakes(
    instance: Instance, load: LoadGenerator, plan: Plan, operations: Sequence[Operation], tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Return a row for each operation: intakes per second, and how many times its floor one takes."""
    tell("recording what an intake asks the database")
    async with recorder(instance) as record:
        recording = await record(next(one for one in operations if one.name == NEW))
    if recording.failure:
        raise RunFailed(recording.failure)
    path = instance.settings.home / "intakes"
    write_recordings(path, {NEW: recording})
    port = await instance.start_floor(path)
    again = [[bare_request(NEW, number) for number in range(len(recording.scripts))]] * SLOTS
    await load.define(f"{BARE} {NEW}", again)
    rows = []
    for operation in operations:
        tell(operation.name)
        await load.define(operation.name, [[one.raw() for one in slot] for slot in operation.slots])
        before = _memory(instance)
        direct = instance.port_of("direct")
        row: dict[str, Any] = {"operation": operation.name}
        for connections in (1, SEVERAL):
            served = await load.run(_job(instance, operation.name, direct, connections, plan.seconds))
            row |= _figures("", connections, served)
            if operation.name == NEW:
                floor = await load.run(_job(instance, f"{BARE} {NEW}", port, connections, plan.seconds))
                row |= _figures("floor_", connections, floor)
                row[f"times_floor_on_{connections}"] = round(floor.rate / served.rate, 2)
        rows.append(row | {"service_memory_mb": [before, _memory(instance)]})
    await instance.stop_floor()
    return rows


def _figures(whose: str, connections: int, measured: Measured) -> dict[str, float]:
    return {
        f"{whose}p50_ms_on_{connections}": round(measured.p50_ms, 2),
        f"{whose}per_second_on_{connections}": round(measured.rate),
    }


def _memory(instance: Instance) -> float:
    return round(psutil.Process(instance.pids[instance.measured]).memory_info().rss / 1e6, 1)


def _job(instance: Instance, name: str, port: int, connections: int, seconds: float) -> Job:
    return Job(
        set=name,
        port=port,
        connections=connections,
        warm_up=seconds / 2,
        seconds=seconds * 4,
        most_seconds=seconds * 4 * _PATIENCE,
        least=_LEAST,
        processes=instance.processes,
    )
