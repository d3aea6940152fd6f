"""One company as people write it, and intakes of it in any order."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any
from zlib import crc32

from opencc import OpenCC

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
            company["phone"] = f"+86 21 {crc32(mark.encode()) % 10**6:06d}{number:02d}"  # nobody else's
        made.append({"source": "import" if number % 2 else "web_form", "company": company})
    chance.shuffle(made)
    return made


LATIN = (
    *("Acmé {0} Schuhe GmbH", "ACMÉ {0} SCHUHE GMBH", "Acme {0} Schuhe G.m.b.H.", "acme {0} schuhe gmbh"),
    *("Acme\u0301 {0} Schuhe GmbH", "Acmé  {0}-Schuhe GmbH", "Acme, {0} Schuhe", "Acmé {0} Schuhe AG"),
    *("ACME {0} SCHUHE", "Acmé {0} Schuhe GmbH & Co. KG"),
)
CHINESE = (
    *("{0}鞋业有限公司", "{0}鞋业股份有限公司", "{0}鞋业（集团）有限公司", "{0}鞋业(集团)有限公司", "{0}鞋业集团"),
    *("{0} 鞋业 有限公司", "{0}鞋业有限责任公司", "{0}鞋业", "{0}鞋业集团有限公司", "{0}鞋业　有限公司"),
)
LATIN_PHONES = ("+49 221 {0}{1}", "0221/{0}-{1}", "(0221) {0}{1}")
CHINESE_PHONES = ("+86 755 {0} {1}", "0755-{0}{1}", "(0755) {0} {1}")
SOURCES = ("web_form", "import", "referral", "purchased_list", "online_sales", "marketing_activity")
_COMMON = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xB4) for cell in range(0xA1, 0xFF)]
"""Some of the usual characters of the simplified script."""
_BACK = 0xFEE0
"""How far the wide form of a sign in ASCII is from it."""


def told_of(chance: Random, count: int, *, chinese: bool) -> list[dict[str, Any]]:
    """Return intakes of one company that nobody has heard of, in 20 spellings of its name, in any order.

    Case, width, accents or script, and legal form differ; some know its number, some its phone, all its place.
    """
    names = _chinese_names(chance) if chinese else _latin_names(chance)
    phones, cities, country = (
        (CHINESE_PHONES, ("深圳", "深圳市"), "CN") if chinese else (LATIN_PHONES, ("Köln", "KOLN", "köln "), "DE")
    )
    own = f"{chance.randrange(10**12)}.com"
    phone = (chance.randrange(2000, 9000), chance.randrange(1000, 10_000))
    made = []
    for number in range(count):
        company: dict[str, Any] = {"legal_name": names[number % len(names)], "country": country}
        company["city"] = cities[number % len(cities)]
        if number % 3 == 0:
            company["identifiers"] = [{"scheme": "domain", "value": own if number % 2 else f"https://www.{own}/"}]
        if number % 4 == 1:
            company["phone"] = phones[number % len(phones)].format(*phone)
        made.append({"source": SOURCES[number % len(SOURCES)], "company": company})
    chance.shuffle(made)
    return made


def _latin_names(chance: Random) -> list[str]:
    own = "".join(chance.choices("bdfgklmnprstvz", k=10))
    names = [pattern.format(own) for pattern in LATIN]
    return names + [name.translate({code: code + _BACK for code in range(0x21, 0x7F)}) for name in names]


def _chinese_names(chance: Random) -> list[str]:
    own = "".join(chance.sample(_usual(), k=4))
    names = [pattern.format(own) for pattern in CHINESE]
    return names + [_script("s2t").convert(name) for name in names]


@cache
def _script(direction: str) -> OpenCC:
    return OpenCC(direction)


@cache
def _usual() -> list[str]:
    """Return characters that are the same again when they are written in the traditional script and back."""
    there, back = _script("s2t"), _script("t2s")
    return [each for each in _COMMON if back.convert(there.convert(each)) == each]
