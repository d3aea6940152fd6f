"""What every answer about the past must say, recomputed in plain Python from the append-only histories alone.

Nothing here uses code of the product's funnel: rows are read as they are kept, and looked through one by one.

    oracle = await read_oracle(house)
    oracle.state_at(opportunity_id, instant)             # a State, or None before it was there
    oracle.standing_on(day, Whose(subtree=manager_id))   # the State of each opportunity of a scope, as of a day's end
    oracle.funnel_on(day, Whose(person=seller_id))       # counts and amounts by currency: Places
    oracle.told(places, rates)                           # the same as `GET /v1/funnel` tells it: compare with `==`

Stages of older versions of the funnel are told in those of the latest, along the mappings that were published.
`Whose()` is everything. A day is a business date; what happened on it counts. Read anew after each change.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, reading
from tests.house import House

Row = Mapping[str, Any]
CENT = Decimal("0.01")
PROBABILITIES = {
    "find_contact": Decimal("0.05"),
    "confirm_need": Decimal("0.10"),
    "map_organisation": Decimal("0.20"),
    "set_target": Decimal("0.35"),
    "shortlist": Decimal("0.50"),
    "selected": Decimal("0.75"),
    "negotiate": Decimal("0.90"),
}
"""Of the open stages of funnel 1, in order, as SPEC 3 sets them."""
HISTORIES = ("stage_change", "terms_change", "principal_history", "probability_change")
OTHERS = ("opportunity", "orgchart_edge", "customer_copy", "product", "product_line", "funnel_definition")


@dataclass(frozen=True, slots=True)
class Whose:
    """A scope: a person's own, a subtree by the reporting line of the day, a customer's group or a product line's."""

    person: UUID | None = None
    subtree: UUID | None = None
    customer: UUID | None = None
    product_line: UUID | None = None


@dataclass(frozen=True, slots=True)
class State:
    """An opportunity at an instant; `amount` is None where unknown, `manual` where nobody set a probability by hand."""

    id: UUID
    principal_id: UUID
    funnel_version: int
    stage: str
    state: str
    decided_on: date | None
    currency: str
    amount: Decimal | None
    expected_close: date | None
    customer_id: UUID | None
    lines: Sequence[Mapping[str, Any]]
    manual: Decimal | None
    simulated: bool


@dataclass
class Figures:
    """How many stand in a place, their known amounts and what these weigh by currency, how many are unknown."""

    count: int = 0
    unknown_amount: int = 0
    simulated_count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    weights: dict[str, Decimal] = field(default_factory=dict)

    def add(self, one: State, of_stage: Decimal) -> None:
        """Count an opportunity, in whose stage a win is so likely."""
        self.count += 1
        self.simulated_count += one.simulated
        if one.amount is None:
            self.unknown_amount += 1
            return
        probability = of_stage if one.manual is None else one.manual
        self.amounts[one.currency] = self.amounts.get(one.currency, Decimal(0)) + one.amount
        self.weights[one.currency] = self.weights.get(one.currency, Decimal(0)) + one.amount * probability


@dataclass
class Places:
    """A funnel: the figures of each place, and of what was won in the day's quarter up to the day."""

    places: dict[str, Figures] = field(default_factory=dict)
    won_in_quarter: Figures = field(default_factory=Figures)

    def at(self, place: str) -> Figures:
        """Return the figures of an open stage, of `won` or of `lost`."""
        return self.places.setdefault(place, Figures())


