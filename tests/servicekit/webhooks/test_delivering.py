"""What receivers get, and when."""

import asyncio
from datetime import timedelta
from typing import Any

from servicekit.data.transactions import writing
from servicekit.events.webhooks import rules
from servicekit.events.webhooks.standing import standing
from servicekit.values.ids import new_id
from tests.servicekit.webhooks.conftest import Receiver, Senders, open_receiver


async def test_a_receiver_gets_what_the_feed_tells(senders: Senders, receiver: Receiver) -> None:
    await senders.register(receiver)
    names = await senders.happen(2)
    assert await senders.deliver() == 2
    fed = (await senders.walls.client.get("/v1/team/events", params={"limit": 1000})).json()["items"]
    told = [event for event in fed if event["data"].get("name") in names]
    assert sorted(receiver.taken, key=lambda event: event["position"]) == told
    for one in receiver.received:
        assert one.headers["webhook-id"] == one.event["id"]
        assert one.headers["content-type"].startswith("application/cloudevents+json")


async def test_only_what_was_asked_for_and_only_from_then_on(senders: Senders, receiver: Receiver) -> None:
    await senders.happen()
    webhook = await senders.register(receiver, event_types=["shelf.burnt"])
    await senders.happen()
    assert await senders.deliver() == 0
    change: dict[str, Any] = {"event_types": []}
    await senders.done("PATCH", f"/{webhook['id']}", change, headers={"if-match": f'"{webhook["version"]}"'})
    await senders.happen()
    await senders.deliver()
    assert [event["type"] for event in receiver.taken] == ["webhook.changed", "shelf.added"]


