"""Two processes of each service: whatever the one does, the other knows; one is killed, and the other answers on."""

import os
import re
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from keyaccount.answers import answers
from keyaccount.provisioning import SERVICES
from keyaccount.settings import settings_from
from tests.system.instance import Instance, Person, are_gone, living_in, sign_in, until
from tests.system.one_company import CLIENTS, clients, told_at_once

PASSWORD = "a long enough password"
AT_ONCE = 16
COUNTED = re.compile(r'keyaccount_request_seconds_count\{[^}]*route="/v1/[^}]*\} ([0-9.]+)')
FIRST, SECOND = 0, 1


@dataclass
class House:
    """An instance with two processes of each service, a client for each process, and who asks."""

    instance: Instance
    alone: dict[str, list[httpx.Client]]
    admin: Person
    operations: Person
    seller: Person

    def at(self, service: str, place: int, person: Person | None = None) -> Person:
        """Return somebody (the seller, if not said) who asks one process of a service."""
        return replace(person or self.seller, http=self.alone[service][place])

    def shared(self, service: str) -> int:
        """Return the port that both processes of a service listen on."""
        return self.instance.port + SERVICES.index(service) + 1


@contextmanager
def two_of_each() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)
        instance = stack.enter_context(living_in(Path(folder) / "home", 30, KEYACCOUNT_WORKERS="2"))
        instance.up()
        settings = settings_from({"KEYACCOUNT_PORT": str(instance.port), "KEYACCOUNT_WORKERS": "2"})
        alone = {
            service: [
                stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))
                for port in settings.processes_of(service).values()
            ]
            for service in SERVICES
        }
        http = stack.enter_context(instance.http())
        admin, operations = instance.first(http, "admin"), instance.first(http, "import_client")
        yield House(instance, alone, admin, operations, seller_of(http, admin))


def seller_of(http: httpx.Client, admin: Person, name: str = "seller") -> Person:
    made = admin.post("/v1/people", {"name": name.capitalize(), "title": "seller"})
    admin.post(f"/v1/people/{made['id']}/credentials", {"username": name, "password": PASSWORD})
    return sign_in(http, "password", username=name, password=PASSWORD)


def at_once(asks: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(asks)) as pool:
        return [asked.result() for asked in [pool.submit(ask) for ask in asks]]


@pytest.mark.timeout(240)
def test_two_processes_of_each_service_are_one() -> None:
    with two_of_each() as house:
        both_are_dealt_connections(house)
        what_one_writes_the_other_reads(house)
        of_conflicting_writes_one_holds(house)
        an_event_comes_once_and_is_counted_once(house)
        jobs_are_done_once(house)
        intakes_of_one_company_are_one_customer(house, rounds=5)
        one_is_killed_and_the_other_answers_on(house)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_hundred_companies_told_of_at_once_are_a_hundred_customers() -> None:
    with two_of_each() as house:
        intakes_of_one_company_are_one_customer(house, rounds=100)


def intakes_of_one_company_are_one_customer(house: House, *, rounds: int) -> None:
    """Invariant 1, from five processes: 50 intakes of one company in 20 spellings, in each round another company."""
    sellers = [seller_of(house.admin.http, house.admin, f"teller-{number}") for number in range(CLIENTS)]
    with clients() as pool:
        for round_ in range(rounds):
            told_at_once(pool, sellers, house.operations, round_)


def answered(house: House, service: str, place: int) -> float:
    """Return how many requests of the API a process has answered, by its own figures."""
    return sum(float(found) for found in COUNTED.findall(house.alone[service][place].get("/metrics").text))


def both_are_dealt_connections(house: House) -> None:
    """Each connection to the shared port is one process's; of 40 both have some."""
    for service, path in (("customer", "customers"), ("opportunity", "opportunities"), ("team", "people")):
        before = [answered(house, service, place) for place in (FIRST, SECOND)]
        for _ in range(40):
            with httpx.Client(base_url=f"http://127.0.0.1:{house.shared(service)}") as once:
                assert replace(house.admin, http=once).get(f"/v1/{path}")["items"] is not None
        gained = [answered(house, service, place) - before[place] for place in (FIRST, SECOND)]
        assert sum(gained) >= 40
        assert min(gained) > 0, (service, gained)


def what_one_writes_the_other_reads(house: House) -> None:
    """At once and in both directions; whoever was entered at one is known to both of every service."""
    for writer, reader in ((FIRST, SECOND), (SECOND, FIRST)):
        made = house.at("opportunity", writer).post("/v1/opportunities", opportunity(f"Written by {writer}"))
        path = f"/v1/opportunities/{made['id']}"
        assert house.at("opportunity", reader).get(path) == made
        admin, name = house.at("team", writer, house.admin), f"new-{writer}"
        person = admin.post("/v1/people", {"name": name})
        admin.post(f"/v1/people/{person['id']}/credentials", {"username": name, "password": PASSWORD})
        newcomer = sign_in(house.alone["team"][reader], "password", username=name, password=PASSWORD)
        for service, known in (("opportunity", "opportunities"), ("customer", "customers")):
            for place in (FIRST, SECOND):
                assert house.at(service, place, newcomer).get(f"/v1/{known}")["items"] == []


