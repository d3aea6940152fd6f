"""Chinese companies with invented addresses and phones: each again as others write it, and beside look-alikes."""

import random
from collections.abc import Sequence
from dataclasses import replace

from bench.matching.gold import Row
from bench.matching.invented import Change, without_address, without_phone
from services.customer.matching.rules.company import Address, Company, Name

_CITIES = [
    ("浙江省", "杭州", "西湖区", "0571"),
    ("江苏省", "苏州", "工业园区", "0512"),
    ("", "上海", "浦东新区", "021"),
    ("广东省", "深圳", "南山区", "0755"),
    ("四川省", "成都", "武侯区", "028"),
    ("", "北京", "朝阳区", "010"),
]
_ROADS = [
    "文三路",
    "人民路",
    "世纪大道",
    "科技园南路",
    "解放大街",
    "中山西路",
    "镇江路",
    "建国路",
    "长江大道",
    "和平街",
]
_HAN_DIGITS = "〇一二三四五六七八九"


def _invented(chance: random.Random, name: str) -> Company:
    province, city, district, area = chance.choice(_CITIES)
    number, floor, room = chance.randint(10, 1999), chance.randint(2, 30), chance.randint(1, 20)
    line = f"{province}{city}市{district}{chance.choice(_ROADS)}{number}号{floor}楼{floor}{room:02d}室"
    phone = f"{area}-{chance.randint(20000000, 89999999)}"
    return Company((Name(name),), "CN", city, (Address(line, city=city),), (phone,))


def _line(company: Company, line: str) -> Company:
    return replace(company, addresses=(replace(company.addresses[0], line_1=line),))


def _without_province(chance: random.Random, company: Company) -> Company:
    del chance
    return _line(company, company.addresses[0].line_1.partition("省")[2] or company.addresses[0].line_1)


def _without_unit(chance: random.Random, company: Company) -> Company:
    del chance
    return _line(company, company.addresses[0].line_1.partition("号")[0] + "號")


def _full_width(chance: random.Random, company: Company) -> Company:
    del chance
    wide = {digit: chr(ord(digit) + 0xFEE0) for digit in "0123456789"}
    return _line(company, "".join(wide.get(sign, sign) for sign in company.addresses[0].line_1))


def _abroad(chance: random.Random, company: Company) -> Company:
    del chance
    area, _, number = company.phones[0].partition("-")
    return replace(company, phones=(f"+86 {area.lstrip('0')} {number[:4]} {number[4:]}",))


def _extension(chance: random.Random, company: Company) -> Company:
    return replace(company, phones=(f"{company.phones[0].replace('-', '')}转{chance.randint(100, 999)}",))


SAME: Sequence[Change] = (
    _without_province,
    _without_unit,
    _full_width,
    _abroad,
    _extension,
    without_phone,
    without_address,
)


def _neighbour(chance: random.Random, company: Company, other: str) -> Company:
    elsewhere = _invented(chance, other)
    return replace(elsewhere, city=company.city, addresses=company.addresses)


def invented_chinese(names: Sequence[tuple[str, str]], *, companies: int, seed: int) -> list[Row]:
    """Return rows for names (full, short): each by its short name too, twice more, beside a tenant of its house."""
    chance = random.Random(seed)
    rows: list[Row] = []
    chosen = chance.sample(list(names), 2 * companies)
    for number, ((full, short), (other, _)) in enumerate(zip(chosen[::2], chosen[1::2], strict=True)):
        company = _invented(chance, full)
        rows.append(Row(company, f"{number}"))
        rows.append(Row(replace(company, names=(Name(short),)), f"{number}"))
        rows += [Row(change(chance, company), f"{number}") for change in chance.sample(SAME, 2)]
        rows.append(Row(_neighbour(chance, company, other), f"{number} neighbour"))
    chance.shuffle(rows)
    return rows
