from collections.abc import AsyncIterator, Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
import stamina

from keyaccount.api_client import ApiClient, SignIn
from keyaccount.importing.command import Imported, import_folder
from tests.importing.stand_in import StandIn

WriteFolder = Callable[..., tuple[Path, Path]]
CRM_FOLDER = Path(__file__).parents[3] / "shared/data/crm-sales-opportunities"


@pytest.fixture(autouse=True)
def _no_waiting() -> Any:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


def client_of(stand_in: StandIn) -> ApiClient:
    sign_in = SignIn.of_client("import", "secret")
    return ApiClient("http://gateway", sign_in, transport_of=lambda: httpx.ASGITransport(app=stand_in))


@pytest.fixture
async def client(stand_in: StandIn) -> AsyncIterator[ApiClient]:
    async with client_of(stand_in) as client:
        yield client


@pytest.fixture
def write(tmp_path: Path) -> WriteFolder:
    """Write a mapping and its files; return the mapping's path and the folder."""

    def write(mapping: str, **files: str | bytes) -> tuple[Path, Path]:
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode()
            (folder / f"{name}.csv").write_bytes(raw)
        path = tmp_path / "mapping.yaml"
        path.write_text(dedent(mapping).lstrip("\n"), encoding="utf-8")
        return path, folder

    return write


class Importing:
    """Imports with the stand-in, each time with the same state folder."""

    def __init__(self, client: ApiClient, state: Path) -> None:
        self.client = client
        self.state = state

    async def __call__(self, mapping: Path, folder: Path, *, dry_run: bool = False, resume: bool = False) -> Imported:
        return await import_folder(self.client, mapping, folder, state=self.state, dry_run=dry_run, resume=resume)


@pytest.fixture
def importing(client: ApiClient, tmp_path: Path) -> Importing:
    return Importing(client, tmp_path / "state")
