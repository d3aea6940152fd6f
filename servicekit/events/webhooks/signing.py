"""Secrets and signatures (Standard Webhooks 1.0)."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from standardwebhooks import Webhook as Signer

from servicekit.data.sealing import Sealing

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """Return a secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal_secret(sealing: Sealing, webhook_id: UUID, secret: str) -> bytes:
    """Return a secret as it is kept, readable for this webhook only."""
    return sealing.seal(secret.encode(), webhook_id.bytes)


def open_secret(sealing: Sealing, webhook_id: UUID, sealed: bytes) -> str:
    """Return a kept secret.

    Raises:
        Unreadable: the instance has another key now.
    """
    return sealing.open(sealed, webhook_id.bytes).decode()


def signed_headers(valid_secrets: Sequence[str], event_id: UUID, at: datetime, body: str) -> Mapping[str, str]:
    """Return the headers by which a receiver verifies a body: a signature for each secret, the newest first.

    The library takes the digits of an instant for UTC, whatever zone it names.
    """
    instant = at.astimezone(UTC)
    signatures = [Signer(secret).sign(str(event_id), instant, body) for secret in valid_secrets]
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
