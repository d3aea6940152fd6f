"""One company as people write it, and intakes of it in any order."""

from collections.abc import Sequence
from random import Random
from typing import Any

ENGLISH = (
    *("{0} Shoes Co., Ltd.", "{0} SHOES CO LTD", "{0} shoes co. ltd", "{0} Shoes Company Limited", "{0} Shoes Limited"),
    *("{0} Shoes, Ltd.", "{0}  Shoes", "{0}-Shoes Co.,Ltd", "{0} Shoes Corp."),
    *("{0} Shoes Inc", "{0} SHOES, INC.", "{0} shoes", "{0} Shoes Ltd."),
)
CITIES = ("Shanghai", "SHANGHAI", "shanghai ")


def spellings(mark: str, count: int = 20) -> list[str]:
    """Return so many spellings of one name, of one company, each in Latin letters."""
    names = [pattern.format(mark.capitalize()) for pattern in ENGLISH]
    wide = [name.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}) for name in names]
    return (names + wide)[:count]


def intakes_of(
    mark: str, code: str, chance: Random, count: int, names: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Return intakes of one company, each with its name in its place, a third of them with its number."""
    named = list(names or spellings(mark))
    made = []
    for number in range(count):
        company: dict[str, Any] = {"legal_name": named[number % len(named)], "country": "CN"}
        company["city"] = CITIES[number % len(CITIES)]
        if number % 3 == 0:
            company["identifiers"] = [{"scheme": "uscc", "value": code}]
        if number % 7 == 3:
            company["phone"] = f"+86 21 {number:08d}"
        made.append({"source": "import" if number % 2 else "web_form", "company": company})
    chance.shuffle(made)
    return made
