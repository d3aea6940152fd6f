"""What one client may ask of the house: how often, how many at once, how long a question."""

import base64
import binascii
from ipaddress import ip_address
from urllib.parse import parse_qs

from gateway.errors import QueryTooLong, TooManyAtOnce, TooManyParameters, TooManyRequests
from gateway.exchange import Exchange
from gateway.rates import Buckets
from gateway.settings import Settings

LONGEST_QUERY = 8192
MOST_PARAMETERS = 100
REFUSED_SIGN_IN = frozenset({400, 401})
IPV6_SITE_BITS = 64
"""Of an IPv6 address these are one customer's, who may use any of the others."""


class Limits:
    """The limits of one gateway process."""

    def __init__(self, settings: Settings) -> None:
        self._trusted = settings.trusted_proxies
        self._most_at_once = settings.at_once
        self._under_way: dict[str, int] = {}
        self.refused_at_once = 0
        self._clients = _buckets("client", settings.rate)
        self._addresses = _buckets("address", settings.address_rate)
        self._sign_ins = _buckets("sign-in", settings.sign_in_rate)
        self._usernames = _buckets("username", settings.username_rate)
        every = (self._clients, self._addresses, self._sign_ins, self._usernames)
        self.buckets = [buckets for buckets in every if buckets is not None]

    def enter(self, exchange: Exchange) -> None:
        """Let a request in whose caller is known; `leave` has to follow.

        Raises:
            TooManyRequests: its client has used up what it may ask for.
            TooManyAtOnce: too many of its client's requests are under way.
        """
        client = exchange.caller or self._address_of(exchange)
        if exchange.caller is not None:
            self._take(exchange, self._clients, client)
        elif exchange.method != "GET":
            self._take(exchange, self._sign_ins, client)
            exchange.inspect = self.check_name
        under_way = self._under_way.get(client, 0)
        if under_way >= self._most_at_once:
            self.refused_at_once += 1
            raise TooManyAtOnce(self._most_at_once)
        self._under_way[client] = under_way + 1
        exchange.client = client

    def leave(self, exchange: Exchange) -> None:
        """Note that a request is over; a sign-in that was refused counts against its name."""
        client = exchange.client
        if client is None:
            return
        left = self._under_way[client] - 1
        if left:
            self._under_way[client] = left
        else:
            del self._under_way[client]
        if exchange.name_tried and exchange.status in REFUSED_SIGN_IN and self._usernames is not None:
            self._usernames.take(exchange.name_tried)

    def before_verifying(self, exchange: Exchange) -> None:
        """Let an address have a token verified that is not known yet: that costs as much as a small request.

        Raises:
            TooManyRequests: it has sent too many.
        """
        self._take(exchange, self._addresses, self._address_of(exchange))
        exchange.limits = ()  # whoever it turns out to be has a limit of their own

    def check_name(self, exchange: Exchange, body: bytes) -> None:
        """Refuse a sign-in by a name that was refused too often.

        Raises:
            TooManyRequests: only refused attempts count, and each is forgiven after a while.
        """
        exchange.name_tried = _name_in(exchange, body)
        if exchange.name_tried and self._usernames is not None:
            verdict = self._usernames.look(exchange.name_tried)
            if not verdict.passes:
                self._usernames.refused += 1
                raise TooManyRequests(self._usernames.name, verdict.seconds)

    def _take(self, exchange: Exchange, buckets: Buckets | None, client: str) -> None:
        if buckets is None:
            return
        verdict = buckets.take(client)
        exchange.limits = (
            (b"ratelimit-policy", buckets.policy),
            (b"ratelimit", f'"{buckets.name}";r={verdict.left};t={verdict.seconds}'.encode()),
        )
        if not verdict.passes:
            raise TooManyRequests(buckets.name, verdict.seconds)

    def _address_of(self, exchange: Exchange) -> str:
        """Return whence a request comes; what trusted proxies say of it counts, the nearest first."""
        address = exchange.address
        if address in self._trusted:
            told = b",".join(value for name, value in exchange.headers if name == b"x-forwarded-for")
            for part in reversed(told.decode("latin-1").split(",")):
                address = part.strip() or address
                if address not in self._trusted:
                    break
        return _site(address)


def check_query(query: bytes) -> None:
    """Refuse a question that is longer than any of ours.

    Raises:
        QueryTooLong: it has too many bytes.
        TooManyParameters: it has more parameters than any list has filters.
    """
    if len(query) > LONGEST_QUERY:
        raise QueryTooLong(LONGEST_QUERY)
    if query.count(b"&") >= MOST_PARAMETERS:
        raise TooManyParameters(MOST_PARAMETERS)


def _buckets(name: str, rate: tuple[float, float] | None) -> Buckets | None:
    return None if rate is None else Buckets(name, *rate)


def _site(address: str) -> str:
    if ":" not in address:
        return address[:64]
    try:
        return str(int(ip_address(address)) >> IPV6_SITE_BITS)
    except ValueError:
        return "unknown"


def _name_in(exchange: Exchange, body: bytes) -> str:
    """Return by what name somebody signs in with a secret; nothing where no secret of theirs is told."""
    try:
        for header, value in exchange.headers:
            if header == b"authorization" and value[:6].lower() == b"basic ":
                return base64.b64decode(value[6:], validate=True).decode().partition(":")[0].lower()
        form = parse_qs(body.decode(), max_num_fields=MOST_PARAMETERS)
    except (ValueError, binascii.Error):
        return ""
    if "username" in form:
        return form["username"][0].lower()
    return form["client_id"][0].lower() if "client_secret" in form and "client_id" in form else ""
