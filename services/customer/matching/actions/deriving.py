"""What a company is found by: its profile, its match keys, its words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2

import msgspec

from services.customer.matching.rules.company import Company
from services.customer.matching.rules.fingerprints import fingerprint, fingerprints
from services.customer.matching.rules.keys import CROWD, Keys, keys_of, rarest
from services.customer.matching.rules.profiles import Profile, profile_of
from services.customer.matching.rules.search_words import words_of
from services.customer.matching.rules.statistics import PRIOR, Statistics
from services.customer.matching.store.keys import Derived

REVISION = 2
"""Raised whenever profiles, keys or words come out otherwise than before: the base is then derived anew."""

STORED_WORDS, STORED_GRAMS = 3, 8
"""Of each name, so many of its rarest words and grams are stored."""
ASKED_WORDS, ASKED_GRAMS = 5, 16
"""So many are looked up: more than are stored, for what was rarest when a name was stored need not be so now."""
MOST_NAMES = 20
"""Names of one company that are looked up; a company in the base keeps the keys of all its names."""

_SHARED_BITS = {"i": 60.0, "n": 30.0, "w": 28.0, "p": 16.0, "a": 16.0, "z": 14.0}
"""What it says to share a key of a kind, where it is not counted how many do."""
_OF_MANY = {"g": 0.4, "s": 1.0, "c": 0.6}
"""Grams of one word come together, so each says less than its rarity; so do translated words."""
_ACROSS = ("s:", "c:")

_reader = msgspec.json.Decoder(Profile)
_writer = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Findable:
    """A customer as it is to be found: the company that it is, and all its identifiers, ended ones too."""

    company: Company
    identifiers: tuple[str, ...] = ()


def derive(findable: Findable, statistics: Statistics) -> Derived:
    """Return what a customer is found by."""
    profile = profile_of(findable.company)
    keys = keys_of(profile)
    stored = [*_exact(keys, statistics), *_of_names(keys, statistics, STORED_WORDS, STORED_GRAMS)]
    names = [name.text for name in findable.company.names]
    return Derived(
        profile=_writer.encode(profile).decode(),
        keys=fingerprints(stored),
        words=words_of(names, findable.identifiers),
    )


def profile_from(text: str) -> Profile:
    """Return a profile that was kept."""
    return _reader.decode(text)


def asked_keys(profile: Profile, statistics: Statistics) -> dict[int, float]:
    """Return the keys that a company is looked for by, with what sharing each says, in bits."""
    keys = keys_of(profile)
    few = Keys(keys.exact, keys.names[:MOST_NAMES])
    asked = [*_exact(few, statistics), *_of_names(few, statistics, ASKED_WORDS, ASKED_GRAMS)]
    return {fingerprint(key): _bits(key, statistics) for key in asked}


def counted_keys(profile: Profile) -> Iterator[str]:
    """Return those keys of a company of which it matters how many companies have them."""
    keys = keys_of(profile)
    yield from _crowding(keys)
    yield from filter(_is_across, keys.exact)
    for name in keys.names:
        yield from name.words
        yield from name.grams


def crowded_keys(profile: Profile) -> Sequence[str]:
    """Return the keys of which it matters exactly how many have them: phones and addresses that a crowd shares."""
    return _crowding(keys_of(profile))


def _crowding(keys: Keys) -> list[str]:
    return [key for key in keys.exact if key.startswith(("p:", "a:", "z:"))]


def _is_across(key: str) -> bool:
    """Say whether it is a key of names in two scripts, which many companies may share."""
    return key.startswith(_ACROSS)


def _exact(keys: Keys, statistics: Statistics) -> list[str]:
    return [key for key in keys.exact if not (_is_across(key) and statistics.holders(key) > CROWD)]


def _of_names(keys: Keys, statistics: Statistics, words: int, grams: int) -> Iterable[str]:
    for name in keys.names:
        yield from rarest(name.words, statistics.holders, words)
        yield from rarest(name.grams, statistics.holders, grams)


def _bits(key: str, statistics: Statistics) -> float:
    kind, _, rest = key.partition(":")
    if kind == "t":
        return statistics.rarity(rest)
    if kind in _OF_MANY:
        return _OF_MANY[kind] * log2((statistics.companies + PRIOR) / max(statistics.holders(key), 1))
    return _SHARED_BITS.get(kind, 1.0)
