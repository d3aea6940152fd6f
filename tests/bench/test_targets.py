"""The targets are judged by what a table measured, and by nothing that it did not."""

from typing import Any

from bench.targets import verdicts


def row(operation: str, path: str, connections: int, **figures: Any) -> dict[str, Any]:
    told = {"operation": operation, "path": path, "connections": connections, "opportunities": 1000}
    return told | {"ratio": None, "rate": 1000.0, "p50_ms": 1.0, "cpu_by_process": {}} | figures


def floor(operation: str, connections: int, p50_ms: float) -> dict[str, Any]:
    return {
        "operation": operation,
        "floor": "bare",
        "connections": connections,
        "opportunities": 1000,
        "p50_ms": p50_ms,
    }


def judged(rows: list[dict[str, Any]], *floors: dict[str, Any]) -> dict[tuple[str, int], tuple[float, bool]]:
    return {(one.promise, one.connections): (one.measured, one.is_kept) for one in verdicts(rows, floors)}


def test_an_operation_is_held_to_twice_its_floor_straight_from_the_service() -> None:
    rows = [
        row("get", "direct", 1, ratio=2.0),
        row("create", "direct", 16, ratio=2.01),
        row("list", "gateway", 1, ratio=9.0),
        row("list", "direct", 1),
    ]
    assert judged(rows) == {("get", 1): (2.0, True), ("create", 16): (2.01, False)}


def test_what_the_gateway_adds_is_its_latency_beyond_the_service() -> None:
    rows = [row("get", "direct", 1), row("get", "gateway", 1, p50_ms=1.4)]
    assert judged(rows, floor("get", 1, 0.5)) == {("gateway adds", 1): (0.8, True)}
    assert judged(rows, floor("get", 1, 0.4)) == {("gateway adds", 1): (1.0, False)}


def test_the_gateway_answers_for_its_own_cpu_alone() -> None:
    spent = {"gateway": 0.351, "opportunity": 0.2, "postgres": 0.1}
    rows = [row("get", "gateway", 16, cpu_by_process=spent)]
    assert judged(rows) == {("gateway's process", 16): (351.0, False)}


def test_a_funnel_is_held_to_three_reads_at_the_same_connections() -> None:
    rows = [
        row("get", "direct", 1, p50_ms=1.0),
        row("get", "direct", 16, rate=3000.0),
        row("funnel_of_company", "direct", 1, p50_ms=3.0),
        row("funnel_of_manager", "direct", 16, rate=900.0),
    ]
    assert judged(rows) == {("funnel_of_company", 1): (3.0, True), ("funnel_of_manager", 16): (3.33, False)}


def test_a_stage_change_is_held_to_less_when_many_make_one() -> None:
    rows = [row("stage_change", "direct", 1, ratio=1.9), row("stage_change", "direct", 16, ratio=1.51)]
    assert judged(rows) == {("stage_change", 1): (1.9, True), ("stage_change", 16): (1.51, False)}


def test_a_look_back_is_held_to_seconds() -> None:
    rows = [
        row("funnel_of_manager_as_of", "direct", 1, p50_ms=1000.0),
        row("funnel_of_company_as_of", "direct", 1, p50_ms=1000.1),
        row("movement_of_quarter", "direct", 1, p50_ms=1999.9),
        row("movement_of_quarter", "direct", 16, p50_ms=9000.0),
    ]
    assert judged(rows) == {
        ("funnel_of_manager_as_of", 1): (1000.0, True),
        ("funnel_of_company_as_of", 1): (1000.1, False),
        ("movement_of_quarter", 1): (1999.9, True),
    }


def test_a_manager_gathers_within_five_single_reads_and_the_head_within_two_seconds() -> None:
    rows = [
        row("read", "direct", 1, p50_ms=2.0),
        row("gather_of_manager", "direct", 1, p50_ms=10.0),
        row("gather_of_small_manager", "direct", 1, p50_ms=10.2),
        row("gather_of_head", "direct", 1, p50_ms=2000.5),
    ]
    assert judged(rows) == {
        ("gather_of_manager", 1): (5.0, True),
        ("gather_of_small_manager", 1): (5.1, False),
        ("gather_of_head", 1): (2000.5, False),
    }
