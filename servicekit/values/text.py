"""Text from people: kept as typed, searched without case, accents or width."""

import unicodedata

WITHOUT_PARTS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not take apart (small ones: case is folded first)."""


def searchable(*parts: str | None) -> str:
    """Return what a text is searched by: without case, accents, width or repeated blanks; absent parts are left out."""
    whole = unicodedata.normalize("NFKD", " ".join(part for part in parts if part))
    plain = "".join(sign for sign in whole if not unicodedata.combining(sign)).casefold()
    return " ".join(plain.translate(WITHOUT_PARTS).split())


def containing(text: str) -> str:
    """Return the LIKE pattern that finds a text anywhere in a searchable one."""
    escaped = searchable(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
