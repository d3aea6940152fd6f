"""How scores are distributed, as a picture (SVG 1.1): a row for each score, its bar divided by what that is worth.

It reads in black and white: each value has a hatching of its own, and each row says in words what its bar shows. Each
model has a part of its own, because a score of one says nothing by another.
"""

from collections.abc import Mapping, Sequence

from servicekit.values.drawing import Hatch, bar, key, label, opened, pattern, seen
from services.opportunity.assessment.rules.reporting import DistributionReport
from services.opportunity.assessment.rules.reports import Bar, Counted, ModelDistribution
from services.opportunity.vocabulary import Value

MARGIN, HEAD, ROW, BAR, PART = 16, 84, 24, 16, 34
"""The edge, heights of the heading, a row, its bar and the line above each model, in pixels."""
NAMES, BARS, WORDS = 84, 380, 360
"""Widths of the columns of scores, bars and words, in pixels."""
WIDTH = 4 * MARGIN + NAMES + BARS + WORDS
LETTERS, LETTERS_OF_LINE = 50, 118
FILLS: Mapping[Value, tuple[Hatch, str]] = {
    Value.HIGH: (Hatch.PLAIN, "#8fd19e"),
    Value.UNDECIDED: (Hatch.DOTTED, "#ffffff"),
    Value.NOT_HIGH: (Hatch.CROSSED, "#d9d9d9"),
}
"""In the order in which they divide a bar."""
WORDS_OF = {Value.HIGH: "high", Value.UNDECIDED: "undecided", Value.NOT_HIGH: "not high"}
_STYLE = (
    "text{font-family:sans-serif;font-size:13px;fill:#000}.head{font-weight:bold;font-size:15px}.name{font-weight:bold}"
    "path{stroke:#000;stroke-dasharray:6 4;fill:none}"
)


def draw(report: DistributionReport, whose: str) -> str:
    """Return the picture of a distribution, the same for the same distribution; `whose` it is stands in the heading."""
    found = report.found
    title = f"Scores of the {report.state} opportunities of {whose} as of {report.as_of}"
    height = HEAD + sum(_height(one) for one in found.models) + MARGIN
    parts = [
        opened(WIDTH, height, name="scores", title=title, description=_description(report), style=_STYLE),
        "<defs>",
        *(pattern(f"scores-{value}", *fill) for value, fill in FILLS.items()),
        "</defs>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        label(MARGIN, MARGIN + 14, title, letters=LETTERS_OF_LINE - 20, kind="head"),
        label(MARGIN, MARGIN + 34, _totals(report), letters=LETTERS_OF_LINE),
        *(
            key(MARGIN + 150 * place, HEAD - 26, f"scores-{value}", WORDS_OF[value])
            for place, value in enumerate(FILLS)
        ),
    ]
    top = HEAD
    for one in found.models:
        parts.append(_part(one, report.names[one.model.number], top))
        top += _height(one)
    return "".join([*parts, "</svg>"])


def _height(one: ModelDistribution) -> int:
    return PART + ROW * len(one.bars)


def _part(one: ModelDistribution, name: str, top: int) -> str:
    """Draw what one model says; a line divides the scores of high value from those below."""
    said = f"{name} (model {one.model.number}): {_counted(one.total, 'assessed')}"
    largest = max((bar.total.count for bar in one.bars), default=0)
    rows = []
    for row, each in enumerate(one.bars):
        rows.append(_row(each, top + PART + ROW * row, largest))
    line = top + PART + ROW * (one.model.threshold + 1) - (ROW - BAR) / 2
    divides = f'<path d="M{MARGIN},{line:.1f} H{WIDTH - MARGIN}"/>'
    above = label(WIDTH - MARGIN, line + 14, f"above {one.model.threshold}: high value", letters=30, anchor="end")
    return "".join((label(MARGIN, top + 22, said, letters=LETTERS_OF_LINE, kind="name"), *rows, divides, above))


def _row(each: Bar, y: int, largest: int) -> str:
    left, parts = float(2 * MARGIN + NAMES), []
    for value in FILLS:
        count = each.by_value[value]
        if count:
            width = count / largest * BARS
            title = f"score {each.score}: {count} {WORDS_OF[value]}"
            parts.append(bar(left, y, width, BAR, fill=f"scores-{value}", title=title))
            left += seen(width)
    baseline = y + BAR * 0.8
    score = label(MARGIN + NAMES, baseline, str(each.score), letters=10, anchor="end")
    return "".join((score, *parts, label(3 * MARGIN + NAMES + BARS, baseline, words_of(each), letters=LETTERS)))


def words_of(each: Bar) -> str:
    """Say how many have a score, what that is worth, and how many by an assessment that is outdated."""
    if not each.total.count:
        return "0"
    found = [f"{each.by_value[value]} {WORDS_OF[value]}" for value in FILLS if each.by_value[value]]
    values = found[0] if len(found) == 1 else f"{each.total.count}: {', '.join(found)}"
    outdated = f"; {each.total.outdated} outdated" if each.total.outdated else ""
    return f"{values}{outdated}"


def _counted(counted: Counted, word: str) -> str:
    outdated = f", {counted.outdated} of them outdated" if counted.outdated else ""
    return f"{counted.count} {word}{outdated}"


def _totals(report: DistributionReport) -> str:
    found = report.found
    simulated = f", {found.simulated} simulated" if found.simulated else ""
    values = ", ".join(f"{found.by_value[value].count} {WORDS_OF[value]}" for value in FILLS)
    return f"{_counted(found.assessed, 'assessed')}: {values}; {found.unassessed} not assessed{simulated}"


def _description(report: DistributionReport) -> str:
    told: list[str] = [f"{_totals(report)}."]
    for one in report.found.models:
        bars: Sequence[Bar] = [each for each in one.bars if each.total.count]
        told.append(f"{report.names[one.model.number]}, high value above {one.model.threshold}:")
        told += [f"score {each.score}: {words_of(each)}." for each in bars]
    return " ".join(told)
