"""What an opportunity may hold, and what somebody may do with it once they see it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.money import Money, exact_money, round_money
from services.opportunity.products.rules import Goods
from services.opportunity.refusals import NegativeAmount

LONGEST_PLAN = 30
"""Years ahead that an expected close may lie."""


class CurrencyMismatch(RuleViolated):
    """An amount is in another currency than the opportunity."""

    code = "currency_mismatch"

    def __init__(self, field: str = "/amount") -> None:
        super().__init__("The amount is in another currency than the opportunity.", field=field)


class QuantityNotPossible(RuleViolated):
    """A quantity is above 0, and whole where the product's unit is."""

    code = "quantity_not_possible"


class UnknownProduct(RuleViolated):
    """There is no such product."""

    code = "unknown_product"

    def __init__(self, line: int) -> None:
        super().__init__("There is no such product.", field=f"/lines/{line}/product_id")


class UnknownPerson(RuleViolated):
    """There is no such person, or they have left."""

    code = "unknown_person"

    def __init__(self, field: str = "/principal_id") -> None:
        super().__init__("There is no such person at work here.", field=field)


class PrincipalMoved(Conflict):
    """Somebody else replaced the principal in the meantime."""

    code = "principal_moved"

    def __init__(self) -> None:
        super().__init__("The principal owner was replaced in the meantime: read it again and decide anew.")


class AlreadyMember(Conflict):
    """This person has that role in the team already."""

    code = "already_member"

    def __init__(self) -> None:
        super().__init__("This person has that role in the sales team already.")


class CloseNotPossible(RuleViolated):
    """An expected close lies too far away to be meant."""

    code = "expected_close_not_possible"

    def __init__(self) -> None:
        super().__init__(f"An expected close lies at most {LONGEST_PLAN} years away.", field="/expected_close")


class TermsClosed(Conflict):
    """The terms of what was won or lost stand."""

    code = "opportunity_closed"

    def __init__(self, state: str) -> None:
        super().__init__(f"The opportunity is {state}: its terms stand until it is reopened; reopen it first.")


class NoListPrice(RuleViolated):
    """A list price is to stand in for the amount, and there is none in that currency."""

    code = "no_list_price"

    def __init__(self, line: int) -> None:
        super().__init__("This product has no list price in the opportunity's currency.", field=f"/lines/{line}")


class MayNotName(NotAllowed):
    """They may not make somebody else principal of a new opportunity."""

    code = "may_not_name_principal"

    def __init__(self) -> None:
        super().__init__("You can name yourself or somebody who reports to you as the first principal owner.")


@dataclass(frozen=True, slots=True)
class Line:
    """A product wanted; `unit_price` in the opportunity's currency, None where not agreed."""

    product_id: UUID
    quantity: Decimal
    unit_price: Decimal | None = None
    delivery_date: date | None = None
    delivery_place: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an opportunity is about; `amount` is None where unknown."""

    name: str
    customer_id: UUID | None
    currency: str
    amount: Decimal | None
    amount_is_estimate: bool
    expected_close: date | None
    lines: Sequence[Line]

    @property
    def customers(self) -> list[UUID]:
        """The customer, as a list of one or none."""
        return [self.customer_id] if self.customer_id else []


def check_amount(amount: Money | None, currency: str) -> Decimal | None:
    """Return an amount that can be kept, None where unknown (which is not 0)."""
    exact_money(Decimal(0), currency)
    if amount is None:
        return None
    if amount.currency != currency:
        raise CurrencyMismatch
    if amount.amount < 0:
        raise NegativeAmount
    return exact_money(amount.amount, amount.currency, field="/amount").amount


def check_unit_price(price: Money | None, currency: str) -> Decimal | None:
    """Return a unit price in the opportunity's currency, None where not agreed."""
    if price is None:
        return None
    if price.currency != currency:
        raise CurrencyMismatch("/lines")
    return price.amount


def agreed_line(
    product_id: UUID,
    quantity: Decimal,
    *,
    unit_price: Money | None,
    delivery_date: date | None,
    delivery_place: str | None,
    currency: str,
) -> Line:
    """Return a line whose price, if one is agreed, is in the opportunity's currency."""
    return Line(product_id, quantity, check_unit_price(unit_price, currency), delivery_date, delivery_place)


def check_lines(lines: Sequence[Line], catalogue: dict[UUID, Goods]) -> None:
    """Refuse lines of unknown products, or in quantities that cannot be."""
    for index, line in enumerate(lines):
        goods = catalogue.get(line.product_id)
        if goods is None:
            raise UnknownProduct(index)
        if line.quantity <= 0:
            raise QuantityNotPossible("A quantity is above 0.", field=f"/lines/{index}/quantity")
        if goods.unit_is_whole and line.quantity != line.quantity.to_integral_value():
            raise QuantityNotPossible("This product is sold in whole units.", field=f"/lines/{index}/quantity")
        if line.unit_price is not None and line.unit_price < 0:
            raise NegativeAmount(f"/lines/{index}/unit_price")


def check_expected_close(expected_close: date | None, today: date) -> None:
    """Refuse a date that can only be a mistake; an overdue one is allowed."""
    if expected_close is not None and abs(expected_close.year - today.year) > LONGEST_PLAN:
        raise CloseNotPossible


def list_price_amount(lines: Sequence[Line], catalogue: dict[UUID, Goods], currency: str) -> Decimal:
    """Return what the lines cost at list price, rounded once; every price must be in the currency."""
    total = Decimal(0)
    for index, line in enumerate(lines):
        goods = catalogue[line.product_id]
        if goods.list_price is None or goods.list_price_currency != currency:
            raise NoListPrice(index)
        total += line.quantity * goods.list_price
    return round_money(total, currency)


def line_amount(line: Line, currency: str) -> Decimal | None:
    """Return quantity times unit price, rounded; None where no price is agreed."""
    return None if line.unit_price is None else round_money(line.quantity * line.unit_price, currency)


def search_form(text: str) -> str:
    """Return text as it is searched: without case, accents or width."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFKC", bare).casefold()


def search_pattern(text: str) -> str:
    """Return the LIKE pattern that finds a text anywhere."""
    escaped = search_form(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
