"""Webhooks, their deliveries and dead letters, in every service."""

from dataclasses import replace
from typing import Any

from tests.scope.asking import Answer, Ask, Draw, Effect, Judge, expect, same, served, word
from tests.scope.rule import Actor, Delivery, Webhook, World

NOWHERE = "http://127.0.0.1:9/"
LONG_AGO = "2026-01-01T00:00:00Z"


class Trials:
    """The trials of one service's webhooks."""

    def __init__(self, service: str) -> None:
        self.service = service

    def all(self) -> dict[str, Any]:
        """Return them by their operations."""
        name = self.service
        return {
            f"create_{name}_webhook": self._create,
            f"list_{name}_webhooks": self._list,
            f"get_{name}_webhook": self._get,
            f"change_{name}_webhook": self._change,
            f"delete_{name}_webhook": self._delete,
            f"disable_{name}_webhook": self._disable,
            f"enable_{name}_webhook": self._enable,
            f"rotate_{name}_webhook_secret": self._rotate,
            f"test_{name}_webhook": self._ping,
            f"list_{name}_webhook_deliveries": self._list_deliveries,
            f"get_{name}_webhook_delivery": self._get_delivery,
            f"replay_{name}_webhook_delivery": self._replay,
            f"replay_{name}_webhook_dead_letters": self._replay_dead,
        }

    def _webhook(self, draw: Draw) -> str:
        here = [each for each, known in draw.world.webhooks.items() if known.service == self.service]
        return draw.seen(here, draw.world.sees_webhook)

    def _only_keepers(self, then: Judge) -> Judge:
        """Everybody else is refused whatever they name."""

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            if not world.keeps_webhooks(actor, self.service):
                return expect(answer, 403)
            return then(world, actor, answer)

        return judge

    def _on(self, webhook: str, then: Judge) -> Judge:
        """What another keeps is not there."""

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            if not world.sees_webhook(actor, webhook):
                return expect(answer, 404)
            return then(world, actor, answer)

        return self._only_keepers(judge)

    def _create(self, draw: Draw) -> Ask:
        owner = draw.actor.authority

        async def effect(world: World, answer: Answer) -> None:
            world.webhooks[answer.content["webhook"]["id"]] = Webhook(self.service, owner)

        def judge(_: World, __: Actor, answer: Answer) -> str | None:
            return expect(answer, 201)

        return Ask(
            self._only_keepers(judge), body={"url": NOWHERE, "event_types": ["no.such"]}, effect=effect, is_local=True
        )

    def _list(self, draw: Draw) -> Ask:
        state = draw.chance.choice([None, "enabled", "disabled"])

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            if wrong := expect(answer, 200):
                return wrong
            due = {
                each
                for each, known in world.webhooks.items()
                if known.service == self.service
                and state in {None, "enabled" if known.is_enabled else "disabled"}
                and world.sees_webhook(actor, each)
            }
            return same(due, {each["id"] for each in answer.content["items"]})

        return Ask(self._only_keepers(judge), query={"limit": 500} | ({"state": state} if state else {}))

    def _get(self, draw: Draw) -> Ask:
        webhook = self._webhook(draw)
        return Ask(self._on(webhook, _served), {"webhook_id": webhook})

    def _change(self, draw: Draw) -> Ask:
        webhook = self._webhook(draw)
        body = {"description": word()}
        return Ask(self._on(webhook, _served), {"webhook_id": webhook}, body=body, version_of=webhook)

    def _rotate(self, draw: Draw) -> Ask:
        webhook = self._webhook(draw)
        return Ask(self._on(webhook, _served), {"webhook_id": webhook}, body={"former_valid_hours": 0})

    def _delete(self, draw: Draw) -> Ask:
        webhook = self._webhook(draw)

        async def effect(world: World, _: Answer) -> None:
            del world.webhooks[webhook]
            world.deliveries = {each: known for each, known in world.deliveries.items() if known.webhook != webhook}

        return Ask(self._on(webhook, _served), {"webhook_id": webhook}, effect=effect, is_local=True)

    def _switching(self, draw: Draw, *, on: bool, body: Any = None) -> Ask:
        webhook = self._webhook(draw)

        async def effect(world: World, _: Answer) -> None:
            world.webhooks[webhook] = replace(world.webhooks[webhook], is_enabled=on)

        def judge(_: World, __: Actor, answer: Answer) -> str | None:
            return expect(answer, 200)

        return Ask(self._on(webhook, judge), {"webhook_id": webhook}, body=body, effect=effect, is_local=True)

    def _disable(self, draw: Draw) -> Ask:
        return self._switching(draw, on=False)

    def _enable(self, draw: Draw) -> Ask:
        return self._switching(draw, on=True, body={"catch_up": draw.either()})

    def _sending(self, webhook: str, effect: Effect, judge: Judge, **given: Any) -> Ask:
        """Return a request that only an enabled webhook takes."""

        def judge_enabled(world: World, actor: Actor, answer: Answer) -> str | None:
            if not world.webhooks[webhook].is_enabled:
                return expect(answer, 409)
            return judge(world, actor, answer)

        path = {"webhook_id": webhook} | given.pop("path", {})
        return Ask(self._on(webhook, judge_enabled), path, effect=effect, is_local=True, **given)

    def _ping(self, draw: Draw) -> Ask:
        webhook = self._webhook(draw)

        async def effect(world: World, answer: Answer) -> None:
            world.deliveries[answer.content["id"]] = Delivery(webhook)

        def judge(_: World, __: Actor, answer: Answer) -> str | None:
            return expect(answer, 201)

        return self._sending(webhook, effect, judge)

    def _list_deliveries(self, draw: Draw) -> Ask:
        webhook, is_dead = self._webhook(draw), draw.either()

        def judge(world: World, _: Actor, answer: Answer) -> str | None:
            if wrong := expect(answer, 200):
                return wrong
            due = {
                each
                for each, known in world.deliveries.items()
                if known.webhook == webhook and (known.is_dead or not is_dead)
            }
            return same(due, {each["id"] for each in answer.content["items"]})

        query = {"limit": 500} | ({"state": "dead"} if is_dead else {})
        return Ask(self._on(webhook, judge), {"webhook_id": webhook}, query=query)

    def _delivery(self, draw: Draw) -> tuple[str, str]:
        """Return a webhook and a delivery, mostly one of its own."""
        webhook = self._webhook(draw)
        own = [each for each, known in draw.world.deliveries.items() if known.webhook == webhook]
        return webhook, draw.one(own if draw.chance.random() < 0.8 else draw.world.deliveries)

    def _of(self, webhook: str, delivery: str) -> Judge:
        def judge(world: World, _: Actor, answer: Answer) -> str | None:
            known = world.deliveries.get(delivery)
            return expect(answer, 200 if known and known.webhook == webhook else 404)

        return judge

    def _get_delivery(self, draw: Draw) -> Ask:
        webhook, delivery = self._delivery(draw)
        path = {"webhook_id": webhook, "delivery_id": delivery}
        return Ask(self._on(webhook, self._of(webhook, delivery)), path)

    def _replay(self, draw: Draw) -> Ask:
        webhook, delivery = self._delivery(draw)

        async def effect(world: World, _: Answer) -> None:
            world.deliveries[delivery] = replace(world.deliveries[delivery], is_dead=False)

        return self._sending(webhook, effect, self._of(webhook, delivery), path={"delivery_id": delivery})

    def _replay_dead(self, draw: Draw) -> Ask:
        webhook = self._webhook(draw)

        def dead(world: World) -> list[str]:
            return [each for each, known in world.deliveries.items() if known.webhook == webhook and known.is_dead]

        def judge(world: World, _: Actor, answer: Answer) -> str | None:
            if wrong := expect(answer, 200):
                return wrong
            told, due = answer.content["replayed"], len(dead(world))
            return None if told == due else f"sends {told} again, of {due} dead letters"

        async def effect(world: World, _: Answer) -> None:
            world.deliveries |= {each: Delivery(webhook) for each in dead(world)}

        return self._sending(webhook, effect, judge, body={"since": LONG_AGO})


def _served(_: World, __: Actor, answer: Answer) -> str | None:
    return served(answer)
