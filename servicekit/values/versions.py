"""Versions: what was read is what may be changed."""

from servicekit.values.errors import Stale


def check_version(current: int, expected: int) -> None:
    """Refuse a change that is based on another version than the present one.

    Raises:
        Stale: it was changed in between.
    """
    if current != expected:
        raise Stale(current)
