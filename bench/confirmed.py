"""What sellers have confirmed in a cycle: opportunities with their lines, as rows of the forecast service.

Figures are counted in whole units and in cents of the cycle's currency; a line's two are packed into one number, so
that sums of them are sums of both.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from bench.people import Organisation, Worker
from services.forecast.confirmation.rules.lines import Item, Line, counted_lines

PRODUCTS, PRODUCT_LINES, CUSTOMERS = 400, 40, 20_000
CITIES = (
    "Hamburg",
    "Lyon",
    "深圳",
    "Rotterdam",
    "Osaka",
    "São Paulo",
    "Gdańsk",
    "Chicago",
    "Leeds",
    "Pune",
    "Brno",
    "Oslo",
)
RATES = {"EUR": Decimal("1.083712"), "GBP": Decimal("1.271905"), "JPY": Decimal("0.006713")}
"""What one unit of a currency is worth in the cycle's."""
CURRENCY = "USD"
CURRENCIES = (CURRENCY,) * 7 + ("EUR", "GBP", "JPY")
CATEGORIES = ("closed", "commit", "best_case", "pipeline")
_SHARES = (20, 30, 25, 25)
MONTHS = 3
_SHIFT = 48
_UNITS = (1 << _SHIFT) - 1
_LINES = (1, 2, 3, 4)
_PER_PLACE = 16_000
"""A house of so many opportunities more delivers to one city more."""
_DAYS = 88
_NAMED = 0.5
"""Of the lines, so many name a place of their own."""
_UNCONFIRMED = 4
"""One opportunity in so many is not confirmed yet."""

KNOWN_COLUMNS = {
    "known_product": "id code name product_line_id unit unit_is_whole version",
    "known_customer": "customer_id name place version",
    "known_opportunity": (
        "id version name principal_id customer_id stage state amount currency expected_close decided_on "
        "is_simulated lines seen_at"
    ),
    "confirmation": (
        "id cycle_id seat_id opportunity_id opportunity_version opportunity_name customer_id is_simulated "
        "principal_id category stated_amount stated_currency rate probability amount closes_on at"
    ),
    "confirmation_line": (
        "confirmation_id place_in_list product_id product_line_id unit unit_is_whole month place quantity amount"
    ),
    "live_line": "cycle_id opportunity_id seat_id confirmation_id",
}
_NULL = r"\N"
Row = tuple[str, str]
"""A table, and a line of the text that COPY takes for it."""
Figures = dict[int, int]
"""By cell: packed figures."""


def numbered(kind: int, number: int) -> str:
    """Return the id of the so-manieth of a kind, as PostgreSQL reads it."""
    return f"{(0x0190_0000_0000 << 80) | (0x7 << 76) | (0x2 << 62) | (kind << 48) | number:032x}"


PRODUCT, LINE_OF_PRODUCTS, CUSTOMER, OPPORTUNITY, CONFIRMATION, SEAT, RECORD, CELL, ADJUSTMENT = range(1, 10)


def packed(units: int, cents: int) -> int:
    """Return both as one number, whatever their signs."""
    return cents * (1 << _SHIFT) + units


def unpacked(figures: int) -> tuple[int, int]:
    """Return units and cents of packed figures."""
    return figures & _UNITS, figures >> _SHIFT


