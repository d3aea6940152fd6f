"""Text in a picture (SVG 1.1)."""

import re
import unicodedata
from enum import StrEnum
from xml.sax.saxutils import escape

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def written(text: str) -> str:
    """Return text as it stands between tags: nothing in it is markup, and what XML cannot hold is left out."""
    return escape(_UNWRITABLE.sub("", text))


def fitted(text: str, letters: int) -> str:
    """Return text shortened to so many columns; a character of East Asian width takes two."""
    taken = 0
    for place, letter in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if taken > letters:
            return f"{text[: max(place - 1, 0)].rstrip()}…"
    return text


def opened(width: int, height: int, *, name: str, title: str, description: str, style: str) -> str:
    """Return the beginning of a picture; `name` keeps its ids apart from those of others on the same page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="{name}-title {name}-description">'
        f'<title id="{name}-title">{written(title)}</title>'
        f'<desc id="{name}-description">{written(description)}</desc><style>{style}</style>'
    )


class Hatch(StrEnum):
    """What an area is filled with beside its colour, so that two areas differ in black and white too."""

    PLAIN = "plain"
    RISING = "rising"
    FALLING = "falling"
    CROSSED = "crossed"
    DOTTED = "dotted"


_LINE = "stroke:#000;stroke-width:1.5;stroke-dasharray:none;fill:none"
_MARKS = {
    Hatch.PLAIN: "",
    Hatch.RISING: f'<path d="M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6" style="{_LINE}"/>',
    Hatch.FALLING: f'<path d="M-2,6 L2,10 M0,0 L8,8 M6,-2 L10,2" style="{_LINE}"/>',
    Hatch.CROSSED: f'<path d="M0,0 L8,8 M0,8 L8,0" style="{_LINE}"/>',
    Hatch.DOTTED: '<circle cx="4" cy="4" r="1.2" style="fill:#000;stroke:none"/>',
}


def pattern(name: str, hatch: Hatch, colour: str = "#fff") -> str:
    """Return what areas are filled with by `fill:url(#name)`; it goes into `<defs>`."""
    return (
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" style="fill:{colour};stroke:none"/>{_MARKS[hatch]}</pattern>'
    )


def hatchings(name: str) -> str:
    """Return the patterns `{name}-rising` and `{name}-falling`, which tell areas apart without colour."""
    drawn = "".join(pattern(f"{name}-{hatch}", hatch) for hatch in (Hatch.RISING, Hatch.FALLING))
    return f"<defs>{drawn}</defs>"


HAIRLINE, NARROWEST = 1.0, 4.0
"""How wide a bar is that stands for nothing, and one that stands for little, in pixels."""


def seen(width: float) -> float:
    """Return how wide a bar is drawn: however little there is, it is seen, and differs from nothing."""
    return max(width, NARROWEST) if width > 0 else HAIRLINE


def bar(x: float, y: float, width: float, height: float, *, fill: str, title: str) -> str:
    """Return a bar filled with the pattern of that name; `title` is what it says to who cannot see it."""
    return (
        f'<g><title>{written(title)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{seen(width):.1f}" '
        f'height="{height:.1f}" style="fill:url(#{fill});stroke:#000"/></g>'
    )


def key(x: float, y: float, fill: str, meaning: str) -> str:
    """Return an entry of a legend: what is filled with the pattern of that name, in words."""
    return (
        f'<rect x="{x}" y="{y}" width="24" height="16" style="fill:url(#{fill});stroke:#000"/>'
        f'<text x="{x + 32}" y="{y + 13}">{written(meaning)}</text>'
    )


def label(x: float, y: float, text: str, *, letters: int, anchor: str = "start", kind: str = "") -> str:
    """Return a line of text that takes so many columns at most; `anchor` is `start`, `middle` or `end`."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{written(fitted(text, letters))}</text>'
    )
