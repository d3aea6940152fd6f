"""Baselines set by hand over the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, MoneyAnswer, MoneyField, Output, Prose
from services.opportunity.baselines.rules import Baseline, BaselineUnclear, Basis, Said, scope_of
from services.opportunity.scopes.rules import ScopeKind
from services.opportunity.wire import ScopeAnswer, ScopeQuery, shown_money


class BaselineInput(ScopeQuery):
    """What a stage of a scope is compared with from a day on: a count or an amount."""

    scope: ScopeKind
    person_id: UUID | None = Field(default=None, description="For person and subtree: who is measured.")
    stage: str = Field(max_length=100, examples=["shortlist"])
    count: DecimalString | None = Field(default=None, description="So many opportunities.", examples=["12.5"])
    amount: MoneyField | None = None
    from_date: date
    reason: Prose

    def as_said(self) -> Said:
        """Return the plain value.

        Raises:
            BaselineUnclear: it names neither a count nor an amount, or both.
        """
        if (self.count is None) == (self.amount is None):
            raise BaselineUnclear("A baseline is a count or an amount: name one of them.", field="/count")
        if self.amount is not None:
            money = self.amount.as_money()
            return self._said(Basis.AMOUNT, money.amount, money.currency)
        return self._said(Basis.COUNT, self.count or Decimal(0), None)

    def _said(self, basis: Basis, value: Decimal, currency: str | None) -> Said:
        return Said(self.stage, basis, value, currency, self.from_date, self.reason)


class BaselineEndingInput(Input):
    """From when on a stage is compared with its history again, and why."""

    from_date: date
    reason: Prose


class BaselineAnswer(Output):
    """What was said of a stage of a scope from a day on, until a later one; one that ends has no count and no amount.

    `number` counts what was said of the same scope, stage and basis; the highest was said last.
    """

    id: UUID
    number: int
    scope: ScopeAnswer
    funnel_version: int
    stage: str
    basis: Basis
    count: DecimalString | None
    amount: MoneyAnswer | None
    from_date: date
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not isinstance(value, Baseline):
            return value
        same = {name: getattr(value, name) for name in cls.model_fields if hasattr(value, name)}
        money = value.money
        return same | {
            "scope": scope_of(value),
            "amount": None if money is None else shown_money(money.amount, money.currency),
        }


class BaselineQuery(ScopeQuery, ListQuery):
    """Whose baselines; `sort` takes `decided_at` (the latest first unless said otherwise) and `from_date`."""

    stage: str | None = Field(default=None, max_length=100)
    basis: Basis | None = None

    def chosen(self) -> dict[str, Any]:
        """Return the filters beside the scope."""
        return {name: value for name, value in self.filters().items() if name in {"stage", "basis"}}
