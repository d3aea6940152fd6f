"""Keys by which candidates are found: stored for each customer, looked up for each company that is checked.

| begins with | what it is | usual number per company |
| --- | --- | --- |
| `i:` | a verified identifier, `i:lei:…`; a domain is one, `i:domain:…` | 0 to 3 |
| `n:` | a normalised name | 1 to 3 |
| `p:` | the last seven digits of a phone number | 0 to 2 |
| `a:` | house number and beginning of the street | 0 to 2 |
| `z:` | house number and postal code | 0 to 2 |
| `w:` | the words of a name without blanks, in alphabetical order | 1 to 3 |
| `s:` | how a Chinese name sounds (`chinese.keys`) | 0 to 3 |
| `c:` | what two words of a Chinese name mean | 0 to 7; up to 24 of a Latin name in a Chinese country |
| `t:` | a word of a name | 1 to 8 |
| `g:` | three letters of a word, two Chinese characters | 5 to 40 |

Of `t:` and `g:` only the rarest serve: `rarest` chooses them by how many companies have each. All the others are short
lists, except where a crowd shares one (an agent's address): a lookup may leave out what more than `CROWD` have.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.customer.matching.rules.name_profiles import NameProfile
from services.customer.matching.rules.profiles import Profile

CROWD = 200
"""A key that more companies have finds nobody: what else agrees must find them."""
_SHORTEST_INITIALS = 3


@dataclass(frozen=True, slots=True)
class NameKeys:
    """The words and grams of one name."""

    words: tuple[str, ...]
    grams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of one company: `exact` ones, and for each name those of which the rarest are chosen."""

    exact: tuple[str, ...]
    names: tuple[NameKeys, ...]


def keys_of(profile: Profile) -> Keys:
    """Return the keys of a company, in a settled order."""
    exact: dict[str, None] = {}
    exact.update(
        dict.fromkeys(sorted(f"i:{identifier.scheme}:{identifier.value}" for identifier in profile.identifiers))
    )
    for name in profile.names:
        exact[f"n:{name.key}"] = None
        exact[f"w:{''.join(sorted(name.words))}"] = None
        exact.update(dict.fromkeys(name.across(profile.country)))
    exact.update(dict.fromkeys(phone.key for phone in profile.phones))
    exact.update(dict.fromkeys(key for address in profile.addresses for key in address.keys))
    return Keys(tuple(exact), tuple(map(_name_keys, profile.names)))


def _name_keys(name: NameProfile) -> NameKeys:
    words = [f"t:{word}" for word in name.words]
    if len(name.initials) >= _SHORTEST_INITIALS and not name.has_han:
        words.append(f"t:{name.initials}")
    return NameKeys(tuple(words), tuple(f"g:{gram}" for gram in name.grams))


def rarest(keys: Iterable[str], holders: Callable[[str], int], most: int) -> tuple[str, ...]:
    """Return the `most` rarest keys by how many companies have each, without those that more than `CROWD` have.

    Equal ones in alphabetical order, so that who stores and who looks up choose alike.
    """
    ranked = sorted((many, key) for key in keys if (many := holders(key)) <= CROWD)
    return tuple(key for _, key in ranked[:most])
