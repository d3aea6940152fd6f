"""The keys that sign the built-in issuer's access tokens, fetched from `team` and kept until they change."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from gateway.upstreams import DocumentUnavailable, Upstream
from servicekit.tokens.fetched import FetchedKeys

KEYS_PATH = "/v1/sign-in/keys"
FETCH_SECONDS = 3.0


def keys_from(issuer: Upstream) -> FetchedKeys:
    """Return the keys of the service that signs people in."""

    async def fetch() -> Mapping[str, Any] | None:
        try:
            status, document = await issuer.document(KEYS_PATH, FETCH_SECONDS)
        except DocumentUnavailable:
            return None
        return document if status == HTTPStatus.OK and isinstance(document, dict) else None

    return FetchedKeys(issuer.name, fetch)
