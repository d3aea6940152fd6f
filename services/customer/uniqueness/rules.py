"""What two descriptions that may be of one company have in common, whatever else differs."""

from collections.abc import Iterable
from hashlib import blake2b

from services.customer.matching.rules.identifiers import Identifier

TURN_BYTES = 8
"""Two unlike words fall together once in 2**64: then two companies wait for each other, and nothing else happens."""


def words_of(identifiers: Iterable[Identifier], name_keys: Iterable[str], country: str, city_key: str) -> set[str]:
    """Return a word for each verified identifier, and for each name in its place."""
    by_number = {f"{one.scheme}:{one.value}" for one in identifiers if one.verified}
    return by_number | {f"name:{name}\x1f{country}\x1f{city_key}" for name in name_keys}


def turns_of(words: Iterable[str]) -> list[int]:
    """Return the numbers to wait for, in the one order in which everybody waits."""
    return sorted(
        {
            int.from_bytes(blake2b(word.encode(), digest_size=TURN_BYTES).digest(), "big", signed=True)
            for word in set(words)
        }
    )
