"""What people do all day, drawn from a seed: the same seed asks for the same things in the same order per worker."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from servicekit.values.dates import utc_now
from tests.faults.calling import Ask, Caller
from tests.faults.company import Person
from tests.faults.history import Call, Outcome, Read

STAGES = ("find_contact", "confirm_need", "map_organisation", "set_target", "shortlist", "selected", "negotiate")
CRITERIA = ["contact_named", "budget_known"]
LIVELY = 400
"""So many opportunities are worked on at a time, and the others rest: people meet over the same ones."""
MOST_MEMBERS = 2
IMPATIENT = 0.1
"""The share of those who send again before they were answered."""
Record = dict[str, Any]


def quarter_end(today: date) -> date:
    """Return the last day of a day's quarter."""
    first_month = today.month - (today.month - 1) % 3
    after = date(today.year + first_month // 10, (first_month + 3 - 1) % 12 + 1, 1)
    return after - timedelta(days=1)


@dataclass
class Deals:
    """The opportunities that are worked on, as they were when somebody last heard of them."""

    by_id: dict[str, Record] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    """By opportunity: person → membership, of those who take part."""

    def note(self, answer: Mapping[str, Any]) -> None:
        """Take over a later answer."""
        known = self.by_id.get(answer["id"])
        if known is None:
            self.ids.append(answer["id"])
        if known is None or answer["version"] > known["version"]:
            self.by_id[answer["id"]] = dict(answer)

    def some(self, rng: random.Random) -> Record | None:
        """Return one that is worked on just now."""
        return self.by_id[rng.choice(self.ids[-LIVELY:])] if self.ids else None


class Worker:
    """One person's hands at a time: takes up whatever is next, as whoever may do it."""

    def __init__(self, caller: Caller, deals: Deals, rng: random.Random) -> None:
        self._caller = caller
        self._deals = deals
        self._rng = rng
        self._line, self._other = caller.line(), caller.line()
        self._close = str(quarter_end(utc_now().date()))
        self._work: Mapping[Callable[[], Awaitable[None]], int] = {
            self.create_customer: 8,
            self.create_opportunity: 22,
            self.change_stage: 24,
            self.patch: 14,
            self.replace_principal: 6,
            self.replace_wrongly: 3,
            self.join_team: 6,
            self.leave_team: 3,
            self.decide: 2,
            self.read_one: 6,
            self.read_list: 3,
            self.search: 3,
        }

    async def run(self, going: Callable[[], bool]) -> None:
        """Work as long as it goes on."""
        work, weights = list(self._work), list(self._work.values())
        try:
            while going():
                (task,) = self._rng.choices(work, weights)
                await task()
        finally:
            self._line.close()
            self._other.close()

    async def create_customer(self) -> None:
        seller, mark = self._rng.choice(self._caller.company.sellers), self._word()
        body = {"kind": "customer", "legal_name": f"Customer {mark}", "country": "DE", "city": "Hamburg"}
        await self._caller.post(self._line, seller, Ask("create_customer", "/v1/customers", body, f"Customer {mark}"))

    async def create_opportunity(self) -> None:
        seller, mark = self._rng.choice(self._caller.company.sellers), f"Deal {self._word()}"
        body = {"name": mark, "currency": "USD", "amount": self._amount(), "criteria": CRITERIA}
        body["expected_close"] = self._close
        ask = Ask("create_opportunity", "/v1/opportunities", body, mark)
        if self._rng.random() < IMPATIENT:
            call = await self._caller.post_twice(self._line, self._other, seller, ask)
        else:
            call = await self._caller.post(self._line, seller, ask)
        self._note(call)

    async def change_stage(self) -> None:
        if deal := self._deals.some(self._rng):
            mark = self._word()
            body = {"to_stage": self._rng.choice(STAGES), "reason": mark}
            await self._act(deal, "change_stage", "stage-changes", body, mark)

    async def decide(self) -> None:
        if deal := self._deals.some(self._rng):
            mark = self._word()
            won = self._rng.random() < 0.5
            body = {"outcome": "won"} if won else {"outcome": "lost", "loss_reason": "price"}
            await self._act(deal, "decide", "outcomes", body | {"reason": mark}, mark)

    async def replace_principal(self) -> None:
        if deal := self._deals.some(self._rng):
            company = self._caller.company
            above = company.superiors[deal["principal_id"]]
            if above:
                by = company.people[self._rng.choice(list(above))]
                await self._replace(deal, by)

    async def replace_wrongly(self) -> None:
        if deal := self._deals.some(self._rng):
            wrong = self._rng.choice(self._caller.company.sellers)
            await self._replace(deal, wrong)

    async def _replace(self, deal: Record, by: Person) -> None:
        mark = self._word()
        proposed = self._rng.choice(self._caller.company.sellers)
        body = {"principal_id": proposed.id, "reason": mark}
        await self._act(deal, "replace_principal", "principal-changes", body, mark, by=by)

    async def join_team(self) -> None:
        deal = self._deals.some(self._rng)
        if deal is None or len(self._deals.members.get(deal["id"], {})) >= MOST_MEMBERS:
            return
        joining = self._rng.choice(self._caller.company.sellers)
        call = await self._act(
            deal, "join_team", "sales-team", {"person_id": joining.id, "role": "presales"}, joining.id
        )
        if call.outcome is Outcome.ACKNOWLEDGED:
            found = [each for each in call.answer["members"] if each["person_id"] == joining.id and each["id"]]
            self._deals.members.setdefault(deal["id"], {})[joining.id] = found[-1]["id"]
            await self._search(joining, deal)

    async def leave_team(self) -> None:
        teams = [deal for deal in self._deals.ids[-LIVELY:] if self._deals.members.get(deal)]
        if teams:
            deal = self._deals.by_id[self._rng.choice(teams)]
            person, member = self._deals.members[deal["id"]].popitem()
            await self._act(deal, "leave_team", f"sales-team/{member}/departures", None, person)
            await self._search(self._caller.company.people[person], deal)

    async def patch(self) -> None:
        if deal := self._deals.some(self._rng):
            mark = self._amount()
            person = self._caller.company.people[deal["principal_id"]]
            ask = Ask("patch", f"/v1/opportunities/{deal['id']}", {"amount": mark}, mark, deal["id"])
            call = await self._caller.patch(self._line, person, ask, deal["version"])
            self._note(call)
            if call.outcome is Outcome.REFUSED:
                await self._refresh(deal)

    async def read_one(self) -> None:
        if deal := self._deals.some(self._rng):
            await self._look(self._anybody(), deal["id"])

    async def search(self) -> None:
        """Look for one by its name: whoever may see it finds it."""
        if deal := self._deals.some(self._rng):
            await self._search(self._anybody(), deal)

    async def _search(self, person: Person, deal: Record) -> None:
        path = f"/v1/opportunities?limit=20&search={deal['name'].replace(' ', '%20')}"
        answer, began, ended = await self._caller.read(self._line, person, path)
        if answer is not None and answer.status == 200:
            seen = [item["id"] for item in answer.json()["items"]]
            self._caller.saw(Read(person.id, "search", deal["id"], began, ended, seen))

    async def read_list(self) -> None:
        person = self._anybody()
        answer, began, ended = await self._caller.read(self._line, person, "/v1/opportunities?limit=50")
        if answer is not None and answer.status == 200:
            seen = [item["id"] for item in answer.json()["items"]]
            self._caller.saw(Read(person.id, "list", None, began, ended, seen))

    async def _look(self, person: Person, deal_id: str) -> Record | None:
        answer, began, ended = await self._caller.read(self._line, person, f"/v1/opportunities/{deal_id}")
        if answer is None or answer.status not in {200, 404}:
            return None
        content: Record = answer.json()
        seen = [content["id"]] if answer.status == 200 else []
        self._caller.saw(Read(person.id, "get", deal_id, began, ended, seen))
        return content if answer.status == 200 else None

    async def _refresh(self, deal: Record) -> None:
        """Hear how it stands now, from somebody who sees it whoever is principal."""
        line = self._caller.company.superiors[deal["principal_id"]]
        found = await self._look(self._caller.company.people[line[-1]], deal["id"]) if line else None
        if found is not None:
            self._deals.note({name: found[name] for name in ("id", "version", "name", "principal_id")})

    async def _act(
        self, deal: Record, operation: str, part: str, body: Any, mark: str, *, by: Person | None = None
    ) -> Call:
        person = by or self._caller.company.people[deal["principal_id"]]
        path = f"/v1/opportunities/{deal['id']}/{part}"
        call = await self._caller.post(self._line, person, Ask(operation, path, body, mark, deal["id"]))
        if operation not in {"join_team", "leave_team"}:
            self._note(call)
            if call.outcome is Outcome.REFUSED and call.answer["status"] in {403, 404}:
                await self._refresh(deal)
        return call

    def _note(self, call: Call) -> None:
        if call.outcome is Outcome.ACKNOWLEDGED and "version" in call.answer:
            known = self._deals.by_id.get(call.answer["id"], {"name": call.mark})
            self._deals.note(known | call.answer)

    def _anybody(self) -> Person:
        people = list(self._caller.company.people.values())
        return self._rng.choice(people)

    def _word(self) -> str:
        return f"{self._rng.getrandbits(48):012x}"

    def _amount(self) -> str:
        return f"{self._rng.randrange(10**5, 10**9) / 100:.2f}"
