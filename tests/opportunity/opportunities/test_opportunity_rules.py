from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from servicekit.values.money import AmountNotExact, Money, UnknownCurrency
from services.opportunity.opportunities import rules
from services.opportunity.opportunities.rules import Line
from services.opportunity.opportunities.rules import standing as standing_rules
from services.opportunity.opportunities.rules.standing import Somebody, Standing, standings_of
from services.opportunity.products.rules import Goods
from services.opportunity.refusals import MayNotDo, NegativeAmount

SHOE = Goods(uuid4(), uuid4(), unit_is_whole=True, list_price=Decimal("12.50"), list_price_currency="USD")
GLUE = Goods(uuid4(), uuid4(), unit_is_whole=False, list_price=Decimal("3.333"), list_price_currency="USD")
BARE = Goods(uuid4(), uuid4(), unit_is_whole=False, list_price=None, list_price_currency=None)
CATALOGUE = {goods.id: goods for goods in (SHOE, GLUE, BARE)}


def test_an_unknown_amount_is_unknown_and_zero_is_an_amount() -> None:
    assert rules.check_amount(None, "USD") is None
    assert rules.check_amount(Money(Decimal(0), "USD"), "USD") == 0


@pytest.mark.parametrize(
    ("amount", "currency", "error"),
    [
        (Money(Decimal(-1), "USD"), "USD", NegativeAmount),
        (Money(Decimal(1), "EUR"), "USD", rules.CurrencyMismatch),
        (Money(Decimal("1.001"), "USD"), "USD", AmountNotExact),
        (Money(Decimal("1.1"), "JPY"), "JPY", AmountNotExact),
        (Money(Decimal(10) ** 16, "USD"), "USD", AmountNotExact),
        (None, "XQQ", UnknownCurrency),
    ],
)
def test_amounts_that_cannot_be_are_refused(amount: Money | None, currency: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.check_amount(amount, currency)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (Line(uuid4(), Decimal(1)), rules.UnknownProduct),
        (Line(SHOE.id, Decimal(0)), rules.QuantityNotPossible),
        (Line(SHOE.id, Decimal("1.5")), rules.QuantityNotPossible),
        (Line(SHOE.id, Decimal(1), Decimal(-1)), NegativeAmount),
    ],
)
def test_lines_that_cannot_be_are_refused(line: Line, error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.check_lines([line], CATALOGUE)


def test_list_prices_stand_in_rounded_once() -> None:
    lines = [Line(SHOE.id, Decimal(2)), Line(GLUE.id, Decimal("1.5")), Line(GLUE.id, Decimal("1.5"))]
    rules.check_lines(lines, CATALOGUE)
    assert rules.list_price_amount(lines, CATALOGUE, "USD") == Decimal("35.00")
    for line, currency in ((Line(BARE.id, Decimal(1)), "USD"), (Line(SHOE.id, Decimal(1)), "EUR")):
        with pytest.raises(rules.NoListPrice):
            rules.list_price_amount([line], CATALOGUE, currency)


def test_the_amount_of_a_line_is_unknown_without_a_price() -> None:
    assert rules.line_amount(Line(SHOE.id, Decimal(3)), "USD") is None
    assert rules.line_amount(Line(SHOE.id, Decimal(3), Decimal("1.115")), "USD") == Decimal("3.35")


def test_an_expected_close_far_away_is_a_mistake_and_an_overdue_one_is_not() -> None:
    today = date(2026, 11, 23)
    rules.check_expected_close(date(2026, 1, 1), today)
    with pytest.raises(rules.CloseNotPossible):
        rules.check_expected_close(date(2226, 1, 1), today)


@pytest.mark.parametrize(
    ("standing", "edits", "closes"),
    [
        (Standing.PRINCIPAL, True, True),
        (Standing.SUPERIOR, True, True),
        (Standing.OPERATIONS, True, True),
        (Standing.CO_SELLER, True, False),
        (Standing.MEMBER, False, False),
        (Standing.CUSTOMER_SIDE, False, False),
    ],
)
def test_what_each_may_do(standing: Standing, edits: bool, closes: bool) -> None:
    for allowed, check in ((edits, standing_rules.check_may_edit), (closes, standing_rules.check_may_close)):
        if allowed:
            check([standing])
        else:
            with pytest.raises(MayNotDo):
                check([standing])


def test_a_principal_never_stands_above_themselves_also_not_as_a_stand_in() -> None:
    principal, manager = uuid4(), uuid4()
    path = f"{manager.hex}.{principal.hex}"
    as_manager = Somebody(principal, manager, is_operations=False)
    assert standings_of(as_manager, principal, path, []) == {Standing.PRINCIPAL}
    assert standings_of(Somebody(manager, manager, is_operations=False), principal, path, []) == {Standing.SUPERIOR}
    assert standings_of(Somebody(uuid4(), uuid4(), is_operations=False), principal, path, []) == {
        Standing.CUSTOMER_SIDE
    }


@pytest.mark.parametrize(
    ("text", "found"), [("ＡＢＣ Größe", "abc grosse"), ("Électro", "electro"), ("大客户", "大客户")]
)
def test_text_is_searched_without_case_accents_or_width(text: str, found: str) -> None:
    assert rules.search_form(text) == found


def test_a_search_takes_no_wildcards_from_people() -> None:
    assert rules.search_pattern("50%_\\") == "%50\\%\\_\\\\%"
