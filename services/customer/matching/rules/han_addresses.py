"""Chinese addresses taken apart: 省 市 区 路 号, and the unit behind.

From the large to the small and without blanks: 上海市浦东新区世纪大道100号环球金融中心29楼.
What is large is left out as often as not; the road with its number decides, as street and house number do elsewhere.
"""

import re
from dataclasses import dataclass

from services.customer.matching.rules.numerals import digits_of_han
from services.customer.matching.rules.text import fold

_PROVINCE = re.compile(r"^(?:[^省市区县]{2,7}?(?:省|自治区|特别行政区)|内蒙古|广西|宁夏|新疆|西藏|香港|澳门)")
_CITY = re.compile(r"^([^省市区县路街道]{2,8}?)(?:市|自治州|地区|盟)")
_DISTRICT = re.compile(r"^[^路街号]{1,8}?(?:新区|开发区|高新区|工业园区|保税区|区|县|旗|镇|乡|街道|村)")
_ROAD = re.compile(r"^(.{1,14}?(?:大道|大街|路|街|巷|弄|胡同|道|里))(?!口)(?:(东|西|南|北|中)(?:段|路)?)?")
_NUMBER = re.compile(r"(\d{1,5})(?:[-至~](\d{1,5}))?\s*[号號]?")
_UNIT = re.compile(r"(\d{1,5}|[a-z]\d{0,4})(?:层|楼|室|座|栋|幢|单元|房|f)")


@dataclass(frozen=True, slots=True)
class HanParts:
    """City, road and house number of a Chinese address, and the numbers of floor and room; empty where it is silent."""

    city: str = ""
    street: str = ""
    number: int = 0
    unit: str = ""


def parts_of_han(text: str) -> HanParts:
    """Take a Chinese address apart; what does not look like one gives its text as the street."""
    rest = digits_of_han(fold(text).replace(" ", ""))
    rest = _PROVINCE.sub("", rest.removeprefix("中国"))
    city = ""
    if found := _CITY.match(rest):
        city = found.group(1)
        rest = rest[found.end() :]
    for _ in range(3):
        if _DISTRICT.match(rest) is None or _road_begins(rest):
            break
        rest = _DISTRICT.sub("", rest, count=1)
    road = _ROAD.match(rest)
    street = "".join(part or "" for part in road.groups()) if road else re.split(r"\d", rest, maxsplit=1)[0]
    behind = rest[road.end() :] if road else rest[len(street) :]
    number = _NUMBER.search(behind)
    units = _UNIT.findall(behind[number.end() :] if number else behind)
    return HanParts(city, street, int(number.group(1)) if number else 0, " ".join(units))


def _road_begins(rest: str) -> bool:
    """镇江路 and 区府路 begin like a town or a district and are roads."""
    road, district = _ROAD.match(rest), _DISTRICT.match(rest)
    return road is not None and district is not None and road.end() <= district.end()
