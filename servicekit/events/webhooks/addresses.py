"""Where events may be sent: public addresses over https, and what the setting allows beside them.

Asked when a webhook is registered, to tell its owner at once, and of each address that is connected to: only that
is safe, for a name may resolve to another address every time.
"""

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from yarl import URL

from servicekit.events.webhooks.rules import WebhookURLRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
_AUTHORITY_ENDS = re.compile(r"[/?#]")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")

NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "168.63.129.16/32",
    )
)
"""IANA's special-purpose registry, multicast and reserved; the last is the public address of a cloud's own metadata."""

PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
TRANSLATED_6 = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is reached."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Networks that events may be sent to although they are not public, also without TLS."""

    networks: Sequence[Network] = ()

    @classmethod
    def from_setting(cls, text: str) -> "Allowed":
        """Read `off`, or networks with commas between them.

        Raises:
            ValueError: something in it is no network; the message says what.
        """
        if text.strip().lower() in {"", "off"}:
            return cls()
        return cls(tuple(ip_network(part.strip()) for part in text.split(",")))

    def permits(self, address: Address, *, encrypted: bool) -> bool:
        """Whether events may go to this address."""
        reached = _reached(address)
        if any(reached.version == network.version and reached in network for network in self.networks):
            return True
        return encrypted and is_public(reached)


def _reached(address: Address) -> Address:
    """Return the address behind an IPv6 address that only carries an IPv4 one, without a scope."""
    if isinstance(address, IPv4Address):
        return address
    plain = IPv6Address(int(address))
    if plain.ipv4_mapped is not None:
        return plain.ipv4_mapped
    if plain in TRANSLATED_6:
        return IPv4Address(int(plain) & 0xFFFFFFFF)
    return plain


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet.

    `ipaddress.is_global` is not asked: what it says differs between releases of Python.
    """
    reached = _reached(address)
    if isinstance(reached, IPv4Address):
        return not any(reached in network for network in NOT_PUBLIC_4)
    return reached in PUBLIC_6 and not any(reached in network for network in NOT_PUBLIC_6)


def written_address(host: str) -> Address | None:
    """Return the address that a host is written as, also in odd forms that resolvers take (`127.1`, `0x7f000001`)."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError, ValueError):
        return None


def checked_url(text: str, allowed: Allowed) -> URL:
    """Return the URL that events may be sent to, as the client that sends them reads it.

    Raises:
        WebhookURLRefused: it is none, or carries credentials, or is not allowed without TLS or at all.
    """
    if len(text) > LONGEST_URL or _UNFIT.search(text):
        raise WebhookURLRefused(f"A URL has at most {LONGEST_URL} characters and no blanks or backslashes.")
    try:
        url = URL(text)
        host, port = url.raw_host, url.port
    except ValueError as error:
        raise WebhookURLRefused("This is no URL: give one such as https://erp.example.com/events.") from error
    if url.scheme not in {"https", "http"} or not host or port is None or port == 0:
        raise WebhookURLRefused("Give an absolute URL that begins with https://.")
    if "@" in _AUTHORITY_ENDS.split(text.partition("//")[2], maxsplit=1)[0]:
        raise WebhookURLRefused("A URL must not carry credentials: events are signed, verify that.")
    if "#" in text:
        raise WebhookURLRefused("A URL that is called has no fragment.")
    encrypted = url.scheme == "https"
    if not encrypted and not allowed.networks:
        raise WebhookURLRefused("Events are sent over https only.")
    address = written_address(host)
    if address is not None:
        check_addresses([address], allowed, encrypted=encrypted)
    return url


def check_addresses(addresses: Iterable[Address], allowed: Allowed, *, encrypted: bool) -> None:
    """Refuse a host that has an address which events are not sent to.

    Raises:
        WebhookURLRefused: one of them is not allowed.
    """
    for address in addresses:
        if not allowed.permits(address, encrypted=encrypted):
            public_without_tls = not encrypted and is_public(address)
            why = "Events are sent over https only." if public_without_tls else "Its address is not a public one."
            raise WebhookURLRefused(f"{why} The operator may allow networks (KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES).")
