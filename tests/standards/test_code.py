"""What must hold of the code itself and no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
LONGER_FILES: dict[str, int] = {}
"""Exceptions by name with the lines they have; the numbers may only shrink."""

COMMITTERS = {"servicekit/data/transactions.py"}


def product_files() -> Iterator[Path]:
    for folder in ("services", "servicekit", "orgchart", "gateway"):
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts or path.name in {"env.py", "__init__.py"}:
                yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_stay_short() -> None:
    too_long = {
        name_of(path): lines
        for path in product_files()
        if (lines := path.read_text().count("\n")) > LONGER_FILES.get(name_of(path), MOST_LINES)
    }
    assert not too_long, f"split these: {too_long}"


def test_exceptions_only_shrink() -> None:
    for name, lines in LONGER_FILES.items():
        actual = (ROOT / name).read_text().count("\n")
        assert actual == lines, f"{name} has {actual} lines now: write that down"


def test_only_servicekit_commits() -> None:
    pattern = re.compile(r"\.commit\(|execute\([^)\n]*COMMIT")
    found = [
        name_of(path)
        for path in product_files()
        if name_of(path) not in COMMITTERS and "migrations" not in path.parts and pattern.search(code_of(path))
    ]
    assert not found, f"these end transactions themselves: {found}"


def code_of(path: Path) -> str:
    """Return the source without docstrings and comments."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def test_each_feature_answers_only_for_itself() -> None:
    """A feature uses another's actions, store, rules and tables, never its routes or what it sends."""
    found = []
    for path in (ROOT / "services").rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if len(parts) < 4:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            target = [*node.module.split("."), *[alias.name for alias in node.names]]
            feature = target[:3]
            foreign = feature[0] == "services" and tuple(feature) != parts[:3]
            if foreign and {"api", "schemas"} & set(target[3:]):
                found.append(f"{name_of(path)} imports {node.module}")
    assert not found


def test_nothing_is_kept_in_a_room_without_a_name() -> None:
    banned = {"utils", "helpers", "manager", "misc", "common", "util", "helper"}
    found = [name_of(path) for path in product_files() if banned & {path.stem, *path.parent.parts}]
    assert not found
