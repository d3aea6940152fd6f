"""A customer base in memory that finds candidates as the database does: by keys, the rarest of words and grams."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log2

from services.customer.matching.rules.keys import CROWD, Keys, keys_of, rarest
from services.customer.matching.rules.profiles import Profile
from services.customer.matching.rules.statistics import FEWEST, Statistics

WORDS = 4
GRAMS = 8
MOST_CANDIDATES = 60
_REFRESHED_EVERY = 25


class Base:
    """Customers by number, the index of their keys, and the statistics that grow with them."""

    def __init__(self) -> None:
        self.profiles: list[Profile] = []
        self.holders: Counter[str] = Counter()
        self._index: dict[str, set[int]] = defaultdict(set)
        self._statistics = Statistics()
        self._changes = 0

    @classmethod
    def filled(cls, profiles: Sequence[Profile]) -> "Base":
        """Return a base that holds all of them, its statistics up to date."""
        base = cls()
        for profile in profiles:
            base.add(profile)
        base.refresh()
        return base

    def add(self, profile: Profile) -> int:
        """Add a customer; return its number."""
        self.profiles.append(profile)
        number = len(self.profiles) - 1
        self._keep(number, _all(keys_of(profile)))
        return number

    def change(self, number: int, profile: Profile) -> None:
        """Replace what is known of a customer; keys only become more, as in a base that keeps history."""
        self.profiles[number] = profile
        self._keep(number, _all(keys_of(profile)))

    def _keep(self, number: int, keys: set[str]) -> None:
        for key in keys:
            if number not in self._index[key]:
                self._index[key].add(number)
                self.holders[key] += 1
        self._changes += 1
        if self._changes % _REFRESHED_EVERY == 0:
            self.refresh()

    def refresh(self) -> None:
        """Take the counts over into the statistics, as the database does from time to time."""
        frequent = {key: many for key, many in self.holders.items() if many >= FEWEST}
        self._statistics = Statistics(len(self.profiles), frequent)

    @property
    def statistics(self) -> Statistics:
        """What scoring is given."""
        return self._statistics

    def candidates(self, profile: Profile) -> list[int]:
        """Return the likeliest customers by the keys that they share with it, rare keys counting more."""
        keys = keys_of(profile)
        looked_up = [key for key in keys.exact if self.holders[key] <= CROWD]
        for name in keys.names:
            looked_up += rarest(name.words, self.holders.__getitem__, WORDS)
            looked_up += rarest(name.grams, self.holders.__getitem__, GRAMS)
        weights: dict[int, float] = defaultdict(float)
        exact = set(keys.exact)
        for key in dict.fromkeys(looked_up):
            having = self._index.get(key, ())
            bits = log2((len(self.profiles) + 2) / (len(having) + 1)) + (10 if key in exact else 0)
            for number in having:
                weights[number] += bits
        ranked = sorted(weights, key=lambda number: (-weights[number], number))
        return ranked[:MOST_CANDIDATES]


def _all(keys: Keys) -> set[str]:
    return {*keys.exact, *(key for name in keys.names for key in (*name.words, *name.grams))}
