"""Orders that an ERP system has confirmed: what is said of one, and what must fit."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from servicekit.values.money import Money
from services.forecast.confirmation.rules.lines import Item, check_quantity


class OrderState(StrEnum):
    """Where an order line stands; a cancelled one counts nowhere."""

    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderKey:
    """By what an order line is known again: the system, and its id there."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class OrderFields:
    """What is said of an order line, in our own terms; `amount` is of the whole line."""

    order_number: str
    line_number: str | None
    product_id: UUID
    place: str
    due_on: date
    quantity: Decimal
    unit: str
    amount: Decimal | None
    currency: str | None
    opportunity_id: UUID | None
    state: OrderState


@dataclass(frozen=True, slots=True)
class SaidOrder:
    """An order line as it is told: product and place by our own names, or by the codes of the system that tells."""

    key: OrderKey
    order_number: str
    line_number: str | None
    product_id: UUID | None
    item_code: str | None
    place: str | None
    location_code: str | None
    due_on: date
    quantity: Decimal
    unit: str | None
    amount: Money | None
    opportunity_id: UUID | None
    state: OrderState


class OrderTaken(Conflict):
    """An order line with this external reference is kept already."""

    code = "confirmed_order_taken"

    def __init__(self) -> None:
        super().__init__("An order line with this external reference is kept already.", field="/external_reference")


class OrderUnclear(RuleViolated):
    """It must be clear, in one way, which product and which place are meant."""

    code = "confirmed_order_unclear"


class ErpCodeUnknown(RuleViolated):
    """The ERP system's code stands for nothing of ours, or for several things; `subjects` are two of those."""

    code = "erp_code_unknown"
    members: ClassVar[tuple[str, ...]] = ("subjects",)

    def __init__(self, system: str, code: str, subjects: list[str], field: str) -> None:
        how = "stands for several things here" if subjects else "has no reference here"
        super().__init__(f"'{code}' of {system} {how}: say which is meant, or keep /v1/erp-references.", field=field)
        self.subjects = subjects


class UnitDiffers(RuleViolated):
    """An order counts in the unit of its product, else it cannot be taken from a forecast; `unit` is that."""

    code = "unit_differs"
    members: ClassVar[tuple[str, ...]] = ("unit",)

    def __init__(self, unit: str) -> None:
        super().__init__(f"The product is counted in {unit}: convert the quantity.", field="/unit")
        self.unit = unit


class NegativeOrderAmount(RuleViolated):
    """What an order is worth is 0 or more."""

    code = "order_amount_negative"

    def __init__(self) -> None:
        super().__init__("What an order is worth is 0 or more.", field="/amount")


def check(item: Item, unit: str | None, quantity: Decimal, amount: Decimal | None) -> None:
    """Refuse a quantity that the product cannot have, and an amount below 0."""
    if unit is not None and unit != item.unit:
        raise UnitDiffers(str(item.unit))
    check_quantity(item, quantity, "/quantity")
    if amount is not None and amount < 0:
        raise NegativeOrderAmount


def one_of(code: object, own: object, field: str, other: str) -> None:
    """Refuse both or neither of two ways to say the same."""
    if (code is None) == (own is None):
        raise OrderUnclear(f"Say one of {field} and {other}.", field=f"/{field}")