def opportunity(name: str) -> dict[str, Any]:
    return {"name": name, "currency": "USD", "amount": "100.00", "expected_close": "2031-01-15"}


def of_conflicting_writes_one_holds(house: House) -> None:
    """Of changes to one version one is made; a key counts once; a reference is one thing's."""
    made = house.at("opportunity", FIRST).post("/v1/opportunities", opportunity("Wanted by many"))
    path = f"/v1/opportunities/{made['id']}"

    def rename(number: int) -> httpx.Response:
        to = house.at("opportunity", number % 2)
        return to.request("PATCH", path, {"name": f"Name {number}"}, headers={"if-match": f'"{made["version"]}"'})

    changed = at_once([lambda number=number: rename(number) for number in range(AT_ONCE)])  # type: ignore[misc]
    assert Counter(answer.status_code for answer in changed) == {200: 1, 412: AT_ONCE - 1}

    def enter(number: int, key: str, reference: str) -> httpx.Response:
        body = opportunity(reference) | {"external_reference": {"system": "workers", "id": reference}}
        to = house.at("opportunity", number % 2)
        return to.request("POST", "/v1/opportunities", body, headers={"idempotency-key": key})

    same = at_once([lambda number=number: enter(number, "one-key", "A") for number in range(AT_ONCE)])  # type: ignore[misc]
    assert {answer.status_code for answer in same} <= {201, 409}, [answer.text for answer in same]
    assert len({answer.json()["id"] for answer in same if answer.is_success}) == 1
    apart = at_once([lambda number=number: enter(number, f"key-{number}", "B") for number in range(AT_ONCE)])  # type: ignore[misc]
    assert Counter(answer.status_code for answer in apart) == {201: 1, 409: AT_ONCE - 1}


def an_event_comes_once_and_is_counted_once(house: House) -> None:
    """Both relay, one at a time: the feed is the same at both, in one order, and the counters add up."""
    written = at_once(
        [
            lambda number=number: house.at("opportunity", number % 2).request(  # type: ignore[misc]
                "POST", "/v1/opportunities", opportunity(f"Counted {number}")
            )
            for number in range(AT_ONCE)
        ]
    )
    ids = {answer.json()["id"] for answer in written}
    assert len(ids) == AT_ONCE

    def feed(place: int) -> list[tuple[int, str, str]]:
        events = house.at("opportunity", place, house.operations).get("/v1/opportunity/events?after=0&limit=500")
        return [(each["position"], each["type"], each["subject"]) for each in events["items"]]

    until(lambda: ids <= {subject for _, _, subject in feed(FIRST)})
    fed = feed(SECOND)
    assert fed == feed(FIRST)
    positions = [position for position, _, _ in fed]
    assert positions == sorted(set(positions))
    opened = Counter(subject for _, kind, subject in fed if kind.endswith(("opened", "created")))
    assert {opened[each] for each in ids} == {1}, Counter(kind for _, kind, _ in fed)

    listed = int(house.seller.get("/v1/opportunities?total=true&limit=1")["total"])
    for place in (FIRST, SECOND):
        funnel = house.at("opportunity", place).get("/v1/funnel?scope=person")
        assert funnel["open"]["count"] == listed


def jobs_are_done_once(house: House) -> None:
    """Jobs asked of both are shared by lease; what one made, the other gives out."""
    listed = int(house.seller.get("/v1/opportunities?total=true&limit=1")["total"])
    asked = [
        house.at("opportunity", number % 2).post("/v1/opportunities/exports", {"format": "jsonl"})["id"]
        for number in range(4)
    ]
    for number, job in enumerate(asked):
        to = house.at("opportunity", (number + 1) % 2)

        def ended(to: Person = to, job: str = job) -> dict[str, Any] | None:
            found: dict[str, Any] = to.get(f"/v1/opportunity/jobs/{job}")
            return found if found["state"] in {"succeeded", "failed", "cancelled"} else None

        done = until(ended)
        assert done["state"] == "succeeded", done
        result = to.request("GET", done["result"]["path"])
        assert len(result.text.splitlines()) == listed


def one_is_killed_and_the_other_answers_on(house: House) -> None:
    """Once it is dead nobody notices through the gateway; the one that died is there again by itself."""
    instance = house.instance
    for service, path in (("opportunity", "/v1/opportunities"), ("team", "/v1/people")):
        before = instance.pids()
        for _ in range(8):
            assert house.seller.request("GET", path).is_success
        os.kill(before[service], signal.SIGKILL)
        until(lambda: are_gone({service: before[service]}))  # noqa: B023 (called at once)
        own_port = house.alone[service][FIRST].base_url.port or 0
        asked = 0
        while not (asked >= 20 and instance.has_said("ended by SIGKILL") and answers(own_port)):
            answer = house.seller.request("GET", path)
            assert answer.is_success, (asked, answer.text)
            asked += 1
        after = instance.pids()
        assert {name for name in before if not name.startswith("postgres") and before[name] != after[name]} == {service}
        with httpx.Client(base_url=f"http://127.0.0.1:{own_port}") as again:
            assert replace(house.seller, http=again).get(path)["items"] is not None
