"""Opportunities with six quarters of history: the same ones for the same seed, however many are made."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from bench.catalogue import Catalogue, Customer
from bench.people import Organisation, Worker

CHUNK = 1000
"""Opportunities that are made from one seed."""
RARE = 10_000
"""One opportunity in so many has the amount that nothing else reaches."""
RARE_AMOUNT = Decimal("99999999.00")
EACH_OF_THE_TEAM = 60
"""The sellers of the small team have so many opportunities at least, whatever the size: a page of 50 is full."""

STAGES = ("find_contact", "confirm_need", "map_organisation", "set_target", "shortlist", "selected", "negotiate")
_DAYS = 548
_MEAN_DAYS = (9.0, 12.0, 14.0, 14.0, 16.0, 11.0, 12.0)
_LOSS = 0.07
_SKIP = 0.25
_BACK = 0.03
_REASONS = ("price", "competitor", "no_budget", "no_decision", "product_fit", "other")
_CURRENCIES = ("USD",) * 16 + ("EUR",) * 3 + ("CNY",)
_ROLES = ("presales", "co_seller", "delivery")

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of stage or state."""

    at: datetime
    from_stage: str | None
    to_stage: str
    from_state: str | None
    to_state: str


@dataclass(slots=True)
class Made:
    """An opportunity while it is made; amounts are (since, amount), None where unknown."""

    id: UUID
    number: int
    principal: Worker
    former: Worker | None
    customer: Customer | None
    currency: str
    opened_at: datetime
    changes: list[Change]
    amounts: list[tuple[datetime, Decimal | None]]
    expected_close: date
    lines: str
    product_ids: list[UUID]
    loss_reason: str | None = None

    @property
    def last(self) -> Change:
        """The latest change."""
        return self.changes[-1]

    def amount_at(self, instant: datetime) -> Decimal | None:
        """Return the amount in force."""
        return next(amount for since, amount in reversed(self.amounts) if since <= instant)


@dataclass(frozen=True)
class Pipeline:
    """Makes opportunities by number."""

    staff: Organisation
    catalogue: Catalogue
    now: datetime
    seed: int
    sellers: Sequence[Worker] = field(init=False)
    team: Sequence[Worker] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sellers", self.staff.sellers)
        object.__setattr__(self, "team", self.staff.team_of(self.staff.small_manager))

    def opportunities(self, start: int, stop: int) -> Iterator[Made]:
        """Return opportunities from one number up to, not including, another."""
        for chunk in range(start // CHUNK, math.ceil(stop / CHUNK)):
            random = Random(self.seed * 1_000_003 + chunk)
            for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
                made = self._make(random, number)
                if start <= number < stop:
                    yield made

    def _make(self, random: Random, number: int) -> Made:
        opened_at = self.now - timedelta(seconds=random.randrange(60, _DAYS * 86_400))
        changes = _history(random, opened_at, self.now)
        lines, products = self._lines(random)
        made = Made(
            id=_identifier(random, opened_at),
            number=number,
            principal=self._principal(random, number),
            former=random.choice(self.sellers) if random.random() < 0.05 else None,
            customer=random.choice(self.catalogue.customers) if random.random() < 0.85 else None,
            currency=random.choice(_CURRENCIES),
            opened_at=opened_at,
            changes=changes,
            amounts=_amounts(random, number, changes),
            expected_close=opened_at.date() + timedelta(days=random.randrange(20, 400)),
            lines=lines,
            product_ids=products,
        )
        if made.last.to_state == "lost":
            made.loss_reason = random.choice(_REASONS)
        return made

    def _principal(self, random: Random, number: int) -> Worker:
        chosen = random.choice(self.sellers)
        if number < EACH_OF_THE_TEAM * len(self.team):
            return self.team[number % len(self.team)]
        return chosen

    def _lines(self, random: Random) -> tuple[str, list[UUID]]:
        chosen = random.sample(self.catalogue.products, random.choice((0, 1, 1, 2, 3)))
        lines = []
        for product in chosen:
            quantity = random.randrange(1, 500)
            amount = (quantity * product.price).quantize(Decimal("0.01"))
            lines.append(
                f'{{"id": "{UUID(int=random.getrandbits(128), version=4)}", "product_id": "{product.id}", '
                f'"quantity": "{quantity}", "unit_price": "{product.price}", "amount": "{amount}", '
                '"delivery_date": null, "place": null}'
            )
        return f"[{', '.join(lines)}]", [product.id for product in chosen]


def _history(random: Random, opened_at: datetime, now: datetime) -> list[Change]:
    """Walk the funnel from the beginning until an outcome or the present."""
    place, at = 0, opened_at
    changes = [Change(at, None, STAGES[0], None, "open")]
    while True:
        at += timedelta(days=random.expovariate(1 / _MEAN_DAYS[place]))
        if at > now:
            return changes
        stage, draw = STAGES[place], random.random()
        if draw < _LOSS:
            return [*changes, Change(at, stage, stage, "open", "lost")]
        if draw < _LOSS + _BACK and place:
            place -= 1
        else:
            place += 2 if draw > 1 - _SKIP else 1
        if place >= len(STAGES):
            return [*changes, Change(at, stage, "close", "open", "won")]
        changes.append(Change(at, stage, STAGES[place], "open", "open"))


def _amounts(random: Random, number: int, changes: Sequence[Change]) -> list[tuple[datetime, Decimal | None]]:
    """Return the amount at first, and for some a new one with a later change of stage."""
    if number % RARE == RARE // 2:
        return [(changes[0].at, RARE_AMOUNT)]
    first = Decimal(round(random.lognormvariate(9.5, 1.2)) % 5_000_000) + Decimal("0.50")
    amounts: list[tuple[datetime, Decimal | None]] = [(changes[0].at, None if random.random() < 0.06 else first)]
    if len(changes) > 1 and random.random() < 0.4:
        at = random.choice(changes[1:]).at
        amounts.append((at, (first * random.randrange(70, 140) / 100).quantize(Decimal("0.01"))))
    return amounts


def _identifier(random: Random, at: datetime) -> UUID:
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0x2 << 62 | random.getrandbits(62))


