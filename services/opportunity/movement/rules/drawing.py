"""A movement as a picture (SVG 1.1): a waterfall, from the opening down to the closing, one row for each part.

It reads in black and white: each row has its word, its sign and its figures; what adds is hatched upwards, what takes
away downwards, opening and closing are solid. Words, bars and figures have columns of their own, so that nothing
overlaps whatever the figures are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from servicekit.values.drawing import fitted, hatchings, opened, seen, written
from services.opportunity.movement.rules.figures import Column
from services.opportunity.movement.rules.parts import TAKEN_AWAY, Part
from services.opportunity.movement.rules.report import Line, Movement, Shown

MARGIN, TOP, ROW, BAR = 16, 64, 34, 20
WORDS, BARS, FIGURES = 150, 400, 390
"""Widths of the columns of words, bars and figures, in pixels."""
LETTERS = 54
"""Columns of text that the figures of a row hold."""
WIDTH = MARGIN + WORDS + BARS + FIGURES + MARGIN
NAMES = {
    Part.OPENING: "Opening",
    Part.NEW: "New",
    Part.ENTERED: "Entered the scope",
    Part.MOVED_IN: "Moved in",
    Part.RAISED: "Raised",
    Part.LOWERED: "Lowered",
    Part.WON: "Won",
    Part.LOST: "Lost",
    Part.LEFT: "Left the scope",
    Part.MOVED_OUT: "Moved out",
    Part.CLOSING: "Closing",
}
ENDS = (Part.OPENING, Part.CLOSING)
_STYLE = (
    "text{font-family:sans-serif;font-size:13px;fill:#000}.head{font-size:16px;font-weight:bold}"
    ".figures{font-variant-numeric:tabular-nums}rect{stroke:#000;stroke-width:1}.end{fill:#444}"
    ".up{fill:url(#movement-rising)}.down{fill:url(#movement-falling)}path{stroke:#000;stroke-dasharray:2 3;fill:none}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the waterfall: from one running total to the next."""

    part: Part
    shown: Shown
    before: Decimal
    after: Decimal


def bars_of(line: Line) -> list[Bar]:
    """Return the steps from the opening to the closing, each beginning where the one before ends."""
    bars, total = [], Decimal(0)
    for part in Part:
        amount = line[part].amount
        if part in ENDS:
            before, after = Decimal(0), amount
        else:
            before, after = total, total - amount if part in TAKEN_AWAY else total + amount
        bars.append(Bar(part, line[part], before, after))
        total = after
    return bars


def draw(found: Movement, whose: str) -> str:
    """Return the picture of a movement, the same for the same movement; `whose` it is stands in the heading."""
    bars = bars_of(found.whole)
    least = min(Decimal(0), *(min(bar.before, bar.after) for bar in bars))
    most = max(Decimal(0), *(max(bar.before, bar.after) for bar in bars))
    span = (most - least) or Decimal(1)

    def across(amount: Decimal) -> float:
        return round(MARGIN + WORDS + float((amount - least) / span) * BARS, 2)

    title = f"Movement of {whose} from {found.from_date.isoformat()} to {found.to_date.isoformat()}"
    height = TOP + ROW * len(bars) + MARGIN
    parts = [
        opened(
            WIDTH, height, name="movement", title=title, description=_description(bars, found.currency), style=_STYLE
        ),
        hatchings("movement"),
        f'<text class="head" x="{MARGIN}" y="28">{written(fitted(title, 100))}</text>',
        f'<text x="{MARGIN}" y="48">{written(_beside(found))}</text>',
    ]
    for place, bar in enumerate(bars):
        parts.append(_row(bar, TOP + ROW * place, across(bar.before), across(bar.after), found.currency))
        if place + 1 < len(bars):
            at, top = across(bar.after), TOP + ROW * place + BAR
            parts.append(f'<path d="M{at},{top} V{top + ROW - BAR}"/>')
    return "".join([*parts, "</svg>"])


def _row(bar: Bar, top: int, before: float, after: float, currency: str) -> str:
    kind = "end" if bar.part in ENDS else "down" if bar.part in TAKEN_AWAY else "up"
    width = seen(abs(after - before) if bar.before != bar.after else 0)
    left = min(before, after, MARGIN + WORDS + BARS - width)
    said = _said(bar, currency)
    return (
        f"<g><title>{written(f'{NAMES[bar.part]}: {said}')}</title>"
        f'<text x="{MARGIN}" y="{top + 15}">{written(NAMES[bar.part])}</text>'
        f'<rect class="{kind}" x="{round(left, 2)}" y="{top}" width="{round(width, 2)}" height="{BAR}"/>'
        f'<text class="figures" x="{WIDTH - MARGIN}" y="{top + 15}" text-anchor="end">'
        f"{written(fitted(said, LETTERS))}</text></g>"
    )


def _said(bar: Bar, currency: str) -> str:
    sign = "" if bar.part in ENDS or not bar.shown.amount else "−" if bar.part in TAKEN_AWAY else "+"
    unknown = f", {bar.shown.unknown_amount} unknown" if bar.shown.unknown_amount else ""
    return f"{sign}{bar.shown.amount:,f} {currency} ({bar.shown.count}{unknown})"


def _description(bars: Sequence[Bar], currency: str) -> str:
    return " ".join(f"{NAMES[bar.part]} {_said(bar, currency)}." for bar in bars)


def _beside(found: Movement) -> str:
    """Return what stands beside the sum: the steps between stages, and what no rate could convert."""
    steps = (("advanced", found.advanced), ("slipped back", found.slipped))
    said = [f"{shown.count} {word} ({shown.amount:,f} {found.currency})" for word, shown in steps]
    ends: tuple[Column, ...] = ENDS
    apart = sorted({currency for part in ends for currency in found.whole[part].unconverted})
    return " · ".join([*said, *([f"without a rate: {', '.join(apart[:8])}"] if apart else [])])
