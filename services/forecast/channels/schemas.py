"""Sources and their forecasts over the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, ExternalReference, Input, Line, Output, Prose
from services.forecast.channels.rules.forecasts import MOST_LINES, StatedLine
from services.forecast.channels.rules.sources import Source, SourceKind
from services.forecast.wire import InCurrency, QuantityString

UnitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
NO_TERRITORY = "Territories are not kept yet: always null."


class ForecastSourceInput(Input):
    """What can be said of a source."""

    name: Line = Field(examples=["Nordic Sports Distribution"])
    kind: SourceKind = Field(description="`distributor` and `store` are channels, the others know of the market.")
    responsible_id: UUID | None = Field(
        default=None, description="A person or machine client who enters its forecasts, beside those of the unit."
    )


class ForecastSourceRequest(ForecastSourceInput):
    """A new source of a business unit."""

    business_unit_id: UUID
    external_reference: ExternalReference | None = None


class ForecastSourceImport(ForecastSourceInput):
    """A source by its reference."""

    business_unit_id: UUID
    external_reference: ExternalReference


class ForecastSourcePatch(Input):
    """A merge patch of a source; `responsible_id` null leaves nobody responsible."""

    name: Line | None = None
    kind: SourceKind | None = None
    responsible_id: UUID | None = None


class ForecastSourceAnswer(Output):
    """A named source of a business unit."""

    id: UUID
    version: int
    business_unit_id: UUID
    name: str
    kind: SourceKind
    is_channel: bool
    responsible_id: UUID | None
    external_reference: ExternalReference | None
    created_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, source: Source) -> Self:
        """Return the answer that tells of a source."""
        return cls.model_validate(source)

    @model_validator(mode="before")
    @classmethod
    def _from_source(cls, value: Any) -> Any:
        if not isinstance(value, Source):
            return value
        fields: dict[str, Any] = {name: getattr(value, name) for name in Source.__dataclass_fields__}
        system, identifier = fields.pop("external_system"), fields.pop("external_id")
        reference = {"system": system, "id": identifier} if system else None
        return fields | {"external_reference": reference, "is_channel": value.is_channel}


class ForecastSourceQuery(ListQuery):
    """Filters of the list of sources."""

    business_unit_id: UUID | None = None
    kind: SourceKind | None = None
    is_open: bool | None = None
    external_system: str | None = Field(default=None, max_length=60)
    external_id: str | None = Field(default=None, max_length=200)


class ChannelForecastLineInput(Input):
    """What a source says of a product line in a month: quantity, amount, or both. 0 is a figure, null is none."""

    product_line_id: UUID
    month: date = Field(description="Any day of the month.", examples=["2026-11-01"])
    territory_id: None = Field(default=None, description=NO_TERRITORY)
    place: Line | None = Field(default=None, description="Where it is delivered to, if that is known.")
    unit: UnitName | None = Field(
        default=None, description="Needed where the products of the line are counted in several units."
    )
    quantity: DecimalString | None = None
    amount: DecimalString | None = Field(default=None, examples=["1200.00"])
    currency: Currency | None = Field(default=None, description="Of the amount; converted by the cycle's rates.")

    def stated(self) -> StatedLine:
        """Return the plain value."""
        return StatedLine(
            self.product_line_id, self.month, self.place, self.unit, self.quantity, self.amount, self.currency
        )


class ChannelForecastInput(Input):
    """All that a source says for a cycle: it supersedes what the source said before, line by line."""

    source_id: UUID
    cycle_id: UUID
    note: Prose | None = None
    lines: list[ChannelForecastLineInput] = Field(min_length=1, max_length=MOST_LINES)

    def stated(self) -> Sequence[StatedLine]:
        """Return the plain values of the lines."""
        return [line.stated() for line in self.lines]


class ChannelForecastAnswer(InCurrency):
    """What a source said for a cycle; the latest number is current, the others are superseded."""

    amounts: ClassVar[tuple[str, ...]] = ("total",)
    id: UUID
    source_id: UUID
    source_name: str
    business_unit_id: UUID
    cycle_id: UUID
    number: int
    is_current: bool
    total: DecimalString = Field(description="Of the amounts that were stated, in the cycle's currency.")
    note: str | None
    submitted_by: UUID
    on_behalf_of: UUID | None
    submitted_at: datetime


class ChannelForecastQuery(ListQuery):
    """Filters of the list of what sources said."""

    cycle_id: UUID | None = None
    source_id: UUID | None = None
    business_unit_id: UUID | None = None
    is_current: bool | None = None


class ChannelForecastLineAnswer(InCurrency):
    """A figure of a source: as it was stated, and in the cycle's currency; null was not stated."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    id: UUID
    product_line_id: UUID
    month: date
    territory_id: None = Field(description=NO_TERRITORY)
    place: str | None
    unit: str | None
    quantity: QuantityString | None
    stated_amount: DecimalString | None
    stated_currency: str | None
    amount: DecimalString | None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, row: Any) -> Any:
        if isinstance(row, dict):
            return row
        names = [name for name in cls.model_fields if name != "territory_id"]
        return {name: getattr(row, name) for name in names} | {"territory_id": None}


class ChannelForecastLineQuery(ListQuery):
    """Filters of the lines of what a source said."""

    product_line_id: UUID | None = None
    month: date | None = Field(default=None, description="The first of a month.")
