"""How rare words, phones and addresses are: a shared rare word says much, a shared `center` nothing.

What is kept is small: of the base's keys only those that at least `FEWEST` companies have, with how many have them.
A key that is not listed is rare. The words that are usual in company names everywhere are known beforehand
(`common_words`) and weigh as if they came from `PRIOR` more companies, so that a young base judges as an old one does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2

from services.customer.matching.rules.common_words import share_of

FEWEST = 3
"""A key that fewer companies have need not be counted: it is as rare as can be told."""
PRIOR = 2_000
"""How many companies the known shares of common words stand for."""
MOST_BITS = 12.0
"""What one word can say at most; rarer than one in 4,096 is as often a slip of the pen as a rare word."""
LEAST_BITS = 0.3
_LETTER_BITS = 2.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many `companies` the base has, and how many of them have each frequent key (as `keys.keys_of` spells it)."""

    companies: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    _rarities: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def rarity(self, word: str) -> float:
        """Return what it says that two names share this word, in bits: 0.3 (everywhere) to 12 (hardly anywhere)."""
        known = self._rarities.get(word)
        if known is None:
            have = self.counts.get(f"t:{word}", 0) + share_of(word) * PRIOR
            bits = (
                _LETTER_BITS if len(word) == 1 and word.isascii() else log2((self.companies + PRIOR) / max(have, 0.5))
            )
            known = self._rarities[word] = min(max(bits, LEAST_BITS), MOST_BITS)
        return known

    def holders(self, key: str) -> int:
        """Return how many companies of the base have a phone, address or domain key, 0 where fewer than `FEWEST`."""
        return self.counts.get(key, 0)


def count(keys_of_companies: Iterable[Iterable[str]]) -> Statistics:
    """Count keys of companies in memory; a large base keeps the same counts in a table."""
    counts: dict[str, int] = {}
    companies = 0
    for keys in keys_of_companies:
        companies += 1
        for key in set(keys):
            counts[key] = counts.get(key, 0) + 1
    return Statistics(companies, {key: many for key, many in counts.items() if many >= FEWEST})
