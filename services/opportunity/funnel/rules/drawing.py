"""The funnel as a picture (SVG 1.1): one bar for each stage, as wide as what stands in it, coloured by its health.

It reads in black and white: the state is a word beside each bar, and each state has a hatching of its own.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from servicekit.values.drawing import Hatch, bar, key, label, opened, pattern, seen
from services.opportunity.baselines.rules import Basis
from services.opportunity.definitions.rules import Definition
from services.opportunity.funnel.rules.health import HealthState, Trend
from services.opportunity.funnel.rules.report import FunnelReport, StageLine

NAMES, BARS, WORDS, ROW, BAR, MARGIN, HEAD = 190, 360, 430, 46, 34, 16, 68
"""Widths of the columns of names, bars and words, heights of a row and its bar, the edge and the heading, in pixels."""
LETTERS_OF_NAME, LETTERS = 24, 58
FILLS: Mapping[HealthState, tuple[Hatch, str]] = {
    HealthState.EXCELLENT: (Hatch.PLAIN, "#8fd19e"),
    HealthState.GOOD: (Hatch.RISING, "#ffe08a"),
    HealthState.WARNING: (Hatch.CROSSED, "#f5a3a3"),
    HealthState.UNKNOWN: (Hatch.DOTTED, "#ffffff"),
}
_STYLE = (
    "text{font-family:sans-serif;font-size:13px;fill:#000}.head{font-weight:bold;font-size:15px}.name{font-weight:bold}"
)


def names_of(definition: Definition) -> dict[str, str]:
    """Return how each stage is called on the picture."""
    return {stage.key: f"{stage.order} {stage.name}" for stage in definition.stages}


def draw(report: FunnelReport, whose: str, names: Mapping[str, str]) -> str:
    """Return the picture of a funnel, the same for the same funnel; `names` says how each stage is called."""
    stages = report.funnel.stages
    width = 4 * MARGIN + NAMES + BARS + WORDS
    height = HEAD + ROW * len(stages) + ROW
    title = f"Funnel of {whose} as of {report.as_of}, by {report.basis}"
    said = [f"{names.get(line.stage, line.stage)}: {words_of(line, report.currency)}." for line in stages]
    parts = [
        opened(width, height, name="funnel", title=title, description=" ".join(said), style=_STYLE),
        "<defs>",
        *(pattern(f"funnel-{state}", *fill) for state, fill in FILLS.items()),
        "</defs>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        label(MARGIN, MARGIN + 14, title, letters=2 * LETTERS, kind="head"),
        label(MARGIN, MARGIN + 32, _totals(report), letters=2 * LETTERS),
    ]
    largest = max((_measure(line, report.basis) for line in stages), default=Decimal(0))
    for row, line in enumerate(stages):
        name = names.get(line.stage, line.stage)
        parts.append(_row(line, name, HEAD + ROW * row, largest=largest, report=report))
    parts.append(_legend(HEAD + ROW * len(stages) + MARGIN // 2))
    return "".join([*parts, "</svg>"])


def words_of(line: StageLine, currency: str) -> str:
    """Say what stands in a stage and how healthy that is."""
    unknown = f", {line.unknown_amount} of unknown amount" if line.unknown_amount else ""
    health = f"{line.health.percent} % " if line.health.percent is not None else ""
    trend = f", {line.trend}" if line.trend is not Trend.UNKNOWN else ""
    return f"{line.count} · {line.amount} {currency}{unknown} · {health}{line.health.state}{trend}"


def _measure(line: StageLine, basis: Basis) -> Decimal:
    return Decimal(line.count) if basis is Basis.COUNT else line.amount


def _row(line: StageLine, name: str, y: int, *, largest: Decimal, report: FunnelReport) -> str:
    share = _measure(line, report.basis) / largest if largest else Decimal(0)
    width = float(share) * BARS
    x = 2 * MARGIN + NAMES + (BARS - seen(width)) / 2
    words = words_of(line, report.currency)
    return "".join(
        (
            label(MARGIN, y + BAR * 0.65, name, letters=LETTERS_OF_NAME, kind="name"),
            bar(x, y, width, BAR, fill=f"funnel-{line.health.state}", title=f"{name}: {words}"),
            label(3 * MARGIN + NAMES + BARS, y + BAR * 0.65, words, letters=LETTERS),
        )
    )


def _totals(report: FunnelReport) -> str:
    funnel = report.funnel
    said = f"{funnel.open.count} open: {funnel.open.amount} {report.currency}, weighted {funnel.weighted}"
    return f"{said}; {funnel.won.count} won, {funnel.lost.count} lost"


def _legend(y: int) -> str:
    """Show what colour and hatching each state has, in words."""
    meanings: Sequence[tuple[HealthState, str]] = (
        (HealthState.EXCELLENT, "excellent: 100 % and more"),
        (HealthState.GOOD, "good: 70 % to 100 %"),
        (HealthState.WARNING, "warning: below 70 %"),
        (HealthState.UNKNOWN, "unknown: no baseline"),
    )
    return "".join(
        key(MARGIN + place * 240, y, f"funnel-{state}", meaning) for place, (state, meaning) in enumerate(meanings)
    )
