"""One name of a company with all that comparing it needs, worked out once."""

import re
from dataclasses import dataclass

from services.customer.matching.rules.chinese.keys import keys_across, pairs_of_characters
from services.customer.matching.rules.company import Name
from services.customer.matching.rules.names import NameWithoutLetters, normalise_name
from services.customer.matching.rules.numerals import han_numbers
from services.customer.matching.rules.text import HAN, KANA, fold
from services.customer.matching.rules.words import SERIES, number_of, words_of

_HAN = re.compile(f"[{HAN}{KANA}]")
_GRAM = 3
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")
_MOST_LETTERS = 120
_MOST_WORDS = 24


@dataclass(frozen=True, slots=True)
class NameProfile:
    """A name prepared: `key` is its normalised form, `words` and `numbers` what is compared.

    `local` are words of its own address; `series` says that its number tells it from others of a row; `formal` that a
    legal form was written, so that it is the whole legal name. `has_han` says that it is written in Chinese characters
    or kana, so that `chinese` compares it. `joined` are the words without blanks (day care, daycare); `initials` their
    first letters (International Business Machines: ibm).
    """

    text: str
    kind: str
    key: str
    words: tuple[str, ...]
    numbers: frozenset[str]
    local: frozenset[str]
    series: bool
    formal: bool
    joined: str
    initials: str
    has_han: bool

    @property
    def grams(self) -> tuple[str, ...]:
        """Parts of three letters of each word, with its beginning and end marked; pairs of Chinese characters."""
        if self.has_han:
            return pairs_of_characters(self.text)
        found: dict[str, None] = {}
        for word in self.words:
            marked = f"_{word}_"
            found.update(dict.fromkeys(marked[place : place + _GRAM] for place in range(len(marked) - _GRAM + 1)))
        return tuple(found)

    def across(self, country: str) -> tuple[str, ...]:
        """Keys that the company's names in Chinese and in Latin letters share; of most Latin names there are none."""
        return keys_across(self.text, country, has_han=self.has_han)


def name_profile(
    name: Name, address_numbers: frozenset[str] = frozenset(), places: frozenset[str] = frozenset()
) -> NameProfile | None:
    """Prepare a name, or return `None` for one of nothing but signs.

    `address_numbers` are those of the company's own addresses, `places` the words of its streets and cities: in its
    name they say where it is, not which one it is.
    """
    try:
        key = normalise_name(name.text)
    except NameWithoutLetters:
        return None
    has_han = _HAN.search(key) is not None
    words = words_of(without_inner_forms(key))[:_MOST_WORDS]
    numbers = han_numbers(key) if has_han else numbers_of(words, address_numbers)
    return NameProfile(
        text=name.text[:_MOST_LETTERS],
        kind=name.kind,
        key=key,
        words=words,
        numbers=numbers,
        local=places.intersection(words),
        series=bool(numbers) and not SERIES.isdisjoint(words),
        formal=len(key) < len(fold(name.text)),
        joined="".join(words),
        initials="".join(word[0] for word in words),
        has_han=has_han,
    )


def without_inner_forms(key: str) -> str:
    """Take out legal forms that stand inside a name: `Trinity Resources Unlimited, Inc. - High Mountain`."""
    words = key.split()
    kept = [word for place, word in enumerate(words) if not (0 < place < len(words) - 1 and word in _INNER_FORMS)]
    return " ".join(kept)


_INNER_FORMS = frozenset({"inc", "incorporated", "ltd", "limited", "llc", "corp", "plc", "gmbh", "nfp"})


def numbers_of(words: tuple[str, ...], address_numbers: frozenset[str]) -> frozenset[str]:
    """Return the numbers among the words of a name, without those that say where it is (81st)."""
    last = len(words) - 1
    found = (
        number_of(word, last=place == last and place > 0)
        for place, word in enumerate(words)
        if _ORDINAL.sub("th", word) not in address_numbers
    )
    return frozenset(number for number in found if number)
