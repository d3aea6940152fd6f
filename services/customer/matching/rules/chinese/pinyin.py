"""How Chinese characters are read, and how readings are spelled by people: standard, Wade-Giles, by ear.

The table is 12,800 characters in one string and an index of syllables beside it: 100 kB, where a library's costs 14 to
59 MB of a process.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files


@cache
def _table() -> tuple[str, Sequence[int], tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return all characters in order, the syllable of each, the syllables, and second readings."""
    text = files(__package__).joinpath("data", "pinyin.txt").read_text(encoding="utf-8")
    first, _, second = text.partition("\n[also]\n")
    rows = [line.split() for line in first.splitlines() if line and not line.startswith("#")]
    syllables = tuple(row[0] for row in rows)
    pairs = sorted((character, index) for index, row in enumerate(rows) for character in row[1])
    also: dict[str, tuple[str, ...]] = {}
    for line in second.split("\n"):
        if line:
            syllable, characters = line.split()
            for character in characters:
                also[character] = (*also.get(character, ()), syllable)
    return "".join(c for c, _ in pairs), array("H", (index for _, index in pairs)), syllables, also


def reading(character: str) -> str:
    """Return the usual reading without tone, or the character itself if it has none."""
    characters, indexes, syllables, _ = _table()
    at = bisect_left(characters, character)
    if at < len(characters) and characters[at] == character:
        return syllables[indexes[at]]
    return character


def readings(character: str) -> tuple[str, ...]:
    """Return the usual reading and others that names use."""
    return (reading(character), *_table()[3].get(character, ()))


_HEARD = (
    ("hs", "x"),
    ("tzu", "zi"),
    ("tsu", "zu"),
    ("ts", "c"),
    ("tz", "z"),
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("ng", "n"),
    ("v", "u"),
    ("y", "i"),
    ("w", "u"),
    ("ii", "i"),
    ("uu", "u"),
    ("iu", "u"),
    ("ao", "au"),
    ("ee", "i"),
    ("oo", "u"),
    ("ou", "o"),
    ("ei", "e"),
    ("uo", "o"),
    ("ck", "k"),
    ("nn", "n"),
    ("ll", "l"),
)


@lru_cache(maxsize=4096)
def sound(spelled: str) -> str:
    """Return one spelling for what sounds alike: `desay` and `desai`, `tsinghua` and `chinghua`."""
    text = spelled
    for written, heard in _HEARD:
        text = text.replace(written, heard)
    return text


@cache
def _syllables() -> frozenset[str]:
    return frozenset(sound(each) for each in _table()[2])


@lru_cache(maxsize=256)
def syllables(spelled: str) -> tuple[str, ...]:
    """Cut what is spelled into syllables of Chinese as they sound, the longest first; empty where it cannot be one."""
    return _cut(sound(spelled), 6)


def _cut(heard: str, most: int) -> tuple[str, ...]:
    if not heard or not most:
        return ()
    for size in range(min(6, len(heard)), 0, -1):
        if heard[:size] in _syllables():
            if size == len(heard):
                return (heard,)
            rest = _cut(heard[size:], most - 1)
            if rest:
                return (heard[:size], *rest)
    return ()


@cache
def known_syllables() -> frozenset[str]:
    """Return all syllables in their usual spelling."""
    return frozenset(_table()[2])
