"""What the demo's people say of their pipeline: its worth, how likely it is, what it takes, what it is measured by.

All through the public API, each as the person whose word it is. Each step looks first at what is done already, so that
loading that was cut off goes on where it stopped.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from keyaccount.api_client import ApiClient
from keyaccount.demo.sign_ins import Person
from keyaccount.demo.simulation import SYSTEM

EACH = 3
"""So many opportunities each person assesses: the largest that are on their way."""
_AT_ONCE = 3
_ON_THEIR_WAY = ("set_target", "shortlist", "selected", "negotiate")
_EVIDENCE = {"budget_ready": "The purchasing plan that they showed us has a line for it."}
_BASELINES = (("set_target", "12"), ("shortlist", "15"), ("negotiate", "8"))


@dataclass
class Work:
    """What is said of the simulated pipeline."""

    operations: ApiClient
    persons: Mapping[str, Person]
    progress: Callable[[], None]

    async def through(self, loading_day: date, head_id: str) -> None:
        """Let everybody say what they know of their largest opportunities, and the head what sales are measured by."""
        largest = await self._largest()
        questions = await self._questions()
        free = asyncio.Semaphore(_AT_ONCE)

        async def speak(person: Person) -> None:
            if mine := largest.get(person.id):
                async with free, self.operations.another(person.sign_in) as client:
                    for opportunity in mine:
                        await _assess(client, opportunity, questions)
                    await _say_probability(client, mine[0])
            self.progress()

        await asyncio.gather(*(speak(person) for person in self.persons.values()))
        await self._ask_for_resources(largest, loading_day, head_id)
        async with self.operations.another(self.persons[head_id].sign_in) as head:
            await self._measure(head, loading_day, head_id)

    async def _largest(self) -> dict[str, list[dict[str, Any]]]:
        asked = {"external_system": SYSTEM, "state": "open", "sort": "-amount"}
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        async for opportunity in self.operations.pages("/v1/opportunities", asked):
            mine = found[opportunity["principal_id"]]
            if opportunity["stage"] in _ON_THEIR_WAY and len(mine) < EACH:
                mine.append(opportunity)
        return found

    async def _ask_for_resources(
        self, largest: Mapping[str, Sequence[Mapping[str, Any]]], loading_day: date, head_id: str
    ) -> None:
        """Let one person ask for what their largest opportunity needs, and their superior approve it."""
        asking = next(one for one in self.persons.values() if largest.get(one.id) and one.id != head_id)
        superior = self.persons[(await self.operations.get(f"/v1/people/{asking.id}"))["superior_id"]]
        path = f"/v1/opportunities/{largest[asking.id][0]['id']}/resource-requests"
        async with (
            self.operations.another(asking.sign_in) as client,
            self.operations.another(superior.sign_in) as deciding,
        ):
            asked = (await client.get(path))["items"]
            request = asked[0] if asked else await client.post(path, _wanted(loading_day))
            if request["state"] == "requested":
                approval = {"comment": "Agreed: they decide by how it rides."}
                await deciding.post(f"/v1/resource-requests/{request['id']}/approvals", approval)

    async def _questions(self) -> list[str]:
        model = await self.operations.get("/v1/assessment-models/current")
        return [question["key"] for dimension in model["dimensions"] for question in dimension["questions"]]

    async def _measure(self, head: ApiClient, loading_day: date, head_id: str) -> None:
        """Set by hand what the stages of the head's first direct report are compared with, instead of history."""
        reports = await head.get(f"/v1/people/{head_id}/subordinates", {"direct": True, "limit": 1})
        whose = {"scope": "subtree", "person_id": reports["items"][0]["id"]}
        said = await head.get("/v1/funnel/baselines", {**whose, "limit": 100})
        done = {one["stage"] for one in said["items"]}
        for stage, count in _BASELINES:
            if stage not in done:
                told = {"stage": stage, "count": count, "from_date": loading_day.isoformat()}
                await head.post("/v1/funnel/baselines", whose | told | {"reason": "Agreed in the plan of the year."})


def _wanted(loading_day: date) -> dict[str, Any]:
    return {
        "what": "Test bicycles for a season, and an engineer to look after them",
        "quantity": "12",
        "unit": "days",
        "needed_on": (loading_day + timedelta(days=60)).isoformat(),
        "why": "The customer compares us with two others by how the bicycles ride.",
    }


async def _assess(client: ApiClient, opportunity: Mapping[str, Any], questions: Sequence[str]) -> None:
    """Answer the questions, most of them, the better the further it is on its way; a few nobody can answer yet."""
    if opportunity["assessment"] is not None:
        return
    random = Random(opportunity["external_reference"]["id"])  # noqa: S311 (a story, not a secret)
    yes = 0.35 + 0.12 * _ON_THEIR_WAY.index(opportunity["stage"])
    answers = {
        key: "unanswered" if random.random() < 0.1 else "yes" if random.random() < yes else "no"  # noqa: PLR2004
        for key in questions
    }
    evidence = {key: said for key, said in _EVIDENCE.items() if answers.get(key) == "yes"}
    path = f"/v1/opportunities/{opportunity['id']}/assessments"
    await client.post(path, {"answers": answers, "evidence": evidence})


async def _say_probability(client: ApiClient, opportunity: Mapping[str, Any]) -> None:
    if opportunity["manual_probability"] is None:
        body = {"probability": "0.60", "reason": "They told us that nobody else is asked any more."}
        await client.post(f"/v1/opportunities/{opportunity['id']}/probability-changes", body)
