"""A simulated pipeline: what a sales organisation like this one might have worked on in the last six quarters.

Everything is drawn from one seed and the day of loading, so that the same day gives the same pipeline. Each record
is marked as simulated. Times of day lie between 12 and 20 UTC and the last ones two days before the day of loading:
so they are after the beginning of their day, and in the past, in every time zone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from keyaccount.demo.market import Goods, Market, Store
from keyaccount.importing.catalogue import Reference

SYSTEM = "simulation"
OPPORTUNITIES = 1500
QUARTERS = 6
_SEED = 20260
_CALM_DAYS = 40
"""In the last days fewer new contacts are found: so that not every stage is healthy."""
_CALM = 0.75
_RESELLER_PRICE = Decimal("0.6")


@dataclass(frozen=True)
class Step:
    """How long opportunities stay in a stage (mean days), and which share goes on from it."""

    stage: str
    days: float
    goes_on: float


STEPS = (
    Step("find_contact", 18, 0.74),
    Step("confirm_need", 22, 0.80),
    Step("map_organisation", 24, 0.84),
    Step("set_target", 20, 0.86),
    Step("shortlist", 26, 0.82),
    Step("selected", 16, 0.88),
    Step("negotiate", 18, 0.91),
)
_LOSSES = (("price", 5), ("competitor", 4), ("no_decision", 4), ("no_budget", 3), ("product_fit", 2), ("delivery", 1))
_SKIPS = 0.12
_SLIPS_BACK = 0.04
_BY_MANAGERS = 0.03
_LATE = 4
"""The place of the first stage from which a close in this quarter is likely."""
_SOON = 0.75


def quarter_start(day: date, back: int = 0) -> date:
    """Return the first day of the quarter that lies `back` quarters before that of `day`."""
    months = day.year * 12 + (day.month - 1) // 3 * 3 - 3 * back
    return date(months // 12, months % 12 + 1, 1)


def simulate(market: Market, loading_day: date, opportunities: int = OPPORTUNITIES) -> Iterator[dict[str, Any]]:
    """Yield opportunities as the batch API takes them, with references to what was imported."""
    random = Random(f"{_SEED}/{loading_day}")  # noqa: S311 - a pipeline, not a secret
    first = quarter_start(loading_day, QUARTERS)
    days = [first + timedelta(days=number) for number in range((loading_day - first).days)]
    calm_from = loading_day - timedelta(days=_CALM_DAYS)
    weights = [_CALM if day >= calm_from else 1 + number / len(days) / 4 for number, day in enumerate(days)]
    skill = {
        seller: random.uniform(0.92, 1.06) for seller in sorted({store.account_manager for store in market.stores})
    }
    for number, opened_on in enumerate(sorted(random.choices(days, weights, k=opportunities)), start=1):
        store = random.choice(market.stores)
        life = _Life(random, skill[store.account_manager], opened_on, loading_day)
        yield {
            "external_reference": {"system": SYSTEM, "id": f"S-{number:05}"},
            **_what(random, market, store),
            "principal_id": Reference("people", market.system, _principal(random, market, store)),
            "opened_on": opened_on.isoformat(),
            "expected_close": life.expected_close().isoformat(),
            "origin": "simulated",
            "history": life.history,
        }


def _principal(random: Random, market: Market, store: Store) -> str:
    """Return who sells: the account manager, now and then their superior, for managers sell too."""
    return market.superiors[store.account_manager] if random.random() < _BY_MANAGERS else store.account_manager


def _what(random: Random, market: Market, store: Store) -> dict[str, Any]:
    """Return name, customer and products; a resale price stands in their lines, in the store's currency."""
    wanted = random.sample(market.goods, random.choices((1, 2, 3, 4, 5), (2, 4, 4, 3, 1))[0])
    lines = [_line(random, market, store, goods) for goods in wanted]
    amount = sum((Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines), Decimal(0))
    return {
        "name": f"{wanted[0].line_name} for {store.name}",
        "customer_id": store.customer,
        "currency": store.currency,
        "amount": f"{amount:.2f}",
        "amount_is_estimate": False,
        "lines": lines,
    }


def _line(random: Random, market: Market, store: Store, goods: Goods) -> dict[str, Any]:
    price = goods.list_price * _RESELLER_PRICE * market.rates[store.currency]
    typical = 14_000 / max(float(goods.list_price), 20)  # dear things are bought in small numbers
    return {
        "product_id": goods.product,
        "quantity": str(min(max(1, round(random.lognormvariate(math.log(typical), 0.7))), 400)),
        "unit_price": str(price.quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "delivery_place": store.place,
    }


class _Life:
    """One opportunity's way through the stages, up to its end or shortly before the day of loading."""

    def __init__(self, random: Random, skill: float, opened_on: date, loading_day: date) -> None:
        self._random = random
        self._skill = skill
        self._at = datetime.combine(opened_on, datetime.min.time(), UTC) + timedelta(hours=12)
        self._end = datetime.combine(loading_day - timedelta(days=1), datetime.min.time(), UTC)
        self._loading_day = loading_day
        self._place = 0
        self.history: list[dict[str, Any]] = []
        while self._goes_on():
            pass

    def _goes_on(self) -> bool:
        step = STEPS[self._place]
        at = self._at + timedelta(days=self._random.lognormvariate(math.log(step.days) - 0.18, 0.6))
        at = at.replace(hour=12 + at.hour // 3, microsecond=0)
        if at >= self._end:
            return False
        self._at = at
        drawn = self._random.random()
        if drawn > step.goes_on * self._skill:
            reasons, weights = zip(*_LOSSES, strict=True)
            self._note(outcome="lost", loss_reason=self._random.choices(reasons, weights)[0])
            return False
        if drawn < _SLIPS_BACK and self._place > 1:
            self._place -= 1
            self._note(to_stage=STEPS[self._place].stage, reason="The customer has begun to compare again.")
            return True
        self._place += 2 if drawn < _SLIPS_BACK + _SKIPS else 1
        if self._place >= len(STEPS):
            self._note(outcome="won")
            return False
        self._note(to_stage=STEPS[self._place].stage)
        return True

    def _note(self, **what: str) -> None:
        self.history.append({"at": self._at.isoformat().replace("+00:00", "Z"), **what})

    def expected_close(self) -> date:
        """Return the day of the decision, or for an open one when it may be expected: late stages in this quarter."""
        if self.history and "outcome" in self.history[-1]:
            return self._at.date()
        if self._place >= _LATE and self._random.random() < _SOON:
            return self._loading_day + timedelta(days=self._random.randint(0, max(_days_left(self._loading_day), 0)))
        rest = sum(step.days for step in STEPS[self._place :])
        return self._loading_day + timedelta(days=round(rest * self._random.uniform(0.5, 1.4)))


def _days_left(day: date) -> int:
    """Return how many days the quarter of `day` still has after it."""
    return (quarter_start(day, -1) - day).days - 1
