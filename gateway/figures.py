"""`/metrics` of the gateway, for those who are allowed to see it."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address

from gateway.exchange import Exchange
from gateway.limits import Limits
from gateway.upstreams import Upstreams
from servicekit.run.metrics import CONTENT_TYPE, Figure, metrics_text

PATH = "/metrics"
PASSED_ON = frozenset({b"forwarded", b"x-forwarded-for"})

Networks = tuple[IPv4Network | IPv6Network, ...]


def may_see(exchange: Exchange, allowed: Networks) -> bool:
    """Whether a request comes straight from an allowed address: one that a proxy passed on comes from anywhere."""
    if any(name in PASSED_ON for name, _ in exchange.headers):
        return False
    try:
        address = ip_address(exchange.address)
    except ValueError:
        return False
    return any(address in network for network in allowed)


async def answer(exchange: Exchange, limits: Limits, upstreams: Upstreams) -> None:
    """Answer with the figures."""
    text = metrics_text((lambda: _limits(limits), lambda: _breakers(upstreams)))
    await exchange.answer(200, CONTENT_TYPE.encode(), text, (b"cache-control", b"no-store"))


def _limits(limits: Limits) -> Iterator[Figure]:
    meaning = "Requests refused because of a limit per client."
    for buckets in limits.buckets:
        yield Figure("keyaccount_rate_limited_total", meaning, buckets.refused, {"policy": buckets.name})
    yield Figure("keyaccount_rate_limited_total", meaning, limits.refused_at_once, {"policy": "at-once"})


def _breakers(upstreams: Upstreams) -> Iterator[Figure]:
    for name, upstream in upstreams.by_name.items():
        yield from upstream.breaker.figures(name)
