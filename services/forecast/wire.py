"""How figures go over the wire: money with the decimals of its currency, quantities without idle zeros."""

from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import PlainSerializer, model_validator

from servicekit.values.money import round_money
from servicekit.web.schemas import DecimalString, Output
from services.forecast.cycles.rules.definition import Category


def _plain(quantity: Decimal) -> str:
    return format(quantity.normalize(), "f") if quantity else "0"


QuantityString = Annotated[Decimal, PlainSerializer(_plain, return_type=str, when_used="json")]
"""How many units, as a decimal string."""

FIGURES = ("own", "gathered", "adjustment", "result")
"""What is kept apart in every figure of a forecast; the result is the sum of the others."""


class CategoryFigures(Output):
    """The figures of a category."""

    category: Category
    own: DecimalString
    gathered: DecimalString
    adjustment: DecimalString
    result: DecimalString


class InCurrency(Output):
    """An answer whose `amounts` are in its `currency`, shown with as many decimals as that has."""

    amounts: ClassVar[tuple[str, ...]] = ()
    currency: str

    @model_validator(mode="after")
    def _with_decimals(self) -> Self:
        for name in self.amounts:
            amount = getattr(self, name)
            if amount is not None:
                setattr(self, name, round_money(amount, self.currency))
        return self
