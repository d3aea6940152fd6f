"""Jobs: exports, imports asked for as jobs, and what becomes of both by the rights that hold when they run."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from python_calamine import CalamineWorkbook

from tests.scope.asking import Answer, Ask, Draw, Effect, Judge, Shows, everybody, expect, listing, same
from tests.scope.rule import Actor, Job, World

LATER = {"prefer": "respond-async"}
ENDED_FOR_GOOD = frozenset({"succeeded", "failed"})
CONTACTS = frozenset({"list_contacts", "upsert_contacts"})
Trial = Callable[[Draw], Ask]


@dataclass(frozen=True)
class Task:
    """What a job is about: how its outcome is judged when it has run, and what it has then done or made."""

    operation: str
    judge: Judge
    effect: Effect | None = None
    shows: Shows | None = None


def accepted(world: World, actor: Actor, answer: Answer) -> str | None:
    """Whoever is signed in may ask; what comes of it is decided when it is done."""
    return everybody(world, actor, answer) or expect(answer, 202)


def asked_for(ask: Ask, task: Task, service: str, actor: Actor) -> Ask:
    """Return a request whose effect is a job."""

    async def effect(world: World, answer: Answer) -> None:
        world.jobs[answer.content["id"]] = Job(service, actor, task.operation)

    return replace(ask, judge=accepted, judge_too=None, effect=effect, is_local=True, task=task)


def exporting(service: str, operation: str, trial: Trial) -> Trial:
    """Return the trial of the export of a list: the file holds what the list shows to its asker when it is made."""

    def export(draw: Draw) -> Ask:
        listed = trial(draw)
        query = {name: value for name, value in listed.query.items() if name not in {"limit", "total"}}
        form = draw.chance.choice(["jsonl", "jsonl", "csv", "xlsx"])
        ask = Ask(everybody, query=query, body={"format": form})
        return asked_for(ask, Task(operation, everybody, shows=listed.shows), service, draw.actor)

    return export


def also_later(service: str, operation: str, trial: Trial) -> Trial:
    """Return the trial of a batch that is sometimes asked for as a job."""

    def batch(draw: Draw) -> Ask:
        ask = trial(draw)
        if draw.either():
            return ask
        task = Task(operation, ask.judge, ask.effect)
        return asked_for(replace(ask, headers=LATER), task, service, draw.actor)

    return batch


def ran(world: World, job: str, task: Task, outcome: Answer) -> tuple[str | None, World]:
    """Judge a job that has run, by the rights that its asker has now; return what is wrong, and the world after it."""
    known, after = world.jobs[job], world.copy()
    is_done = outcome.is_success
    made = frozenset(task.shows(world, known.asker)) if is_done and task.shows else None
    state = "succeeded" if is_done else "failed"
    after.jobs[job] = replace(known, state=state, made=made, is_kept=known.is_kept or is_done)
    return _wrong(world, known, task, outcome), after


def _wrong(world: World, known: Job, task: Task, outcome: Answer) -> str | None:
    asker = known.asker
    if not world.people[asker.person].is_there:
        is_right = outcome.status == 403 and outcome.content["code"] == "job_owner_gone"
        return None if is_right else "done for somebody who cannot sign in"
    if not world.may_stand_in(asker):
        return expect(outcome, 403)
    if not known.is_kept and task.shows is None and outcome.status == 404:
        return None if outcome.content["code"] == "result_forgotten" else "told that something is not there"
    wrong = task.judge(world, asker, outcome)
    if wrong or task.shows is None or not outcome.is_success:
        return wrong
    return same(set(task.shows(world, asker)), set(ids_in(outcome.content)))


class Trials:
    """The trials of one service's jobs."""

    def __init__(self, service: str) -> None:
        self.service = service

    def all(self) -> dict[str, Any]:
        """Return them by their operations."""
        name = self.service
        return {
            f"list_{name}_jobs": self._list,
            f"get_{name}_job": self._get,
            f"get_{name}_job_result": self._result,
            f"cancel_{name}_job": self._cancel,
            f"resume_{name}_job": self._resume,
        }

    def _job(self, draw: Draw) -> str:
        here = [each for each, known in draw.world.jobs.items() if known.service == self.service]
        return draw.seen(here, draw.world.sees_job)

    def _list(self, draw: Draw) -> Ask:
        state = draw.chance.choice([None, "queued", "succeeded"])

        def visible(world: World, actor: Actor) -> set[str]:
            return {
                each
                for each, known in world.jobs.items()
                if known.service == self.service and state in {None, known.state} and world.sees_job(actor, each)
            }

        return Ask(listing(visible), query={"limit": 500} | ({"state": state} if state else {}))

    def _get(self, draw: Draw) -> Ask:
        job = self._job(draw)

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            if not world.sees_job(actor, job):
                return expect(answer, 404)
            if wrong := expect(answer, 200):
                return wrong
            known, told = world.jobs[job], answer.content
            due = (known.asker.person, known.asker.behalf, {known.state})
            state = {"queued"} if told["state"] == "running" else {told["state"]}
            return None if (told["person_id"], told["on_behalf_of"], state) == due else f"tells {told} of {known}"

        return Ask(judge, {"job_id": job})

    def _result(self, draw: Draw) -> Ask:
        job = self._job(draw)

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            if not world.sees_job(actor, job):
                return expect(answer, 404)
            known = world.jobs[job]
            if known.state == "queued" or (known.state != "succeeded" and known.operation.startswith("list_")):
                return expect(answer, 409)
            if not known.is_kept:
                return expect(answer, 200, 404) or (
                    "tells what was forgotten" if answer.is_success and answer.content else None
                )
            if wrong := expect(answer, 200):
                return wrong
            return None if known.made is None else same(set(known.made), set(ids_in(answer.content)))

        return Ask(judge, {"job_id": job})

    def _stepping(self, draw: Draw, over: frozenset[str], state: str) -> Ask:
        job = self._job(draw)

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            if not world.sees_job(actor, job):
                return expect(answer, 404)
            return expect(answer, 409 if world.jobs[job].state in over else 200)

        async def effect(world: World, _: Answer) -> None:
            world.jobs[job] = replace(world.jobs[job], state=state)

        return Ask(judge, {"job_id": job}, effect=effect, is_local=True)

    def _cancel(self, draw: Draw) -> Ask:
        return self._stepping(draw, ENDED_FOR_GOOD, "cancelled")

    def _resume(self, draw: Draw) -> Ask:
        return self._stepping(draw, frozenset({"succeeded"}), "queued")


def forgotten(world: World) -> None:
    """Let the files and inputs of finished jobs of contacts go, as they do when somebody's personal data are erased."""
    world.jobs |= {
        job: replace(known, is_kept=False)
        for job, known in world.jobs.items()
        if known.operation in CONTACTS and known.state != "queued"
    }


def ids_in(content: Any) -> list[str]:
    """Return the ids in the rows of an exported file, whatever its form."""
    if isinstance(content, bytes):
        heads, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        return [str(row[heads.index("id")]) for row in rows]
    if content.startswith("{"):
        return [json.loads(line)["id"] for line in content.splitlines()]
    return [row["id"] for row in csv.DictReader(io.StringIO(content, newline=""))]
