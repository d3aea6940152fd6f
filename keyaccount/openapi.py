"""Writes docs/openapi/ from the services: `python -m keyaccount.openapi`, with `release` what clients are promised.

A service is asked for its document without a database: the document is made of routes alone.
"""

import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keyaccount.provisioning import SERVICES
from keyaccount.secrets import ensure_secrets
from keyaccount.settings import PROJECT

DOCUMENTS = PROJECT / "docs" / "openapi"
RELEASED = DOCUMENTS / "released"
"""What clients were written for: it changes with a release alone."""


def document_of(service: str) -> str:
    """Return a service's OpenAPI document as its file holds it: sorted, so that a difference means something."""
    with TemporaryDirectory() as secrets:
        ensure_secrets(Path(secrets))
        with _environment(
            {"KEYACCOUNT_LOGIN_URL": "postgresql://nobody@127.0.0.1/none", "KEYACCOUNT_SECRETS": secrets}
        ):
            application: Any = importlib.import_module(f"services.{service}.app").create_app()
            document = application.openapi()
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_documents(folder: Path = DOCUMENTS) -> list[Path]:
    """Write the document of every service; return the files that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for service in SERVICES:
        path, document = folder / f"{service}.json", document_of(service)
        if not path.exists() or path.read_text(encoding="utf-8") != document:
            path.write_text(document, encoding="utf-8")
            changed.append(path)
    return changed


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the time of a block."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    for path in write_documents(RELEASED if sys.argv[1:] == ["release"] else DOCUMENTS):
        print(f"wrote {path.relative_to(PROJECT)}")  # noqa: T201 - a command
