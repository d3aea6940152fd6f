"""A PostgreSQL of this folder's own: what is tested here is starting, stopping and killing it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from keyaccount import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        Path(folder).chmod(0o755)
        running = postgres.start(Path(folder) / "postgres", durable=False)
        yield running
        running.stop()
        postgres.remove(Path(folder) / "postgres")
