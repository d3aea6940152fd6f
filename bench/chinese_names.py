"""How well companies are found by their Chinese short, former and English names, among all full names.

Each name of the gold set is looked up by itself, with nothing beside it, in a base of all companies by their full
names: candidates by the keys that both share, scored and decided upon as a uniqueness check does.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.deciding import Outcome, decide
from services.customer.matching.rules.keys import CROWD, Keys, keys_of, rarest
from services.customer.matching.rules.profiles import Profile, profile_of
from services.customer.matching.rules.scoring import score
from services.customer.matching.rules.statistics import Statistics, count

FULL = "full_name"
KINDS = ("short_name", "former_short_name", "former_full_name", "english_name", "former_english_name")
MOST_STORED = 12
MOST_LOOKED_UP = 24


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of looking up one kind of name; shares in [0, 1] of `names`, `precision` of what was `automatic`.

    `blocking_recall` is how often the company was among the candidates, `first` how often at their head.
    """

    kind: str
    names: int
    first: float
    blocking_recall: float
    automatic: int
    precision: float
    review_share: float
    new_share: float
    candidates: float


def read_names(path: Path) -> list[tuple[str, str, str]]:
    """Return entity, kind and name of each row."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["entity_code"], row["name_type"], row["name"]) for row in csv.DictReader(file)]


class Base:
    """Companies by their full names, with the keys by which they are found."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.profiles = {code: _profile(name) for code, name in names.items()}
        keys = {code: keys_of(profile) for code, profile in self.profiles.items()}
        self.statistics: Statistics = count(map(_all_keys, keys.values()))
        holders: dict[str, int] = defaultdict(int)
        for each in keys.values():
            for key in set(_all_keys(each)):
                holders[key] += 1
        self._holders = holders
        self._holding: dict[str, list[str]] = defaultdict(list)
        for code, each in keys.items():
            for key in _chosen(each, self.holders, MOST_STORED):
                self._holding[key].append(code)

    def holders(self, key: str) -> int:
        """Return how many companies have a key."""
        return self._holders.get(key, 0)

    def candidates(self, profile: Profile) -> set[str]:
        """Return the companies that share a key with one that is looked up."""
        looked_up = _chosen(keys_of(profile), self.holders, MOST_LOOKED_UP)
        return {code for key in looked_up for code in self._holding.get(key, ())}

    def ranked(self, profile: Profile) -> tuple[list[str], Outcome, str | None]:
        """Return candidates, the likeliest first, the outcome of a check, and the company that it matched."""
        scored = [(code, score(profile, self.profiles[code], self.statistics)) for code in self.candidates(profile)]
        scored.sort(key=lambda each: (-each[1].points, -each[1].name.level, -each[1].name.similarity, each[0]))
        decision = decide(scored)
        return [code for code, _ in scored], decision.outcome, decision.matched


def _profile(name: str) -> Profile:
    return profile_of(Company((Name(name),), country="CN"))


def _names_keys(keys: Keys) -> dict[str, None]:
    return dict.fromkeys(key for name in keys.names for key in (*name.words, *name.grams))


def _all_keys(keys: Keys) -> list[str]:
    return [*keys.exact, *_names_keys(keys)]


def _chosen(keys: Keys, holders: Callable[[str], int], most: int) -> list[str]:
    """Return all exact keys but crowds, and of the others the rarest that somebody has."""
    exact = [key for key in keys.exact if holders(key) <= CROWD]
    return [*exact, *rarest(filter(holders, _names_keys(keys)), holders, most)]


def look_up(base: Base, kind: str, names: Iterable[tuple[str, str]]) -> Looked:
    """Look each name up whose company (its first part) is known, and count."""
    total = first = found = automatic = right = review = new = candidates = 0
    for code, name in names:
        total += 1
        ranked, outcome, matched = base.ranked(_profile(name))
        first += ranked[:1] == [code]
        found += code in ranked
        candidates += len(ranked)
        automatic += outcome is Outcome.MATCHED
        right += matched == code
        review += outcome is Outcome.REVIEW
        new += outcome is Outcome.NEW
    return Looked(
        kind,
        total,
        first=_share(first, total),
        blocking_recall=_share(found, total),
        automatic=automatic,
        precision=_share(right, automatic) if automatic else 1.0,
        review_share=_share(review, total),
        new_share=_share(new, total),
        candidates=round(candidates / total, 1) if total else 0.0,
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def look_all_up(path: Path) -> list[Looked]:
    """Look every name of a set up among its full names."""
    rows = read_names(path)
    base = Base({code: name for code, kind, name in rows if kind == FULL})
    return [look_up(base, kind, [(code, name) for code, each, name in rows if each == kind]) for kind in KINDS]


def rows_of(path: Path) -> list[dict[str, str | int | float]]:
    """Return the same as rows for a table or a file of results."""
    return [asdict(looked) for looked in look_all_up(path)]
