"""What goes over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from servicekit.events.webhooks.addresses import LONGEST_URL
from servicekit.events.webhooks.rules import FORMER_SECRET_HOURS, DeliveryState, DisabledReason, WebhookState
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from servicekit.web.secrets import AnswerWithSecret, ToldOnce

EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*)+$", max_length=100)]


def _each_once(types: Sequence[str]) -> list[str]:
    return sorted(set(types))


EventTypes = Annotated[
    list[EventType],
    Field(max_length=100, description="Which events are sent; none named means all.", examples=[["customer.created"]]),
    AfterValidator(_each_once),
]
WebhookURL = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_URL),
    Field(
        description="Where events are posted: https, a public address, no credentials.",
        examples=["https://erp.example.com/events"],
    ),
]
Description = Annotated[Prose | None, Field(description="For people: what it is for.")]


class WebhookInput(Input):
    """A webhook to register."""

    url: WebhookURL
    event_types: EventTypes = Field(default_factory=list)
    description: Description = None


class WebhookPatch(Input):
    """What is to be another than it was (JSON merge patch); absent fields stay."""

    url: WebhookURL = Field(default_factory=str)
    event_types: EventTypes = Field(default_factory=list)
    description: Description = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were given."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class EnablingInput(Input):
    """How to go on."""

    catch_up: bool = Field(default=False, description="Send what happened while it was disabled, too.")


class SecretRotationInput(Input):
    """How long the former secret stays valid."""

    former_valid_hours: int = Field(
        default=FORMER_SECRET_HOURS, ge=0, le=168, description="0 ends all former secrets at once."
    )


class ReplayInput(Input):
    """Which dead letters to send again."""

    since: AwareDatetime = Field(description="Those that were planned at this instant or later.")


class WebhookAnswer(Output):
    """Where events are sent, and how that stands."""

    id: UUID
    version: int
    owner_id: UUID = Field(description="Who registered it.")
    url: str
    description: str | None
    event_types: list[str] = Field(description="None named means all.")
    state: WebhookState
    disabled_reason: DisabledReason | None
    disabled_at: datetime | None
    secret_rotated_at: datetime | None
    tested_at: datetime | None = Field(description="When somebody last asked for a ping.")
    replayed_at: datetime | None = Field(description="When somebody last had something sent again.")
    failing_since: datetime | None = Field(description="The first of the failures since the last success.")
    last_delivered_at: datetime | None
    created_at: datetime
    updated_at: datetime


class WebhookSecretAnswer(AnswerWithSecret):
    """A webhook's new secret."""

    version: int
    webhook: WebhookAnswer
    secret: ToldOnce
    former_valid_until: datetime | None = Field(description="Until then events carry a signature of each secret.")


class DeliveryAnswer(Output):
    """One event on its way to one webhook."""

    id: UUID
    webhook_id: UUID
    event_id: UUID = Field(description="The `webhook-id` of every attempt.")
    event_type: str
    subject: UUID
    position: int | None = Field(description="Its place in the feed; a ping has none.")
    state: DeliveryState
    attempts: int
    planned_at: datetime
    next_attempt_at: datetime | None = Field(description="Not before; null when it has ended.")
    retried_until: datetime
    ended_at: datetime | None
    last_status: int | None
    last_error: str | None


class AttemptAnswer(Output):
    """One try. One without status and error is under way, or its process was ended before it could tell."""

    number: int
    at: datetime
    status: int | None
    milliseconds: int | None
    error: str | None
    excerpt: str | None = Field(description="The beginning of what a receiver that refused has answered.")


class DeliveryDetailsAnswer(DeliveryAnswer):
    """A delivery with its attempts."""

    attempts_made: list[AttemptAnswer]


class ReplaysAnswer(Output):
    """How many dead letters wait again."""

    replayed: int


class WebhooksQuery(ListQuery):
    """Filters; the sort is `created_at`."""

    state: WebhookState | None = None


class DeliveriesQuery(ListQuery):
    """Filters; the sort is `planned_at`."""

    state: DeliveryState | None = Field(default=None, description="`dead` for dead letters.")
    event_type: EventType | None = None
    event_id: UUID | None = None
    subject: UUID | None = None
    planned_from: AwareDatetime | None = None
    planned_until: AwareDatetime | None = None
