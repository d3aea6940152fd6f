"""A cycle worked to its end: confirm, gather, submit and approve, publish the plan and read it; time, CPU and memory.

Each step is one request after the other on one connection; a single read of a forecast is asked for between them, so
that what else the machine does falls on both.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from rich.console import Console
from rich.table import Table

from bench.forecasts import ForecastBase, check
from bench.held import cpu_seconds, watched, with_children
from bench.instance import Instance, fresh_instance
from bench.loading import RunFailed
from bench.measuring import Plan
from bench.targets import AT_MOST_MS, PUBLISHING_MEMORY_TARGET
from keyaccount.database_urls import with_database
from keyaccount.provisioning import DATABASE
from servicekit.values.ids import new_id

SERVING = ("team", "opportunity", "forecast")
READ = "read of a forecast"
_TIMEOUT_SECONDS = 120
_READS = 5
_STEP = Decimal("1000.00")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step took: milliseconds, CPU of the service and of PostgreSQL, and by how many MB what they hold grew."""

    ms: float
    service_cpu_ms: float
    database_cpu_ms: float
    service_mb: float
    database_mb: float
    answer_kb: float


@dataclass
class Worked:
    """What was measured: each step's rounds by size, and how many lines the plan has."""

    steps: dict[tuple[str, int], list[Taken]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[int, int] = field(default_factory=dict)
    filling_seconds: dict[int, float] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """Return the medians of each step at each size, of what is held the most."""
        return [
            {
                "step": step,
                "opportunities": size,
                "rounds": len(taken),
                "ms": _middle(taken, "ms"),
                "most_ms": max(one.ms for one in taken),
                "times_read": round(_middle(taken, "ms") / _middle(self.steps[READ, size], "ms"), 2),
                "service_cpu_ms": _middle(taken, "service_cpu_ms"),
                "database_cpu_ms": _middle(taken, "database_cpu_ms"),
                "service_mb": max(one.service_mb for one in taken),
                "database_mb": max(one.database_mb for one in taken),
                "answer_kb": _middle(taken, "answer_kb"),
            }
            for (step, size), taken in self.steps.items()
        ]

    def verdicts(self) -> list[dict[str, Any]]:
        """Return the verdict on each promise at each size."""
        found = []
        for row in self.rows():
            judged = [("ms", AT_MOST_MS.get(row["step"]))]
            if row["step"] == "publish":
                judged.append(("service_mb", PUBLISHING_MEMORY_TARGET))
            found += [
                {"promise": row["step"], "opportunities": row["opportunities"], "unit": unit, "most": most}
                | {"measured": row[unit], "kept": row[unit] <= most}
                for unit, most in judged
                if most is not None
            ]
        return found

    def content(self) -> dict[str, Any]:
        """Return it for the JSON."""
        return {
            "rows": self.rows(),
            "plan_lines": {str(size): lines for size, lines in self.lines.items()},
            "filling_seconds": {str(size): seconds for size, seconds in self.filling_seconds.items()},
            "targets": self.verdicts(),
        }

    def show(self, console: Console) -> None:
        """Print it: each step at each size, one below the other."""
        table = Table(title="publication: a cycle worked to its end, medians; memory: the most")
        table.add_column("step")
        for heading in ("confirmed", "ms", "× read", "CPU ms", "PostgreSQL's", "grew by MB", "PostgreSQL", "answer kB"):
            table.add_column(heading, justify="right")
        rows = sorted(self.rows(), key=lambda one: list(self.steps).index((one["step"], one["opportunities"])))
        for step in dict.fromkeys(row["step"] for row in rows):
            for row in (one for one in rows if one["step"] == step):
                names = ("service_cpu_ms", "database_cpu_ms", "service_mb", "database_mb", "answer_kb")
                figures = (f"{row['ms']:,.1f}", f"{row['times_read']:.2f}", *(f"{row[name]:,.1f}" for name in names))
                table.add_row(step, f"{row['opportunities']:,}", *figures)
            table.add_section()
        console.print(table)
        lines = ", ".join(f"{count:,} of {size:,} opportunities" for size, count in self.lines.items())
        console.print(f"Lines of the plan: {lines}.", highlight=False)
        for one in self.verdicts():
            verdict = "[green]pass[/]" if one["kept"] else "[red]fail[/]"
            what = f"{one['promise']}, {one['opportunities']:,}: {one['measured']:,.1f} {one['unit']}"
            console.print(f"{what}, at most {one['most']:g}: {verdict}", highlight=False)


def _middle(taken: list[Taken], name: str) -> float:
    return round(float(median(getattr(one, name) for one in taken)), 2)


class Working:
    """Does the steps on one instance and measures each."""

    def __init__(self, instance: Instance, base: ForecastBase, client: httpx.AsyncClient, found: Worked) -> None:
        self._instance, self._base, self._client, self._found = instance, base, client, found
        self._cycle = f"/v1/forecast-cycles/{base.cycle_id}"
        self._tokens: dict[UUID, str] = {}

    async def round(self, number: int) -> None:
        """Work the cycle to its end once more: the head's record is returned, revised, approved and published."""
        head, operations = self._base.staff.head.id, self._base.staff.operations.id
        draft = await self._write("gather of head", head, f"{self._cycle}/forecasts")
        path = f"/v1/forecasts/{draft['id']}"
        judged = {"mode": "delta", "value": str(_STEP * number), "category": "commit", "reason": "The fair."}
        await self._write("adjust of head", head, f"{path}/adjustments", judged)
        await self._write("submit of head", head, f"{path}/submissions")
        await self._write("approve", operations, f"{path}/approvals")
        await self._start_anew()
        plan = await self._write("publish", operations, f"{self._cycle}/demand-plans")
        await self._read_plan(f"/v1/demand-plans/{plan['id']}")
        await self._write("return", operations, f"{path}/returns", {"comment": "Once more."})

    async def _start_anew(self) -> None:
        """Start the services again: what handing in took and gave back would hide what publishing takes."""
        await self._instance.stop()
        await self._instance.start()

    async def _read_plan(self, path: str) -> None:
        operations = self._base.staff.operations.id
        page = await self._ask("page of the plan", operations, "GET", f"{path}/lines?limit=100")
        if cursor := page["next"]:
            await self._ask("next page of the plan", operations, "GET", f"{path}/lines?limit=100&cursor={cursor}")
        whole = await self._ask("the whole plan", operations, "GET", path)
        self._found.lines[self._base.count] = len(whole["lines"])

    async def work_below(self) -> None:
        """Let a seller confirm, gather and submit, and those above gather and submit what they have then."""
        staff = self._base.staff
        seller = staff.team_of(staff.small_manager)[0].id
        await self._write("gather of seller", seller, f"{self._cycle}/forecasts")
        open_ones = await self._ask("candidates", seller, "GET", f"{self._cycle}/candidates?limit=50")
        for one in [each for each in open_ones["items"] if not each["is_live"]][:3]:
            said = {"opportunity_id": one["id"], "opportunity_version": one["version"], "category": "commit"}
            await self._write("confirm", seller, f"{self._cycle}/confirmations", said)
        await self._gather_and_submit("seller", seller)
        await self._gather_and_submit("small manager", staff.small_manager.id)
        await self._gather_and_submit("manager", staff.manager.id)

    async def _gather_and_submit(self, name: str, person_id: UUID) -> None:
        draft = await self._write(f"gather of {name}", person_id, f"{self._cycle}/forecasts")
        await self._write(f"submit of {name}", person_id, f"/v1/forecasts/{draft['id']}/submissions")

    async def _write(self, step: str, person_id: UUID, path: str, body: Any = None) -> Mapping[str, Any]:
        seller = self._base.staff.sellers[0].id
        read = f"/v1/forecasts/{UUID(self._base.standing_of(seller).record_id)}"
        for _ in range(_READS):
            await self._ask(READ, seller, "GET", read)
        return await self._ask(step, person_id, "POST", path, body or {})

    async def _ask(self, step: str, person_id: UUID, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        """Ask for something and note what it took.

        Raises:
            RunFailed: the answer was a refusal.
        """
        token = self._tokens.setdefault(person_id, self._instance.token(person_id))
        headers = {"authorization": f"Bearer {token}"}
        if method != "GET":
            headers["idempotency-key"] = str(new_id())
        service = with_children(self._instance.pids["forecast"])
        database = with_children(self._instance.server.process.pid)
        spent = cpu_seconds(service), cpu_seconds(database)
        with watched(service, database) as (service_peak, database_peak):
            began = time.perf_counter()
            answer = await self._client.request(method, path, headers=headers, json=body)
            took = time.perf_counter() - began
        if not answer.is_success:
            raise RunFailed(f"{step}: {answer.status_code} {answer.text[:300]}")
        taken = Taken(
            ms=round(took * 1000, 2),
            service_cpu_ms=round((cpu_seconds(service) - spent[0]) * 1000, 1),
            database_cpu_ms=round((cpu_seconds(database) - spent[1]) * 1000, 1),
            service_mb=service_peak.growth_mb,
            database_mb=database_peak.growth_mb,
            answer_kb=round(len(answer.content) / 1000, 1),
        )
        self._found.steps[step, self._base.count].append(taken)
        told: Mapping[str, Any] = answer.json()
        return told


async def run(plan: Plan, tell: Callable[[str], None]) -> Worked:
    """Work a cycle to its end, several times at each size."""
    found = Worked()
    fresh = fresh_instance(durable=plan.durable, measured="forecast", serving=SERVING)
    async with fresh as instance:
        url = with_database(instance.server.admin_url, DATABASE)
        base = await ForecastBase.begin(url, people=plan.people, most=max(plan.sizes))
        for size in sorted(plan.sizes):
            await instance.stop()
            tell(f"filling it up to {size:,} confirmed opportunities")
            began = time.monotonic()
            await base.grow(size)
            found.filling_seconds[size] = round(time.monotonic() - began, 1)
            await instance.start()
            tell("comparing what the service says with what it must say")
            await check(base, instance)
            direct = f"http://127.0.0.1:{instance.port_of('direct')}"
            async with httpx.AsyncClient(base_url=direct, timeout=_TIMEOUT_SECONDS) as client:
                working = Working(instance, base, client, found)
                for number in range(1, plan.rounds + 1):
                    tell(f"{size:,}, round {number} of {plan.rounds}")
                    await working.round(number)
                tell(f"{size:,}, below")
                await working.work_below()
    return found
