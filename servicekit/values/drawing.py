"""Text in a picture (SVG 1.1)."""

import re
import unicodedata
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


def hatchings(name: str) -> str:
    """Return the patterns `{name}-rising` and `{name}-falling`, which tell areas apart without colour."""
    rising, falling = "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6", "M-2,6 L2,10 M0,0 L8,8 M6,-2 L10,2"
    return (
        "<defs>"
        + "".join(
            f'<pattern id="{name}-{word}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" style="fill:#fff;stroke:none"/>'
            f'<path d="{lines}" style="stroke:#000;stroke-width:1.5;stroke-dasharray:none;fill:none"/></pattern>'
            for word, lines in (("rising", rising), ("falling", falling))
        )
        + "</defs>"
    )
