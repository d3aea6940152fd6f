"""Which rates may be told, and conversion with them: never across currencies without one."""

import datetime as dt
from decimal import Decimal

from servicekit.values.errors import RuleViolated
from servicekit.values.money import Money, round_money
from servicekit.values.rates import Rate


class RateNotPositive(RuleViolated):
    """A rate is above 0."""

    code = "rate_not_positive"

    def __init__(self) -> None:
        super().__init__("A rate is above 0.", field="/rate")


class RateOfItself(RuleViolated):
    """A currency has no rate into itself."""

    code = "rate_of_itself"

    def __init__(self) -> None:
        super().__init__("A currency has no rate into itself.", field="/to_currency")


class NoRate(RuleViolated):
    """No rate between the two currencies is known for the date."""

    code = "no_rate"
    members = ("from_currency", "to_currency")

    def __init__(self, from_currency: str, to_currency: str, day: dt.date) -> None:
        super().__init__(f"No rate from {from_currency} to {to_currency} is known on or before {day.isoformat()}.")
        self.from_currency = from_currency
        self.to_currency = to_currency


def check_rate(from_currency: str, to_currency: str, rate: Decimal) -> None:
    """Refuse a rate that cannot be."""
    if from_currency == to_currency:
        raise RateOfItself
    if not rate.is_finite() or rate <= 0:
        raise RateNotPositive


def convert(money: Money, rate: Rate | None, to_currency: str, day: dt.date) -> Money:
    """Turn money into another currency, rounded once."""
    if rate is None:
        raise NoRate(money.currency, to_currency, day)
    return Money(round_money(money.amount * rate.factor, to_currency), to_currency)
