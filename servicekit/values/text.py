"""Text from people: kept as typed, searched without case, accents or width."""

import unicodedata


def searchable(*parts: str | None) -> str:
    """Return what a text is searched by: without case, accents, width or repeated blanks; absent parts are left out."""
    whole = unicodedata.normalize("NFKD", " ".join(part for part in parts if part))
    return " ".join("".join(sign for sign in whole if not unicodedata.combining(sign)).casefold().split())


def containing(text: str) -> str:
    """Return the LIKE pattern that finds a text anywhere in a searchable one."""
    escaped = searchable(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
