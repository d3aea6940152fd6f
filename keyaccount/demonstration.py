"""Loads the demo data: `python -m keyaccount.demonstration BASE_URL SECRETS`; a process of its own, to be ended."""

import asyncio
import importlib
import inspect
import sys
from collections.abc import Awaitable
from pathlib import Path

from rich.console import Console


def load(base_url: str, secrets: Path) -> None:
    """Load the demo; what an interrupted run has loaded already stays as it is."""
    loading = importlib.import_module("keyaccount.demo.loading")
    result = loading.load_demo(base_url, secrets, Console())
    if inspect.isawaitable(result):
        asyncio.run(_finish(result))


async def _finish(work: Awaitable[object]) -> None:
    await work


if __name__ == "__main__":
    load(sys.argv[1], Path(sys.argv[2]))
