"""Words by which search finds a company: of each name and identifier, looked for from their beginning.

A script without blanks has no words: there, from each character on, what follows is one, so that `华为` is found in
`深圳华为技术`. Traditional and simplified, full and half width, accents and case are one (`text.fold`).
"""

import re
from collections.abc import Iterable, Sequence

from services.customer.matching.rules.names import without_legal_forms
from services.customer.matching.rules.text import fold, is_spaceless

LONGEST_WORD = 24
"""Characters of a word that are kept; who types more is found by these."""
WINDOW = 4
"""Characters kept from each place of a run without blanks."""
MOST_WORDS = 200
"""Words of one company; what a hundred names have more is found by the first ones."""
_SIGNS = re.compile(r"[\s\-./·:]")


def compact(identifier: str) -> str:
    """Return an identifier as one word, without signs, in small letters; a domain keeps its dots' places only."""
    return _SIGNS.sub("", identifier).lower()[:LONGEST_WORD]


def words_of(names: Iterable[str], identifiers: Iterable[str]) -> list[str]:
    """Return the words of a company, each once, in the order of the index."""
    found: dict[str, None] = {}
    for name in names:
        for piece in _pieces(without_legal_forms(fold(name))):
            if is_spaceless(piece[0]):
                found.update(dict.fromkeys(piece[place : place + WINDOW] for place in range(len(piece))))
            else:
                found[piece[:LONGEST_WORD]] = None
    found.update(dict.fromkeys(filter(None, map(compact, identifiers))))
    return sorted(list(found)[:MOST_WORDS])


def asked_words(query: str) -> list[str]:
    """Return what to look for, each the beginning of a word: the longest pieces of a run that cover it."""
    found: dict[str, None] = {}
    for piece in _pieces(without_legal_forms(fold(query))):
        if not is_spaceless(piece[0]):
            found[piece[:LONGEST_WORD]] = None
            continue
        last = max(len(piece) - WINDOW, 0)
        for place in dict.fromkeys((*range(0, last, WINDOW), last)):
            found[piece[place : place + WINDOW]] = None
    return list(found)


def after(word: str) -> str:
    """Return what is greater than every word that begins so, in the order of code points."""
    return f"{word}\U0010ffff"


def _pieces(folded: str) -> Sequence[str]:
    """Return words, and runs of characters without blanks as pieces of their own."""
    pieces: list[str] = []
    for word in folded.split():
        start = 0
        for place in range(1, len(word) + 1):
            if place == len(word) or is_spaceless(word[place]) != is_spaceless(word[start]):
                pieces.append(word[start:place])
                start = place
    return pieces
