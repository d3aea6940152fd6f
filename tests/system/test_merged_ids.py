"""A merged id stands for the survivor in every operation of every service that takes a customer's id, until undone."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.customer.potential.reckoning import Reckoning
from tests.customer.merging.companies import merge, undo
from tests.house import Client, House
from tests.make import Make, word
from tests.system.asking import Operation, document_of, operations_in
from tests.system.merged_ids import CUSTOMER_IDS, EXEMPT, READS, WRITES, Read, Write
from tests.system.strangers import TABLE

Record = dict[str, Any]
BASELINE = {"scope": "customer", "stage": "selected", "count": "3", "from_date": "2999-01-01", "reason": "a goal"}
LISTED = READS.keys() | WRITES.keys() | EXEMPT.keys()


def takes_customer(document: Mapping[str, Any], names: frozenset[str]) -> set[str]:
    """Return the operations that are given a customer's id: in the path, as a filter, or in the body."""
    found = set()
    for methods in document["paths"].values():
        for described in methods.values():
            given = {each["name"] for each in described.get("parameters", ())}
            for content in described.get("requestBody", {}).get("content", {}).values():
                given |= set(_fields(document, content.get("schema", {}), ()))
            if given & names:
                found.add(described["operationId"])
    return found


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[str]:
    reference = schema.get("$ref")
    if reference is not None:
        if reference not in above:
            found = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
            yield from _fields(document, found, (*above, reference))
        return
    yield from schema.get("properties", {})
    parts = [*schema.get("properties", {}).values()]
    for kind in ("anyOf", "oneOf", "allOf"):
        parts += schema.get(kind, [])
    for part in [*parts, schema["items"]] if "items" in schema else parts:
        yield from _fields(document, part, above)


def test_every_operation_that_takes_a_customer_is_in_the_table() -> None:
    taking = set()
    for service in TABLE:
        names = CUSTOMER_IDS | {"parent_id"} if service == "customer" else CUSTOMER_IDS
        taking |= takes_customer(document_of(service), names)
    assert taking == set(LISTED)


