"""Routes of webhooks: administrators see all, machine clients their own."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request

from servicekit.events.webhooks import actions, store
from servicekit.events.webhooks.actions import GivenWebhook, Shown
from servicekit.events.webhooks.delivering import Webhooks
from servicekit.events.webhooks.rules import (
    TooManySecrets,
    TooManyWebhooks,
    WebhookDisabled,
    WebhooksNotAllowed,
    WebhookURLRefused,
)
from servicekit.events.webhooks.store import Keeper
from servicekit.values.errors import KeyaccountError, PreconditionMissing, Stale
from servicekit.web.callers import Caller
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import check_scope
from servicekit.web.service import service_of
from servicekit.web.webhooks.schemas import (
    AttemptAnswer,
    DeliveriesQuery,
    DeliveryAnswer,
    DeliveryDetailsAnswer,
    EnablingInput,
    ReplayInput,
    ReplaysAnswer,
    SecretRotationInput,
    WebhookAnswer,
    WebhookInput,
    WebhookPatch,
    WebhookSecretAnswer,
    WebhooksQuery,
)


async def _keeper(request: Request) -> Keeper:
    caller: Caller = request.state.caller
    if caller.person_id is None or not caller.keeps_webhooks:
        raise WebhooksNotAllowed
    check_scope(caller, f"{service_of(request).name}:events:read")
    return Keeper(caller.person_id, caller.administers_webhooks)


async def _webhooks(request: Request) -> Webhooks:
    return service_of(request).webhooks


CurrentKeeper = Annotated[Keeper, Depends(_keeper)]
CurrentWebhooks = Annotated[Webhooks, Depends(_webhooks)]


async def create_webhook(
    keeper: CurrentKeeper, body: WebhookInput, webhooks: CurrentWebhooks, tx: CurrentWriting
) -> WebhookSecretAnswer:
    """Register where the service's events are sent from now on; the answer shows the secret that signs them, once."""
    url = await webhooks.sender.checked(body.url)
    given = GivenWebhook(url, body.event_types, body.description)
    return _shown(await actions.register(tx, keeper, webhooks.sealing, given))


async def list_webhooks(
    keeper: CurrentKeeper, query: Annotated[WebhooksQuery, Query()], pages: CurrentPages, tx: CurrentReading
) -> Page[WebhookAnswer]:
    """List webhooks: an administrator all, a machine client its own."""
    window = pages.window(query, *store.LISTING.sorting)
    return pages.page(query, await store.list_webhooks(tx, keeper, window, query.filters()), WebhookAnswer)


async def get_webhook(keeper: CurrentKeeper, webhook_id: UUID, tx: CurrentReading) -> WebhookAnswer:
    """Read a webhook and how it stands; its secret is not shown again."""
    return WebhookAnswer.model_validate(await store.get(tx, keeper, webhook_id))


async def change_webhook(
    keeper: CurrentKeeper,
    webhook_id: UUID,
    body: WebhookPatch,
    expected: IfMatch,
    tx: CurrentWriting,
    *,
    webhooks: CurrentWebhooks,
) -> WebhookAnswer:
    """Change URL, types or description; what is waiting goes to the new URL."""
    changes = body.changes()
    if "url" in changes:
        changes["url"] = await webhooks.sender.checked(body.url)
    return WebhookAnswer.model_validate(await actions.change(tx, keeper, webhook_id, expected, changes))


async def delete_webhook(keeper: CurrentKeeper, webhook_id: UUID, tx: CurrentWriting) -> None:
    """Delete a webhook with its secrets and everything that waits for it."""
    await actions.delete(tx, keeper, webhook_id)


async def disable_webhook(keeper: CurrentKeeper, webhook_id: UUID, tx: CurrentWriting) -> WebhookAnswer:
    """Send nothing any more until it is enabled again."""
    return WebhookAnswer.model_validate(await actions.disable(tx, keeper, webhook_id))


async def enable_webhook(
    keeper: CurrentKeeper, webhook_id: UUID, body: EnablingInput, tx: CurrentWriting
) -> WebhookAnswer:
    """Send again: what is waiting, what happens from now on, and, to catch up, what happened meanwhile."""
    enabled = await actions.enable(tx, keeper, webhook_id, catch_up=body.catch_up)
    return WebhookAnswer.model_validate(enabled)


async def rotate_webhook_secret(
    keeper: CurrentKeeper,
    webhook_id: UUID,
    body: SecretRotationInput,
    tx: CurrentWriting,
    *,
    webhooks: CurrentWebhooks,
) -> WebhookSecretAnswer:
    """Make a new secret, shown once; until the former one ends, events carry a signature of both."""
    hours = body.former_valid_hours
    return _shown(await actions.rotate_secret(tx, keeper, webhooks.sealing, webhook_id, hours))


