"""Questions to the webhooks of a service; each of a viewer begins with which webhooks they keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Uuid, and_, bindparam, delete, func, insert, or_, select, update

from servicekit.data.lists import Listing, Slice, SortKey, Window
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.events.webhooks.rules import MOST_SECRETS
from servicekit.events.webhooks.tables import (
    webhook,
    webhook_attempt,
    webhook_delivery,
    webhook_progress,
    webhook_secret,
)
from servicekit.values.errors import NotVisible


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who asks for webhooks: an administrator sees all, a machine client its own."""

    id: UUID
    sees_all: bool

    @property
    def binds(self) -> dict[str, object]:
        """What scopes a statement to what they may see."""
        return {"keeper_id": self.id, "sees_all": self.sees_all}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go."""

    id: UUID
    version: int
    owner_id: UUID
    url: str
    description: str | None
    event_types: list[str]
    state: str
    disabled_reason: str | None
    disabled_at: datetime | None
    secret_rotated_at: datetime | None
    tested_at: datetime | None
    replayed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    failing_since: datetime | None = None
    last_delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    event_type: str
    aggregate_id: UUID
    position: int | None
    state: str
    planned_at: datetime
    due_at: datetime
    give_up_at: datetime
    ended_at: datetime | None
    attempts: int
    last_status: int | None
    last_error: str | None

    @property
    def subject(self) -> UUID:
        """What the event is about."""
        return self.aggregate_id

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is tried next, at the earliest."""
        return self.due_at if self.state == "waiting" else None

    @property
    def retried_until(self) -> datetime:
        """When it is given up."""
        return self.give_up_at


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try; without status and error its outcome is not known (yet)."""

    number: int
    at: datetime
    status: int | None
    milliseconds: int | None
    error: str | None
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A secret as only the service reads it."""

    id: UUID
    sealed: bytes
    created_at: datetime
    expires_at: datetime | None


c, p, d, s = webhook.c, webhook_progress.c, webhook_delivery.c, webhook_secret.c

_kept = or_(bindparam("sees_all", type_=Boolean()), c.owner_id == bindparam("keeper_id", type_=Uuid()))
_webhooks = (
    select(webhook, p.failing_since, p.last_delivered_at)
    .join_from(webhook, webhook_progress, p.webhook_id == c.id)
    .where(_kept)
)
WEBHOOK = prepared(_webhooks.where(c.id == bindparam("id")), into=Webhook)
LOCK = prepared(_webhooks.where(c.id == bindparam("id")).with_for_update(of=webhook, key_share=True), into=Webhook)
"""Lets deliveries be planned meanwhile, which refer to it. Whoever changes a webhook, its progress or its waiting
deliveries locks it first."""

COUNT = prepared(select(func.count()).select_from(webhook).where(c.owner_id == bindparam("owner_id")))
INSERT = prepared(insert(webhook).values({column.name: bindparam(column.name) for column in c}))
_changeable = [column.name for column in c if column.name not in {"id", "owner_id", "created_at"}]
UPDATE = prepared(
    update(webhook)
    .where(c.id == bindparam("id"))
    .values({name: bindparam(name, type_=c[name].type) for name in _changeable})
)
LOCK_PROGRESS = prepared(select(p.position).where(p.webhook_id == bindparam("id")).with_for_update())
DELETE = prepared(delete(webhook).where(c.id == bindparam("id")))
LISTING = Listing(
    _webhooks,
    into=Webhook,
    filters={"state": c.state == bindparam("state")},
    keys={"created_at": SortKey(c.created_at)},
    identifier=c.id,
    default="created_at",
)

BEGIN_PROGRESS = """
INSERT INTO webhook_progress (webhook_id, position) SELECT $1, last_position FROM relay WHERE id = 1
"""
SKIP_PROGRESS = """
UPDATE webhook_progress SET position = greatest(position, (SELECT last_position FROM relay WHERE id = 1))
WHERE webhook_id = $1
"""
END_FAILING = "UPDATE webhook_progress SET failing_since = NULL WHERE webhook_id = $1"

