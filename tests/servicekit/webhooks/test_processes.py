"""Several processes at once, and processes that are killed."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from servicekit.events.webhooks import claiming, delivering
from servicekit.events.webhooks.delivering import Webhooks
from servicekit.events.webhooks.sending import Sender
from servicekit.values.leases import Leases
from tests.servicekit.webhooks.conftest import Receiver, Senders


class Killed(Exception):
    pass


def another_process(senders: Senders) -> Webhooks:
    service = senders.service
    own = service.webhooks
    return Webhooks(service.database, service.relay, own.sealing, Sender(own.sender.allowed))


async def test_two_processes_send_each_delivery_once_per_attempt(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    receiver.status = lambda event: 500 if int(event["id"][-1], 16) % 2 else 200
    await senders.happen(40)
    processes = [another_process(senders) for _ in range(3)]
    try:
        for _ in range(3):
            while sum(await asyncio.gather(*(process.step() for process in processes))):
                pass
            senders.clock.move(minutes=2)
    finally:
        for process in processes:
            await process.close()
    sent = Counter(one.headers["webhook-id"] for one in receiver.received)
    deliveries = await senders.deliveries(webhook["id"], limit=100)
    assert len(deliveries) == 40
    assert {one["event_id"]: one["attempts"] for one in deliveries} == dict(sent)
    assert {sent[one["event_id"]] for one in deliveries if one["state"] == "delivered"} == {1}


async def test_a_process_killed_between_sending_and_recording_leads_to_a_repeat(
    senders: Senders, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = await senders.register(receiver)
    await senders.happen()

    async def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(claiming, "record", killed)
        assert await senders.service.webhooks.step() == 1
    assert len(receiver.received) == 1
    assert await senders.deliver() == 0
    senders.clock.move(seconds=claiming.LEASE.total_seconds() + 1)
    assert await senders.deliver() == 1
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    (delivery,) = await senders.deliveries(webhook["id"])
    details = await senders.done("GET", f"/{webhook['id']}/deliveries/{delivery['id']}")
    assert [made["status"] for made in details["attempts_made"]] == [None, 204]


async def test_a_database_that_was_away_meanwhile_leads_to_no_repeat(
    senders: Senders, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = await senders.register(receiver)
    await senders.happen()
    record, tried = claiming.record, []

    async def away_at_first(*given: Any) -> None:
        tried.append(given)
        if len(tried) < 3:
            raise ConnectionResetError
        await record(*given)

    monkeypatch.setattr(claiming, "record", away_at_first)
    monkeypatch.setattr(delivering, "AGAIN_SECONDS", 0.01)
    assert await senders.service.webhooks.step() == 1
    assert (len(tried), len(receiver.received)) == (3, 1)
    (delivery,) = await senders.deliveries(webhook["id"])
    assert delivery["state"] == "delivered"


async def test_who_starts_in_a_killed_ones_place_repeats_at_once(
    senders: Senders, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await senders.register(receiver)
    await senders.happen()
    database = senders.service.database

    async def killed(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(database, "leases", Leases("first"))
    with monkeypatch.context() as patched:
        patched.setattr(claiming, "record", killed)
        assert await senders.service.webhooks.step() == 1
    for name, sent in (("second", 0), ("", 0), ("first", 1)):
        monkeypatch.setattr(database, "leases", Leases(name))
        await claiming.take_over(database, senders.clock())
        assert await senders.deliver() == sent
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert len(receiver.received) == 2


async def test_a_process_killed_between_planning_and_sending_loses_nothing(
    senders: Senders, receiver: Receiver
) -> None:
    await senders.register(receiver)
    names = await senders.happen(3)
    killed = another_process(senders)
    while await killed.plan():
        pass
    async with senders.service.database.connection() as connection:
        begun = connection.transaction()
        await begun.start()
        await connection.execute("UPDATE webhook_progress SET position = position + 1000")
        await begun.rollback()
    await senders.deliver()
    assert sorted(event["data"]["name"] for event in receiver.taken) == sorted(names)


async def test_a_claim_that_was_lost_records_its_attempt_and_changes_nothing_else(
    senders: Senders, receiver: Receiver
) -> None:
    webhook = await senders.register(receiver)
    await senders.happen()

    async def pass_the_lease(_: Any) -> None:
        receiver.hold = None
        senders.clock.move(seconds=claiming.LEASE.total_seconds() + 1)
        other = another_process(senders)
        assert await other.step() == 1
        await other.close()

    receiver.hold = pass_the_lease
    await senders.deliver()
    (delivery,) = await senders.deliveries(webhook["id"])
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    details = await senders.done("GET", f"/{webhook['id']}/deliveries/{delivery['id']}")
    assert [made["status"] for made in details["attempts_made"]] == [204, 204]


async def test_a_webhook_that_is_deleted_while_it_is_sent_to_is_gone(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    await senders.happen()

    async def delete(_: Any) -> None:
        await senders.done("DELETE", f"/{webhook['id']}")

    receiver.hold = delete
    assert await senders.deliver() == 1
    assert (await senders.call("GET", f"/{webhook['id']}")).status_code == 404
