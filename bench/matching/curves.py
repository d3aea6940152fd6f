"""Precision and recall by threshold, drawn as SVG: solid and dashed lines, so that it reads in black and white too."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from keyaccount.settings import PROJECT
from services.customer.matching.rules.weights import Weights

PICTURE = PROJECT / "docs" / "pictures" / "matching-curves.svg"
_WIDE, _HIGH = 380, 250
_LEFT, _TOP = 48, 34
_FROM, _TO = -3.0, 12.0
_STEP = 0.25
_DASHED = ' stroke-dasharray="7 4"'
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}"
 font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#223" role="img" aria-labelledby="title">
<title id="title">{title}</title><rect width="{wide}" height="{high}" fill="#fff"/>"""


@dataclass(frozen=True)
class Curve:
    """Of one set: points of pairs that the rules let match, with whether they are one, and how many are true in all."""

    name: str
    points: Sequence[tuple[float, bool]]
    true: int

    def at(self, threshold: float) -> tuple[float | None, float]:
        """Return precision (`None` where nothing is that high) and recall of all that has at least so many points."""
        above = [same for points, same in self.points if points >= threshold]
        right = sum(above)
        return (right / len(above) if above else None), (right / self.true if self.true else 0.0)


def _thresholds() -> list[float]:
    return [_FROM + _STEP * step for step in range(int((_TO - _FROM) / _STEP) + 1)]


def _x(threshold: float) -> float:
    return _LEFT + (threshold - _FROM) / (_TO - _FROM) * (_WIDE - _LEFT - 16)


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HIGH - _TOP - 44)


def _line(places: Sequence[tuple[float, float]], dashes: str) -> str:
    path = " ".join(f"{_x(threshold):.1f},{_y(share):.1f}" for threshold, share in places)
    return f'<polyline points="{path}" fill="none" stroke="#112" stroke-width="1.8"{dashes}/>'


def _grid() -> list[str]:
    found: list[str] = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        found.append(f'<line x1="{_LEFT}" x2="{_WIDE - 16}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccd"/>')
        found.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.2f}</text>')
    thresholds = range(int(_FROM), int(_TO) + 1, 3)
    return found + [
        f'<text x="{_x(at):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{at}</text>' for at in thresholds
    ]


def _mark(threshold: float, name: str, anchor: str) -> str:
    x = _x(threshold)
    beside = x - 3 if anchor == "end" else x + 3
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_y(0):.1f}" stroke="#778" stroke-dasharray="1 3"/>'
        f'<text x="{beside:.1f}" y="{_y(0) - 6:.1f}" text-anchor="{anchor}">{name}</text>'
    )


def _panel(curve: Curve, weights: Weights) -> list[str]:
    values = [(threshold, *curve.at(threshold)) for threshold in _thresholds()]
    middle = (_LEFT + _WIDE) / 2
    return [
        f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(curve.name)}</text>',
        *_grid(),
        _mark(weights.review, "review", "end"),
        _mark(weights.matched, "matched", "start"),
        _line([(threshold, precision) for threshold, precision, _ in values if precision is not None], ""),
        _line([(threshold, recall) for threshold, _, recall in values], _DASHED),
        f'<text x="{middle:.0f}" y="{_HIGH - 8}" text-anchor="middle">points from which on a pair is matched</text>',
    ]


def _key(y: int) -> str:
    place = f'y1="{y - 4}" y2="{y - 4}" stroke="#112" stroke-width="1.8"'
    return (
        f'<line x1="48" x2="84" {place}/><text x="90" y="{y}">precision</text>'
        f'<line x1="170" x2="206" {place}{_DASHED}/><text x="212" y="{y}">recall</text>'
    )


def drawn(curves: Sequence[Curve], weights: Weights) -> str:
    """Return the picture: a panel for each set, two beside each other."""
    wide, high = 2 * _WIDE, (len(curves) + 1) // 2 * _HIGH + 26
    title = "Precision (solid) and recall (dashed) of automatic matches by the points that they need"
    found = [_HEAD.format(wide=wide, high=high, title=title)]
    for number, curve in enumerate(curves):
        found.append(f'<g transform="translate({number % 2 * _WIDE} {number // 2 * _HIGH})">')
        found += [*_panel(curve, weights), "</g>"]
    return "\n".join([*found, _key(high - 10), "</svg>"]) + "\n"


def draw(curves: Sequence[Curve], weights: Weights, path: Path = PICTURE) -> None:
    """Write the picture."""
    path.write_text(drawn(curves, weights), encoding="utf-8")
