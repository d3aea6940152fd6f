"""Keys as the database holds them: 64 bits of a digest, so that a row is small whatever it stands for.

Two different keys of a base of 20 million meet with a chance of 1 in 90,000; then a candidate more is compared.
"""

from collections.abc import Iterable
from hashlib import blake2b

_BYTES = 8


def fingerprint(key: str) -> int:
    """Return a key as a signed integer of 64 bits."""
    digest = blake2b(key.encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


def fingerprints(keys: Iterable[str]) -> list[int]:
    """Return keys as integers, each once, in their order."""
    return sorted({fingerprint(key) for key in keys})
