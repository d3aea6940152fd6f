"""A client for Python, generated from a document of ours as any user would, and the first walk with it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "python"
PACKAGE = "keyaccount_client"
METHODS = ("get", "put", "post", "patch", "delete")


def operations(document: dict[str, Any]) -> set[str]:
    """Return the ids of a document's operations."""
    return {path[method]["operationId"] for path in document["paths"].values() for method in METHODS if method in path}


def generate(document: dict[str, Any], folder: Path) -> None:
    """Generate the client into a folder; refuse a document of which the generator leaves anything out."""
    source = folder / "openapi.json"
    source.write_text(json.dumps(document))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(source), "--meta", "none"]
    command += ["--output-path", str(folder / PACKAGE), "--config", str(HERE / "generator.yaml"), "--fail-on-warning"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    said = f"{ran.stdout}\n{ran.stderr}"
    assert ran.returncode == 0, f"the generator cannot use all of the document:\n{said}"
    assert not re.search("warning|unable to", said, re.IGNORECASE), said
    modules = {path.stem for path in (folder / PACKAGE / "api").glob("*/*.py")}
    missing = operations(document) - modules
    assert not missing, f"the client lacks operations of the document: {sorted(missing)}"


def check_types(folder: Path) -> None:
    """Refuse a client, or a walk with it, that strict mypy has anything to say about."""
    shutil.copy(HERE / "walk.py", folder)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", PACKAGE, "walk.py"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def walk(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Do the first walk and return what it tells."""
    command = [sys.executable, "-W", "error", str(HERE / "walk.py")]
    environment = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        command, input=json.dumps(given), env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told