INSERT_SECRET = prepared(insert(webhook_secret).values({column.name: bindparam(column.name) for column in s}))
VALID_SECRETS = prepared(
    select(s.id, s.sealed, s.created_at, s.expires_at)
    .where(
        s.webhook_id == bindparam("webhook_id"),
        or_(s.expires_at.is_(None), s.expires_at > bindparam("now", type_=DateTime(timezone=True))),
    )
    .order_by(s.created_at.desc(), s.id.desc())
    .limit(MOST_SECRETS),
    into=SealedSecret,
)
END_SECRETS = prepared(
    update(webhook_secret)
    .where(s.webhook_id == bindparam("of_webhook"))
    .values(
        expires_at=func.least(
            func.coalesce(s.expires_at, bindparam("until")), bindparam("until", type_=s.expires_at.type)
        )
    )
)
FORGET_SECRETS = prepared(
    delete(webhook_secret).where(s.webhook_id == bindparam("webhook_id"), s.expires_at <= bindparam("now"))
)

_of_webhook = d.webhook_id == bindparam("webhook_id", type_=Uuid())
_deliveries = select(*[d[name] for name in Delivery.__dataclass_fields__]).where(_of_webhook)
DELIVERY = prepared(_deliveries.where(d.id == bindparam("id")), into=Delivery)
DELIVERIES = Listing(
    _deliveries,
    into=Delivery,
    filters={
        "state": d.state == bindparam("state"),
        "event_type": d.event_type == bindparam("event_type"),
        "event_id": d.event_id == bindparam("event_id"),
        "subject": d.aggregate_id == bindparam("subject"),
        "planned_from": d.planned_at >= bindparam("planned_from"),
        "planned_until": d.planned_at < bindparam("planned_until"),
    },
    keys={"planned_at": SortKey(d.planned_at)},
    identifier=d.id,
    default="-planned_at",
)
ATTEMPTS = prepared(
    select(*[webhook_attempt.c[name] for name in Attempt.__dataclass_fields__])
    .where(webhook_attempt.c.delivery_id == bindparam("delivery_id"))
    .order_by(webhook_attempt.c.number),
    into=Attempt,
)
INSERT_PING = prepared(
    insert(webhook_delivery).values(
        {
            name: bindparam(name, type_=d[name].type)
            for name in ("id", "webhook_id", "event_id", "event_type", "aggregate_id", "data", "planned_at")
        }
        | {
            "state": "waiting",
            "due_at": bindparam("planned_at", type_=d.planned_at.type),
            "give_up_at": bindparam("give_up_at", type_=d.give_up_at.type),
            "tries": 0,
            "attempts": 0,
        }
    )
)
_again = {
    "state": "waiting",
    "due_at": bindparam("now", type_=d.due_at.type),
    "give_up_at": bindparam("until", type_=d.give_up_at.type),
    "ended_at": None,
    "tries": 0,
    "claim": None,
}
REPLAY = prepared(update(webhook_delivery).where(d.id == bindparam("delivery_id")).values(_again))
REPLAY_DEAD = prepared(
    update(webhook_delivery)
    .where(and_(_of_webhook, d.state == "dead", d.planned_at >= bindparam("since", type_=d.planned_at.type)))
    .values(_again)
)


async def get(tx: Questions, keeper: Keeper, webhook_id: UUID) -> Webhook:
    """Return a webhook, or raise `NotVisible`."""
    found = await tx.first(WEBHOOK, viewer=keeper, id=webhook_id)
    return _there(found, webhook_id)


async def lock(tx: Writing, keeper: Keeper, webhook_id: UUID) -> Webhook:
    """Return a webhook, locked until commit, or raise `NotVisible`."""
    found = await tx.first(LOCK, viewer=keeper, id=webhook_id)
    return _there(found, webhook_id)


def _there(found: Webhook | None, webhook_id: UUID) -> Webhook:
    if found is None:
        raise NotVisible("webhook", webhook_id)
    return found


async def count_of(tx: Questions, owner_id: UUID) -> int:
    """Return how many webhooks somebody keeps."""
    return int(await tx.value(COUNT, owner_id=owner_id))


