"""What every answer about accuracy is made of."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from servicekit.web.schemas import DecimalString
from services.forecast.accuracy.rules.measuring import Accuracy, NoFigure
from services.forecast.accuracy.rules.parts import PartAccuracy
from services.forecast.wire import InCurrency

Wape = Annotated[
    DecimalString | None, Field(description="Σ|forecast − actual| ÷ Σ actual; null where `reason` says why.")
]
Bias = Annotated[
    DecimalString | None, Field(description="Σ(forecast − actual) ÷ Σ actual: positive when too high; null likewise.")
]
TotalWape = Annotated[
    DecimalString | None, Field(description="|Σ forecast − Σ actual| ÷ Σ actual: errors may have cancelled in it.")
]
Reason = Annotated[NoFigure | None, Field(description="Why the ratios are null.")]


class MeasuredAnswer(InCurrency):
    """How far forecasts lay from what was won, and over how many of them this is summed."""

    amounts: ClassVar[tuple[str, ...]] = ("forecast", "actual")
    count: int
    forecast: DecimalString
    actual: DecimalString
    wape: Wape
    bias: Bias
    total_wape: TotalWape
    reason: Reason


class PartAccuracyAnswer(MeasuredAnswer):
    """The accuracy of some seats; what was not in time is in no figure and counted here."""

    amounts: ClassVar[tuple[str, ...]] = ("forecast", "actual", "left_out_actual")
    in_time: int
    returned: int
    late: int
    missing: int
    left_out_actual: DecimalString = Field(description="What was won by those that are left out.")


def measured_fields(found: Accuracy, currency: str) -> dict[str, Any]:
    """Return the fields of an accuracy."""
    return {name: getattr(found, name) for name in Accuracy.__dataclass_fields__} | {"currency": currency}


def part_fields(part: PartAccuracy, currency: str) -> dict[str, Any]:
    """Return the fields of the accuracy of some seats."""
    counts = {name: getattr(part, name) for name in PartAccuracy.__dataclass_fields__ if name != "accuracy"}
    return measured_fields(part.accuracy, currency) | counts
