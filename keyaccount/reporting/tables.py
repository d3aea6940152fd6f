"""A report as tables for people."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from keyaccount.reporting.figures import Forecast, Level, Plan, PlanLine, Report, Stage, money

_STYLES = {"excellent": "green", "good": "yellow", "warning": "red", "unknown": "dim"}
_WORDS = {"excellent": "excellent", "good": "good, watch it", "warning": "warning", "unknown": "unknown"}
PLAN_LINES = 12
"""Lines of the plan shown to people; the others are summed up."""


def show(console: Console, report: Report) -> None:
    """Print the whole report."""
    console.print(Text(_headline(report)), soft_wrap=True)
    if not report.funnel_is_empty:
        console.print(funnel_table(report))
    for currency, amount in report.unconverted.items():
        console.print(Text(f"Not in the sums, for lack of a rate: {money(amount)} {currency}.", "yellow"))
    if report.forecast is not None:
        console.print(forecast_table(report.forecast, report.currency))
    if report.demand_plan is not None:
        console.print(plan_table(report.demand_plan, report.currency))
    for service in report.unavailable:
        console.print(Text(f"The service '{service}' did not answer: its part is missing.", "red"))


def _headline(report: Report) -> str:
    rates = f", at rates of {report.rate_date}" if report.rate_date else ""
    simulated = f" {report.simulated:,} of the opportunities are simulated." if report.simulated else ""
    return f"{report.customers:,} customers. Amounts in {report.currency}{rates}, as of {report.as_of}.{simulated}"


def funnel_table(report: Report) -> Table:
    """Return the funnel with its health, in colours and in words."""
    table = Table("Stage", "Count", "Amount", "Health", "", title="Funnel", title_justify="left")
    for column in table.columns[1:4]:
        column.justify = "right"
    for stage in report.stages:
        is_last = stage is report.stages[-1]
        name = f"{stage.stage} (won this quarter)" if is_last else stage.stage
        table.add_row(name, f"{stage.count:,}", money(stage.amount), _health(stage), _word(stage))
    table.add_section()
    for name, total in (("open", report.open), ("won", report.won), ("lost", report.lost)):
        unknown = f"{total.unknown_amount:,} of unknown amount" if total.unknown_amount else ""
        table.add_row(name, f"{total.count:,}", money(total.amount), "", Text(unknown, "dim"))
    return table


def _health(stage: Stage) -> Text:
    """Return whole percents, cut off: 99.99 is not excellent and must not read 100."""
    shown = "–" if stage.health is None else f"{int(Decimal(stage.health))} %"
    return Text(shown, _STYLES.get(stage.state, ""))


def _word(stage: Stage) -> Text:
    return Text(_WORDS.get(stage.state, stage.state), _STYLES.get(stage.state, ""))


def forecast_table(forecast: Forecast, currency: str) -> RenderableType:
    """Return the roll-up from the top down, each level's part kept apart."""
    title = f"Forecast {forecast.period}, {currency}"
    table = Table("Level", "Who", "Gathered and own", "Adjustment", "Result", title=title, title_justify="left")
    for column in table.columns[2:]:
        column.justify = "right"
    top = max((level.level for level in forecast.levels), default=0)
    for level in forecast.levels:
        who = f"{'  ' * (top - level.level)}{level.person}"
        table.add_row(str(level.level), who, *_figures(level))
    return table


def _figures(level: Level) -> tuple[str | Text, ...]:
    if level.gathered is None or level.adjustment is None or level.result is None:
        return "", "", Text(level.state, "yellow")
    adjustment = money(level.adjustment) if Decimal(level.adjustment) else ""
    stale = level.state == "stale"
    result = Text(f"{money(level.result)} (stale)", "yellow") if stale else money(level.result)
    return money(level.gathered), adjustment, result


def plan_table(plan: Plan, currency: str) -> RenderableType:
    """Return the plan's largest lines by product, month and place, and the total of all."""
    title = f"Demand plan, version {plan.version}, {currency}"
    table = Table("Product", "Month", "Place", "Quantity", "Amount", title=title, title_justify="left")
    for column in table.columns[3:]:
        column.justify = "right"
    ordered = sorted(plan.lines, key=lambda line: -Decimal(line.amount))
    for line in ordered[:PLAN_LINES]:
        table.add_row(line.product, line.month[:7], line.place, money(line.quantity), money(line.amount))
    rest = ordered[PLAN_LINES:]
    if rest:
        table.add_row(Text(f"{len(rest):,} more lines", "dim"), "", "", money(_sum(rest, "quantity")), _amount(rest))
    table.add_section()
    table.add_row("all", "", "", money(_sum(plan.lines, "quantity")), _amount(plan.lines))
    months: defaultdict[str, list[PlanLine]] = defaultdict(list)
    for line in plan.lines:
        months[line.month[:7]].append(line)
    by_month = ", ".join(f"{month}: {_amount(lines)}" for month, lines in sorted(months.items()))
    return Group(table, Text(f"By month: {by_month}", "dim"))


def _sum(lines: Iterable[PlanLine], part: str) -> str:
    return str(sum((Decimal(getattr(line, part)) for line in lines), Decimal(0)))


def _amount(lines: Iterable[PlanLine]) -> str:
    return money(_sum(lines, "amount"))
