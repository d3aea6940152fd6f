"""Exchange rates over the wire."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Currency, DecimalString, ExternalReference, Input, Output


class ExchangeRateRequest(Input):
    """What one unit of a currency is worth in another from a date on."""

    from_currency: Currency = Field(examples=["EUR"])
    to_currency: Currency = Field(examples=["USD"])
    date: dt.date
    rate: DecimalString = Field(examples=["1.0824"], max_digits=24, decimal_places=12)


class ExchangeRateItem(ExchangeRateRequest):
    """A rate of a batch; it is known by its currencies and date, so a reference is taken and not needed."""

    external_reference: ExternalReference | None = None


class ExchangeRateAnswer(Output):
    """A dated rate."""

    id: UUID
    from_currency: str
    to_currency: str
    date: dt.date
    rate: Annotated[DecimalString, AfterValidator(Decimal.normalize)]
    recorded_at: dt.datetime


class ExchangeRateQuery(ListQuery):
    """Filters of the list of rates."""

    from_currency: Currency | None = None
    to_currency: Currency | None = None
    currency: Currency | None = Field(default=None, description="On either side.")
    date_gte: dt.date | None = None
    date_lt: dt.date | None = None
