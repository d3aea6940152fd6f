"""A waterfall as a picture (SVG 1.1): from what was to what is, one row for each step.

It reads in black and white: each row has its word, its sign and its figures; what adds is hatched upwards, what takes
away downwards, both ends are solid. Words, bars and figures have columns of their own, so that nothing overlaps
whatever the figures are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from servicekit.values.drawing import fitted, hatchings, opened, seen, written

MARGIN, TOP, ROW, BAR = 16, 64, 34, 20
WORDS, BARS, FIGURES = 150, 400, 390
"""Widths of the columns of words, bars and figures, in pixels."""
LETTERS = 54
"""Columns of text that the figures of a row hold."""
WIDTH = MARGIN + WORDS + BARS + FIGURES + MARGIN


class Kind(StrEnum):
    """What a step is: an end, or what adds, or takes away."""

    END = "end"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Step:
    """A row: its word, its figures in words, and from which running total to which it goes."""

    name: str
    said: str
    before: Decimal
    after: Decimal
    kind: Kind


def waterfall(steps: Sequence[Step], *, name: str, title: str, beside: str) -> str:
    """Return the picture of steps, the same for the same steps; `beside` is a line of words below the title."""
    least = min(Decimal(0), *(min(step.before, step.after) for step in steps))
    most = max(Decimal(0), *(max(step.before, step.after) for step in steps))
    span = (most - least) or Decimal(1)

    def across(amount: Decimal) -> float:
        return round(MARGIN + WORDS + float((amount - least) / span) * BARS, 2)

    description = " ".join(f"{step.name} {step.said}." for step in steps)
    height = TOP + ROW * len(steps) + MARGIN
    parts = [
        opened(WIDTH, height, name=name, title=title, description=description, style=_style(name)),
        hatchings(name),
        f'<text class="head" x="{MARGIN}" y="28">{written(fitted(title, 100))}</text>',
        f'<text x="{MARGIN}" y="48">{written(beside)}</text>',
    ]
    for place, step in enumerate(steps):
        parts.append(_row(step, TOP + ROW * place, across(step.before), across(step.after)))
        if place + 1 < len(steps):
            at, top = across(step.after), TOP + ROW * place + BAR
            parts.append(f'<path d="M{at},{top} V{top + ROW - BAR}"/>')
    return "".join([*parts, "</svg>"])


def _style(name: str) -> str:
    return (
        "text{font-family:sans-serif;font-size:13px;fill:#000}.head{font-size:16px;font-weight:bold}"
        ".figures{font-variant-numeric:tabular-nums}rect{stroke:#000;stroke-width:1}.end{fill:#444}"
        f".up{{fill:url(#{name}-rising)}}.down{{fill:url(#{name}-falling)}}"
        "path{stroke:#000;stroke-dasharray:2 3;fill:none}"
    )


def _row(step: Step, top: int, before: float, after: float) -> str:
    width = seen(abs(after - before) if step.before != step.after else 0)
    left = min(before, after, MARGIN + WORDS + BARS - width)
    return (
        f"<g><title>{written(f'{step.name}: {step.said}')}</title>"
        f'<text x="{MARGIN}" y="{top + 15}">{written(step.name)}</text>'
        f'<rect class="{step.kind}" x="{round(left, 2)}" y="{top}" width="{round(width, 2)}" height="{BAR}"/>'
        f'<text class="figures" x="{WIDTH - MARGIN}" y="{top + 15}" text-anchor="end">'
        f"{written(fitted(step.said, LETTERS))}</text></g>"
    )
