"""What stops an import, and what refuses one row of it."""

from typing import NamedTuple

from keyaccount.problems import Unable


class Place(NamedTuple):
    """A position in a text file, both counted from 1."""

    line: int
    column: int


class MappingInvalid(Unable):
    """The mapping says something that cannot be done; the message leads with file, line and column."""

    def __init__(self, file: str, place: Place, message: str) -> None:
        super().__init__(f"{file}:{place.line}:{place.column}: {message}")
        self.place = place


class FileUnreadable(Unable):
    """A file of the export is missing or is not what the mapping says it is."""


class NothingUsable(Unable):
    """Every row for one kind was refused before anything was sent: the mapping does not fit the files."""


class RowRefused(Exception):
    """One row cannot become a record; the reason is for whoever repairs the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