def money(cents: int) -> str:
    """Return an amount as text."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a seller has confirmed: which confirmations, and what they come to by cell."""

    confirmations: Sequence[tuple[str, str]]
    """Their ids, and where the customer of each is delivered to."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Opportunity:
    number: int
    customer: int
    currency: str
    lines: Sequence[Line]

    @property
    def name(self) -> str:
        return f"Opportunity {self.number}"

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


class Market:
    """Products, places and customers, the opportunities of sellers, and what they confirmed of them."""

    def __init__(self, staff: Organisation, start: date, now: datetime, cycle_id: str, count: int) -> None:
        self.cycle_id, self.now, self.start = cycle_id, now, start
        self.places = CITIES[: max(2, min(len(CITIES), count // _PER_PLACE))]
        self.months = [date(start.year, start.month + month, 1) for month in range(MONTHS)]
        self._random = Random(count)
        self._made = 0
        self._each, self._more = divmod(count, len(staff.sellers))
        self._prices = [self._random.randrange(199, 250_000) for _ in range(PRODUCTS)]
        ids = [UUID(numbered(PRODUCT, number)) for number in range(PRODUCTS)]
        lines = [UUID(numbered(LINE_OF_PRODUCTS, number % PRODUCT_LINES)) for number in range(PRODUCTS)]
        self.items = [Item(*each, "piece", unit_is_whole=True) for each in zip(ids, lines, strict=True)]
        self._products = {item: number for number, item in enumerate(self.items)}
        self._homes = [self._random.choice(self.places) for _ in range(CUSTOMERS)]

    def cell(self, code: int) -> tuple[int, int, int, int]:
        """Return category, product, month and place of a cell."""
        code, place = divmod(code, len(self.places))
        code, month = divmod(code, MONTHS)
        return (*divmod(code, PRODUCTS), month, place)

    def known(self) -> Iterator[Row]:
        """Yield products and customers."""
        for number in range(PRODUCTS):
            of = numbered(LINE_OF_PRODUCTS, number % PRODUCT_LINES)
            row = (numbered(PRODUCT, number), f"P-{number}", f"Product {number}", of, "piece", "t", "1")
            yield "known_product", "\t".join(row)
        for number, home in enumerate(self._homes):
            yield "known_customer", f"{numbered(CUSTOMER, number)}\tCustomer {number}\t{home}\t1"

    def confirmed_by(self, place: int, seller: Worker, seat_id: str, rows: list[Row]) -> Confirmed:
        """Return what the so-manieth seller has confirmed, and add the rows of it and of what they have not yet."""
        confirmations: list[tuple[str, str]] = []
        figures: Figures = {}
        count = self._each + (place < self._more)
        for number in range(count):
            confirmations.append(self._confirmed(seller, seat_id, figures, rows))
            if number % _UNCONFIRMED == 0:
                self._opportunity(seller, None, rows)
        return Confirmed(confirmations, figures)

    def _opportunity(self, seller: Worker, category: int | None, rows: list[Row]) -> _Opportunity:
        """Return a new opportunity and add its row; that of category 0 is won."""
        random, number = self._random, self._made
        self._made += 1
        currency, customer = random.choice(CURRENCIES), random.randrange(CUSTOMERS)
        is_won = category == 0
        days = (self.now.date() - self.start).days + 1 if is_won else _DAYS
        closes = (self.start + timedelta(days=random.randrange(days))).isoformat()
        made = _Opportunity(number, customer, currency, [self._line(currency) for _ in range(random.choice(_LINES))])
        told = [
            {
                "product_id": str(line.item.product_id),
                "quantity": str(line.quantity),
                "unit_price": str(line.amount / (line.quantity or 1)),
                "delivery_date": line.month.isoformat(),
                "delivery_place": line.place,
            }
            for line in made.lines
        ]
        named = (numbered(OPPORTUNITY, number), "1", made.name, seller.id.hex, numbered(CUSTOMER, customer))
        standing = ("negotiate", "won" if is_won else "open", str(made.amount), currency, closes)
        decided = closes if is_won else _NULL
        row = (*named, *standing, decided, "f", json.dumps(told, ensure_ascii=False), self.now.isoformat())
        rows.append(("known_opportunity", "\t".join(row)))
        return made

    def _line(self, currency: str) -> Line:
        random = self._random
        product, quantity = random.randrange(PRODUCTS), random.randrange(1, 500)
        place = random.choice(self.places) if random.random() < _NAMED else None
        cents = self._prices[product] * quantity
        amount = Decimal(cents) if currency == "JPY" else Decimal(cents).scaleb(-2)
        return Line(self.items[product], random.choice(self.months), place, Decimal(quantity), amount)

    def _confirmed(self, seller: Worker, seat_id: str, figures: Figures, rows: list[Row]) -> tuple[str, str]:
        """Return the confirmation of a new opportunity, and where that is delivered to; add its rows and figures."""
        category = self._random.choices(range(len(CATEGORIES)), _SHARES)[0]
        made = self._opportunity(seller, category, rows)
        rate = RATES.get(made.currency, Decimal(1))
        whole, parts = (made.amount, made.lines) if rate == 1 else counted_lines(made.lines, rate, Decimal(1), CURRENCY)
        confirmation, opportunity = numbered(CONFIRMATION, made.number), numbered(OPPORTUNITY, made.number)
        customer = numbered(CUSTOMER, made.customer)
        told = (confirmation, self.cycle_id, seat_id, opportunity, "1", made.name, customer, "f", seller.id.hex)
        counted = (CATEGORIES[category], str(made.amount), made.currency, str(rate), "1", str(whole))
        rows.append(("confirmation", "\t".join((*told, *counted, self.start.isoformat(), self.now.isoformat()))))
        rows.append(("live_line", f"{self.cycle_id}\t{opportunity}\t{seat_id}\t{confirmation}"))
        for place, line in enumerate(parts):
            code = self._code(category, line, self._homes[made.customer])
            figures[code] = figures.get(code, 0) + packed(int(line.quantity or 0), int(line.amount.scaleb(2)))
            item = (line.item.product_id, line.item.product_line_id, "piece", "t")
            row = (confirmation, place, *item, line.month.isoformat(), line.place or _NULL, line.quantity, line.amount)
            rows.append(("confirmation_line", "\t".join(map(str, row))))
        return confirmation, self._homes[made.customer]

    def _code(self, category: int, line: Line, home: str) -> int:
        """Return the number of the cell that a line belongs to."""
        product, month = self._products[line.item], self.months.index(line.month)
        return ((category * PRODUCTS + product) * MONTHS + month) * len(self.places) + self.places.index(
            line.place or home
        )
