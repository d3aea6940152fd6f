"""Random enterprises, founded through the API, each with its model."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from tests.house import Client, House
from tests.scope.asking import Memory, word
from tests.scope.founding_intakes import questions
from tests.scope.founding_programs import handovers, programs, webhooks
from tests.scope.rule import Activity, Customer, Opportunity, Person, Seat, StandIn, World
from tests.scope.trials.forecast import seats_due

LINES, PEOPLE, CUSTOMERS, OPPORTUNITIES = (3, 4), (24, 32), 22, 48
APART = ("sales_operations", "marketing", "finance", "production_planner", "auditor", "admin")


@dataclass
class Founding:
    """An enterprise in the making."""

    house: House
    chance: random.Random
    admin: Client
    operations: Client
    world: World = field(default_factory=World)
    memory: Memory = field(default_factory=Memory)

    async def person(self, superior: str | None = None, *roles: str, **given: Any) -> str:
        """Add somebody."""
        made = await self.admin.done("POST", "/v1/people", {"name": f"Person {word()}", **given})
        person: str = made["id"]
        self.world.people[person] = Person(made["name"], frozenset(roles))
        if unit := given.get("business_unit_id"):
            self.world.units[person] = unit
        if superior:
            change = {"superior_id": superior, "reason": "joined"}
            await self.admin.done("POST", f"/v1/people/{person}/superior-changes", change)
            self.world.superior[person] = superior
        for role in roles:
            change = {"role": role, "change": "granted", "reason": "needed"}
            await self.admin.done("POST", f"/v1/people/{person}/role-changes", change)
        return person

    async def organisation(self) -> None:
        """Lines of uneven depth, units, roles inside and outside of them, stand-ins, leavers."""
        told = await self.admin.done("GET", "/v1/sign-in/me")
        self.world.people[self.admin.id] = Person(told["name"], frozenset(told["roles"]))
        units = [await self._unit() for _ in range(3)]
        in_lines = [
            await self.person(business_unit_id=self.chance.choice(units)) for _ in range(self.chance.randint(*LINES))
        ]
        for _ in range(self.chance.randint(*PEOPLE)):
            superior = self.chance.choice(in_lines[-10:] if self.chance.random() < 0.6 else in_lines)
            roles = (self.chance.choice(APART[1:5]),) if self.chance.random() < 0.08 else ()
            placed = {"business_unit_id": self.chance.choice(units)} if self.chance.random() < 0.5 else {}
            in_lines.append(await self.person(superior, *roles, **placed))
        for role in APART:
            await self.person(None, role)
        for _ in range(2):
            await self.person()
        await programs(self.admin, self.world, self.memory)
        for unit in units[:2]:
            await self._head(unit, self.chance.choice(in_lines))
        await self._stand_ins(in_lines)
        rule = {"name": word(), "person_ids": [self.chance.choice(in_lines)], "countries": ["ZA"]}
        drafted = await self.operations.done("POST", "/v1/assignment-rules", {"rules": [rule]})
        self.memory.rules = [drafted["id"]]
        for leaver in self.chance.sample(in_lines, 2):
            await self.admin.done("POST", f"/v1/people/{leaver}/departures", {"on": self.memory.today})
            self.world.people[leaver] = replace(self.world.people[leaver], is_there=False)

    async def _unit(self) -> str:
        made = await self.admin.done("POST", "/v1/business-units", {"name": f"Unit {word()}"})
        self.memory.versions[made["id"]] = made["version"]
        return str(made["id"])

    async def _head(self, unit: str, head: str) -> None:
        version = self.memory.versions[unit]
        changed = await self.admin.request("PATCH", f"/v1/business-units/{unit}", {"head_id": head}, if_match=version)
        assert changed.is_success, changed.text
        self.memory.hear(changed.json())
        self.world.heads[unit] = head

    async def _stand_ins(self, in_lines: list[str]) -> None:
        """Some for today, some for later, one who stands in for an administrator, and one for who sees everything."""
        privileged = [self._holder("admin"), self._holder("sales_operations")]
        for number, person in enumerate([*self.chance.sample(in_lines, 7), *privileged]):
            stand_in = self.chance.choice([each for each in in_lines if each != person])
            is_today = number % 3 != 2
            body = {
                "person_id": person,
                "stand_in_id": stand_in,
                "from_date": self.memory.today if is_today else self.memory.ten_days_on,
                "until_date": self.memory.quarters_end,
            }
            made = await self.admin.done("POST", "/v1/stand-ins", body)
            self.world.stand_ins[made["id"]] = StandIn(person, stand_in, is_today)

    def _holder(self, role: str) -> str:
        return next(
            person
            for person, known in self.world.people.items()
            if role in known.roles and not known.is_machine and person != self.admin.id
        )

    def sellers(self) -> list[str]:
        """Return who stands in a line and is there."""
        return [each for each in self.world.superior if self.world.people[each].is_there]

    async def customers(self) -> None:
        """Customers that sellers have entered, some that nobody looks after, each with a contact."""
        for number in range(CUSTOMERS):
            seller = self.chance.choice(self.sellers())
            client = self.operations if number % 7 == 6 else self.house.sign_in(seller)
            manager = None if number % 7 == 6 else seller
            name = f"Customer {word()}"
            parts = {
                "other_names": [{"kind": "short", "name": f"Short {name}"}],
                "identifiers": [{"scheme": "domain", "value": f"{word()}.com"}],
                "addresses": [{"kind": "delivery", "line_1": "Quai 1", "city": "Ghent", "country": "BE"}],
            }
            body = {"legal_name": name, "country": "DE", "city": "Hamburg", **parts}
            made = await client.done("POST", "/v1/customers", body)
            self.memory.hear(made)
            self.world.customers[made["id"]] = Customer(name, manager, client.id)
            contact = {"customer_id": made["id"], "name": f"Contact {word()}"}
            entered = await self.operations.done("POST", "/v1/contacts", contact)
            self.memory.hear(entered)
            self.world.contacts[entered["id"]] = made["id"]

    async def opportunities(self) -> None:
        """Opportunities across the lines, two in three for a customer, a third with a team."""
        line = await self.operations.done("POST", "/v1/product-lines", {"name": f"Line {word()}"})
        product = {"code": word(), "name": "Sole", "product_line_id": line["id"], "unit": "pair", "unit_is_whole": True}
        made = await self.operations.done("POST", "/v1/products", product)
        self.memory.lines, self.memory.products = [line["id"]], [made["id"]]
        calibration = await self.operations.done("POST", "/v1/funnel-calibrations", {})
        self.memory.calibrations = [calibration["id"]]
        for _ in range(OPPORTUNITIES):
            principal = self.chance.choice(self.sellers())
            await self._opportunity(principal)

    async def _opportunity(self, principal: str) -> str:
        amount = self.chance.randrange(100, 9000)
        customer = self.chance.choice([*self.world.customers, None]) if self.chance.random() < 0.7 else None
        name = f"Opportunity {word()}"
        body = {
            "name": name,
            "principal_id": principal,
            "customer_id": customer,
            "currency": "USD",
            "amount": f"{amount}.00",
            "expected_close": self.memory.quarters_end,
        }
        made = await self.operations.done("POST", "/v1/opportunities", body)
        self.memory.hear(made)
        team = {}
        if self.chance.random() < 0.4:
            member = {
                "person_id": self.chance.choice(self.sellers()),
                "role": self.chance.choice(["co_seller", "presales"]),
            }
            by = self.house.sign_in(principal)
            told = await by.done("POST", f"/v1/opportunities/{made['id']}/sales-team", member)
            team = {each["id"]: (each["person_id"], each["role"]) for each in told["members"] if each["id"]}
        self.world.opportunities[made["id"]] = Opportunity(name, principal, customer, True, amount, team)
        return str(made["id"])

    async def activities(self) -> None:
        """One with each customer, of whoever looks after it or sells to it; half of them for an opportunity."""
        for customer in self.world.customers:
            sold = [each for each, known in self.world.opportunities.items() if known.customer == customer]
            opportunity = self.chance.choice([*sold, None]) if sold else None
            manager = self.world.customers[customer].manager
            owner = self.world.opportunities[opportunity].principal if opportunity else manager
            if owner is None or not self.world.people[owner].is_there:
                continue
            body: dict[str, Any] = {"customer_id": customer, "kind": "visit", "subject": word(), "owner_id": owner}
            body |= {"planned_on": self.memory.ten_days_on, "opportunity_id": opportunity}
            made = await self.operations.done("POST", "/v1/activities", body)
            self.memory.hear(made)
            self.world.activities[made["id"]] = Activity(customer, owner, opportunity)

    async def forecasts(self) -> None:
        """A cycle of all lines, one of a single line, a finished one with its plan, and a draft."""
        tops = [each for each in self.world.superior.values() if each not in self.world.superior]
        there = sorted({each for each in tops if self.world.people[each].is_there})
        for heads in (there, there[:1]):
            await self._cycle(heads)
        alone = next(each for each in self.sellers() if each not in self.world.superior.values())
        await self._opportunity(alone)
        await self.house.settle()
        cycle = await self._cycle([alone])
        record = await self._handed_in(alone, cycle)
        await self.operations.done("POST", f"/v1/forecasts/{record}/approvals")
        plan = await self.operations.done("POST", f"/v1/forecast-cycles/{cycle}/demand-plans")
        self.world.plans[plan["id"]] = cycle
        await self._sources()
        self.world.plan_lines |= {line["id"]: plan["id"] for line in plan["lines"]}
        for seat, known in list(self.world.seats.items()):
            if known.cycle != cycle and self.chance.random() < 0.5:
                await self._gathered(known.holder, known, seat)

    async def _sources(self) -> None:
        """One in each unit with a top in some cycle, which has forecast for it, and one that has said nothing."""
        tops = {
            known.unit: known.cycle for known in self.world.seats.values() if not known.above and known.unit is not None
        }
        line = {"product_line_id": self.memory.lines[0], "month": self.memory.quarter, "quantity": "7"}
        for unit, cycle in tops.items():
            for is_silent in (False, True):
                responsible = self.chance.choice(self.sellers())
                body = {"business_unit_id": unit, "name": word(), "kind": "store", "responsible_id": responsible}
                source = (await self.operations.done("POST", "/v1/forecast-sources", body))["id"]
                self.memory.versions[source] = 1
                self.world.sources[source] = (unit, responsible)
                if not is_silent:
                    said = {"source_id": source, "cycle_id": cycle, "lines": [line]}
                    made = await self.operations.done("POST", "/v1/channel-forecasts", said)
                    self.world.said[made["id"]] = source
                    asked = {"cycle_id": cycle, "business_unit_id": unit}
                    gathered = await self.operations.request("POST", "/v1/forecast-comparisons", asked)
                    if gathered.is_success:
                        self.world.comparisons[gathered.json()["id"]] = unit

    async def _cycle(self, heads: list[str]) -> str:
        body = {
            "name": f"Cycle {word()}",
            "period": {"kind": "quarter", "start": self.memory.quarter},
            "currency": "USD",
            "head_ids": heads,
        }
        made = await self.operations.done("POST", "/v1/forecast-cycles", body)
        await self.operations.done("POST", f"/v1/forecast-cycles/{made['id']}/openings")
        listed = await self.operations.done("GET", f"/v1/forecast-cycles/{made['id']}/seats?limit=500")
        self.world.cycles[made["id"]] = True
        self.world.seats |= seats_due(self.world, made["id"], heads, listed["items"])
        return str(made["id"])

    async def _handed_in(self, person: str, cycle: str) -> str:
        own = next(each for each, known in self.world.opportunities.items() if known.principal == person)
        client = self.house.sign_in(person)
        present = await client.done("GET", f"/v1/opportunities/{own}")
        said = {"opportunity_id": own, "opportunity_version": present["version"], "category": "commit"}
        await client.done("POST", f"/v1/forecast-cycles/{cycle}/confirmations", said)
        draft = await client.done("POST", f"/v1/forecast-cycles/{cycle}/forecasts")
        self.memory.hear(draft)
        await client.done("POST", f"/v1/forecasts/{draft['id']}/submissions")
        return str(draft["id"])

    async def _gathered(self, holder: str, known: Seat, seat: str) -> None:
        client = self.house.sign_in(holder)
        told = await client.request("POST", f"/v1/forecast-cycles/{known.cycle}/forecasts", {"seat_id": seat})
        assert told.is_success, told.text
        self.memory.hear(told.json())
        if self.chance.random() < 0.5:
            await client.done("POST", f"/v1/forecasts/{told.json()['id']}/submissions")


async def found(house: House, chance: random.Random) -> Founding:
    """Found an enterprise."""
    founding = Founding(house, chance, await house.admin(), await house.import_client())
    today = house.clock().date()
    quarter = date(today.year, today.month - (today.month - 1) % 3, 1)
    memory = founding.memory
    memory.today, memory.ten_days_on = str(today), str(today + timedelta(days=10))
    memory.quarter = str(quarter)
    memory.quarters_end = str((quarter + timedelta(days=92)).replace(day=1) - timedelta(days=1))
    await founding.organisation()
    await webhooks(house, founding.admin, founding.world, founding.memory)
    await founding.customers()
    await questions(house, founding.world, chance, founding.sellers())
    await house.settle()
    await founding.opportunities()
    await house.settle()
    await founding.activities()
    await founding.forecasts()
    await handovers(house, founding.admin, founding.world)
    await house.settle()
    return founding
