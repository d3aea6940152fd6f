"""Short, former and English names of Chinese listed companies, looked up among their present full names."""

import time
from dataclasses import dataclass
from typing import Any

from bench.matching.base import Base
from bench.matching.gold import chinese_names
from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.deciding import decide
from services.customer.matching.rules.profiles import Profile, profile_of
from services.customer.matching.rules.scoring import score

LOOKED_UP = ("short_name", "english_name", "former_full_name", "former_short_name", "former_english_name")


@dataclass
class LookedUp:
    """How often the right company came first, how often it was among the candidates, and what was decided by itself."""

    name: str
    names: int = 0
    first: int = 0
    found: int = 0
    matched: int = 0
    wrong: int = 0
    in_review: int = 0
    compared: int = 0
    seconds: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Return a row of the table."""
        right = self.matched - self.wrong
        return {
            "set": self.name,
            "precision": round(right / self.matched, 4) if self.matched else None,
            "recall": round(right / self.names, 4),
            "f1": round(2 * right / (self.matched + self.names), 4),
            "review_share": round(self.in_review / self.names, 4),
            "blocking_recall": round(self.found / self.names, 4),
            "rank_1": round(self.first / self.names, 4),
            "true_pairs": self.names,
            "wrong_pairs": self.wrong,
            "candidates": round(self.compared / self.names, 1),
            "microseconds": round(self.seconds / self.compared * 1e6, 1) if self.compared else None,
        }


def _profile(name: str) -> Profile:
    return profile_of(Company((Name(name),), country="CN"))


def measure_chinese() -> list[LookedUp]:
    """Look every name up that is not a present full name."""
    names = chinese_names()
    entities = list(names["full_name"])
    base = Base.filled([_profile(name) for name in names["full_name"].values()])
    return [_look_up(kind, names[kind], entities, base) for kind in LOOKED_UP]


def _look_up(kind: str, names: dict[str, str], entities: list[str], base: Base) -> LookedUp:
    result = LookedUp(f"er-cn-names, {kind.replace('_', ' ')}")
    for entity, name in names.items():
        profile = _profile(name)
        numbers = base.candidates(profile)
        began = time.process_time()
        scores = [score(profile, base.profiles[number], base.statistics) for number in numbers]
        result.seconds += time.process_time() - began
        decision = decide(zip(numbers, scores, strict=True))
        ranked = sorted(
            zip(numbers, scores, strict=True), key=lambda one: (-one[1].points, -one[1].name.similarity, one[0])
        )
        result.names += 1
        result.compared += len(numbers)
        result.found += any(entities[number] == entity for number in numbers)
        result.first += bool(ranked) and entities[ranked[0][0]] == entity
        if decision.matched is not None:
            result.matched += 1
            result.wrong += entities[decision.matched] != entity
        result.in_review += decision.outcome == "review"
    return result
