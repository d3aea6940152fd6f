"""An event as it goes over the wire (CloudEvents 1.0): the same in the feed and in webhooks."""

from datetime import datetime
from typing import Any
from uuid import UUID


def cloud_event(
    service: str,
    *,
    event_id: UUID,
    event_type: str,
    subject: UUID,
    at: datetime,
    position: int,
    actor: str,
    data: dict[str, Any],
) -> dict[str, Any]:
    """Return the attributes of an event of a service, with `position` and `actor` as extensions."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/v1/{service}",
        "type": event_type,
        "subject": subject,
        "time": at,
        "position": position,
        "actor": actor,
        "data": data,
    }
