"""An OpenID Connect provider: discovered by its issuer URL, its keys kept on disk (OpenID Connect Discovery 1.0)."""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
import structlog

from servicekit.run.sign_in import ProviderSettings
from servicekit.tokens.fetched import FetchedKeys
from servicekit.tokens.verifying import TrustedIssuer

FETCH_SECONDS = 5.0
MOST_OF_A_DOCUMENT = 512 * 1024
WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_IN = "provider-keys.json"
CLOCK_SKEW_SECONDS = 30.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderUnusable(Exception):
    """The provider cannot be reached, or says something else than what is configured."""


def is_safe_url(url: object) -> bool:
    """Whether keys may be fetched from there: over TLS, or on this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def trusted_provider(settings: ProviderSettings, folder: Path) -> TrustedIssuer:
    """Return the provider as an issuer whose tokens count; what was last fetched of it lies in `folder`."""
    provider = Provider(settings.issuer, folder / KEPT_IN)
    keys = FetchedKeys(settings.issuer, provider.key_set, provider.kept())
    return TrustedIssuer(settings.issuer, settings.audience, keys, CLOCK_SKEW_SECONDS)


class Provider:
    """One provider, asked for what it says of itself and for its keys."""

    def __init__(self, issuer: str, copy: Path) -> None:
        self.issuer = issuer
        self._copy = copy

    def kept(self) -> Mapping[str, Any] | None:
        """Return the keys that were fetched last, so that a start does not need the provider."""
        try:
            content = orjson.loads(self._copy.read_bytes())
            kept: Mapping[str, Any] | None = content["key_set"] if content["issuer"] == self.issuer else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return kept if isinstance(kept, dict) else None

    async def key_set(self) -> Mapping[str, Any] | None:
        """Return the provider's present keys and keep them; None where they cannot be had."""
        try:
            found = await self.fetch()
        except ProviderUnusable as error:
            structlog.get_logger().warning("provider unusable", issuer=self.issuer, reason=str(error))
            return None
        await asyncio.to_thread(self._keep, found)
        return found

    async def fetch(self) -> Mapping[str, Any]:
        """Return the provider's present keys.

        Raises:
            ProviderUnusable: the message says why.
        """
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            described = await _document(session, self.issuer.rstrip("/") + WELL_KNOWN)
            if described.get("issuer") != self.issuer:
                raise ProviderUnusable(f"it calls itself {described.get('issuer')!r}, not {self.issuer!r}")
            where = described.get("jwks_uri")
            if not is_safe_url(where):
                raise ProviderUnusable("its jwks_uri is no https URL")
            found = await _document(session, str(where))
        if not isinstance(found.get("keys"), list):
            raise ProviderUnusable("its key set holds no keys")
        return found

    def _keep(self, key_set: Mapping[str, Any]) -> None:
        content = orjson.dumps({"issuer": self.issuer, "key_set": key_set})
        try:
            if self._copy.exists() and self._copy.read_bytes() == content:
                return
            descriptor, temporary = tempfile.mkstemp(dir=self._copy.parent, prefix=f".{self._copy.name}.")
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).replace(self._copy)
        except OSError as error:
            structlog.get_logger().warning("provider keys not kept", reason=str(error))


async def _document(session: aiohttp.ClientSession, url: str) -> Mapping[str, Any]:
    try:
        async with session.get(url, allow_redirects=False, headers={"accept": "application/json"}) as response:
            if response.status != 200:  # noqa: PLR2004
                raise ProviderUnusable(f"{url} answers {response.status}")
            body = await response.content.read(MOST_OF_A_DOCUMENT + 1)
            while len(body) <= MOST_OF_A_DOCUMENT and (more := await response.content.read(MOST_OF_A_DOCUMENT)):
                body += more
        document = orjson.loads(body) if len(body) <= MOST_OF_A_DOCUMENT else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ProviderUnusable(f"{url} cannot be read ({type(error).__name__})") from error
    if not isinstance(document, dict):
        raise ProviderUnusable(f"{url} holds no JSON object")
    return document
