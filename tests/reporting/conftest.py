import pytest

from keyaccount.reporting.figures import Forecast, Level, Plan, PlanLine, Report, Stage, Total


@pytest.fixture
def report() -> Report:
    return Report(
        customers=1701,
        currency="USD",
        as_of="2026-11-23",
        rate_date="2025-05-01",
        won=Total(406, "8778552.06", 0),
        lost=Total(12, "0.00", 12),
        open=Total(3, "1200.50", 1),
        stages=(
            Stage("find_contact", 2, "1000.50", "52.34", "warning"),
            Stage("confirm_need", 1, "200.00", "99.99", "good"),
            Stage("map_organisation", 0, "0.00", None, "unknown"),
            Stage("close", 4, "88000.00", "100.00", "excellent"),
        ),
        simulated=1500,
        unconverted={"XAF": "1000.00"},
        forecast=Forecast(
            "2026 Q4",
            (
                Level("Brian Welcker", 3, "approved", "0.00", "150.00", "-10.00", "140.00"),
                Level("Stephen Jiang", 2, "submitted", "0.00", "100.00", "50.00", "150.00"),
                Level("Linda Mitchell", 1, "submitted", "100.00", "100.00", "0.00", "100.00"),
            ),
        ),
        demand_plan=Plan(
            1, tuple(PlanLine(f"Bike {n}", "2026-12-01", "Memphis, US", str(n), f"{n}0.00") for n in range(1, 15))
        ),
    )
