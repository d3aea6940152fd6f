"""What becomes of a webhook and its deliveries, as decisions over plain values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated

FIRST_PAUSE = timedelta(seconds=5)
PAUSE_FACTOR = 3
LONGEST_PAUSE = timedelta(hours=1)
SPREAD = 0.2
"""A pause is that part longer or shorter by chance, so that what failed together does not come again together."""

RETRIED_FOR = timedelta(days=1)
DISABLED_AFTER = timedelta(days=5)
KEPT_DELIVERED = timedelta(days=7)
KEPT_DEAD = timedelta(days=30)
FORMER_SECRET_HOURS = 24
MOST_SECRETS = 5
MOST_WEBHOOKS = 50
PING = "webhook.ping"


class WebhookState(StrEnum):
    """Whether events are planned and sent."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why nothing is sent any more."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"
    OWNER_LEFT = "owner_left"
    SECRET_LOST = "secret_lost"  # noqa: S105 (a reason)


class DeliveryState(StrEnum):
    """How far one event has come to one webhook."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class WebhooksNotAllowed(NotAllowed):
    """A webhook gets everybody's events: webhooks are for administrators and machine clients."""

    code = "webhooks_not_allowed"

    def __init__(self) -> None:
        super().__init__("Webhooks are kept with the role admin, or by a machine client that reads events, for itself.")


class WebhookURLRefused(RuleViolated):
    """Events are not sent to such a URL."""

    code = "webhook_url_refused"

    def __init__(self, why: str) -> None:
        super().__init__(why, field="/url")


class TooManyWebhooks(Conflict):
    """Nobody keeps so many webhooks in one service."""

    code = "too_many_webhooks"

    def __init__(self) -> None:
        super().__init__(f"You keep {MOST_WEBHOOKS} webhooks here already: delete one, or let one do for several uses.")


class TooManySecrets(Conflict):
    """The secret was rotated so often that too many former ones are still valid."""

    code = "too_many_secrets"

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_SECRETS} secrets are valid at the moment: wait for one to end, or rotate with "
            '`"former_valid_hours": 0`, which ends all former ones at once.'
        )


class WebhookDisabled(Conflict):
    """Nothing is sent to a webhook that is disabled."""

    code = "webhook_disabled"

    def __init__(self) -> None:
        super().__init__("The webhook is disabled: enable it first.")


def pause_after(tries: int, chance: float) -> timedelta:
    """Return how long to wait after so many tries (1 and more) that failed; `chance` in [0, 1) spreads it."""
    growth = int(PAUSE_FACTOR ** min(tries - 1, 10))
    return min(FIRST_PAUSE * growth, LONGEST_PAUSE) * (1 + SPREAD * (2 * chance - 1))


def next_try(now: datetime, tries: int, give_up_at: datetime, chance: float) -> datetime | None:
    """Return when to try again what has failed; the last time is `give_up_at`, after that never."""
    if now >= give_up_at:
        return None
    return min(now + pause_after(tries, chance), give_up_at)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt leads to: the delivery's state, when it is tried again, why the webhook is disabled."""

    state: DeliveryState
    due_at: datetime | None = None
    disabled: DisabledReason | None = None


def is_success(status: int | None) -> bool:
    """Whether a receiver has taken an event: 2xx, nothing else (redirects are not followed)."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def judge(
    status: int | None,
    *,
    now: datetime,
    tries: int,
    give_up_at: datetime,
    failing_since: datetime | None,
    chance: float,
) -> Verdict:
    """Decide on an attempt; `status` is None where no answer came, `failing_since` the first failure in a row."""
    if is_success(status):
        return Verdict(DeliveryState.DELIVERED)
    if status == HTTPStatus.GONE:
        return Verdict(DeliveryState.DEAD, disabled=DisabledReason.GONE)
    failing = failing_since is not None and now - failing_since >= DISABLED_AFTER
    reason = DisabledReason.FAILING if failing else None
    due_at = next_try(now, tries, give_up_at, chance)
    if due_at is None:
        return Verdict(DeliveryState.DEAD, disabled=reason)
    return Verdict(DeliveryState.WAITING, due_at, reason)