async def test_a_receiver_that_was_down_for_23_hours_gets_everything_once(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    receiver.status = 503
    names = await senders.happen(3)
    await senders.deliver_for(hours=23)
    assert not receiver.taken
    assert len(receiver.received) > 3 * 20
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 3
    receiver.status = 200
    await senders.deliver_for(hours=1)
    assert sorted(event["data"]["name"] for event in receiver.taken) == sorted(names)
    assert {one["state"] for one in await senders.deliveries(webhook["id"])} == {"delivered"}
    assert (await senders.done("GET", f"/{webhook['id']}"))["failing_since"] is None


async def test_after_a_day_it_is_a_dead_letter_that_can_be_replayed(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    receiver.status, receiver.text = 500, "no\x00room " + "x" * 5000
    await senders.happen(2)
    await senders.deliver_for(hours=25)
    first, second = await senders.deliveries(webhook["id"], state="dead")
    assert (first["last_status"], first["last_error"], first["next_attempt_at"]) == (500, "answered 500", None)
    details = await senders.done("GET", f"/{webhook['id']}/deliveries/{first['id']}")
    assert details["attempts"] == len(details["attempts_made"]) > 20
    made = details["attempts_made"][0]
    assert (made["number"], made["status"], made["error"]) == (1, 500, "answered 500")
    assert made["excerpt"].startswith("no room xx")
    assert len(made["excerpt"]) <= 200
    assert made["milliseconds"] >= 0
    counted = await standing(senders.service.database, senders.clock())
    assert (counted.dead, counted.waiting, counted.enabled) == (2, 0, 1)

    receiver.status, before = 200, len(receiver.received)
    replayed = await senders.done("POST", f"/{webhook['id']}/deliveries/{first['id']}/replay")
    assert replayed["state"] == "waiting"
    assert await senders.deliver() == 1
    assert receiver.received[before].headers["webhook-id"] == first["event_id"]

    later = {"since": (senders.clock() + timedelta(hours=1)).isoformat()}
    assert await senders.done("POST", f"/{webhook['id']}/replays", later) == {"replayed": 0}
    since = {"since": first["planned_at"]}
    assert await senders.done("POST", f"/{webhook['id']}/replays", since) == {"replayed": 1}
    await senders.deliver()
    assert receiver.taken[-1]["id"] == second["event_id"]
    assert await senders.deliveries(webhook["id"], state="dead") == []


async def test_events_of_one_thing_come_in_order_and_hold_up_no_other(senders: Senders, receiver: Receiver) -> None:
    await senders.register(receiver, event_types=["thing.happened"])
    stuck, free = await two_things(senders, 4)
    receiver.status = lambda event: 500 if event["subject"] == stuck else 200
    await senders.deliver()
    assert [event["data"]["count"] for event in receiver.taken] == [0, 1, 2, 3]
    assert {event["subject"] for event in receiver.taken} == {free}
    assert [one.event["data"]["count"] for one in receiver.received if one.event["subject"] == stuck] == [0]
    receiver.status = 200
    await senders.deliver_for(hours=0.5)
    assert [event["data"]["count"] for event in receiver.taken if event["subject"] == stuck] == [0, 1, 2, 3]


async def two_things(senders: Senders, times: int) -> tuple[str, str]:
    """Publish so many events of two aggregates, in turns."""
    first, second = new_id(), new_id()
    for count in range(times):
        async with writing(senders.service.database) as tx:
            tx.publish("thing.happened", first, {"count": count})
            tx.publish("thing.happened", second, {"count": count})
    while await senders.service.relay.step():
        pass
    return str(first), str(second)


async def test_what_blocked_a_line_for_a_day_lets_each_later_one_have_its_try(
    senders: Senders, receiver: Receiver
) -> None:
    await senders.register(receiver, event_types=["thing.happened"])
    stuck, _ = await two_things(senders, 3)
    receiver.status = lambda event: 500 if event["subject"] == stuck and event["data"]["count"] == 0 else 200
    await senders.deliver_for(hours=24.5)
    taken = [event["data"]["count"] for event in receiver.taken if event["subject"] == stuck]
    assert taken == [1, 2]


async def test_a_slow_receiver_holds_up_nobody(senders: Senders, receiver: Receiver) -> None:
    async with open_receiver() as slow:
        await senders.register(slow)
        await senders.register(receiver)
        let_go, held = asyncio.Event(), []

        async def hold(event: Any) -> None:
            held.append(event["id"])
            await let_go.wait()

        slow.hold = hold
        await senders.happen(8)
        running = asyncio.create_task(senders.service.webhooks.run())
        try:
            async with asyncio.timeout(20):
                while len(receiver.taken) < 8:  # noqa: ASYNC110 (another server's list)
                    await asyncio.sleep(0.01)
            assert (len(held), slow.received) == (4, [])
            let_go.set()
            async with asyncio.timeout(20):
                while len(slow.taken) < 8:  # noqa: ASYNC110 (another server's list)
                    await asyncio.sleep(0.01)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_redirect_is_no_success_and_is_not_followed(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    receiver.status, receiver.headers = 307, {"location": receiver.url}
    await senders.happen()
    assert await senders.deliver() == 1
    (delivery,) = await senders.deliveries(webhook["id"])
    assert (delivery["state"], delivery["last_status"]) == ("waiting", 307)


async def test_410_disables_and_what_happened_meanwhile_can_be_caught_up(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    receiver.status = 410
    await senders.happen()
    await senders.deliver()
    seen = await senders.done("GET", f"/{webhook['id']}")
    assert (seen["state"], seen["disabled_reason"], seen["version"]) == ("disabled", "gone", 2)
    assert (await senders.call("POST", f"/{webhook['id']}/test")).json()["code"] == "webhook_disabled"
    told = (await senders.walls.client.get("/v1/team/events", params={"limit": 1000})).json()["items"]
    assert not [event for event in told if receiver.url in str(event)]

    missed = await senders.happen(2)
    assert await senders.deliver() == 0
    receiver.status = 200
    enabled = await senders.done("POST", f"/{webhook['id']}/enablings", {"catch_up": True})
    assert (enabled["state"], enabled["disabled_reason"]) == ("enabled", None)
    await senders.deliver()
    assert sorted(event["data"]["name"] for event in receiver.taken) == sorted(missed)

    await senders.done("POST", f"/{webhook['id']}/disablings")
    await senders.happen()
    await senders.done("POST", f"/{webhook['id']}/enablings", {})
    assert await senders.deliver() == 0


async def test_after_days_of_only_failures_it_is_disabled_and_an_event_tells(
    senders: Senders, receiver: Receiver
) -> None:
    webhook = await senders.register(receiver)
    async with open_receiver() as other:
        await senders.register(other, event_types=["webhook.disabled"])
        receiver.status = 500
        for _ in range(4):
            await senders.happen()
            await senders.deliver_for(hours=24, every=2)
        assert (await senders.done("GET", f"/{webhook['id']}"))["state"] == "enabled"
        senders.clock.move(hours=25)
        await senders.happen(2)
        await senders.deliver()
        seen = await senders.done("GET", f"/{webhook['id']}")
        assert (seen["state"], seen["disabled_reason"]) == ("disabled", "failing")
        await senders.happen(0)
        await senders.deliver()
        (told,) = other.taken
        assert (told["subject"], told["data"]["disabled_reason"]) == (webhook["id"], "failing")
        waiting = len(await senders.deliveries(webhook["id"], state="waiting"))
        assert waiting > 0
        senders.clock.move(hours=25)
        await senders.service.webhooks.clear_away()
        assert await senders.deliveries(webhook["id"], state="waiting") == []


async def test_old_deliveries_are_forgotten(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    await senders.happen()
    await senders.deliver()
    receiver.status = 500
    await senders.happen()
    await senders.deliver_for(hours=25, every=1)
    senders.clock.move(days=rules.KEPT_DELIVERED.days)
    await senders.service.webhooks.clear_away()
    assert [one["state"] for one in await senders.deliveries(webhook["id"])] == ["dead"]
    senders.clock.move(days=rules.KEPT_DEAD.days)
    await senders.service.webhooks.clear_away()
    assert await senders.deliveries(webhook["id"]) == []


async def test_a_ping_tells_at_once_whether_a_receiver_is_there(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    planned = await senders.done("POST", f"/{webhook['id']}/test")
    assert (planned["state"], planned["event_type"], planned["position"]) == ("waiting", "webhook.ping", None)
    await senders.deliver()
    (ping,) = receiver.taken
    assert (ping["type"], ping["id"], ping["subject"]) == ("webhook.ping", planned["event_id"], webhook["id"])
    seen = await senders.done("GET", f"/{webhook['id']}/deliveries/{planned['id']}")
    assert (seen["state"], seen["attempts_made"][0]["status"]) == ("delivered", 204)


async def test_a_receiver_that_is_not_there_is_told_of(senders: Senders) -> None:
    async with open_receiver() as gone:
        webhook = await senders.register(gone)
    await senders.happen()
    await senders.deliver()
    (delivery,) = await senders.deliveries(webhook["id"])
    assert (delivery["last_status"], delivery["last_error"]) == (None, "no connection")
