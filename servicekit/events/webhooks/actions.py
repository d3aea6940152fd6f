"""What a keeper does with webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from servicekit.data.sealing import Sealing
from servicekit.data.transactions import Writing
from servicekit.events.webhooks import rules, store
from servicekit.events.webhooks.rules import DisabledReason, WebhookState
from servicekit.events.webhooks.signing import new_secret, seal_secret
from servicekit.events.webhooks.store import Delivery, Keeper, SealedSecret, Webhook
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version

REGISTERED = "webhook.registered"
CHANGED = "webhook.changed"
DISABLED = "webhook.disabled"
ENABLED = "webhook.enabled"
SECRET_ROTATED = "webhook.secret_rotated"  # noqa: S105 (a type of event)
DELETED = "webhook.deleted"


@dataclass(frozen=True, slots=True)
class GivenWebhook:
    """A webhook as somebody registers it."""

    url: str
    event_types: list[str]
    description: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook with its new secret, which is shown this once; the former one is valid until then."""

    webhook: Webhook
    secret: str
    former_valid_until: datetime | None = None


async def register(tx: Writing, keeper: Keeper, sealing: Sealing, given: GivenWebhook) -> Shown:
    """Register a webhook, which gets what happens from now on."""
    if await store.count_of(tx, keeper.id) >= rules.MOST_WEBHOOKS:
        raise rules.TooManyWebhooks
    added = Webhook(
        id=new_id(),
        version=1,
        owner_id=keeper.id,
        url=given.url,
        description=given.description,
        event_types=given.event_types,
        state=WebhookState.ENABLED,
        disabled_reason=None,
        disabled_at=None,
        secret_rotated_at=None,
        tested_at=None,
        replayed_at=None,
        created_at=tx.now,
        updated_at=tx.now,
    )
    await store.insert_webhook(tx, added)
    secret = new_secret()
    await store.insert_secret(tx, added.id, _sealed(tx, sealing, added.id, secret))
    _publish(tx, REGISTERED, added)
    return Shown(added, secret)


async def change(tx: Writing, keeper: Keeper, webhook_id: UUID, version: int, changes: Mapping[str, Any]) -> Webhook:
    """Change where events go, which ones, or the description; what is waiting goes to the new place."""
    present = await store.lock(tx, keeper, webhook_id)
    check_version(present.version, version)
    if all(getattr(present, name) == value for name, value in changes.items()):
        return present
    return await _write(tx, replace(present, **changes), CHANGED)


async def delete(tx: Writing, keeper: Keeper, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and deliveries."""
    present = await store.lock(tx, keeper, webhook_id)
    await store.delete_webhook(tx, webhook_id)
    _publish(tx, DELETED, present)


async def disable(tx: Writing, keeper: Keeper, webhook_id: UUID) -> Webhook:
    """Send nothing any more; disabling again changes nothing."""
    present = await store.lock(tx, keeper, webhook_id)
    return await switch_off(tx, present, DisabledReason.REQUESTED)


async def switch_off(tx: Writing, present: Webhook, reason: DisabledReason) -> Webhook:
    """Disable a webhook that is locked."""
    if present.state == WebhookState.DISABLED:
        return present
    off = replace(present, state=WebhookState.DISABLED, disabled_reason=reason, disabled_at=tx.now)
    return await _write(tx, off, DISABLED)


async def enable(tx: Writing, keeper: Keeper, webhook_id: UUID, *, catch_up: bool) -> Webhook:
    """Send again: what is waiting, what happens from now on, and, to catch up, what happened meanwhile."""
    present = await store.lock(tx, keeper, webhook_id)
    if present.state == WebhookState.ENABLED:
        return present
    await store.begin_anew(tx, webhook_id, catch_up=catch_up)
    on = replace(present, state=WebhookState.ENABLED, disabled_reason=None, disabled_at=None, failing_since=None)
    return await _write(tx, on, ENABLED)


async def rotate_secret(
    tx: Writing, keeper: Keeper, sealing: Sealing, webhook_id: UUID, former_valid_hours: int
) -> Shown:
    """Make a new secret; both sign until the former one ends."""
    present = await store.lock(tx, keeper, webhook_id)
    valid = await store.valid_secrets(tx, webhook_id, tx.now)
    if former_valid_hours and len(valid) >= rules.MOST_SECRETS:
        raise rules.TooManySecrets
    until = tx.now + timedelta(hours=former_valid_hours)
    secret = new_secret()
    await store.replace_secret(tx, webhook_id, _sealed(tx, sealing, webhook_id, secret), until)
    rotated = await _write(tx, replace(present, secret_rotated_at=tx.now), SECRET_ROTATED)
    return Shown(rotated, secret, until)


async def ping(tx: Writing, keeper: Keeper, webhook_id: UUID) -> Delivery:
    """Plan a delivery that tells of nothing."""
    present = await _enabled(tx, keeper, webhook_id)
    planned = Delivery(
        id=new_id(),
        webhook_id=webhook_id,
        event_id=new_id(),
        event_type=rules.PING,
        aggregate_id=webhook_id,
        position=None,
        state=rules.DeliveryState.WAITING,
        planned_at=tx.now,
        due_at=tx.now,
        give_up_at=tx.now + rules.RETRIED_FOR,
        ended_at=None,
        attempts=0,
        last_status=None,
        last_error=None,
    )
    await store.update_webhook(tx, replace(present, tested_at=tx.now))
    await store.insert_ping(tx, planned, {"webhook_id": str(present.id)})
    return planned


async def replay(tx: Writing, keeper: Keeper, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """Send a delivery again whatever became of it, with a new day for retries; one that is waiting is due now."""
    present = await _enabled(tx, keeper, webhook_id)
    await store.get_delivery(tx, webhook_id, delivery_id)
    await store.update_webhook(tx, replace(present, replayed_at=tx.now))
    await store.replay(tx, delivery_id, tx.now + rules.RETRIED_FOR)
    return await store.get_delivery(tx, webhook_id, delivery_id)


async def replay_dead(tx: Writing, keeper: Keeper, webhook_id: UUID, since: datetime) -> int:
    """Send every dead letter planned since then again; return how many they are."""
    present = await _enabled(tx, keeper, webhook_id)
    await store.update_webhook(tx, replace(present, replayed_at=tx.now))
    return await store.replay_dead(tx, webhook_id, since, tx.now + rules.RETRIED_FOR)


async def _enabled(tx: Writing, keeper: Keeper, webhook_id: UUID) -> Webhook:
    present = await store.lock(tx, keeper, webhook_id)
    if present.state != WebhookState.ENABLED:
        raise rules.WebhookDisabled
    return present


async def _write(tx: Writing, changed: Webhook, event_type: str) -> Webhook:
    written = replace(changed, version=changed.version + 1, updated_at=tx.now)
    await store.update_webhook(tx, written)
    _publish(tx, event_type, written)
    return written


def _publish(tx: Writing, event_type: str, present: Webhook) -> None:
    """Tell of it without the URL, which may be meant for few."""
    data = {"version": present.version, "state": present.state, "disabled_reason": present.disabled_reason}
    tx.publish(event_type, present.id, data)


def _sealed(tx: Writing, sealing: Sealing, webhook_id: UUID, secret: str) -> SealedSecret:
    return SealedSecret(new_id(), seal_secret(sealing, webhook_id, secret), tx.now, None)
