"""Progress bars, one per kind of work."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[str, int], None]


@contextmanager
def bars(console: Console | None, totals: Mapping[str, int]) -> Iterator[Advance]:
    """Show a bar for each of `totals` and give what moves one of them on; without a console nothing is shown."""
    progress = Progress(
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=console is None,
    )
    shown = {name: progress.add_task(name, total=total, start=False) for name, total in totals.items()}

    def advance(name: str, by: int) -> None:
        progress.start_task(shown[name])
        progress.advance(shown[name], by)

    with progress:
        yield advance
