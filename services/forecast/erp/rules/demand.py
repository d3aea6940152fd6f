"""What a plan asks of an ERP system, in the codes of that system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.forecast.erp.rules.netting import net
from services.forecast.erp.rules.periods import Horizon
from services.forecast.erp.rules.references import Unmapped
from services.forecast.erp.rules.systems import SystemFields


@dataclass(frozen=True, slots=True)
class Demand:
    """The demand for an item at a location in a period.

    Attributes:
        location: the ERP's code of the place.
        item: the ERP's code of the product or product line.
        unit_code: the ERP's code of the unit; None where it has none, and counts in the item's own.
        period: the first day of the period.
        is_whole: whether there are only whole units.
        quantity: what the plan says; 0 where an earlier version said something.
        elsewhere: what the latest plans of other cycles say of the same.
        earlier: the part of that which cycles before this one say.
        orders: how much of it is ordered.
    """

    location: str
    item: str
    unit_code: str | None
    period: date
    is_whole: bool
    quantity: Decimal
    elsewhere: Decimal
    earlier: Decimal
    orders: Decimal

    @property
    def net(self) -> Decimal:
        """What the plan says, less the orders that are not another cycle's."""
        return net(self.quantity, self.orders, self.earlier, is_whole=self.is_whole)

    @property
    def standing(self) -> Decimal:
        """What all cycles say together: an ERP that knows a figure by its item, place and period holds just this."""
        return self.quantity + self.elsewhere


@dataclass(frozen=True, slots=True)
class InMoneyOnly:
    """A line without a quantity, which an ERP could not plan: it is in no file of an ERP."""

    product_line_id: UUID | None
    month: date
    place: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What a file hands over: a version of a plan, to a system, over a horizon.

    Attributes:
        cycle_start: the first day of the cycle; an earlier cycle takes orders first.
        as_of: until when orders are known that are taken off.
    """

    system: SystemFields
    plan_id: UUID
    cycle_id: UUID
    cycle_name: str
    cycle_start: date
    version: int
    published_at: datetime
    as_of: datetime
    horizon: Horizon
    in_money_only: Sequence[InMoneyOnly] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """What of a plan an ERP system has no code for, has one code for in different units, or cannot plan at all."""

    system: SystemFields
    unmapped: Sequence[Unmapped]
    mixed_units: Sequence[str]
    in_money_only: Sequence[InMoneyOnly]

    @property
    def is_ready(self) -> bool:
        """Whether a file of the whole plan is not refused; lines in money only are in none."""
        return not self.unmapped and not self.mixed_units
