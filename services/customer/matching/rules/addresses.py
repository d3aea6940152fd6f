"""Addresses as people write them, taken apart: house number, street, unit, postal code, city.

What decides is the house number and the street's own name. The kind of street, the direction and the unit are left out
often and abbreviated in many ways: they count only where both addresses have them and they differ.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.customer.matching.rules.company import Address
from services.customer.matching.rules.han_addresses import HanParts, parts_of_han
from services.customer.matching.rules.places import normalise_city
from services.customer.matching.rules.street_words import (
    CROSSINGS,
    DIRECTIONS,
    FILLERS,
    ORDINALS,
    REGIONS,
    SAME_WORDS,
    STREET_ENDINGS,
    STREET_KINDS,
    UNITS,
)
from services.customer.matching.rules.text import fold, is_spaceless

_RANGE = re.compile(r"(?<![\w-])(\d{1,5})\s*(?:-|–|—|/|&)\s*(\d{1,5})(?![\w-])")
_TWO_NUMBERS = re.compile(r"\s*(\d{3,5})\s+(\d{3,5})(?=\s)")
_NUMBERED = re.compile(r"^(\d{1,5})([a-z]?)$")
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
_POSTAL_CODE = re.compile(r"(?<!\d)\d{5}(?:-\d{4})?\s*$")
_STREET_ENDING = re.compile(r"(?<=\w\w)(?:strasse|straat)$")
_HASH = re.compile(r"#\s*(?=\w)")
_UNIT_LETTER = re.compile(r"^[a-z]?\d{1,4}[a-z]?$")
_FLOOR_BEHIND = frozenset({"floor", "fl", "flr"})
_WIDEST_RANGE = 60
_LONGEST_STREET = 6
_LONG_NUMBER = 100


@dataclass(frozen=True, slots=True)
class AddressProfile:
    """An address taken apart; empty where it does not say.

    `low` and `high` are the house number, a range where it is one; `street` the words of its name, `joined` the same
    without blanks, `whole` with the direction too (North Point, Northpoint).
    """

    low: int = 0
    high: int = 0
    letter: str = ""
    street: tuple[str, ...] = ()
    joined: str = ""
    whole: str = ""
    kind: str = ""
    direction: str = ""
    unit: str = ""
    postal_code: str = ""
    city: str = ""

    @property
    def key(self) -> str:
        """Number and beginning of the street: what every way to write it has; empty where either is missing."""
        return f"a:{self.low}|{self.joined[:5]}" if self.low and self.joined else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys to find it by, for each end of a range of numbers: with the street, and with the postal code.

        The latter finds a street that is misspelled or named differently.
        """
        numbers = dict.fromkeys((self.low, self.high)) if self.low else {}
        streets = [f"a:{number}|{self.joined[:5]}" for number in numbers if self.joined]
        return (*streets, *(f"z:{number}|{self.postal_code}" for number in numbers if self.postal_code))

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers of it that, in the company's name, say where it is: not the 12 of store 12, which is short."""
        long = {str(number) for number in (self.low, self.high) if number >= _LONG_NUMBER}
        return frozenset(long | {f"{word}th" for word in self.street if word[0].isdigit()})


def address_profile(address: Address, city: str | None = None) -> AddressProfile:
    """Take an address apart; `city` is the company's, for an address that has none of its own."""
    return _profile(address.line_1, address.line_2 or "", address.city or city or "", address.postal_code or "")


@lru_cache(maxsize=20_000)
def _profile(line_1: str, line_2: str, city: str, postal_code: str) -> AddressProfile:
    text = f"{line_1}, {line_2}" if line_2 else line_1
    postal = fold(postal_code).replace(" ", "")
    city_key = normalise_city(city)
    if any(map(is_spaceless, text)):
        return _han_profile(parts_of_han(text), postal, city_key)
    if not postal and (found := _POSTAL_CODE.search(text.replace("\n", " "))):
        postal = found.group().strip()
    low, high, rest = _without_range(_HASH.sub(" unit ", text))
    words = _words(rest, city_key, postal[:5])
    if not low:
        low, letter, words = _house_number(words)
        high = low
    else:
        letter = ""
    words, unit = _without_units(words)
    words = _before_crossing(words)
    street, kind, direction = _street(words)
    whole = "".join(word for word in words if word not in STREET_KINDS or STREET_KINDS[word] != kind)
    return AddressProfile(
        low, high, letter, tuple(street), "".join(street), whole, kind, direction, unit, postal[:5], city_key
    )