def rows_of(made: Made, random: Random) -> Iterator[tuple[str, Row]]:
    """Return the rows of an opportunity, each with its table; columns as in `COLUMNS`."""
    customer_id = made.customer.id if made.customer else None
    manager_id = made.customer.manager_id if made.customer else None
    last, decided = made.last, made.last.to_state != "open"
    since, amount = made.amounts[-1]
    moved_at = made.opened_at + (last.at - made.opened_at) / 2 if made.former else made.opened_at
    name = f"Opportunity {made.number}"
    yield (
        "opportunity",
        (
            made.id,
            len(made.changes) + len(made.amounts) - 1 + (1 if made.former else 0),
            name,
            name.casefold(),
            customer_id,
            manager_id,
            made.principal.id,
            moved_at,
            1,
            last.to_stage,
            last.to_state,
            last.at,
            last.from_stage if decided else None,
            True,
            made.opened_at,
            last.at.date() if decided else None,
            made.loss_reason,
            made.currency,
            amount,
            False,
            made.expected_close,
            made.lines,
            made.product_ids,
            since,
            "simulated",
            made.opened_at,
        ),
    )
    for change in made.changes:
        yield "stage_change", _stage_row(made, change)
    for at, value in made.amounts:
        terms = (made.currency, value, False, made.expected_close, customer_id, made.lines, made.product_ids)
        yield "terms_change", (made.id, at, at, *terms, made.principal.id)
    yield from _principals(made, moved_at, random)
    if random.random() < 0.2:
        member = (UUID(int=random.getrandbits(128), version=4), made.id, made.principal.superior_id)
        yield "sales_team_member", (*member, random.choice(_ROLES), made.opened_at)


def _stage_row(made: Made, change: Change) -> Row:
    return (
        made.id,
        change.at,
        change.at,
        1,
        change.from_stage,
        change.to_stage,
        change.from_state,
        change.to_state,
        None if change.to_state == "open" else change.at.date(),
        made.currency,
        made.amount_at(change.at),
        made.loss_reason if change.to_state == "lost" else None,
        made.principal.id,
    )


def _principals(made: Made, moved_at: datetime, random: Random) -> Iterator[tuple[str, Row]]:
    def row(principal: Worker, start: datetime, end: datetime | None) -> Row:
        identifier = UUID(int=random.getrandbits(128), version=4)
        return (identifier, made.id, principal.id, start, end, start, "superior", principal.superior_id)

    if made.former:
        yield "principal_history", row(made.former, made.opened_at, moved_at)
    yield "principal_history", row(made.principal, moved_at, None)


COLUMNS = {
    "opportunity": (
        "id version name search_name customer_id account_manager_id principal_id principal_since funnel_version stage "
        "state stage_since stood_in age_known opened_at decided_on loss_reason currency amount amount_is_estimate "
        "expected_close lines product_ids terms_since origin created_at"
    ),
    "stage_change": (
        "opportunity_id at recorded_at funnel_version from_stage to_stage from_state to_state decided_on currency "
        "amount loss_reason actor_id"
    ),
    "terms_change": (
        "opportunity_id at recorded_at currency amount amount_is_estimate expected_close customer_id lines "
        "product_ids actor_id"
    ),
    "principal_history": "id opportunity_id principal_id from_at until_at recorded_at authority decided_by",
    "sales_team_member": "id opportunity_id person_id role from_at",
}
