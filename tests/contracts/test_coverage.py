"""Whatever a service asks of a peer is asked of the real one here: each public function has its test."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKING = [*sorted(ROOT.glob("services/*/clients/*.py")), ROOT / "orgchart/questions.py", ROOT / "orgchart/following.py"]
RUN_BY_EVERY_APP = {"authenticate", "start", "follow"}
"""Of `Following`: without them no app of the house would start or know its callers."""


def public_functions(source: str) -> set[str]:
    """Return the names of a module's functions and of its classes' methods that others call."""
    tree = ast.parse(source)
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef) and not each.name.startswith("_")]
    bodies = [tree.body, *(each.body for each in classes)]
    functions = [each for body in bodies for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {each.name for each in functions if not each.name.startswith("_")}


def called_in_tests(source: str, module: str) -> set[str]:
    """Return what the tests of a file call, if it imports the module."""
    tree = ast.parse(source)
    if not any(isinstance(each, ast.ImportFrom) and each.module == module for each in tree.body):
        return set()
    tests = [
        each
        for each in tree.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test_")
    ]
    calls = [node.func for test in tests for node in ast.walk(test) if isinstance(node, ast.Call)]
    methods = {each.attr for each in calls if isinstance(each, ast.Attribute)}
    return methods | {each.id for each in calls if isinstance(each, ast.Name)}


@pytest.mark.parametrize("asking", ASKING, ids=[path.relative_to(ROOT).as_posix() for path in ASKING])
def test_every_question_has_a_test_against_the_real_peer(asking: Path) -> None:
    module = ".".join(asking.relative_to(ROOT).with_suffix("").parts)
    called: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        called |= called_in_tests(path.read_text(), module)
    assert public_functions(asking.read_text()) - called - RUN_BY_EVERY_APP == set(), "try these in tests/contracts"


def test_a_question_without_a_test_is_seen() -> None:
    source = "def asked(): ...\ndef _inner(): ...\nclass Peer:\n    async def forgotten(self): ...\n"
    test = "from services.a.clients.b import asked\nasync def test_it():\n    await asked()\n"
    assert public_functions(source) - called_in_tests(test, "services.a.clients.b") == {"forgotten"}
    assert called_in_tests(test, "services.a.clients.c") == set()
