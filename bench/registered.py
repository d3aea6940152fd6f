"""Companies as registers know them, and how people write them: names of skewed rarity, by rules of our own.

A few brands and trades are everywhere and most are rare, as in any register, so that a check meets both. `misspelled`
tells what somebody might type for a company, and with it the truth: which one was meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from opencc import OpenCC

from services.customer.matching.rules.company import Address, Company, Name

CHUNK = 1000
_CHINESE = 0.4
_KNOWN = 0.6
_BRANDS = 40_000
_ONSETS_LIST = """
b br d dr f fl g gr h k kl kr l m n p pr r s sch st t tr v w z
"""
_ONSETS = tuple(_ONSETS_LIST.split())
_VOWELS_LIST = """
a e i o u ei au ia eo
"""
_VOWELS = tuple(_VOWELS_LIST.split())
_CODAS = ("", "", "n", "r", "l", "s", "ck", "nd", "rt", "x", "m")
_TRADES = (
    *("Trading", "Logistics", "Services", "Systems", "Industries", "Technologies", "Engineering", "Foods", "Textiles"),
    *("Leather", "Footwear", "Chemicals", "Plastics", "Metal Works", "Pharma", "Energy", "Consulting", "Packaging"),
    *(
        "Machine Tools",
        "Electronics",
        "Automotive Parts",
        "Furniture",
        "Optics",
        "Printing",
        "Shipping",
        "Construction",
    ),
)
_LATIN_FORMS = ("GmbH", "AG", "Ltd", "Inc.", "S.A.", "B.V.", "LLC", "GmbH & Co. KG", "S.r.l.", "Limited")
_CITIES_LIST = """
Hamburg Köln Milano Lyon Porto Austin Leeds Gdańsk Brno Malmö Basel Graz Gent Cork Turku Bergen
"""
_CITIES = tuple(_CITIES_LIST.split())
_STREETS_LIST = """
Main Hauptstraße Mill Station Church Garden Harbour Industrie Linden Queen Market River
"""
_STREETS = tuple(_STREETS_LIST.split())
_CHINESE_PLACES_LIST = """
深圳 上海 北京 广州 苏州 宁波 青岛 成都 杭州 武汉 天津 厦门 东莞 佛山 温州 泉州 晋江
南京 无锡 合肥
"""
_CHINESE_PLACES = tuple(_CHINESE_PLACES_LIST.split())
_CHARACTERS = (
    "华中金新天德海东大信安科盛达兴鑫宏瑞龙泰恒丰永元和正光明通联创美佳博远利嘉诚顺凯亿万宝康富星源升旭润"
    "昌隆祥福祺翔卓越锦程腾飞普惠尚品优智慧云网讯捷豪森林江河湖山峰岭松柏竹梅兰桂荣茂益民众国邦立方圆成"
    "双三一九百千秋春夏冬晨晓朗晴雅韵奥威格莱斯特迪尔曼罗伊尼亚维纳索菲玛丽乔丹比音乐步踏履靴跃"
)
_CHINESE_TRADES_LIST = """
鞋业 电子 机械 贸易 科技 塑胶 纺织 食品 化工 医药 物流 家具 服饰 皮革 制鞋 体育用品
进出口 实业 电子科技 信息技术 建筑工程 包装材料 精密制造 生物科技 新材料 智能装备
供应链管理 汽车零部件 五金制品 橡胶制品
"""
_CHINESE_TRADES = tuple(_CHINESE_TRADES_LIST.split())
_CHINESE_FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "集团有限公司", "有限责任公司")
_ROADS_LIST = """
科技路 人民路 解放路 工业路 中山路 建设路 滨海大道 创业路 长江路 迎宾大道
"""
_ROADS = tuple(_ROADS_LIST.split())


@dataclass(frozen=True, slots=True)
class Registered:
    """A company of the base; `number` says which."""

    number: int
    id: UUID
    name: str
    country: str
    city: str
    phone: str | None
    street: str | None

    @property
    def company(self) -> Company:
        """Return it as it is compared."""
        return Company(
            names=(Name(self.name),),
            country=self.country,
            city=self.city,
            phones=(self.phone,) if self.phone else (),
            addresses=(Address(self.street, city=self.city),) if self.street else (),
        )


def registered(start: int, stop: int, seed: int = 1) -> Iterator[Registered]:
    """Return companies from one number up to, not including, another; the same ones for the same seed."""
    for chunk in range(start // CHUNK, -(-stop // CHUNK)):
        random = Random(seed * 1_000_003 + chunk)
        for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            made = _one(random, number)
            if start <= number < stop:
                yield made


def _one(random: Random, number: int) -> Registered:
    identifier = UUID(int=random.getrandbits(128), version=4)
    known = random.random() < _KNOWN
    if random.random() < _CHINESE:
        city = random.choice(_CHINESE_PLACES)
        brand = "".join(_skewed(random, _CHARACTERS) for _ in range(random.choice((2, 2, 2, 3, 3, 4))))
        name = (
            f"{city}{random.choice(('', '市'))}{brand}{_skewed(random, _CHINESE_TRADES)}{random.choice(_CHINESE_FORMS)}"
        )
        phone, street = f"0{random.randrange(20, 999)}-{random.randrange(10**7, 10**8)}", None
        street = f"{city}市{random.choice(_ROADS)}{random.randrange(1, 2000)}号"
        return Registered(number, identifier, name, "CN", city, phone if known else None, street if known else None)
    city, brand, trade = random.choice(_CITIES), _brand(random), _skewed(random, _TRADES)
    form = random.choice(_LATIN_FORMS)
    name = random.choice(
        (
            f"{brand} {trade} {form}",
            f"{brand} {trade} {form}",
            f"{brand} & {_brand(random)} {form}",
            f"{brand} {_brand(random)} {trade} {form}",
            f"{city} {brand} {trade} {form}",
        )
    )
    phone = f"+49 {random.randrange(200, 999)} {random.randrange(10**6, 10**7)}"
    street = f"{random.choice(_STREETS)} {random.randrange(1, 2000)}"
    return Registered(number, identifier, name, "DE", city, phone if known else None, street if known else None)


def _skewed(random: Random, some: Sequence[str]) -> str:
    """Return one of some, the first ones far oftener than the last."""
    return some[int(len(some) * random.random() ** 2.5)]


def _brand(random: Random) -> str:
    """Return a word of two or three syllables that its rank spells, the first ranks far oftener than the last."""
    spelling = Random(int(_BRANDS * random.random() ** 2.5))
    syllables = [
        spelling.choice(_ONSETS) + spelling.choice(_VOWELS) + spelling.choice(_CODAS)
        for _ in range(spelling.choice((2, 2, 3)))
    ]
    return "".join(syllables).capitalize()


def misspelled(one: Registered, random: Random) -> str:
    """Return what somebody might write for a company's name."""
    return _misspelled_chinese(one.name, random) if one.country == "CN" else _misspelled_latin(one.name, random)


