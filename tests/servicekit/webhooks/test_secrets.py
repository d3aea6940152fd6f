"""Secrets: shown once, rotated without a gap, in no dump."""

import asyncio
from typing import Any

import asyncpg
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from servicekit.data.sealing import Sealing, Unreadable
from servicekit.values.ids import new_id
from tests.make import word
from tests.servicekit.webhooks.conftest import Received, Receiver, Senders


def accepted(secret: str, one: Received) -> bool:
    try:
        Webhook(secret).verify(one.body, one.headers)
    except WebhookVerificationError:
        return False
    return True


async def test_both_secrets_sign_until_the_former_ends(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    former = receiver.secret
    rotated = await senders.done("POST", f"/{webhook['id']}/secret-rotations", {})
    assert rotated["webhook"]["secret_rotated_at"]
    await senders.happen()
    await senders.deliver()
    (one,) = receiver.received
    assert len(one.headers["webhook-signature"].split(" ")) == 2
    assert accepted(former, one)
    assert accepted(rotated["secret"], one)
    senders.clock.move(hours=24, minutes=1)
    receiver.secret = rotated["secret"]
    await senders.happen()
    await senders.deliver()
    assert accepted(rotated["secret"], receiver.received[-1])
    assert not accepted(former, receiver.received[-1])


async def test_a_leaked_secret_can_be_ended_at_once(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    leaked = receiver.secret
    path = f"/{webhook['id']}/secret-rotations"
    for _ in range(4):
        await senders.done("POST", path, {"former_valid_hours": 100})
    assert (await senders.call("POST", path, {})).json()["code"] == "too_many_secrets"
    receiver.secret = (await senders.done("POST", path, {"former_valid_hours": 0}))["secret"]
    await senders.happen()
    await senders.deliver()
    assert accepted(receiver.secret, receiver.received[-1])
    assert not accepted(leaked, receiver.received[-1])


async def test_no_table_holds_a_secret_in_plain(senders: Senders, receiver: Receiver) -> None:
    key, body = word(), {"url": receiver.url, "description": word()}
    headers = {"idempotency-key": key}
    first = await senders.done("POST", "", body, headers=headers)
    again = await senders.done("POST", "", body, headers=headers)
    assert (again["webhook"], again["secret"]) == (first["webhook"], None)
    path = f"/{first['webhook']['id']}/secret-rotations"
    rotated = await senders.done("POST", path, {}, headers=headers)
    assert (await senders.done("POST", path, {}, headers=headers))["secret"] is None
    assert "secret" not in await senders.done("GET", f"/{first['webhook']['id']}")
    owner = await asyncpg.connect(senders.walls.owner_url)
    try:
        tables = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for table in [row[0] for row in tables]:
            dumped = await owner.fetch(f'SELECT "{table}"::text FROM "{table}"')
            for secret in (first["secret"].removeprefix("whsec_"), rotated["secret"].removeprefix("whsec_")):
                for form in (secret, secret.encode().hex()):
                    assert not [row for row in dumped if form in row[0]], table
    finally:
        await owner.close()


async def test_a_secret_kept_with_another_key_disables_instead_of_sending(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    webhooks = senders.service.webhooks
    kept, webhooks.sealing = webhooks.sealing, Sealing(b"another", "webhook secrets")
    try:
        await senders.happen()
        await senders.deliver()
    finally:
        webhooks.sealing = kept
    assert (await senders.done("GET", f"/{webhook['id']}"))["disabled_reason"] == "secret_lost"
    assert not receiver.received


def test_what_is_sealed_for_one_is_of_no_use_to_another() -> None:
    sealing, one, other = Sealing(b"key", "purpose"), new_id().bytes, new_id().bytes
    sealed = sealing.seal(b"secret", one)
    assert sealing.open(sealed, one) == b"secret"
    attempts: list[tuple[Sealing, bytes, bytes]] = [
        (sealing, sealed, other),
        (sealing, sealed[:-1], one),
        (sealing, b"\x02" + sealed[1:], one),
        (Sealing(b"key", "another purpose"), sealed, one),
        (Sealing(b"another key", "purpose"), sealed, one),
    ]
    for who, what, where in attempts:
        with pytest.raises(Unreadable):
            who.open(what, where)


async def test_two_who_change_a_webhook_at_once_do_not_overwrite_each_other(
    senders: Senders, receiver: Receiver
) -> None:
    webhook = await senders.register(receiver)

    async def change(number: int) -> Any:
        headers = {"if-match": '"1"'}
        return await senders.call("PATCH", f"/{webhook['id']}", {"description": f"{number}"}, headers=headers)

    answers = await asyncio.gather(*(change(number) for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
