"""What a part of a Chinese company name is: a place, a trade, a form, a common word, or the name itself.

The lists lie in `data/`, one entry a line; they are general words of business, not names of companies.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from services.customer.matching.rules.chinese.pinyin import reading


class Kind(StrEnum):
    """What a part of a name is, from what says least to what says most."""

    FORM = "form"
    PLAIN = "plain"
    INDUSTRY = "industry"
    PLACE = "place"
    WORD = "word"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Place:
    """A province (`within` is itself) or a city in one, with its English spellings."""

    name: str
    within: str
    english: tuple[str, ...]


_CITY_SIGNS = {"穗": "广州", "蓉": "成都", "甬": "宁波", "邕": "南宁", "筑": "贵阳", "榕": "福州", "鹭": "厦门"}
_CITY_SIGNS |= {"深": "深圳", "杭": "杭州", "宁": "南京", "洛": "洛阳", "锡": "无锡", "莞": "东莞", "石": "石家庄"}
_PLACE_ENDS = (
    "特别行政区",
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "自治区",
    "自治州",
    "省",
    "市",
    "县",
    "区",
    "州",
)


def lines(name: str) -> list[str]:
    """Return the lines of a list that hold something."""
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def places() -> MappingProxyType[str, Place]:
    """Places by their Chinese name: provinces, cities, countries and regions."""
    found: dict[str, Place] = {}
    for line in lines("places.txt"):
        province, _, english, cities = (field.strip() for field in line.split("|"))
        found[province] = Place(province, province, _spellings(province, english))
        for entry in cities.split():
            city, _, spelled = entry.partition("=")
            found.setdefault(city, Place(city, province, _spellings(city, spelled.replace("/", " "))))
    for line in lines("countries.txt"):
        country, _, english = line.partition("\t")
        found[country] = Place(country, country, tuple(english.split()))
    return MappingProxyType(found)


def _spellings(chinese: str, english: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*english.split(), "".join(map(reading, chinese))]))


def may_be_one_place(one: str, other: str) -> bool:
    """Say whether two places may be one: a city and its province; two cities or two provinces are not."""
    if one == other:
        return True
    left, right = places()[one], places()[other]
    return left.within in (other, right.within) and (left.within == one or right.within == other)


@cache
def place_signs() -> MappingProxyType[str, frozenset[str]]:
    """Characters that stand for a place (`沪` for Shanghai), with the places they may mean."""
    signs: dict[str, set[str]] = {}
    for line in lines("places.txt"):
        province, listed, *_ = (field.strip() for field in line.split("|"))
        for sign in listed.split():
            signs.setdefault(sign, set()).add(province)
    for sign, city in _CITY_SIGNS.items():
        signs.setdefault(sign, set()).add(city)
    return MappingProxyType({sign: frozenset(names) for sign, names in signs.items()})


@cache
def _sections() -> MappingProxyType[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    section: dict[str, tuple[str, ...]] = {}
    for line in lines("words.txt"):
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        else:
            chinese, _, english = line.partition("\t")
            section.setdefault(chinese, tuple(map(stem, english.split())))
    return MappingProxyType(found)


@cache
def words() -> MappingProxyType[str, tuple[Kind, tuple[str, ...]]]:
    """Words of two characters and more, with their kind and the stems they are rendered by."""
    found: dict[str, tuple[Kind, tuple[str, ...]]] = {}
    for kind in (Kind.FORM, Kind.PLAIN, Kind.INDUSTRY, Kind.WORD):
        for chinese, english in _sections()[kind.value].items():
            if len(chinese) > 1:
                found.setdefault(chinese, (kind, english))
    return MappingProxyType(found)


@cache
def character_meanings() -> MappingProxyType[str, tuple[str, ...]]:
    """Stems that single characters are rendered by."""
    found: dict[str, tuple[str, ...]] = {}
    for section in ("sign", "industry"):
        for chinese, english in _sections()[section].items():
            if len(chinese) == 1:
                found[chinese] = tuple(dict.fromkeys([*found.get(chinese, ()), *english]))
    return MappingProxyType(found)


@cache
def lengths_by_beginning() -> MappingProxyType[str, tuple[int, ...]]:
    """Return how long the words and places are that begin with a character."""
    found: dict[str, set[int]] = {}
    for known in (*words(), *places()):
        if len(known) > 1:
            found.setdefault(known[0], set()).add(len(known))
    return MappingProxyType({beginning: tuple(sorted(lengths)) for beginning, lengths in found.items()})


def end_of_place(text: str, end: int) -> int:
    """Return where a place ends, with the `市` or `省` that may follow its name."""
    ending = next((each for each in _PLACE_ENDS if text.startswith(each, end)), "")
    return end + len(ending)


_SHORTEST_CUT = 5
_ENDINGS = re.compile(r"(?<=[a-z]{3})(?:ies|y|es|s|al|als|ic|ical|icals|ics)$")


def stem(word: str) -> str:
    """Cut what varies at the end of an English word: `pharmaceuticals`, `chemical`, `chemicals` → one stem each."""
    return _ENDINGS.sub("", word) if len(word) >= _SHORTEST_CUT else word
