"""Customers to be searched: Latin and Chinese names, most of them looked after; the same ones for the same seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from bench.data import copy, fill_in_people, inside, rows_in
from bench.operations import SLOTS, Operation, Request, Token
from bench.people import Organisation, Worker
from servicekit.run.settings import Settings
from services.customer.customers.rules.describing import search_text
from services.customer.matching.rules.names import normalise_name
from services.customer.matching.rules.places import normalise_city

SERVICE = "customer"
CHUNK = 1000
_AT_ONCE = 5_000
_MANAGED = 0.8
_CHINESE = 0.4
_BEGIN = (
    "Nord",
    "Süd",
    "Alpen",
    "Rhein",
    "Hansa",
    "Delta",
    "Omni",
    "Vita",
    "Terra",
    "Luma",
    "Kor",
    "Baltic",
    "Pacific",
)
_MIDDLE = ("tech", "chem", "plast", "metall", "foods", "leder", "textil", "optik", "werk", "mobil", "energie", "pharma")
_TRADE = ("Handels", "Produktions", "Holding", "Services", "Trading", "Industries", "Systems", "Logistics")
_FORM = ("GmbH", "AG", "Ltd", "Inc", "S.A.", "B.V.", "Co., Ltd.")
_PLACES = ("深圳", "上海", "北京", "广州", "苏州", "宁波", "青岛", "成都", "杭州", "武汉", "天津", "厦门")
_WORDS = "华东海天龙金宏盛达新科利远大中安鑫泰恒丰瑞永兴荣光明正和信源"
_BRANCH = ("鞋业", "电子", "机械", "贸易", "科技", "塑胶", "纺织", "食品", "化工", "医药", "物流", "家具")
_CITIES = ("Hamburg", "Köln", "Milano", "Lyon", "Porto", "Austin", "Osaka", "Leeds")

COLUMNS = (
    "id",
    "kind",
    "legal_name",
    "name_key",
    "country",
    "city",
    "city_key",
    "account_manager_id",
    "tier",
    "origin",
    "attributes",
    "search_text",
    "created_by",
    "created_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Company:
    """A customer; `number` makes its name the only one."""

    number: int
    id: UUID
    name: str
    country: str
    city: str
    manager_id: UUID | None
    entered_by: UUID

    def row(self, at: datetime) -> tuple[object, ...]:
        """Return its row, in the order of `COLUMNS`."""
        key, text = normalise_name(self.name), search_text([self.name], [])
        place = normalise_city(self.city)
        looked_after = (self.manager_id, "standard", "simulated", "{}", text, self.entered_by, at, at)
        return (self.id, "customer", self.name, key, self.country, self.city, place, *looked_after)


def companies(sellers: Sequence[Worker], start: int, stop: int, seed: int = 1) -> Iterator[Company]:
    """Return companies from one number up to, not including, another."""
    for chunk in range(start // CHUNK, -(-stop // CHUNK)):
        random = Random(seed * 1_000_003 + chunk)
        for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            made = _company(random, number, sellers)
            if start <= number < stop:
                yield made


def _company(random: Random, number: int, sellers: Sequence[Worker]) -> Company:
    seller, is_managed = random.choice(sellers), random.random() < _MANAGED
    identifier = UUID(int=random.getrandbits(128), version=4)
    if random.random() < _CHINESE:
        city = random.choice(_PLACES)
        word = "".join(random.choices(_WORDS, k=2))
        name, country = f"{city}{word}{random.choice(_BRANCH)}{number}有限公司", "CN"
    else:
        first = random.choice(_BEGIN) + random.choice(_MIDDLE)
        name, country = f"{first} {random.choice(_TRADE)} {number} {random.choice(_FORM)}", "DE"
        city = random.choice(_CITIES)
    return Company(number, identifier, name, country, city, seller.id if is_managed else None, seller.id)


@dataclass
class CustomerBase:
    """A customer service's database, filled with so many customers."""

    url: str
    staff: Organisation
    now: datetime
    count: int = 0

    @classmethod
    async def begin(cls, url: str, *, people: int, most: int) -> Self:  # noqa: ARG003 (as the others begin)
        """Fill in the people."""
        staff, now = await fill_in_people(url, people)
        return cls(url, staff, now)

    async def grow(self, to: int) -> None:
        """Add customers up to a number."""
        made = companies(self.staff.sellers, self.count, to)
        async with inside(self.url, SERVICE) as connection:
            while chunk := list(islice(made, _AT_ONCE)):
                await copy(connection, "customer", [one.row(self.now) for one in chunk], COLUMNS)
            await connection.execute("RESET ROLE")
            await connection.execute("ANALYZE")
            await connection.execute("CHECKPOINT")
        self.count = to

    async def settle(self, settings: Settings) -> None:
        """Nothing is counted of customers."""

    async def rows(self) -> dict[str, int]:
        """Return how many rows the tables have."""
        return await rows_in(self.url, SERVICE)


async def search_operations(base: CustomerBase, token: Token) -> list[Operation]:
    """Return searches by whole name, its beginning, with a slip, in Chinese: of who sees all, and of a manager."""
    some = list(companies(base.staff.sellers, 0, min(base.count, CHUNK)))
    latin = [one.name for one in some if one.country == "DE"][: 2 * SLOTS]
    chinese = [one.name for one in some if one.country == "CN"][: 2 * SLOTS]
    asked = {
        "exact": latin,
        "prefix": [name[:6] for name in latin],
        "typo": [with_slip(name) for name in latin],
        "chinese": [name[2:6] for name in chinese],
    }
    viewers = {"all": base.staff.operations, "manager": base.staff.manager}
    return [
        _search(f"search_{kind}_{who}", texts, token(viewer.id))
        for who, viewer in viewers.items()
        for kind, texts in asked.items()
    ]


def with_slip(name: str) -> str:
    """Return a name with one letter left out, as somebody types in haste."""
    return name[:3] + name[4:]


def _search(name: str, texts: Sequence[str], token: str) -> Operation:
    requests = [Request("GET", f"/v1/customers?{_query(text)}", token) for text in texts]
    return Operation(name, [requests[place::SLOTS] or requests for place in range(SLOTS)], requests)


def _query(text: str) -> str:
    return urlencode({"search": text, "limit": 50})