async def list_webhooks(tx: Questions, keeper: Keeper, window: Window, filters: Mapping[str, Any]) -> Slice[Webhook]:
    """Return a page of the webhooks that somebody keeps."""
    return await LISTING.page(tx, window, filters, viewer=keeper)


async def insert_webhook(tx: Writing, added: Webhook) -> None:
    """Add a webhook, which gets what is fed from now on."""
    await tx.execute(INSERT, **_columns(added))
    await (await tx.raw_connection()).execute(BEGIN_PROGRESS, added.id)


async def update_webhook(tx: Writing, changed: Webhook) -> None:
    """Write a webhook as it is now."""
    await tx.execute(UPDATE, **_columns(changed))


def _columns(one: Webhook) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in c}


async def delete_webhook(tx: Writing, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and deliveries, when nobody is planning for it."""
    await tx.execute(LOCK_PROGRESS, id=webhook_id)
    await tx.execute(DELETE, id=webhook_id)


async def begin_anew(tx: Writing, webhook_id: UUID, *, catch_up: bool) -> None:
    """Forget that it failed; pass over what was fed while it was disabled unless it is to catch up."""
    connection = await tx.raw_connection()
    await connection.execute(END_FAILING, webhook_id)
    if not catch_up:
        await connection.execute(SKIP_PROGRESS, webhook_id)


async def valid_secrets(tx: Questions, webhook_id: UUID, now: datetime) -> list[SealedSecret]:
    """Return the secrets to sign with, the newest first."""
    return await tx.all(VALID_SECRETS, webhook_id=webhook_id, now=now)


async def replace_secret(tx: Writing, webhook_id: UUID, secret: SealedSecret, former_until: datetime) -> None:
    """Let former secrets end, at the latest then, and add the new one."""
    await tx.execute(END_SECRETS, of_webhook=webhook_id, until=former_until)
    await tx.execute(FORGET_SECRETS, webhook_id=webhook_id, now=tx.now)
    await insert_secret(tx, webhook_id, secret)


async def insert_secret(tx: Writing, webhook_id: UUID, secret: SealedSecret) -> None:
    """Add the present secret."""
    await tx.execute(
        INSERT_SECRET,
        id=secret.id,
        webhook_id=webhook_id,
        sealed=secret.sealed,
        created_at=secret.created_at,
        expires_at=secret.expires_at,
    )


async def list_deliveries(
    tx: Questions, webhook_id: UUID, window: Window, filters: Mapping[str, Any]
) -> Slice[Delivery]:
    """Return a page of a webhook's deliveries."""
    return await DELIVERIES.page(tx, window, filters, webhook_id=webhook_id)


async def get_delivery(tx: Questions, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """Return a delivery, or raise `NotVisible`."""
    return await tx.visible(DELIVERY, "delivery", delivery_id, webhook_id=webhook_id, id=delivery_id)


async def attempts_of(tx: Questions, delivery_id: UUID) -> list[Attempt]:
    """Return a delivery's attempts in their order."""
    return await tx.all(ATTEMPTS, delivery_id=delivery_id)


async def insert_ping(tx: Writing, delivery: Delivery, data: dict[str, Any]) -> None:
    """Plan a delivery that is of no event of the feed."""
    await tx.execute(
        INSERT_PING,
        id=delivery.id,
        webhook_id=delivery.webhook_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        aggregate_id=delivery.aggregate_id,
        data=data,
        planned_at=delivery.planned_at,
        give_up_at=delivery.give_up_at,
    )


async def replay(tx: Writing, delivery_id: UUID, until: datetime) -> None:
    """Let a delivery wait again, due now."""
    await tx.execute(REPLAY, delivery_id=delivery_id, now=tx.now, until=until)


async def replay_dead(tx: Writing, webhook_id: UUID, since: datetime, until: datetime) -> int:
    """Let every dead letter planned since then wait again; return how many."""
    return await tx.execute(REPLAY_DEAD, webhook_id=webhook_id, since=since, now=tx.now, until=until)
