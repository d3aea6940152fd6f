"""A company name in Latin letters taken apart, to be compared with one in Chinese."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from services.customer.matching.rules.chinese.lexicon import Kind, character_meanings, places, stem, words
from services.customer.matching.rules.chinese.pinyin import (
    known_syllables,
    may_be_cantonese,
    may_be_mandarin,
    sound,
)
from services.customer.matching.rules.text import fold

_LISTED_FORMS = """
co ltd limited company inc incorporated corp corporation plc llc lp llp ag sa gmbh bhd pte pvt joint stock share
shares group grp holding holdings of and the for in coltd jsc
"""
_FORMS = frozenset(_LISTED_FORMS.split())
_JOINED = (4, 3, 2)
_NO_PLACES = frozenset({"new", "north", "south", "east", "central", "river", "us", "pacific"})
WEIGHTS = {
    Kind.FORM: 0.08,
    Kind.PLAIN: 0.5,
    Kind.INDUSTRY: 0.9,
    Kind.PLACE: 0.8,
    Kind.WORD: 1.6,
    Kind.NAME: 2.0,
}
"""What a word of each kind says, where a character of a Chinese name itself says 1."""
_ORDER = (Kind.PLACE, Kind.PLAIN, Kind.INDUSTRY, Kind.WORD)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as written and folded, as it sounds, what it may mean in Chinese, and how much it says."""

    text: str
    sound: str
    meanings: tuple[str, ...]
    kind: Kind
    weight: float


@dataclass(frozen=True, slots=True)
class Joined:
    """Neighbouring words that may spell a Chinese word together, or one that may: how they sound, in which tongue."""

    at: range
    heard: str
    mandarin: bool
    cantonese: bool


@dataclass(frozen=True, slots=True)
class EnglishName:
    """The words of a name in Latin letters, in order, and what of it may be spelled Chinese, the longest first."""

    words: tuple[Word, ...]
    joined: tuple[Joined, ...]


@cache
def meanings() -> Mapping[str, tuple[str, ...]]:
    """Chinese words, places and characters by the stem of each English word they are rendered by."""
    found: dict[str, set[str]] = {}
    for chinese, (_, stems) in words().items():
        for each in stems:
            found.setdefault(each, set()).add(chinese)
    for chinese, stems in character_meanings().items():
        for each in stems:
            found.setdefault(each, set()).add(chinese)
    for name, place in places().items():
        for spelled in place.english:
            if spelled not in _NO_PLACES or name != "新北":
                found.setdefault(stem(spelled), set()).add(name)
    return MappingProxyType({each: tuple(sorted(chinese)) for each, chinese in found.items()})


@lru_cache(maxsize=1024)
def english_name(name: str) -> EnglishName:
    """Return the name taken apart; syllables of one Chinese word, written as words, are joined (Zhang Jia Jie)."""
    texts = fold(name).split()
    found: list[Word] = []
    at = 0
    while at < len(texts):
        count = next((count for count in _JOINED if _is_place(texts[at : at + count])), 0)
        count = count or next((count for count in _JOINED if _is_word(texts[at : at + count], count)), 1)
        found.append(_word("".join(texts[at : at + count])))
        at += count
    return EnglishName(tuple(found), tuple(_joined(found)))


def _joined(words: list[Word]) -> Iterator[Joined]:
    for start in range(len(words)):
        for stop in range(min(len(words), start + _JOINED[0]), start, -1):
            if words[start].kind is Kind.FORM:
                continue
            heard = sound("".join(word.text for word in words[start:stop]))
            mandarin, cantonese = may_be_mandarin(heard), may_be_cantonese(heard)
            if mandarin or cantonese or (stop == start + 1 and words[start].kind is Kind.NAME):
                yield Joined(range(start, stop), heard, mandarin, cantonese)


def _is_place(texts: list[str]) -> bool:
    return "".join(texts) in _spellings_of_places()


def _is_word(texts: list[str], count: int) -> bool:
    return len(texts) == count and all(map(_is_syllable, texts))


@cache
def _spellings_of_places() -> frozenset[str]:
    return frozenset(spelled for place in places().values() for spelled in place.english)


def _is_syllable(text: str) -> bool:
    return text in known_syllables() and stem(text) not in meanings() and text not in _FORMS


def _word(text: str) -> Word:
    meant = meanings().get(stem(text), ())
    kind = _kind(text, meant)
    return Word(text, sound(text), meant, kind, WEIGHTS[kind])


def _kind(text: str, meant: tuple[str, ...]) -> Kind:
    if text in _FORMS:
        return Kind.FORM
    kinds = {
        Kind.PLACE if each in places() else words()[each][0] for each in meant if each in places() or each in words()
    }
    return next((kind for kind in _ORDER if kind in kinds), Kind.NAME)
