"""Sending to receivers: only to addresses that were checked, with a deadline, and hardly reading what they answer.

Each socket is made for an address that has been resolved already: there it is checked, whatever the host was
written as, and that address is connected to. A name that resolves to another one the next time gains nothing.
"""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from servicekit.events.webhooks.addresses import Allowed, check_addresses, checked_url, written_address
from servicekit.events.webhooks.rules import is_success

TIMEOUT_SECONDS = 15.0
CONNECT_SECONDS = 5.0
RESOLVE_SECONDS = 2.0
READ_AT_MOST = 4096
EXCERPT = 200
HEADERS = {
    "content-type": "application/cloudevents+json; charset=utf-8",
    "user-agent": "Keyaccount-Webhooks/1",
    "accept-encoding": "identity",
}
_UNKEEPABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

MakeResolver = Callable[[], AbstractResolver]


class AddressNotAllowed(OSError):
    """The address that was to be connected to is none that events are sent to."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: a status, or an error where no answer came; the excerpt is of a refusal's body."""

    status: int | None
    milliseconds: int | None
    error: str | None = None
    excerpt: str | None = None


class Sender:
    """Posts to receivers; connections are opened at the first event."""

    def __init__(self, allowed: Allowed, make_resolver: MakeResolver = aiohttp.ThreadedResolver) -> None:
        self.allowed = allowed
        self.make_resolver = make_resolver
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        """Close all connections."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def checked(self, url: str) -> str:
        """Return the URL as it is kept; a name that resolves to nothing just now may be right nevertheless.

        Raises:
            WebhookURLRefused: events are not sent there.
        """
        target = checked_url(url, self.allowed)
        host = target.raw_host or ""
        if written_address(host) is None:
            try:
                found = await asyncio.wait_for(self._resolve(host, target.port or 0), RESOLVE_SECONDS)
            except (OSError, TimeoutError, UnicodeError):
                found = []
            check_addresses(found, self.allowed, encrypted=target.scheme == "https")
        return str(target)

    async def _resolve(self, host: str, port: int) -> list[Any]:
        resolver = self.make_resolver()
        try:
            return [ip_address(found["host"]) for found in await resolver.resolve(host, port, socket.AF_UNSPEC)]
        finally:
            await resolver.close()

    async def send(self, url: str, body: str, headers: Mapping[str, str]) -> Outcome:
        """Post a body and return what came of it; no failure is an exception."""
        started = time.perf_counter()
        status, error, excerpt = None, None, None
        try:
            target = checked_url(url, self.allowed)
            session = self._session(target.scheme)
            async with session.post(
                target, data=body.encode(), headers={**HEADERS, **headers}, allow_redirects=False
            ) as answer:
                status = answer.status
                if not is_success(status):
                    error = f"answered {status}"
                    excerpt = _excerpt(await answer.content.read(READ_AT_MOST))
                    answer.close()
        except Exception as failure:  # noqa: BLE001 (whatever a receiver makes of it is its outcome)
            if status is None or not is_success(status):
                error = _told(failure)
        return Outcome(status, round((time.perf_counter() - started) * 1000), error, excerpt)

    def _session(self, scheme: str) -> aiohttp.ClientSession:
        found = self._sessions.get(scheme)
        if found is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                resolver=self.make_resolver(),
                socket_factory=self._checked_socket(encrypted=scheme == "https"),
                ttl_dns_cache=10,
            )
            found = self._sessions[scheme] = aiohttp.ClientSession(
                connector=connector,
                connector_owner=True,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS, connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return found

    def _checked_socket(self, *, encrypted: bool) -> Callable[[Any], socket.socket]:
        def make(address_info: Any) -> socket.socket:
            family, kind, protocol, _, where = address_info
            if not self.allowed.permits(ip_address(str(where[0]).partition("%")[0]), encrypted=encrypted):
                raise AddressNotAllowed("the address is not one that events are sent to")
            return socket.socket(family, kind, protocol)

        return make


def _excerpt(content: bytes) -> str | None:
    text = _UNKEEPABLE.sub(" ", content.decode("utf-8", "replace")).strip()
    return text[:EXCERPT] or None


def _told(failure: Exception) -> str:
    """Return an error in a few words, without the URL."""
    if isinstance(failure, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS:.0f} s"
    if isinstance(failure, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    if isinstance(failure, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError | ssl.SSLError):
        return "no trusted TLS connection"
    if isinstance(failure, aiohttp.ClientConnectorError):
        refused = "the address is not one that events are sent to"
        return refused if refused in str(failure.os_error) else "no connection"
    if isinstance(failure, aiohttp.ServerDisconnectedError | ConnectionError):
        return "the connection was cut"
    return type(failure).__name__
