"""No event leaves for an address that is not public, however it is written and whatever its name says later."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import example, given
from hypothesis import strategies as st

from servicekit.events.webhooks.addresses import Allowed, Network, checked_url, is_public, written_address
from servicekit.events.webhooks.rules import WebhookURLRefused
from servicekit.events.webhooks.sending import Sender
from tests.servicekit.webhooks.conftest import Receiver, Senders

REFUSED = "the address is not one that events are sent to"
private_4 = st.one_of(
    *(st.ip_addresses(v=4, network=network) for network in ("10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16")),
    *(st.ip_addresses(v=4, network=network) for network in ("169.254.0.0/16", "172.16.0.0/12", "224.0.0.0/4")),
)


def packets_go_to(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return where a connection ends: what carries an IPv4 address lies in reserved space, but is not where it ends."""
    if address.version == 6 and int(address) >> 32 in {0xFFFF, 0x64FF9B << 64}:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@given(st.one_of(st.ip_addresses(), private_4))
@example(IPv6Address("::ffff:100:0"))
@example(IPv6Address("64:ff9b::808:808"))
@example(IPv6Address("::ffff:10.0.0.1"))
def test_what_is_taken_for_public_is_global(address: IPv4Address | IPv6Address) -> None:
    if is_public(address):
        reached = packets_go_to(address)
        assert reached.is_global
        kinds = ("is_multicast", "is_private", "is_loopback", "is_link_local", "is_reserved", "is_unspecified")
        assert not [kind for kind in kinds if getattr(reached, kind)]


@given(private_4)
def test_an_address_inside_another_is_found(address: IPv4Address) -> None:
    number = int(address)
    for odd in (number + (0xFFFF << 32), number + (0x64FF9B << 96), number, number + (0x2002 << 112)):
        assert not is_public(IPv6Address(odd))
    assert not is_public(IPv6Address((0x2002 << 112) + (number << 80)))


@given(private_4)
def test_odd_forms_are_read_as_resolvers_read_them(address: IPv4Address) -> None:
    number, packed = int(address), address.packed
    forms = [str(address), str(number), hex(number), f"0{number:o}", f"{address}."]
    forms += [f"{packed[0]}.{number & 0xFFFFFF}", ".".join(f"0x{part:x}" for part in packed)]
    for form in forms:
        assert written_address(form) == address
        with pytest.raises(WebhookURLRefused):
            checked_url(f"https://{form}/", Allowed())
    with pytest.raises(WebhookURLRefused):
        checked_url(f"https://[::ffff:{address}]/", Allowed())


@given(st.ip_addresses(v=4))
def test_only_allowed_networks_are_reached_without_tls(address: IPv4Address) -> None:
    inside: Network = Allowed.from_setting("10.0.0.0/8, fd00::/8").networks[0]
    allowed = Allowed((inside,))
    assert allowed.permits(address, encrypted=False) == (address in inside)
    assert allowed.permits(address, encrypted=True) == (address in inside or is_public(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://user:secret@example.com/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https:\\\\example.com",
        "https://",
        "//example.com/",
        "example.com",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fd00:ec2::254]/",
        "https://0/",
        "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data/",
        "https://①②⑦.⓪.⓪.①/",
        "https://localhost/",
    ],
)
async def test_a_url_that_will_not_do_is_refused_with_the_reason(senders: Senders, url: str) -> None:
    senders_allowed = senders.service.webhooks.sender.allowed
    senders.service.webhooks.sender.allowed = Allowed()
    try:
        answer = await senders.call("POST", "", {"url": url})
    finally:
        senders.service.webhooks.sender.allowed = senders_allowed
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_url_refused"), answer.text
    assert answer.json()["errors"][0]["pointer"] == "/url"


class Names(AbstractResolver):
    """Answers with one address after the other, the last one for ever."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        version = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
        return [
            ResolveResult(hostname=host, host=address, port=port, family=version, proto=0, flags=socket.AI_NUMERICHOST)
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::1"])
async def test_a_name_that_resolves_to_another_address_later_is_not_followed(receiver: Receiver, address: str) -> None:
    port = receiver.url.split(":")[2]
    sender = Sender(Allowed(), lambda: names)
    names = Names("93.184.215.14", address)
    url = await sender.checked(f"https://rebinding.example.com:{port}")
    outcome = await sender.send(url, "{}", {})
    await sender.close()
    assert (outcome.status, outcome.error) == (None, REFUSED)
    assert not receiver.received


async def test_a_name_of_a_private_address_is_refused_at_once() -> None:
    sender = Sender(Allowed(), lambda: Names("10.1.2.3"))
    with pytest.raises(WebhookURLRefused):
        await sender.checked("https://erp.example.com/events")


async def test_what_is_no_longer_allowed_is_not_sent(senders: Senders, receiver: Receiver) -> None:
    webhook = await senders.register(receiver)
    await senders.happen()
    sender = senders.service.webhooks.sender
    allowed: Any = sender.allowed
    sender.allowed = Allowed.from_setting("10.0.0.0/8")
    try:
        await senders.deliver()
    finally:
        sender.allowed = allowed
    (delivery,) = await senders.deliveries(webhook["id"])
    assert delivery["state"] == "waiting"
    assert not receiver.received
