"""What the documentation says is there is there."""

import re
from pathlib import Path

import pytest

from keyaccount.settings import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_variable_is_documented_with_its_default() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    for variable in VARIABLES:
        row = next((line for line in page.splitlines() if line.startswith(f"| `{variable.name}` |")), "")
        assert variable.default in row, variable.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_decisions_are_numbered_in_turn() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("0*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
