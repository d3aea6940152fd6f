"""Which browser clients may be registered: where a code goes must be beyond doubt."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from servicekit.run.sign_in import BUILT_IN, is_origin
from servicekit.tokens.provider import is_safe_url

CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
LONGEST_ADDRESS = 2000


def registration_faults(clients: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Yield each client that cannot be registered so, and why."""
    for client, addresses in clients.items():
        wrong = [address for address in addresses if not _is_exact(address)]
        if client == BUILT_IN:
            yield client, "this name is taken: it is the audience of access tokens"
        elif not CLIENT_ID.fullmatch(client):
            yield client or "?", "an id has 1 to 100 letters, digits, dots, hyphens and underscores"
        elif not addresses or wrong:
            yield client, ", ".join(wrong) or "no redirect URI"


def _is_exact(address: str) -> bool:
    """Whether it is one address, over TLS or on this machine, that no browser reads in another way."""
    if not is_safe_url(address) or not address.isascii() or len(address) > LONGEST_ADDRESS:
        return False
    parts = urlsplit(address)
    return not any(mark in address for mark in "#*;\\ ") and is_origin(f"{parts.scheme}://{parts.netloc}")
