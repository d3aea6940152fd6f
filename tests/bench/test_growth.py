"""Growth sets each size beside the smallest, and more is always slower."""

from typing import Any

from bench.growth import growths


def row(size: int, connections: int, *, p50_ms: float, rate: float) -> dict[str, Any]:
    told = {"operation": "get", "path": "direct", "connections": connections, "opportunities": size}
    return told | {"p50_ms": p50_ms, "rate": rate}


def test_growth_is_of_latency_on_one_connection_and_of_throughput_on_several() -> None:
    rows = [
        row(100_000, 1, p50_ms=3.0, rate=300.0),
        row(10_000, 1, p50_ms=2.0, rate=500.0),
        row(10_000, 16, p50_ms=9.0, rate=1000.0),
        row(100_000, 16, p50_ms=9.0, rate=800.0),
    ]
    found = {one.connections: one.times for one in growths(rows)}
    assert found == {1: {10_000: 1.0, 100_000: 1.5}, 16: {10_000: 1.0, 100_000: 1.25}}


def test_one_size_alone_does_not_grow() -> None:
    assert growths([row(10_000, 1, p50_ms=2.0, rate=500.0)]) == []
