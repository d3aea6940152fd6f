"""Potential over the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Output
from services.customer.customers.rules.values import Tier


class PotentialQuery(ListQuery):
    """Filters of the ranking; `sort` takes `score`, the highest first unless asked otherwise."""

    tier: Tier | None = None
    account_manager_id: UUID | None = None
    score_gte: Annotated[DecimalString, Field(ge=0, le=100)] | None = None


class PotentialPartAnswer(Output):
    """A part of the score and why it is so."""

    name: str = Field(examples=["whitespace"])
    weight: int = Field(description="The most that this part can give.")
    points: DecimalString
    known: bool = Field(description="Whether facts say so; else the points stand in for what is not known.")
    reason: str = Field(description="Money is in the reporting currency.")


class PotentialAnswer(Output):
    """How much more a customer may be worth, from 0 to 100; the parts add up to the score."""

    customer_id: UUID = Field(validation_alias="id")
    legal_name: str
    tier: Tier | None
    account_manager_id: UUID | None
    score: DecimalString
    parts: list[PotentialPartAnswer] = Field(description="The weightiest first.")
    model_version: int
    reckoned_on: date
