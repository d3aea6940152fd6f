"""What tests need of Node: packages as a lock of ours names them, and programs that run with them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

OUT_OF_REACH = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|E40[134]\b|E50\d\b")
"""How npm says that packages cannot be had here; whatever else it says is a fault of ours."""


def with_packages(source: Path, folder: Path) -> Path:
    """Copy a folder of ours to one where its packages are installed; skip the test where they cannot be had."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not on this machine")
    shutil.copytree(source, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode and OUT_OF_REACH.search(ran.stderr):
        pytest.skip(f"npm packages cannot be had here: {ran.stderr.strip().splitlines()[0]}")
    assert ran.returncode == 0, ran.stderr
    return folder


def run(folder: Path, *command: str, given: str = "", seconds: float = 120) -> str:
    """Run a program of the folder's packages, or node itself, and return what it writes."""
    path = f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder)}
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert ran.returncode == 0, f"{' '.join(command)}: {ran.stdout}\n{ran.stderr}"
    return ran.stdout