@dataclass(frozen=True)
class Oracle:
    """The rows of one house, each history by opportunity in order of `at`, equal instants by order of arrival."""

    zone: ZoneInfo
    tables: Mapping[str, Sequence[Row]]
    histories: Mapping[str, Mapping[UUID, Sequence[Row]]]

    @property
    def keys(self) -> list[str]:
        """The stages of the latest version of the funnel, in order."""
        return [stage["key"] for stage in self._versions[-1]["stages"]]

    @property
    def _versions(self) -> list[Row]:
        return sorted(self.tables["funnel_definition"], key=lambda row: row["version"])

    def stage_of(self, one: State) -> str:
        """Return the stage of the latest version that takes the place of the one in which an open one stands."""
        key = one.stage
        for row in self._versions:
            if row["version"] > one.funnel_version:
                key = row["mapping"][key]
        return key

    def place_of(self, one: State) -> str:
        """Return the stage of the latest version, or `won` or `lost`."""
        return self.stage_of(one) if one.state == "open" else one.state

    def probability_of(self, one: State) -> Decimal:
        """Return how likely a win is in a stage of the version that it is of; version 1 is what SPEC says."""
        if one.funnel_version == 1:
            return PROBABILITIES.get(one.stage, Decimal(0))
        (row,) = (row for row in self._versions if row["version"] == one.funnel_version)
        return next(Decimal(stage["probability"]) for stage in row["stages"] if stage["key"] == one.stage)

    def end_of(self, day: date) -> datetime:
        """Return the first instant after a business date."""
        after = day + timedelta(days=1)
        return datetime(after.year, after.month, after.day, tzinfo=self.zone).astimezone(UTC)

    def state_at(self, opportunity_id: UUID, instant: datetime, *, inclusive: bool = True) -> State | None:
        """Return how an opportunity stood at an instant (exclusive: just before it), or None before it was there."""

        def last(history: str) -> Row | None:
            found = None
            for row in self.histories[history].get(opportunity_id, ()):
                if row["at"] < instant or (inclusive and row["at"] == instant):
                    found = row
            return found

        stage, terms, owner, probability = (last(name) for name in HISTORIES)
        if stage is None:
            return None
        assert terms is not None, f"{opportunity_id} stands somewhere without terms"
        assert owner is not None, f"{opportunity_id} stands somewhere and is nobody's"
        return State(
            opportunity_id,
            owner["principal_id"],
            stage["funnel_version"],
            stage["to_stage"],
            stage["to_state"],
            stage["decided_on"],
            terms["currency"],
            terms["amount"],
            terms["expected_close"],
            terms["customer_id"],
            terms["lines"],
            probability["probability"] if probability else None,
            self._origin_of(opportunity_id) == "simulated",
        )

    def standing_on(self, day: date, whose: Whose = Whose()) -> list[State]:
        """Return each opportunity of a scope as it stood at the end of a day.

        Of one that wants products of other lines too, the amount is that of the lines asked for alone.
        """
        found = [self.state_at(each, self.end_of(day), inclusive=False) for each in self.histories["stage_change"]]
        standing = [one for one in found if one is not None]
        if whose.person is not None:
            return [one for one in standing if one.principal_id == whose.person]
        if whose.subtree is not None:
            people = self.people_below(whose.subtree, day)
            return [one for one in standing if one.principal_id in people]
        if whose.customer is not None:
            customers = self.customers_below(whose.customer)
            return [one for one in standing if one.customer_id in customers]
        if whose.product_line is not None:
            products = self.products_below(whose.product_line)
            return [part for one in standing if (part := _of_products(one, products)) is not None]
        return standing

    def funnel_on(self, day: date, whose: Whose = Whose()) -> Places:
        """Return the funnel of a scope at the end of a day."""
        places = Places()
        for one in self.standing_on(day, whose):
            likely = self.probability_of(one)
            places.at(self.place_of(one)).add(one, likely)
            if one.state == "won" and one.decided_on is not None and _quarter(one.decided_on) == _quarter(day):
                places.won_in_quarter.add(one, likely)
        return places

    def told(self, places: Places, rates: Mapping[str, Decimal]) -> dict[str, Any]:
        """Return what `shown` must take from the answer; `rates` turn currencies into the one reported in."""
        keys = self.keys[:-1]
        stages = [places.at(key) for key in keys]
        won, lost = places.at("won"), places.at("lost")
        amounts = [_converted(one.amounts, rates) for one in stages]
        weights = [_converted(one.weights, rates) for one in stages]
        told = [
            (key, one.count, one.unknown_amount, one.simulated_count, amount, weight)
            for key, one, amount, weight in zip(keys, stages, _shown(amounts), _shown(weights), strict=True)
        ]
        closed = places.won_in_quarter
        return {
            "stages": told,
            "close": (closed.count, closed.unknown_amount, _rounded(_converted(closed.amounts, rates))),
            "open": (
                sum(one.count for one in stages),
                sum(one.unknown_amount for one in stages),
                _rounded(sum(amounts)),
            ),
            "won": (won.count, won.unknown_amount, _rounded(_converted(won.amounts, rates))),
            "lost": (lost.count, lost.unknown_amount, _rounded(_converted(lost.amounts, rates))),
            "weighted": _rounded(sum(weights)),
            "unconverted": _without_rate([*stages, won, lost], rates),
        }

    def people_below(self, person_id: UUID, day: date) -> set[UUID]:
        """Return somebody and everybody below them by the reporting line of a day."""
        below = {person_id}
        while True:
            found = {
                row["person_id"]
                for row in self.tables["orgchart_edge"]
                if row["superior_id"] in below
                and row["from_date"] <= day
                and (row["until_date"] is None or row["until_date"] > day)
            }
            if found <= below:
                return below
            below |= found

    def customers_below(self, customer_id: UUID) -> set[UUID]:
        """Return a customer with every company below it today, and whatever was merged into any of them."""
        return _below(customer_id, self.tables["customer_copy"], "parent_id", "merged_into_id")

    def products_below(self, line_id: UUID) -> set[UUID]:
        """Return the products of a product line and of every line below it."""
        lines = _below(line_id, self.tables["product_line"], "parent_id")
        return {row["id"] for row in self.tables["product"] if row["product_line_id"] in lines}

    def _origin_of(self, opportunity_id: UUID) -> str:
        return str(self.histories["opportunity"][opportunity_id][0]["origin"])


