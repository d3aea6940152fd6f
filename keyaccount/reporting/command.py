"""`keyaccount report`: what is loaded, for people or as one JSON object."""

import asyncio
import json
import sys
from datetime import date
from pathlib import Path

from rich.console import Console

from keyaccount.api_client import ApiClient, Refused, SignIn, silence_retries
from keyaccount.problems import Unable
from keyaccount.reporting.figures import Report
from keyaccount.reporting.reading import Reader
from keyaccount.reporting.tables import show


def run_report(*, base_url: str, home: Path, as_of: date | None = None, as_json: bool = False) -> int:
    """Print the report of a running instance and return the exit code."""
    silence_retries()
    report = asyncio.run(_read(base_url, home / "secrets", as_of))
    if as_json:
        sys.stdout.write(json.dumps(report.as_dict()) + "\n")
    else:
        show(Console(), report)
    return 0


def print_summary(console: Console, base_url: str, secrets_folder: Path) -> None:
    """Show on `console` what is loaded."""
    silence_retries()
    show(console, asyncio.run(_read(base_url, secrets_folder, None)))


async def _read(base_url: str, secrets_folder: Path, as_of: date | None) -> Report:
    async with ApiClient(base_url, SignIn.of_imports(secrets_folder)) as client:
        try:
            return await Reader(client).read(as_of)
        except Refused as refused:
            raise Unable(f"The report cannot be read: {refused}") from None
