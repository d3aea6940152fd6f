"""The rows of a spreadsheet that a client sent, read by a process of its own (`run.sheet_reader`)."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import orjson

from servicekit.run import sheet_reader
from servicekit.web.jobs.refusals import ImportMalformed
from servicekit.web.jobs.tables import Line


async def unfolded(content: IO[bytes]) -> IO[bytes]:
    """Return the first sheet of a spreadsheet as JSON lines of number and cells.

    Raises:
        ImportMalformed: it is no spreadsheet, or one that unfolds into more than is taken.
    """
    text = tempfile.TemporaryFile()  # noqa: SIM115 (whoever asked closes it)
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-m", sheet_reader.__name__, stdin=content, stdout=text, stderr=asyncio.subprocess.DEVNULL
    )
    if await reader.wait() != 0:
        text.close()
        raise ImportMalformed(
            "The spreadsheet cannot be read: it is damaged, or its first sheet is too large. Send it as text/csv."
        )
    text.seek(0)
    return text


def rows_of_sheet(text: IO[bytes]) -> Iterator[Line]:
    """Yield the rows of an unfolded sheet."""
    for line in text:
        number, cells = orjson.loads(line)
        yield number, tuple(cells)
