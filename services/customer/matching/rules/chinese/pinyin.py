"""How Chinese characters are read, and how readings are spelled by people: standard, Wade-Giles, by ear; in Cantonese.

A table is its characters in one string and an index of syllables beside it: 100 kB for 12,800 of them, where a
library costs 14 to 59 MB of a process.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Table:
    """Readings by character: `characters` in order, and for each the place of its syllable among `syllables`."""

    characters: str
    places: Sequence[int]
    syllables: tuple[str, ...]

    def find(self, character: str) -> str | None:
        """Return the reading of a character, `None` if the table has none."""
        at = bisect_left(self.characters, character)
        if at < len(self.characters) and self.characters[at] == character:
            return self.syllables[self.places[at]]
        return None


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _table(lines: list[str]) -> Table:
    rows = [line.split() for line in lines]
    pairs = sorted((character, place) for place, row in enumerate(rows) for character in row[1])
    places = array("H", (place for _, place in pairs))
    return Table("".join(character for character, _ in pairs), places, tuple(row[0] for row in rows))


@cache
def _mandarin() -> Table:
    lines = _lines("pinyin.txt")
    return _table(lines[: lines.index("[also]")])


@cache
def _also() -> dict[str, tuple[str, ...]]:
    lines = _lines("pinyin.txt")
    found: dict[str, tuple[str, ...]] = {}
    for line in lines[lines.index("[also]") + 1 :]:
        syllable, characters = line.split()
        for character in characters:
            found[character] = (*found.get(character, ()), syllable)
    return found


@cache
def _cantonese() -> Table:
    return _table(_lines("cantonese.txt"))


def reading(character: str) -> str:
    """Return the usual reading without tone, or the character itself if it has none."""
    return _mandarin().find(character) or character


def readings(character: str) -> tuple[str, ...]:
    """Return the usual reading and others that names use."""
    return (reading(character), *_also().get(character, ()))


def cantonese(character: str) -> tuple[str, ...]:
    """Return the Cantonese reading as Hong Kong spells it, or the character itself if the table has none."""
    return (_cantonese().find(character) or character,)


_LONGEST_HEARD = 30
_LONGEST_SYLLABLE = 6
_HEARD = (
    ("hs", "s"),
    ("x", "s"),
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
def _sounds_in_mandarin() -> frozenset[str]:
    return frozenset(map(sound, known_syllables()))


@cache
def _sounds_in_cantonese() -> frozenset[str]:
    return frozenset(map(sound, _cantonese().syllables))


@cache
def known_syllables() -> frozenset[str]:
    """Return all syllables in their usual spelling."""
    return frozenset(_mandarin().syllables)


def may_be_mandarin(heard: str) -> bool:
    """Say whether what is heard (see `sound`) can be cut into syllables of Mandarin."""
    return _can_be_cut(heard, _sounds_in_mandarin())


def may_be_cantonese(heard: str) -> bool:
    """Say whether what is heard can be cut into syllables of Cantonese."""
    return _can_be_cut(heard, _sounds_in_cantonese())


def _can_be_cut(heard: str, syllables: frozenset[str]) -> bool:
    reached = {0}
    for end in range(1, min(len(heard), _LONGEST_HEARD) + 1):
        if any(
            heard[start:end] in syllables for start in range(max(0, end - _LONGEST_SYLLABLE), end) if start in reached
        ):
            reached.add(end)
    return len(heard) in reached
