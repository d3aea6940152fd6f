"""How far off the forecast of each product was, by what was won or by what was ordered."""

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from pydantic import Field

from servicekit.values.money import round_money
from servicekit.web.schemas import DecimalString, Output
from services.forecast.accuracy.rules.actuals import Actuals, NoActualAmount, accuracy_by_orders
from services.forecast.accuracy.rules.measuring import accuracy_of
from services.forecast.accuracy.schemas.looking_back import AccuracyListQuery
from services.forecast.accuracy.schemas.measured import Bias, Reason, TotalWape, Wape
from services.forecast.accuracy.store.products import ProductAccuracyRow, ProductPart, months_of
from services.forecast.wire import InCurrency, QuantityString


class ProductAccuracyQuery(AccuracyListQuery):
    """Which items, and by what they are measured."""

    actuals: Actuals = Field(
        default=Actuals.WON,
        description="`orders`: confirmed orders due in the period, in quantity, of the whole line (no `seat_id`).",
    )
    product_id: UUID | None = None
    product_line_id: UUID | None = None


class ItemMonthAnswer(Output):
    """What was forecast and won of an item in a month."""

    month: date
    forecast_quantity: QuantityString
    forecast: DecimalString
    actual_quantity: QuantityString
    actual: DecimalString | None


class ProductAccuracyAnswer(InCurrency):
    """How far off the forecast of an item was, summed over its months: in money by what was won, in quantity by orders.

    What it is not measured in stands beside.
    """

    amounts: ClassVar[tuple[str, ...]] = ("forecast", "actual", "error")
    id: str
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    unit: str | None
    actuals: Actuals
    count: int
    forecast: DecimalString
    actual: DecimalString | None
    no_actual: NoActualAmount | None = Field(description="Why it is not known what the orders are worth.")
    error: DecimalString | None = Field(description="Σ|forecast − actual| over its months.")
    forecast_quantity: QuantityString
    actual_quantity: QuantityString
    error_quantity: QuantityString
    wape: Wape
    bias: Bias
    total_wape: TotalWape
    reason: Reason
    months: list[ItemMonthAnswer]

    @classmethod
    def of(cls, row: ProductAccuracyRow, part: ProductPart, actuals: Actuals, *, is_over: bool) -> Self:
        """Return the answer that tells of an item."""
        if actuals == Actuals.ORDERS:
            found = accuracy_by_orders(row.quantities, part.tops, is_over=is_over)
        else:
            found = accuracy_of(row.amounts, is_over=is_over)
        fields = {name: getattr(row, name) for name in ProductAccuracyRow.__dataclass_fields__}
        ratios = {name: getattr(found, name) for name in ("wape", "bias", "total_wape", "reason")}
        months = [
            ItemMonthAnswer(
                month=each.month,
                forecast_quantity=each.forecast_quantity,
                forecast=round_money(each.forecast, row.currency),
                actual_quantity=each.actual_quantity,
                actual=None if each.actual is None else round_money(each.actual, row.currency),
            )
            for each in months_of(row)
        ]
        return cls.model_validate(fields | ratios | {"actuals": actuals, "months": months})
