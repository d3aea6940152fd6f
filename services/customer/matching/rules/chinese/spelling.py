"""How a Chinese name may be spelled in Latin letters, and which of its characters a word spells."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.customer.matching.rules.chinese.lexicon import Kind
from services.customer.matching.rules.chinese.names import ChineseName
from services.customer.matching.rules.chinese.pinyin import cantonese, reading, readings, sound

Span = tuple[int, int]
"""Characters of a name, from the first to behind the last."""

_LONGEST_SPELLED = 6
_MOST_READINGS = 4
_LETTERS_BEYOND = 2
_LATIN = re.compile("[a-z0-9]+")
_SKELETON = str.maketrans({"q": "k", "c": "k", "x": "s", "j": "z", "g": "k", **dict.fromkeys("aeiou")})


@dataclass(frozen=True, slots=True)
class Spelling:
    """The readings of each character, and where those begin that begin with a letter."""

    readings: tuple[tuple[str, ...], ...]
    starts: dict[str, tuple[int, ...]]

    def spans_like(self, heard: str) -> Iterator[tuple[str, Span]]:
        """Yield spans that begin with the letter and are not longer than what is heard, with how they sound."""
        for start in self.starts.get(heard[0], ()):
            written = [""]
            for stop in range(start, min(start + _LONGEST_SPELLED, len(self.readings))):
                written = [before + each for before in written for each in self.readings[stop]][:_MOST_READINGS]
                sounds = {sound(each) for each in written}
                for each in sounds:
                    yield each, (start, stop + 1)
                if min(map(len, sounds)) > len(heard) + _LETTERS_BEYOND:
                    break

    def find(self, heard: str) -> Span | None:
        """Return the characters that sound so."""
        return next((span for each, span in self.spans_like(heard) if each == heard), None)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A Chinese name as it may be spelled: in Mandarin, in Cantonese, by initials; and its known words by position."""

    mandarin: Spelling
    cantonese: Spelling
    latin: dict[str, Span]
    words: dict[str, Span]
    initials: str
    names: tuple[tuple[Span, str], ...]
    """The parts that are the name proper, with their consonants."""


@lru_cache(maxsize=512)
def spelled(name: ChineseName) -> Spelled:
    """Return how the name may be spelled; its form is translated, not spelled."""
    end = max((segment.end for segment in name.segments if segment.kind is not Kind.FORM), default=0)
    said = name.text[:end]
    return Spelled(
        mandarin=_spelling(said, readings),
        cantonese=_spelling(said, cantonese),
        latin={sound(found.group()): found.span() for found in _LATIN.finditer(said)},
        words={part.word: (part.start, part.end) for part in name.segments if part.kind is not Kind.NAME},
        initials="".join(reading(character)[0] for character in said),
        names=tuple(
            ((part.start, part.end), skeleton("".join(map(reading, part.word))))
            for part in name.segments
            if part.kind in {Kind.NAME, Kind.WORD}
        ),
    )


def _spelling(text: str, read: Callable[[str], tuple[str, ...]]) -> Spelling:
    found = tuple(map(read, text))
    starts: dict[str, list[int]] = {}
    for at, each in enumerate(found):
        for letter in {sound(syllable)[0] for syllable in each if syllable}:
            starts.setdefault(letter, []).append(at)
    return Spelling(found, {letter: tuple(at) for letter, at in starts.items()})


def skeleton(written: str) -> str:
    """Return the consonants of what is spelled, as far as spellings by ear keep them."""
    return sound(written).translate(_SKELETON)
