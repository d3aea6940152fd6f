"""Over the wire, what of a plan an ERP system could not take."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.values.money import round_money
from servicekit.web.schemas import MoneyAnswer, Output
from services.forecast.erp.rules.demand import InMoneyOnly, Readiness
from services.forecast.erp.rules.references import ReferenceKind
from services.forecast.erp.rules.systems import ErpKind


class UnmappedAnswer(Output):
    """Something that the ERP system has no code for; `subject` is an id or a place, `label` what people call it."""

    kind: ReferenceKind
    subject: str
    label: str | None


class InMoneyOnlyAnswer(Output):
    """A line without a quantity."""

    product_line_id: UUID | None
    month: date
    place: str
    amount: MoneyAnswer

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not isinstance(value, InMoneyOnly):
            return value
        money = {"amount": round_money(value.amount, value.currency), "currency": value.currency}
        return {
            "product_line_id": value.product_line_id,
            "month": value.month,
            "place": value.place,
            "amount": money,
        }


class ErpReadinessAnswer(Output):
    """Whether an ERP system can take a plan, and what is in the way."""

    system: str
    kind: ErpKind
    is_ready: bool = Field(description="Whether its files are not refused.")
    unmapped: list[UnmappedAnswer] = Field(description="At most 100 products or product lines, and 100 places.")
    mixed_units: list[str] = Field(description="Codes under which different units would be added up.")
    in_money_only: list[InMoneyOnlyAnswer] = Field(description="Lines that are in no file of an ERP.")

    @model_validator(mode="before")
    @classmethod
    def _from_value(cls, value: Any) -> Any:
        if not isinstance(value, Readiness):
            return value
        fields = {name: getattr(value, name) for name in ("is_ready", "unmapped", "mixed_units", "in_money_only")}
        return fields | {"system": value.system.name, "kind": value.system.kind}
