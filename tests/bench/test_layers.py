"""The layers add up to the whole, and a stack belongs to the layer of its innermost frame that has an owner."""

import sys
from types import FrameType

import pytest
from rich.console import Console

from bench.__main__ import run_other
from bench.attribution import (
    ABOVE_THE_FLOOR,
    BESIDE,
    FORM,
    KEPT,
    LOGS,
    OF_THE_FLOOR,
    OWN,
    ROUTER,
    SCOPE,
    SERVER,
    SIGN_IN,
    STATEMENTS,
    Stacks,
    owner_of,
    shares,
)
from bench.layers import Apart, without_keeping
from bench.measuring import Plan
from bench.scripts import Asked, Recording, Script

CLAIM = "ab" * 32


@pytest.mark.parametrize(
    ("filename", "function", "layer"),
    [
        ("/x/servicekit/web/requests.py", "__call__", LOGS),
        ("/x/site-packages/structlog/stdlib.py", "info", LOGS),
        ("/x/orgchart/sign_in.py", "_identity", SIGN_IN),
        ("/x/orgchart/viewer.py", "subject", SIGN_IN),
        ("/x/orgchart/viewer.py", "binds", SCOPE),
        ("/x/services/opportunity/opportunities/reach.py", "reach_of", SCOPE),
        ("/x/servicekit/web/solving.py", "_answered", FORM),
        ("/x/services/opportunity/funnel/schemas.py", "described", FORM),
        ("/x/servicekit/data/idempotency.py", "insertion", KEPT),
        ("/x/servicekit/data/transactions.py", "first", STATEMENTS),
        ("/x/site-packages/asyncpg/connection.py", "fetchrow", STATEMENTS),
        ("/x/servicekit/web/unit.py", "finish", ROUTER),
        ("/x/services/opportunity/opportunities/store.py", "get", OWN),
        ("/x/site-packages/uvicorn/protocols/http/httptools_impl.py", "data_received", SERVER),
        ("/usr/lib/python3.11/contextlib.py", "__exit__", None),
    ],
)
def test_code_has_an_owner_or_counts_for_whoever_called_it(filename: str, function: str, layer: str | None) -> None:
    assert owner_of(filename, function) == layer


def in_code_of(filename: str, inner: str = "sys._getframe()", name: str = "step") -> FrameType:
    """Return the frame of a function that stands in such a file, called by whoever is below it in the stack."""
    space: dict[str, object] = {"sys": sys}
    exec(compile(f"def {name}(inner):\n    return inner() if inner else {inner}", filename, "exec"), space)  # noqa: S102
    frame: FrameType = space[name](None)  # type: ignore[operator]
    return frame


def test_a_stack_counts_once_for_its_innermost_owner() -> None:
    stacks = Stacks()
    stacks.count(in_code_of("/x/orgchart/sign_in.py"))
    stacks.count(in_code_of("/x/services/team/people/store.py"))
    stacks.count(in_code_of("/x/services/team/people/store.py", name="_kept_running"))
    assert stacks.counts == {SIGN_IN: 1, OWN: 1, BESIDE: 1}
    assert shares(stacks.counts, [SIGN_IN, LOGS]) == {SIGN_IN: pytest.approx(1 / 3), LOGS: 0.0}


MEASURED = {"bare": (50.0, 0.0), "route": (120.0, 0.0), "plain": (300.0, 400.0), "floor": (400.0, 600.0)}
WHOLE = {"direct": (1000.0, 640.0), "gateway": (1350.0, 650.0)}
PARTS = dict.fromkeys(ABOVE_THE_FLOOR, 0.07) | dict.fromkeys(OF_THE_FLOOR, 0.14)


@pytest.mark.parametrize("plain", [True, False])
def test_the_layers_are_the_whole_and_what_is_left_over_is_shown(plain: bool) -> None:
    measured = MEASURED | WHOLE
    if not plain:
        del measured["plain"]
    apart = Apart("create", measured, PARTS, audit_us=90.0, samples=1000)
    layers = apart.layers()
    whole = next(place for place, one in enumerate(layers) if one.name.startswith("="))
    assert sum(one.here for one in layers[:whole]) == pytest.approx(1000.0)
    assert sum(one.database for one in layers[:whole]) == pytest.approx(640.0)
    assert apart.left_over == pytest.approx((1000 - 400 - 8 * 70) / 1000)
    assert (layers[-1].here, layers[-1].database) == (350.0, 10.0)


def test_without_keeping_only_the_operation_itself_is_asked() -> None:
    kept = Script(
        (
            Asked("SELECT request_digest FROM idempotency WHERE digest = $1", (b"x",)),
            Asked(f"BEGIN;SET LOCAL a='b';INSERT INTO idempotency(digest)VALUES('\\x{CLAIM}');", (), claim=CLAIM),
            Asked("INSERT INTO opportunity VALUES ($1)", (1,)),
            Asked("INSERT INTO outbox (id) VALUES ($1)", (1,)),
            Asked(f"UPDATE idempotency SET body='\\x3b'WHERE digest='\\x{CLAIM}';COMMIT", (), claim=CLAIM),
        )
    )
    (script,) = without_keeping(Recording("create", [kept])).scripts
    assert [one.sql for one in script.asked] == [
        "BEGIN;SET LOCAL a='b';",
        "INSERT INTO opportunity VALUES ($1)",
        "COMMIT",
    ]
    assert not any(one.claim for one in script.asked)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_service_is_taken_apart() -> None:
    plan = Plan(sizes=(600,), people=60, connections=(4,), rounds=1, seconds=0.1, durable=False)
    found = await run_other("layers", plan, Console(quiet=True))
    rows = {row["operation"]: row for row in found.content()["rows"]}
    assert set(rows) == {"get", "create"}
    for row in rows.values():
        assert row["samples"] > 20
        assert all(one["cpu_us"] > 0 for one in row["layers"] if one["layer"] in {"+ sign-in", "= whole service"})
    audit = next(one for one in rows["create"]["layers"] if one["layer"] == "+ audit: triggers")
    assert audit["postgres_cpu_us"] > 0
    found.show(Console(quiet=True))
