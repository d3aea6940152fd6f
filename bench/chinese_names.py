"""How well companies are found by their Chinese short, former and English names, among all full names.

Each name of the gold set is looked up by itself, with nothing beside it, in a base of all companies by their full
names: candidates by the keys that both share, scored and decided upon as a uniqueness check does.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.matching.base import Base
from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.deciding import Outcome, decide
from services.customer.matching.rules.profiles import Profile, profile_of
from services.customer.matching.rules.scoring import score

FULL = "full_name"
KINDS = ("short_name", "former_short_name", "former_full_name", "english_name", "former_english_name")


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


class Companies:
    """A base of companies by their full names alone."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.codes = list(names)
        self.base = Base.filled([_profile(name) for name in names.values()])

    def ranked(self, profile: Profile) -> tuple[list[str], Outcome, str | None]:
        """Return candidates, the likeliest first, the outcome of a check, and the company that it matched."""
        numbers = self.base.candidates(profile)
        found = [(self.codes[at], score(profile, self.base.profiles[at], self.base.statistics)) for at in numbers]
        found.sort(key=lambda each: (-each[1].points, -each[1].name.level, -each[1].name.similarity, each[0]))
        decision = decide(found)
        return [code for code, _ in found], decision.outcome, decision.matched


def _profile(name: str) -> Profile:
    return profile_of(Company((Name(name),), country="CN"))


def look_up(companies: Companies, kind: str, names: Iterable[tuple[str, str]]) -> Looked:
    """Look each name up whose company (its first part) is known, and count."""
    total = first = found = automatic = right = review = new = candidates = 0
    for code, name in names:
        total += 1
        ranked, outcome, matched = companies.ranked(_profile(name))
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
    companies = Companies({code: name for code, kind, name in rows if kind == FULL})
    return [look_up(companies, kind, [(code, name) for code, each, name in rows if each == kind]) for kind in KINDS]


def rows_of(path: Path) -> list[dict[str, str | int | float]]:
    """Return the same as rows for a table or a file of results."""
    return [asdict(looked) for looked in look_all_up(path)]