def _before_crossing(words: list[str]) -> list[str]:
    """Leave out what says between which streets it lies: `95 Ave. A at 6th St.` is `95 Ave. A`."""
    for place in range(1, len(words)):
        if words[place] in CROSSINGS:
            return words[:place]
    return words


def _han_profile(parts: HanParts, postal_code: str, city: str) -> AddressProfile:
    return AddressProfile(
        low=parts.number, high=parts.number, street=(parts.street,) if parts.street else (), joined=parts.street,
        whole=parts.street,
        unit=parts.unit, postal_code=postal_code, city=parts.city or city,
    )  # fmt: skip


def _without_range(text: str) -> tuple[int, int, str]:
    """Return the first and last house number of `7954-58 S. Western`, and what stands around them."""
    found = _RANGE.search(text)
    found = found or _TWO_NUMBERS.match(text)
    if found is None or (found.start() > len(text) // 2 and text[:1].isdigit()):
        return 0, 0, text
    first, last = found.groups()
    low = int(first)
    high = int(first[: len(first) - len(last)] + last) if len(last) < len(first) else int(last)
    if not low <= high <= low + _WIDEST_RANGE:
        return 0, 0, text
    return low, high, f"{text[: found.start()]} {text[found.end() :]}"


def _words(text: str, city: str, postal_code: str) -> list[str]:
    folded = f" {fold(text)} "
    if city:
        folded = folded.replace(f" {city} ", " ") if not folded.strip().endswith(f" {city} st") else folded
    words = [ORDINALS.get(word, SAME_WORDS.get(word, word)) for word in folded.split()]
    words = [_STREET_ENDING.sub("str", word) for word in words if word]
    words = [match.group(1) + "th" if (match := _ORDINAL.match(word)) else word for word in words]
    while len(words) > 2 and (words[-1] in REGIONS or words[-1] == postal_code) and words[-1] not in DIRECTIONS:  # noqa: PLR2004
        words.pop()
    return words


def _house_number(words: list[str]) -> tuple[int, str, list[str]]:
    """Return the house number, its letter and the other words: the first number, or the last in `Hauptstr. 12a`."""
    places = [
        place for place, word in enumerate(words) if _NUMBERED.match(word) and not (place and words[place - 1] in UNITS)
    ]
    if not places:
        return 0, "", words
    place = places[0]
    found = _NUMBERED.match(words[place])
    assert found is not None  # noqa: S101 -- places holds only such words
    before, behind = words[:place], words[place + 1 :]
    if _holds_street(behind) and not _holds_street(before):
        before = []  # the name of a building: `Hayes Center 4859 S. Wabash`
    elif _holds_street(before):
        behind = [word for word in behind if word in UNITS or _UNIT_LETTER.match(word)]
    return int(found.group(1)), found.group(2), before + behind


def _holds_street(words: list[str]) -> bool:
    return any(word in STREET_KINDS or word in DIRECTIONS or word.endswith(STREET_ENDINGS) for word in words)


def _without_units(words: list[str]) -> tuple[list[str], str]:
    kept: list[str] = []
    units: list[str] = []
    place = 0
    while place < len(words):
        word = words[place]
        behind = words[place + 1] if place + 1 < len(words) else ""
        if word in _FLOOR_BEHIND and kept and kept[-1].endswith("th") and kept[-1][0].isdigit():
            units.append(kept.pop()[:-2])
        elif word in UNITS and kept and behind:
            units.append(behind.removesuffix("th"))
            place += 1
        elif word in UNITS and kept:
            pass
        elif kept and _UNIT_LETTER.match(word) and (kept[-1] in STREET_KINDS or len(kept) > 1) and not behind:
            units.append(word.lstrip("n"))
        else:
            kept.append(word)
        place += 1
    return kept, " ".join(units)


def _street(words: list[str]) -> tuple[list[str], str, str]:
    """Return the words of the street's own name, its kind and its direction."""
    direction = kind = ""
    core: list[str] = []
    for place, word in enumerate(words):
        if word in FILLERS:
            continue
        if word in DIRECTIONS and (place + 1 < len(words) or core):
            direction = direction or DIRECTIONS[word]
        elif word in STREET_KINDS and core:
            kind = STREET_KINDS[word]
            break
        elif word in STREET_KINDS and word not in ("st", "via", "row", "loop", "way", "place", "court"):
            kind = STREET_KINDS[word]
        else:
            core.append(word)
    return [word.removesuffix("th") if word[0].isdigit() else word for word in core[:_LONGEST_STREET]], kind, direction
