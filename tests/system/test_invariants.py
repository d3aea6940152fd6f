"""Invariants of SPEC that span services, attacked by many at once, and the audit trail of all that is changed."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from tests.conftest import Template
from tests.house import Client, House, open_house
from tests.make import Make
from tests.system.asking import operations, present_version, send
from tests.system.scene import Scene, open_scene
from tests.system.strangers import TABLE, Fate

WITHOUT_CHANGE = {
    "create_token": "signing in is noted by the service itself",
    "revoke_browser_token": "the same",
    "confirm_adjustment": "nothing below the scene's adjustment has changed",
    "preview_assignment_rules": "a question",
    "evaluate_assignments": "a question",
    "check_matches": "a question",
    "move_to_funnel_version": "the scene's funnel has one version",
    "answer_demand_plan_lines": "the scene's ERP has acknowledged the whole plan before",
    "import_channel_forecasts": "its item says what was entered by itself before",
}
BROKEN_LINKS = """
    SELECT (SELECT count(*) FROM audit_head AS head WHERE NOT EXISTS (
        SELECT FROM audit WHERE (aggregate, aggregate_id, sequence, digest)
            = (head.aggregate, head.aggregate_id, head.sequence, head.digest)
    )) + count(*) FROM (
        SELECT *, lag(digest) OVER chain AS before_it, row_number() OVER chain AS place
        FROM audit WINDOW chain AS (PARTITION BY aggregate, aggregate_id ORDER BY sequence)
    ) AS entry
    WHERE sequence <> place OR previous_digest IS DISTINCT FROM before_it OR digest <> sha256(
        coalesce(previous_digest, '') || convert_to(jsonb_build_array(
            aggregate, aggregate_id, sequence, extract(epoch FROM at), actor, on_behalf_of, request_id,
            operation, table_name, before, after)::text, 'UTF8'))
"""


@pytest.fixture
async def scene(template: Template) -> AsyncIterator[Scene]:
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        opened_scene = await open_scene(opened)
        yield opened_scene
        for pool in opened_scene.pools:
            await pool.close()


async def test_one_principal_at_every_instant_whoever_asks_at_once(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    below, peer, elsewhere = await make.person(manager), await make.person(manager), await make.person()
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}"
    for onlooker in (below, peer):
        await seller.done("POST", f"{path}/sales-team", {"person_id": onlooker.id, "role": "presales"})

    async def propose(by: Client, person: Client) -> int:
        while True:
            answer = await by.post(f"{path}/principal-changes", {"principal_id": person.id, "reason": "at once"})
            if answer.status_code != 409:
                return answer.status_code

    superiors = [propose(by, person) for by in (head, manager) for person in (below, peer, seller) for _ in range(2)]
    others = [propose(by, below) for by in (elsewhere, below, peer) for _ in range(3)]
    statuses = await asyncio.gather(*superiors, *others)

    assert set(statuses[: len(superiors)]) <= {201, 422}
    assert set(statuses[len(superiors) :]) <= {403, 404, 422}
    principals = (await head.done("GET", f"{path}/principals?limit=500"))["items"]
    assert [each["until_at"] for each in principals[:-1]] == [each["from_at"] for each in principals[1:]]
    assert principals[-1]["until_at"] is None
    assert len(principals) == 1 + statuses.count(201)
    assert (await head.done("GET", path))["principal_id"] == principals[-1]["principal_id"]
    refused = [each for each in await trail(house, "opportunity", opportunity["id"]) if each["operation"] == "refused"]
    assert len(refused) >= statuses.count(403) > 0
    assert {each["actor"] for each in refused} <= {each.id for each in (below, peer, elsewhere, seller)}


async def trail(house: House, aggregate: str, aggregate_id: str) -> list[dict[str, Any]]:
    admin = await house.admin()
    query = f"aggregate={aggregate}&aggregate_id={aggregate_id}&limit=500"
    entries: list[dict[str, Any]] = (await admin.done("GET", f"/v1/opportunity/audit?{query}"))["items"]
    return entries


async def test_revenue_is_counted_once_while_principals_change_and_others_gather(make: Make, house: House) -> None:
    """Each amount is another power of two, so that the total says of each how often it is in it."""
    head = await make.person()
    managers = [await make.person(head) for _ in range(2)]
    sellers = [await make.person(manager) for manager in managers for _ in range(2)]
    today = house.clock().date()
    quarter = date(today.year, today.month - (today.month - 1) % 3, 1)
    close = str(quarter + timedelta(days=80))
    opportunities = [
        await make.opportunity(sellers[place % 4], amount=f"{2**place}.00", expected_close=close) for place in range(8)
    ]
    await house.settle()
    machine = await house.import_client()
    body = {"name": "At once", "period": {"kind": "quarter", "start": str(quarter)}, "currency": "USD"}
    cycle = (await machine.done("POST", "/v1/forecast-cycles", body | {"head_ids": [head.id]}))["id"]
    path = f"/v1/forecast-cycles/{cycle}"
    await machine.done("POST", f"{path}/openings")

    async def confirm_all(by: Client) -> None:
        for candidate in (await by.done("GET", f"{path}/candidates"))["items"]:
            said = {"opportunity_id": candidate["id"], "opportunity_version": candidate["version"]}
            answer = await by.post(f"{path}/confirmations", said | {"category": "commit"})
            assert answer.status_code in {201, 403, 404, 409}, answer.text

    async def move(place: int) -> None:
        change = {"principal_id": sellers[(place + 1) % 4].id, "reason": "balance"}
        answer = await head.post(f"/v1/opportunities/{opportunities[place]['id']}/principal-changes", change)
        assert answer.status_code == 201, answer.text

    async def hand_in(by: Client) -> str | None:
        draft = await by.post(f"{path}/forecasts")
        if not draft.is_success:
            return None
        done = await by.post(f"/v1/forecasts/{draft.json()['id']}/submissions")
        return str(done.json()["result"]) if done.is_success else None

    for round_ in range(3):
        moves = [move(place) for place in range(round_, 8, 3)]
        await asyncio.gather(*map(confirm_all, sellers), *moves, *map(hand_in, (*sellers, *managers, head)))
        await house.settle()
        await asyncio.gather(*map(confirm_all, sellers), *map(hand_in, (*managers, head)), house.settle())
    for _ in range(2):  # what moved last is confirmed by whom it moved to, in a draft where they had handed in
        for seller in sellers:
            await seller.post(f"{path}/forecasts")
            await confirm_all(seller)
            await hand_in(seller)
    totals = [await hand_in(superior) for superior in (*managers, head)]

    assert totals[-1] is not None
    assert Decimal(totals[-1]) == 2**8 - 1


async def owner_of(scene: Scene, service: str) -> Any:
    """Return a pool as the owner of a service's schema; it is closed with the scene."""
    pool = await asyncpg.create_pool(scene.house.urls[service].owner, min_size=1, max_size=1)
    scene.pools.append(pool)
    return pool


