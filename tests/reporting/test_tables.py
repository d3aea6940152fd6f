"""What people read."""

import io
from dataclasses import replace

from rich.console import Console

from keyaccount.reporting.figures import Forecast, Level, Report, money
from keyaccount.reporting.tables import show


def printed(report: Report) -> str:
    console = Console(file=io.StringIO(), width=120)
    show(console, report)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_the_funnel_says_health_in_words(report: Report) -> None:
    lines = printed(report).splitlines()

    assert lines[0] == (
        "1,701 customers. Amounts in USD, at rates of 2025-05-01, as of 2026-11-23."
        " 1,500 of the opportunities are simulated."
    )
    row = {line.split()[1]: line for line in lines if "│" in line}
    assert "52 %" in row["find_contact"]
    assert "warning" in row["find_contact"]
    assert "99 %" in row["confirm_need"]  # what is not excellent must not read 100
    assert "good, watch it" in row["confirm_need"]
    assert "unknown" in row["map_organisation"]
    assert "close (won this quarter)" in row["close"]
    assert "8,778,552.06" in row["won"]
    assert "12 of unknown amount" in row["lost"]
    assert "Not in the sums, for lack of a rate: 1,000 XAF." in lines


def test_the_roll_up_is_indented_by_level(report: Report) -> None:
    lines = printed(report).splitlines()

    rows = [line for line in lines if "Brian" in line or "Stephen" in line or "Linda" in line]
    starts = [line.index(name) for line, name in zip(rows, ("Brian", "Stephen", "Linda"), strict=True)]
    assert starts == [starts[0], starts[0] + 2, starts[0] + 4]
    assert "-10" in rows[0]


def test_the_plan_shows_its_largest_lines_and_the_sum_of_all(report: Report) -> None:
    text = printed(report)

    assert "Bike 14" in text
    assert "2 more lines" in text
    row = next(line for line in text.splitlines() if "│ all" in line)
    assert "105" in row
    assert "1,050" in row
    assert "By month: 2026-12: 1,050" in text


def test_nothing_is_loaded(report: Report) -> None:
    nothing = replace(report.won, count=0)
    empty = replace(report, won=nothing, lost=nothing, open=nothing, forecast=None, demand_plan=None, simulated=0)

    text = printed(empty)

    assert "Funnel" not in text
    assert "simulated" not in text


def test_what_did_not_answer_is_named(report: Report) -> None:
    text = printed(replace(report, forecast=None, demand_plan=None, unavailable=("forecast",)))

    assert "The service 'forecast' did not answer: its part is missing." in text


def test_money_for_people() -> None:
    assert money("1234567.00") == "1,234,567"
    assert money("-10.50") == "-10.50"


def test_what_is_not_handed_in_says_so(report: Report) -> None:
    missing = Level("Linda Mitchell", 1, "missing", None, None, None, None)
    text = printed(replace(report, forecast=Forecast("2026 Q4", (missing,))))

    assert "missing" in next(line for line in text.splitlines() if "Linda" in line)
