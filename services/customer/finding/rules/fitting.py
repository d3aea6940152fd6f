"""How well what was typed fits a company: an identifier, the beginning of a name, its words, something like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from services.customer.matching.rules.names import without_legal_forms
from services.customer.matching.rules.search_words import asked_words, compact, words_of
from services.customer.matching.rules.text import fold

LEAST_LIKENESS = 60.0
"""Of 100: what is less like the query is not shown."""
_BEST = 1000


class FoundBy(StrEnum):
    """Why a company is an answer, the best reason first."""

    IDENTIFIER = "identifier"
    NAME = "name"
    BEGINNING = "beginning"
    WORDS = "words"
    LIKENESS = "likeness"


_STEPS = {
    FoundBy.IDENTIFIER: 1000,
    FoundBy.NAME: 900,
    FoundBy.BEGINNING: 700,
    FoundBy.WORDS: 500,
    FoundBy.LIKENESS: 200,
}
"""Where each reason begins, of 1000; within it the likeness of the whole name decides."""
_WITHIN = 90


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: folded without legal forms, its words, and as an identifier would be written."""

    key: str
    words: tuple[str, ...]
    identifier: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a company fits: `relevance` from 1 to 1000, why, and the name that does; none for an identifier."""

    relevance: int
    found_by: FoundBy
    name: str | None


def query_of(typed: str) -> Query | None:
    """Return what is looked for, or None where there is nothing but signs."""
    key = without_legal_forms(fold(typed))
    return Query(key, tuple(asked_words(typed)), compact(typed)) if key else None


def fit(query: Query, names: Sequence[str], identifiers: Iterable[str]) -> Fit | None:
    """Return how well the best of a company's names fits; None where it does not."""
    if any(compact(value) == query.identifier for value in identifiers):
        return Fit(_BEST, FoundBy.IDENTIFIER, None)
    fits = [found for name in names if (found := _fit_of_name(query, name)) is not None]
    return max(fits, key=lambda found: found.relevance, default=None)


def _fit_of_name(query: Query, name: str) -> Fit | None:
    key = without_legal_forms(fold(name))
    likeness = max(fuzz.ratio(query.key, key), fuzz.token_sort_ratio(query.key, key))
    if key == query.key:
        found_by = FoundBy.NAME
    elif key.startswith(query.key):
        found_by = FoundBy.BEGINNING
    elif _has_words(query, name):
        found_by = FoundBy.WORDS
    else:
        likeness = max(likeness, _part_likeness(query.key, key))
        if likeness < LEAST_LIKENESS:
            return None
        found_by = FoundBy.LIKENESS
    within = _WITHIN if found_by is not FoundBy.LIKENESS else _STEPS[FoundBy.WORDS] - _STEPS[FoundBy.LIKENESS] - 10
    return Fit(_STEPS[found_by] + int(likeness / 100 * within), found_by, name)


def _part_likeness(query: str, key: str) -> float:
    """Return how like the query is to a part of a longer name, a little less than a whole name as like would be."""
    return 0.9 * fuzz.partial_ratio(query, key) if len(query) < len(key) else 0.0


def _has_words(query: Query, name: str) -> bool:
    words = words_of([name], ())
    return all(any(word.startswith(asked) for word in words) for asked in query.words)
