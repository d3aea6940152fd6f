"""Reads a spreadsheet where memory and time are bounded and nobody else waits: `python -m servicekit.run.sheet_reader`.

A few kilobytes can unfold into gigabytes, so a service does not open what a client sent by itself.
"""

import resource
import sys

import orjson

from servicekit.values.sheets import rows_of

MOST_MEMORY = 1024**3
"""Bytes, all that the process maps."""

MOST_SECONDS = 60
LARGEST_TEXT = 256 * 1024**2
"""Bytes of what is written of the sheet."""


def main() -> None:
    """Write the first sheet of the spreadsheet on the standard input as JSON lines of number and cells."""
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_TEXT),
    ):
        resource.setrlimit(limit, (most, most))
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 (only within the limits)

    book = CalamineWorkbook.from_filelike(sys.stdin.buffer)
    for number, cells in rows_of(book.get_sheet_by_index(0)):
        sys.stdout.buffer.write(orjson.dumps([number, [str(cell) for cell in cells]]) + b"\n")


if __name__ == "__main__":
    main()