async def test_webhook(keeper: CurrentKeeper, webhook_id: UUID, tx: CurrentWriting) -> DeliveryAnswer:
    """Send a `webhook.ping`; the delivery's attempts tell what came of it."""
    return DeliveryAnswer.model_validate(await actions.ping(tx, keeper, webhook_id))


async def replay_webhook_dead_letters(
    keeper: CurrentKeeper, webhook_id: UUID, body: ReplayInput, tx: CurrentWriting
) -> ReplaysAnswer:
    """Send every dead letter planned since an instant again, each with a new day of retries."""
    return ReplaysAnswer(replayed=await actions.replay_dead(tx, keeper, webhook_id, body.since))


async def list_webhook_deliveries(
    keeper: CurrentKeeper,
    webhook_id: UUID,
    query: Annotated[DeliveriesQuery, Query()],
    pages: CurrentPages,
    tx: CurrentReading,
) -> Page[DeliveryAnswer]:
    """List deliveries, the newest first; `state=dead` lists dead letters."""
    await store.get(tx, keeper, webhook_id)
    window = pages.window(query, *store.DELIVERIES.sorting)
    return pages.page(query, await store.list_deliveries(tx, webhook_id, window, query.filters()), DeliveryAnswer)


async def get_webhook_delivery(
    keeper: CurrentKeeper, webhook_id: UUID, delivery_id: UUID, tx: CurrentReading
) -> DeliveryDetailsAnswer:
    """Read a delivery with its attempts: when, what came back, how long it took."""
    await store.get(tx, keeper, webhook_id)
    found = DeliveryAnswer.model_validate(await store.get_delivery(tx, webhook_id, delivery_id))
    made = [AttemptAnswer.model_validate(attempt) for attempt in await store.attempts_of(tx, delivery_id)]
    return DeliveryDetailsAnswer(**found.model_dump(), attempts_made=made)


async def replay_webhook_delivery(
    keeper: CurrentKeeper, webhook_id: UUID, delivery_id: UUID, tx: CurrentWriting
) -> DeliveryAnswer:
    """Send an event again whatever became of it; one that waits is due at once."""
    return DeliveryAnswer.model_validate(await actions.replay(tx, keeper, webhook_id, delivery_id))


def _shown(shown: Shown) -> WebhookSecretAnswer:
    return WebhookSecretAnswer(
        version=shown.webhook.version,
        webhook=WebhookAnswer.model_validate(shown.webhook),
        secret=shown.secret,
        former_valid_until=shown.former_valid_until,
    )


Refusals = tuple[type[KeyaccountError], ...]

ONE = "/{webhook_id}"
DELIVERY = "/{webhook_id}/deliveries/{delivery_id}"
ROUTES: tuple[tuple[str, str, Callable[..., Any], str, int, Refusals], ...] = (
    ("POST", "", create_webhook, "Register a webhook", 201, (WebhookURLRefused, TooManyWebhooks)),
    ("GET", "", list_webhooks, "List webhooks", 200, ()),
    ("GET", ONE, get_webhook, "Read a webhook", 200, ()),
    ("PATCH", ONE, change_webhook, "Change a webhook", 200, (WebhookURLRefused, Stale, PreconditionMissing)),
    ("DELETE", ONE, delete_webhook, "Delete a webhook", 204, ()),
    ("POST", f"{ONE}/disablings", disable_webhook, "Disable a webhook", 200, ()),
    ("POST", f"{ONE}/enablings", enable_webhook, "Enable a webhook", 200, ()),
    ("POST", f"{ONE}/secret-rotations", rotate_webhook_secret, "Rotate a secret", 201, (TooManySecrets,)),
    ("POST", f"{ONE}/test", test_webhook, "Send a ping", 201, (WebhookDisabled,)),
    ("POST", f"{ONE}/replays", replay_webhook_dead_letters, "Replay dead letters", 200, (WebhookDisabled,)),
    ("GET", f"{ONE}/deliveries", list_webhook_deliveries, "List deliveries", 200, ()),
    ("GET", DELIVERY, get_webhook_delivery, "Read a delivery", 200, ()),
    ("POST", f"{DELIVERY}/replay", replay_webhook_delivery, "Replay a delivery", 200, (WebhookDisabled,)),
)


def webhooks_router(service_name: str) -> Router:
    """Return the router with the webhooks of a service."""
    router = Router(prefix=f"/v1/{service_name}/webhooks", tags=["Webhooks"], scopes="webhooks")
    for method, path, endpoint, summary, status, refusals in ROUTES:
        verb, _, rest = endpoint.__name__.partition("_")
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            operation_id=f"{verb}_{service_name}_{rest}",
            summary=summary,
            status_code=status,
            responses=problems(WebhooksNotAllowed, *refusals),
        )
    return router