def test_a_new_operation_that_takes_a_customer_is_noticed() -> None:
    nested = {"properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}}}
    schemas = {"Item": {"properties": {"customer_id": {"type": "string"}}}}
    body = {"content": {"application/json": {"schema": nested}}}
    document = {
        "paths": {"/v1/new": {"post": {"operationId": "new", "requestBody": body}, "get": {"operationId": "old"}}},
        "components": {"schemas": schemas},
    }
    assert takes_customer(document, CUSTOMER_IDS) == {"new"}


class Pair:
    """Two customers that are one, and what was made for each."""

    def __init__(self, house: House, people: dict[str, Client]) -> None:
        self.house, self.people = house, people
        self.names: dict[str, str] = {name: client.id for name, client in people.items()}
        self.operations: dict[str, Operation] = {}
        for service in TABLE:
            self.operations |= operations_in(document_of(service))

    def filled(self, template: Any) -> Any:
        """Return a template with its names replaced."""
        if isinstance(template, str):
            return template.format_map({**self.names, "fresh": word()})
        if isinstance(template, dict):
            return {name: self.filled(value) for name, value in template.items()}
        return [self.filled(each) for each in template] if isinstance(template, list) else template

    async def ask(self, name: str, read: Read, customer_id: str) -> Record:
        """Return what a question answers about a customer."""
        path = self.operations[name].path
        query = dict(read.query)
        if "{customer_id}" not in path:
            query[read.by] = customer_id
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        answer: Record = await self.people["head"].done("GET", path.format(customer_id=customer_id) + f"?{asked}")
        return answer

    async def do(self, name: str, write: Write) -> Record:
        """Do something for the merged id; return what shows for whom it was done."""
        operation, by = self.operations[name], self.people[write.by]
        path = operation.path.format_map({"customer_id": self.names["merged"], **self.filled(write.path)})
        options: dict[str, Any] = {}
        if operation.needs_version:
            options["if_match"] = (await by.done("GET", path))["version"]
        answer: Record = await by.done(operation.method, path, self.filled(write.body), **options)
        self.names["made"] = self.names[name] = str(found_in(answer, write.made) or "")
        return await by.done("GET", self.filled(write.read)) if write.read else answer


def found_in(answer: Any, way: str) -> Any:
    """Return what is found on a way like `items.0.id`, or None."""
    for step in way.split("."):
        if isinstance(answer, list):
            answer = answer[int(step)] if len(answer) > int(step) else None
        else:
            answer = (answer or {}).get(step)
    return answer


async def open_pair(make: Make) -> Pair:
    """Make two customers with one record of each kind, looked after by two sellers of one head."""
    boss, head = await make.line(2)
    people = {"boss": boss, "head": head, "first": await make.seller(head), "second": await make.seller(head)}
    people["operations"] = await make.house.import_client()
    pair = Pair(make.house, people)
    pair.names["today"] = str(make.house.clock().date())
    pair.names["rival"] = (await make.customer(head, kind="competitor"))["id"]
    pair.names["other"] = (await make.customer(head))["id"]
    for side, seller in (("ours", "first"), ("theirs", "second")):
        made = await make.customer(
            people[seller],
            other_names=[{"kind": "short", "name": f"Short {word()}"}],
            identifiers=[{"scheme": "domain", "value": f"{word()}.com"}],
            addresses=[{"kind": "delivery", "line_1": "Street 1", "city": "Hamburg", "country": "DE"}],
            industry="Shoes",
        )
        pair.names[f"{side}_name"] = made["other_names"][0]["id"]
        pair.names[f"{side}_identifier"] = made["identifiers"][0]["id"]
        pair.names[f"{side}_address"] = made["addresses"][0]["id"]
        pair.names[side] = made["id"]
        await _records(make, pair, side, made)
    pair.names |= {"survivor": pair.names["ours"], "merged": pair.names["theirs"]}
    await _portfolio(pair)
    await make.house.settle()
    await Reckoning(make.house.service("customer")).reckon_due()
    return pair


async def _records(make: Make, pair: Pair, side: str, customer: Record) -> None:
    head, names, path = pair.people["head"], pair.names, f"/v1/customers/{customer['id']}"
    of = {"customer_id": customer["id"]}
    today = names["today"]
    names[f"{side}_child"] = (await make.customer(head, parent_id=customer["id"]))["id"]
    names[f"{side}_opportunity"] = (await make.opportunity(head, **of))["id"]
    await head.done("POST", f"{path}/tier-changes", {"tier": "growth", "reason": "it grows"})
    need = {"what": "Soles", "quantity": "5", "needed_by": today, "fit": 5, "fit_reason": "ours", "assessed_on": today}
    criteria = [{"criterion": "Price", "ours": 3, "theirs": 2, "evidence": "seen"}]
    competition = {"competitor_id": names["rival"], "assessed_on": today, "criteria": criteria}
    strategy = {"upon": 0, "stance": "attack", "strategy": "cheaper"}
    evaluation = {"scheme_number": 1, "values": [{"criterion": "relationship", "value": 3}]}
    visit = {**of, "kind": "visit", "subject": "Plant", "done_on": today}
    company = {name: customer[name] for name in ("legal_name", "country", "city")}
    for kind, at, body in (
        ("contact", "/v1/contacts", {**of, "name": f"Contact {word()}"}),
        ("lead", "/v1/leads", {**of, "heard": "Heard", "source": "referral"}),
        ("account_plan", "/v1/account-plans", {**of, "year": 2035}),
        ("activity", "/v1/activities", visit),
        ("intake", "/v1/intakes", {"source": "referral", "company": company}),
        ("target", f"{path}/targets", {"period": "2035", "why": "large"}),
        ("need", f"{path}/need-assessments", need),
        ("assessment", f"{path}/competitive-assessments", competition),
        ("strategy", f"{path}/competitive-strategies", strategy),
        ("evaluation", f"{path}/evaluations", evaluation),
        ("baseline", "/v1/funnel/baselines", BASELINE | {"customer_id": customer["id"]}),
        ("proposed_change", f"{path}/supplements", {"source": {"kind": "visit"}, "industry": f"Boots {word()}"}),
    ):
        made = await head.done("POST", at, body)
        names[f"{side}_{kind}"] = made["proposed"][0]["id"] if kind == "proposed_change" else made["id"]
        if kind == "need":
            names[f"{side}_key_proposal"] = made["key_proposal_id"]
    covered = {"contact_id": names[f"{side}_contact"], "person_id": head.id, "every_days": 30}
    names[f"{side}_coverage"] = (await head.done("POST", "/v1/coverages", covered))["id"]


async def _portfolio(pair: Pair) -> None:
    """A plan in force in which both have a part, and a draft."""
    head, path, today = pair.people["head"], "/v1/portfolio-plans", pair.names["today"]
    targets = [{"tier": "growth", "amount": "10.00", "coverage": 0}]
    body = {"name": "Growth", "currency": "USD", "targets": targets, "from_date": today, "until_date": "2027-12-01"}
    plan = await head.done("POST", path, body)
    await head.done("POST", f"{path}/{plan['id']}/allocations", {})
    await pair.people["boss"].done("POST", f"{path}/{plan['id']}/approvals", {"in_force_from": today})
    pair.names |= {"plan": plan["id"], "draft_plan": (await head.done("POST", path, body))["id"]}


async def visits(pair: Pair) -> tuple[int, list[int]]:
    """Return how many visits the portfolio plan counts, and how many each account plan of the year's list does."""
    head = pair.people["head"]
    progress = await head.done("GET", f"/v1/portfolio-plans/{pair.names['plan']}/progress")
    year = pair.names["today"][:4]
    standings = await head.done("GET", f"/v1/account-plan-standings?year={year}&limit=500")
    done = [each["activities_done"] for each in standings["items"]]
    return progress["tiers"][0]["done"], done


def ids_in(answer: Record) -> set[str]:
    return {each["id"] for each in answer["items"]}


async def test_a_merged_id_stands_for_the_survivor_in_every_operation(make: Make) -> None:
    pair = await open_pair(make)
    names, head = pair.names, pair.people["head"]
    apart = {name: await pair.ask(name, read, names["merged"]) for name, read in READS.items() if read.holds}
    for name, read in READS.items():
        if read.holds:
            assert ids_in(apart[name]) == {names[f"theirs_{read.holds}"]}, name
    before = await visits(pair)
    assert before[0] == 2

    made = await merge(head, names["survivor"], names["merged"])
    await make.house.settle()

    assert (await visits(pair))[0] == 2, "each visit counts once"
    for name, read in READS.items():
        answer = await pair.ask(name, read, names["merged"])
        assert answer == await pair.ask(name, read, names["survivor"]), f"{name} answers otherwise by the merged id"
        if read.holds:
            wanted = {names[f"{side}_{read.holds}"] for side in ("ours", "theirs")}
            assert ids_in(answer) == wanted, name
        for way, value in read.says.items():
            assert found_in(answer, way) == pair.filled(value), (name, way, answer)
        assert read.tells_merged or names["merged"] not in str(answer), f"{name} tells the merged id: {answer}"
    for name, write in WRITES.items():
        shown = await pair.do(name, write)
        assert found_in(shown, write.shows) == names["survivor"], (name, shown)

    await undo(head, names["survivor"], made["id"])
    await make.house.settle()

    for name, read in READS.items():
        if read.holds:
            mine, yours = [ids_in(await pair.ask(name, read, names[side])) for side in ("ours", "theirs")]
            assert yours == {names[f"theirs_{read.holds}"]}, f"{name}: what came with it returns, and nothing else"
            assert names[f"ours_{read.holds}"] in mine, name
            assert names[f"theirs_{read.holds}"] not in mine, name
