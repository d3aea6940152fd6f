"""Forecast against quota and actuals as a picture (SVG 1.1): for each period a bar of each, and in words.

It reads in black and white: each kind of bar has a hatching of its own, and each row says what its bars show. A figure
that there is none of has no bar and is called so in words.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from servicekit.values.drawing import Hatch, bar, key, label, opened, pattern
from servicekit.values.money import round_money
from services.forecast.accuracy.rules.tracking import Track, TrackPoint

MARGIN, HEAD, BAR, GAP = 16, 96, 16, 14
"""The edge, heights of the heading, of a bar and of what is between periods, in pixels."""
PERIODS, BARS, WORDS = 100, 420, 380
"""Widths of the columns of periods, bars and words, in pixels."""
WIDTH = 4 * MARGIN + PERIODS + BARS + WORDS
LETTERS, LETTERS_OF_LINE = 52, 120
FILLS: Mapping[str, tuple[Hatch, str]] = {
    "forecast": (Hatch.RISING, "#ffffff"),
    "quota": (Hatch.DOTTED, "#ffffff"),
    "won": (Hatch.PLAIN, "#555555"),
}
"""What is drawn of each period, from above."""
_STYLE = (
    "text{font-family:sans-serif;font-size:13px;fill:#000}.head{font-weight:bold;font-size:15px}.name{font-weight:bold}"
)


def draw(track: Track) -> str:
    """Return the picture of a track, the same for the same track."""
    currency = track.cycle.currency
    title = f"Forecast, quota and won: {track.name or 'the whole line'}, by {track.cycle.period_kind}, in {currency}"
    rows = [_figures(point) for point in track.points]
    most = max((figure for row in rows for figure in row.values() if figure is not None), default=Decimal(0))
    step = len(FILLS) * BAR + GAP
    height = HEAD + step * max(len(rows), 1) + MARGIN
    said = [_said(point, currency) for point in track.points]
    parts = [
        opened(WIDTH, height, name="track", title=title, description=" ".join(said) or NOTHING, style=_STYLE),
        "<defs>",
        *(pattern(f"track-{kind}", *fill) for kind, fill in FILLS.items()),
        "</defs>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        label(MARGIN, MARGIN + 14, title, letters=LETTERS_OF_LINE - 20, kind="head"),
        label(MARGIN, MARGIN + 34, _beside(track), letters=LETTERS_OF_LINE),
        *(key(MARGIN + 130 * place, HEAD - 34, f"track-{kind}", kind) for place, kind in enumerate(FILLS)),
    ]
    if not rows:
        parts.append(label(MARGIN, HEAD + BAR, NOTHING, letters=LETTERS_OF_LINE))
    for place, (point, row) in enumerate(zip(track.points, rows, strict=True)):
        parts.append(_row(point, row, HEAD + step * place, most, currency))
    return "".join([*parts, "</svg>"])


NOTHING = "No period to show."


def _figures(point: TrackPoint) -> dict[str, Decimal | None]:
    return {"forecast": point.forecast, "quota": point.quota, "won": point.actual}


def _row(point: TrackPoint, figures: Mapping[str, Decimal | None], top: int, most: Decimal, currency: str) -> str:
    left = 2 * MARGIN + PERIODS
    right = left + BARS + MARGIN
    words = _words(point, currency)
    parts = [label(MARGIN, top + 12, period_name(point.period_start, point.period_end), letters=12, kind="name")]
    if not point.is_over:
        parts.append(label(MARGIN, top + 12 + BAR, "still running", letters=14))
    for place, (kind, figure) in enumerate(figures.items()):
        at = top + BAR * place
        if figure is not None:
            width = float(figure / most) * BARS if most else 0.0
            parts.append(bar(left, at, width, BAR - 3, fill=f"track-{kind}", title=words[place]))
        parts.append(label(right, at + 12, words[place], letters=LETTERS))
    return f"<g>{''.join(parts)}</g>"


def _words(point: TrackPoint, currency: str) -> list[str]:
    """Return what is said of forecast, quota and won."""
    left_out = point.part.returned + point.part.late + point.part.missing
    forecast = "nothing handed in in time" if point.forecast is None else _money(point.forecast, currency)
    beside = f", {left_out} not in time" if left_out and point.forecast is not None else ""
    quota = "none yet" if point.quota is None else _money(point.quota, currency)
    bias = point.part.accuracy.bias
    off = "" if bias is None else f", forecast {abs(bias) * 100:.2f} % {'too high' if bias > 0 else 'too low'}"
    won = _money(point.actual, currency) + (off if bias else ", forecast exactly so" if bias == 0 else "")
    return [f"Forecast {forecast}{beside}", f"Quota {quota}", f"Won {won}" if point.is_over else f"Won so far {won}"]


def _said(point: TrackPoint, currency: str) -> str:
    return f"{period_name(point.period_start, point.period_end)}: {'; '.join(_words(point, currency))}."


def _beside(track: Track) -> str:
    without = all(point.quota is None for point in track.points)
    return ("There are no quotas yet. " if without else "") + "Forecasts are those handed in by the deadline."


def _money(amount: Decimal, currency: str) -> str:
    return f"{round_money(amount, currency):,f}"


def period_name(start: date, end: date) -> str:
    """Return what a month or quarter is called: `2026-05` or `2026-Q2`."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return f"{start:%Y-%m}" if months == 1 else f"{start.year}-Q{(start.month + 2) // 3}"