def _misspelled_latin(name: str, random: Random) -> str:
    for form in sorted(_LATIN_FORMS, key=len, reverse=True):
        name = name.removesuffix(f" {form}")
    words = name.split()
    kind = random.randrange(5)
    longest = max(range(len(words)), key=lambda place: len(words[place]))
    if kind == 0:
        words[longest] = with_slip(words[longest], random)
    elif kind == 1:
        words = [*words[1:], words[0]]
    elif kind == 2 and len(words) > 2:
        del words[random.randrange(1, len(words))]
    elif kind == 3:
        words = [word.upper() for word in words] + [random.choice(_LATIN_FORMS)]
    else:
        words.append(random.choice(_LATIN_FORMS))
    return " ".join(words)


def _misspelled_chinese(name: str, random: Random) -> str:
    kind = random.randrange(5)
    if kind == 0:
        traditional: str = OpenCC("s2t").convert(name)
        return traditional
    for form in sorted(set(_CHINESE_FORMS), key=len, reverse=True):
        name = name.removesuffix(form)
    if kind == 1:
        return name
    if kind == 2:
        return next(
            (name.removeprefix(place).removeprefix("市") for place in _CHINESE_PLACES if name.startswith(place)), name
        )
    if kind == 3:
        place = random.randrange(2, len(name))
        return f"{name[:place]}{random.choice(_CHARACTERS)}{name[place + 1 :]}有限公司"
    return f"{name}（集团）有限公司"


def with_slip(word: str, random: Random) -> str:
    """Return a word with a letter left out, doubled, replaced, or swapped with the next."""
    place = random.randrange(1, max(len(word) - 1, 2))
    before, letter, after = word[:place], word[place : place + 1], word[place + 1 :]
    return random.choice(
        (before + after, before + letter * 2 + after, f"{before}e{after}", before + after[:1] + letter + after[1:])
    )
