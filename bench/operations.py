"""What is measured: each operation as requests that a client would send, a list of them for each connection."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg

from bench.data import Data, inside
from bench.load import FRESH_KEY
from bench.people import Worker
from bench.pipeline import RARE_AMOUNT
from servicekit.values.money import exact_money

SLOTS = 16
"""The most connections; what one writes, no other does."""
_DAYS_BACK = 180
"""So many past days are asked for, before one comes again."""
_EACH = 24
"""Different requests that a connection goes round."""
_MOVES = {"map_organisation": "set_target", "set_target": "shortlist", "shortlist": "selected", "selected": "negotiate"}
"""Moves that answer for no criterion."""
_RECORDED = 2
"""Of what a slot moves, so many are for the floors alone: replaying them must not disturb those that are asked for."""

Token = Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `key` says whether it carries an Idempotency-Key of its own."""

    method: str
    path: str
    token: str
    body: Any = None

    @property
    def is_write(self) -> bool:
        """Whether it has an effect."""
        return self.method != "GET"

    def raw(self) -> str:
        """Return the request as it goes over the wire, with a place for its Idempotency-Key."""
        headers = [f"Host: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\nAccept: application/json"]
        content = ""
        if self.is_write:
            content = json.dumps(self.body)
            headers.append(f"Idempotency-Key: {FRESH_KEY.decode()}\r\nContent-Type: application/json")
            headers.append(f"Content-Length: {len(content.encode())}")
        return f"{self.method} {self.path} HTTP/1.1\r\n" + "\r\n".join(headers) + f"\r\n\r\n{content}"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: the requests of each slot, and those by which its statements are recorded for the floors.

    `apart` says that the recordings of one slot belong to one connection, for they write what others do not.
    """

    name: str
    slots: Sequence[Sequence[Request]]
    recorded: Sequence[Request]
    apart: bool = False


async def first_operations(data: Data, token: Token) -> list[Operation]:
    """Return the operations of the first table."""
    async with inside(data.url) as connection:
        return [
            await _get(connection, token),
            _alike("list", _list_requests(data, token)),
            _create(data, token),
            await _stage_change(connection, token),
            _funnel_of_person(data, token),
            _alike("funnel_of_manager", [Request("GET", _subtree(data.staff.manager), token(data.staff.manager.id))]),
            _alike(
                "funnel_of_company", [Request("GET", "/v1/funnel?scope=everything", token(data.staff.operations.id))]
            ),
            *_looking_back(data, token),
        ]


async def list_operations(data: Data, token: Token) -> list[Operation]:
    """Return the lists of those who see their own, a team's and everybody's, each also through a rare filter."""
    staff = data.staff
    viewers: dict[str, Worker] = {
        "seller": staff.team_of(staff.small_manager)[0],
        "small_manager": staff.small_manager,
        "head": staff.head,
    }
    rare = exact_money(RARE_AMOUNT, "USD").amount
    found = []
    for name, viewer in viewers.items():
        plain = "/v1/opportunities?sort=expected_close&limit=50"
        found.append(_alike(f"list_of_{name}", [Request("GET", plain, token(viewer.id))]))
        filtered = Request("GET", f"{plain}&amount_gte={rare}", token(viewer.id))
        found.append(_alike(f"list_of_{name}_rare", [filtered]))
    return found


def _alike(name: str, requests: Sequence[Request]) -> Operation:
    return Operation(name, [requests] * SLOTS, requests)


def _list_requests(data: Data, token: Token) -> list[Request]:
    """Fifty of what is open in a stage below a manager with 2,000 people, the next to close first."""
    mine = token(data.staff.manager.id)
    return [
        Request("GET", f"/v1/opportunities?state=open&stage={stage}&sort=expected_close&limit=50", mine)
        for stage in _MOVES
    ]


async def _get(connection: asyncpg.Connection, token: Token) -> Operation:
    rows = await connection.fetch(
        "SELECT id, principal_id FROM opportunity ORDER BY md5(id::text) LIMIT $1", SLOTS * _EACH
    )
    tokens = {row["principal_id"]: token(row["principal_id"]) for row in rows}
    requests = [Request("GET", f"/v1/opportunities/{row['id']}", tokens[row["principal_id"]]) for row in rows]
    return Operation("get", _dealt(requests), requests[:64])


def _create(data: Data, token: Token) -> Operation:
    """Whoever looks after a customer enters an opportunity with two lines for it."""
    customers = [one for one in data.pipeline.catalogue.customers if one.manager_id is not None]
    requests = []
    for number, customer in enumerate(customers[: SLOTS * 4]):
        lines = [
            {"product_id": str(product.id), "quantity": "120", "unit_price": str(product.price)}
            for product in islice(data.pipeline.catalogue.products, number, number + 2)
        ]
        body = {
            "name": f"Measured opportunity {number}",
            "customer_id": str(customer.id),
            "currency": "USD",
            "amount": "48000.00",
            "expected_close": data.pipeline.now.date().isoformat(),
            "lines": lines,
        }
        assert customer.manager_id is not None
        requests.append(Request("POST", "/v1/opportunities", token(customer.manager_id), body))
    return Operation("create", _dealt(requests), requests[:SLOTS])


async def _stage_change(connection: asyncpg.Connection, token: Token) -> Operation:
    """Each connection moves its opportunities forward, then all of them back."""
    rows = await connection.fetch(
        "SELECT id, principal_id, stage FROM opportunity WHERE state = 'open' AND stage = ANY($1::text[]) "
        "ORDER BY md5(id::text) LIMIT $2",
        list(_MOVES),
        SLOTS * (_EACH + _RECORDED),
    )
    each = len(rows) // SLOTS
    apart = max(1, min(_RECORDED, each // 2))
    slots: list[list[Request]] = []
    recorded: list[Request] = []
    for place in range(SLOTS):
        mine = rows[place * each : (place + 1) * each]
        moved = [(row["id"], token(row["principal_id"]), row["stage"]) for row in mine]
        recorded += _there_and_back(moved[:apart])
        slots.append(_there_and_back(moved[apart:]))
    return Operation("stage_change", slots, recorded, apart=True)


def _there_and_back(moved: Sequence[tuple[UUID, str, str]]) -> list[Request]:
    forward = [
        Request("POST", f"/v1/opportunities/{one}/stage-changes", token, {"to_stage": _MOVES[stage]})
        for one, token, stage in moved
    ]
    back = [
        Request(
            "POST", f"/v1/opportunities/{one}/stage-changes", token, {"to_stage": stage, "reason": "Not there yet."}
        )
        for one, token, stage in moved
    ]
    return forward + back


def _funnel_of_person(data: Data, token: Token) -> Operation:
    requests = [
        Request("GET", f"/v1/funnel?scope=person&person_id={one.id}", token(one.id))
        for one in data.staff.sellers[: SLOTS * 2]
    ]
    return Operation("funnel_of_person", _dealt(requests), requests)


def _looking_back(data: Data, token: Token) -> list[Operation]:
    """The same as of past days, each connection in an order of its own, and what moved in the quarter before each."""
    manager, operations = data.staff.manager, data.staff.operations
    whole, below = "/v1/funnel?scope=everything", _subtree(manager)
    moved = "/v1/funnel/movement?scope=everything"
    asked = {
        "funnel_of_manager_as_of": [
            Request("GET", f"{below}&as_of={day}", token(manager.id)) for day in _days_back(data, _DAYS_BACK)
        ],
        "funnel_of_company_as_of": [
            Request("GET", f"{whole}&as_of={day}", token(operations.id)) for day in _days_back(data, _DAYS_BACK)
        ],
        "movement_of_quarter": [
            Request("GET", f"{moved}&from_date={day - timedelta(days=91)}&to_date={day}", token(operations.id))
            for day in _days_back(data, _EACH)
        ],
    }
    return [Operation(name, _dealt(requests), requests[:_EACH]) for name, requests in asked.items()]


def _days_back(data: Data, count: int) -> list[date]:
    """Return days of the past as they come: what was asked for is not asked for soon again."""
    today = data.pipeline.now.date()
    return [today - timedelta(days=2 + number * 37 % count) for number in range(count)]


def _subtree(manager: Worker) -> str:
    return f"/v1/funnel?scope=subtree&person_id={manager.id}"


def _dealt(requests: Sequence[Request]) -> list[Sequence[Request]]:
    return [requests[place::SLOTS] or requests for place in range(SLOTS)]
