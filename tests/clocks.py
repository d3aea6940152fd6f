"""A clock that a test moves."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """Runs like the real one, from where a test has put it."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def move(self, **span: float) -> None:
        """Move ahead by so many days, hours…"""
        self._offset += timedelta(**span)