async def test_every_change_is_in_the_trail_with_who_and_for_whom(scene: Scene) -> None:
    """The table's requests, each under a trace of its own, by whom they are rightly sent and by stand-ins."""
    stand_in, superior = await scene.make.person(), scene.people["superior"]
    without_trace: set[str] = set()
    today = scene.house.clock().date()
    span = {"from_date": str(today), "until_date": str(today + timedelta(days=2))}
    await superior.done("POST", "/v1/stand-ins", span | {"person_id": superior.id, "stand_in_id": stand_in.id})
    for service, named in TABLE.items():
        owner = await owner_of(scene, service)
        for name, asks in named.items():
            reads = operations(scene.house, service)[name].method == "GET" or name in WITHOUT_CHANGE
            for ask in () if reads else asks:
                client, behalf = scene.people[ask.by], None
                if ask.by == "superior" and ask.fate is Fate.HIDDEN:
                    client, behalf = stand_in, superior.id
                trace = secrets.token_hex(16)
                headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
                headers |= {"on-behalf-of": behalf} if behalf else {}
                version = await present_version(scene, client, service, name, ask)
                sent = await send(scene, client, service, name, ask, version=version, headers=headers)
                assert sent.answer.status_code in ask.served, f"{name}: {sent.answer.text}"
                if sent.answer.is_success:
                    rows = await owner.fetch("SELECT actor, on_behalf_of FROM audit WHERE request_id = $1", trace)
                    without_trace |= set() if rows else {f"{service} {name}"}
                    assert not rows or {(row["actor"], row["on_behalf_of"]) for row in rows} == {(client.id, behalf)}, (
                        name
                    )
        assert await owner.fetchval(BROKEN_LINKS) == 0
    assert without_trace == set()


async def test_the_chain_shows_what_was_tampered_with(scene: Scene) -> None:
    for service in TABLE:
        owner = await owner_of(scene, service)
        assert await owner.fetchval("SELECT count(*) FROM audit") > 0
        assert await owner.fetchval(BROKEN_LINKS) == 0
        await owner.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
        for tampering in (
            "UPDATE audit SET actor = 'nobody' WHERE id = (SELECT max(id) FROM audit)",
            "DELETE FROM audit WHERE id = (SELECT min(id) FROM audit WHERE sequence = 1)",
        ):
            before = await owner.fetchval(BROKEN_LINKS)
            await owner.execute(tampering)
            assert await owner.fetchval(BROKEN_LINKS) > before, (service, tampering)
