"""Netting, horizons and the names of files: pure."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.forecast.cycles.rules.definition import PlanPeriod
from services.forecast.erp.rules import erpnext, files, odoo
from services.forecast.erp.rules.demand import Demand, Handed
from services.forecast.erp.rules.files import PlanFile
from services.forecast.erp.rules.netting import net
from services.forecast.erp.rules.periods import Horizon, last_day
from services.forecast.erp.rules.systems import ErpKind, SystemFields, UnknownErpSystem

ZERO = Decimal(0)
quantities = some.decimals(0, 10**6, places=4)


def demand(quantity: int, orders: int = 0, earlier: int = 0, item: str = "BOOT", month: int = 12) -> Demand:
    period = date(2026, month, 1)
    numbers = (Decimal(quantity), Decimal(earlier), Decimal(earlier), Decimal(orders))
    return Demand("Ghent", item, None, period, True, *numbers)


def handed(version: int = 1, first: int = 11, last: int = 12) -> Handed:
    system = SystemFields("erpnext", ErpKind.ERPNEXT, "Boots Ltd", None, None)
    horizon = Horizon(PlanPeriod.MONTH, date(2026, first, 1), date(2026, last, 1))
    at = datetime(2026, 10, 5, tzinfo=UTC)
    return Handed(system, UUID(int=1), UUID(int=2), "Fourth quarter", date(2026, 10, 1), version, at, at, horizon)


def test_an_erp_that_spreads_a_forecast_and_adds_an_order_is_given_what_is_not_ordered() -> None:
    """Gross, 300 in a month of 30 days and one order of 300 are planned as 300 + 29 × 10; net as 300."""

    def planned_by_erpnext(forecast: Decimal, order: Decimal, days: int = 30) -> Decimal:
        daily = forecast / days
        return max(daily, order) + (days - 1) * daily

    forecast, order = Decimal(300), Decimal(300)
    assert planned_by_erpnext(forecast, order) == 590
    assert net(forecast, order) == 0
    assert planned_by_erpnext(net(forecast, order), order) == 300


@given(forecast=quantities, orders=quantities, earlier=quantities)
def test_what_is_left_is_never_negative_and_never_more_than_the_forecast(
    forecast: Decimal, orders: Decimal, earlier: Decimal
) -> None:
    left = net(forecast, orders, earlier)
    assert 0 <= left <= forecast
    both = left + net(earlier, orders)
    assert both == max(ZERO, forecast + earlier - orders)


def test_whole_units_stay_whole() -> None:
    assert net(Decimal("2.5"), ZERO, is_whole=True) == 3
    assert net(Decimal(3), Decimal("0.4"), is_whole=True) == 3


def test_no_period_of_the_horizon_is_left_out() -> None:
    months = Horizon(PlanPeriod.MONTH, date(2026, 11, 1), date(2027, 2, 1)).periods()
    assert list(months) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    weeks = Horizon(PlanPeriod.WEEK, date(2026, 12, 28), date(2027, 1, 4)).periods()
    assert list(weeks) == [date(2026, 12, 28), date(2027, 1, 4)]
    assert last_day(PlanPeriod.MONTH, date(2028, 2, 1)) == date(2028, 2, 29)
    assert last_day(PlanPeriod.WEEK, date(2026, 12, 28)) == date(2027, 1, 3)


def test_a_sales_forecast_has_a_row_for_every_item_and_period() -> None:
    made = erpnext.document(handed(), "Ghent - BL", [demand(300, orders=100), demand(0, item="SHOE")])
    rows = [(row["item_code"], row["delivery_date"], row["demand_qty"]) for row in made["items"]]
    assert rows == [
        ("BOOT", "2026-11-01", 0),
        ("BOOT", "2026-12-01", 200),
        ("SHOE", "2026-11-01", 0),
        ("SHOE", "2026-12-01", 0),
    ]
    assert (made["from_date"], made["demand_number"], made["frequency"]) == ("2026-11-01", 2, "Monthly")


def test_a_document_names_plan_version_and_place_and_those_it_replaces() -> None:
    third = erpnext.entry(handed(3), "Ghent - BL", [demand(1)])
    assert "v3" in third["name"]
    assert "Ghent - BL" in third["name"]
    assert "net of orders" in third["name"]
    earlier = [erpnext.entry(handed(version), "Ghent - BL", [demand(1)])["name"] for version in (1, 2)]
    assert third["replaces"] == earlier


def test_an_estimate_is_known_again_in_every_version() -> None:
    ids = {odoo.external_id(UUID(int=2), demand(quantity)) for quantity in (1, 2)}
    assert len(ids) == 1
    others = {odoo.external_id(UUID(int=3), demand(1)), odoo.external_id(UUID(int=2), demand(1, month=11))}
    assert not ids & others
    module, _, name = ids.pop().partition(".")
    assert (module, name.replace("_", "").isalnum()) == ("keyaccount", True)


def test_the_only_system_of_a_kind_need_not_be_named() -> None:
    one = SystemFields("a", ErpKind.ODOO, None, None, None)
    two = SystemFields("b", ErpKind.ODOO, None, None, None)
    frepple = SystemFields("c", ErpKind.FREPPLE, None, "All customers", None)
    assert files.chosen(PlanFile.ODOO_CSV, None, [one, frepple]) == one
    assert files.chosen(PlanFile.ODOO_CSV, "b", [one, two]) == two
    for name, systems in ((None, [one, two]), (None, []), ("c", [one, frepple])):
        with pytest.raises(UnknownErpSystem):
            files.chosen(PlanFile.ODOO_CSV, name, systems)