def shown(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return of an answer of `GET /v1/funnel` what an oracle can say, in the same shape."""

    def total(name: str) -> tuple[int, int, Decimal]:
        return answer[name]["count"], answer[name]["unknown_amount"], Decimal(answer[name]["amount"])

    *stages, close = answer["stages"]
    return {
        "stages": [
            (
                one["stage"],
                one["count"],
                one["unknown_amount"],
                one["simulated_count"],
                Decimal(one["amount"]),
                Decimal(one["weighted"]),
            )
            for one in stages
        ],
        "close": (close["count"], close["unknown_amount"], Decimal(close["amount"])),
        "open": total("open"),
        "won": total("won"),
        "lost": total("lost"),
        "weighted": Decimal(answer["weighted"]),
        "unconverted": {currency: Decimal(amount) for currency, amount in answer["unconverted"].items()},
    }


async def read_oracle(house: House) -> Oracle:
    """Read the histories of a house as they are at one instant."""
    service = house.service("opportunity")
    async with reading(service.database) as questions:
        tables = {name: await _rows(questions, name) for name in (*HISTORIES, *OTHERS)}
    histories: dict[str, dict[UUID, list[Row]]] = {name: {} for name in (*HISTORIES, "opportunity")}
    for name in HISTORIES:
        for row in tables[name]:
            histories[name].setdefault(row["opportunity_id"], []).append(row)
    for row in tables["opportunity"]:
        histories["opportunity"][row["id"]] = [row]
    return Oracle(service.settings.time_zone, tables, histories)


async def _rows(questions: Questions, name: str) -> list[Row]:
    there = await questions.value(prepared(text("SELECT to_regclass(:name) IS NOT NULL")), name=name)
    if not there:
        return []
    rows: list[Row] = [dict(row) for row in await questions.all(prepared(text(f"SELECT * FROM {name}")))]
    if name not in HISTORIES:
        return rows
    # an `until_at` is nothing to look at: who comes next says until when
    dated = [{"at": row.get("from_at"), **row} for row in rows]
    return sorted(dated, key=lambda row: (row["at"], row["id"]))


def _below(top: UUID, rows: Sequence[Row], *links: str) -> set[UUID]:
    below = {top}
    while True:
        found = {row["id"] for row in rows if any(row[link] in below for link in links)}
        if found <= below:
            return below
        below |= found


def _of_products(one: State, products: Collection[UUID]) -> State | None:
    wanted = [line for line in one.lines if UUID(line["product_id"]) in products]
    if not wanted:
        return None
    if len(wanted) == len(one.lines):
        return one
    amounts = [None if line["amount"] is None else Decimal(line["amount"]) for line in wanted]
    amount = None if None in amounts else sum(each for each in amounts if each is not None)
    fields = {name: getattr(one, name) for name in State.__dataclass_fields__}
    return State(**fields | {"amount": None if amount is None else Decimal(amount)})


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def _converted(sums: Mapping[str, Decimal], rates: Mapping[str, Decimal]) -> Decimal:
    return sum((amount * rates[currency] for currency, amount in sums.items() if currency in rates), Decimal(0))


def _without_rate(figures: Sequence[Figures], rates: Mapping[str, Decimal]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in figures:
        for currency, amount in one.amounts.items():
            if currency not in rates and amount:
                found[currency] = found.get(currency, Decimal(0)) + amount
    return found


def _rounded(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(CENT, rounding=ROUND_HALF_UP)


def _shown(parts: Sequence[Decimal]) -> list[Decimal]:
    """Share the rounded total out by largest remainder, ties by order."""
    whole = sum((Fraction(part) for part in parts), Fraction(0))
    total = _rounded(sum(parts, Decimal(0)))
    shares = [Fraction(part) * int(total / CENT) / whole if whole else Fraction(0) for part in parts]
    cents = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda place: (cents[place] - shares[place], place))
    for place in order[: int(total / CENT) - sum(cents)]:
        cents[place] += 1
    return [number * CENT for number in cents]
