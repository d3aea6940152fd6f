"""Deep, large and compressed bodies are refused before anything is made of them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servicekit.web.depth import DEEPEST, BodyTooDeep, check_depth
from tests.servicekit.conftest import Walls


def nested(levels: int) -> bytes:
    return b'{"a":[' * (levels // 2) + b"[" * (levels % 2) + b"]" * (levels % 2) + b"]}" * (levels // 2)


@pytest.mark.parametrize("body", [nested(DEEPEST), b'["[[[[", "\\"[[[["' + b',[],"{"' * 500 + b"]"])
def test_what_is_no_deeper_passes(body: bytes) -> None:
    json.loads(body)
    check_depth(body)


@pytest.mark.parametrize("body", [nested(DEEPEST + 1), b"[" * 1_000_000, b'[{"a":1},' + nested(40) + b"]"])
def test_what_is_deeper_does_not(body: bytes) -> None:
    with pytest.raises(BodyTooDeep):
        check_depth(body)


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((depth_of(each) for each in inner), default=0)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=40))
def test_it_counts_as_a_reader_does(value: Any) -> None:
    """Wrapped so deep that the value itself decides, among so many brackets that they are looked at."""
    room = DEEPEST - 1 - depth_of(value)
    for levels, passes in ((room, True), (room + 1, False)):
        body = b"[" * levels + b"[" + b"[]," * 40 + json.dumps(value).encode() + b"]" + b"]" * levels
        if depth_of(json.loads(body)) <= DEEPEST:
            assert passes or depth_of(value) == 0
            check_depth(body)
        else:
            with pytest.raises(BodyTooDeep):
                check_depth(body)


async def test_refusals_over_http(walls: Walls) -> None:
    json_type = {"content-type": "application/json"}
    deep = await walls.client.post("/v1/shelves", content=nested(40), headers=json_type)
    assert (deep.status_code, deep.json()["code"]) == (400, "body_too_deep")
    large = await walls.client.post("/v1/shelves", content=b'"' + b"x" * 1_100_000 + b'"', headers=json_type)
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    packed = await walls.client.post("/v1/shelves", content=b"{}", headers=json_type | {"content-encoding": "gzip"})
    assert packed.status_code == 415


async def test_the_figures_of_a_service(walls: Walls) -> None:
    await walls.client.get("/v1/shelves?limit=1")
    answer = await walls.client.get("/metrics")
    assert answer.status_code == 200
    assert 'keyaccount_request_seconds_count{method="GET",route="/v1/shelves",status="2xx"}' in answer.text
    for name in ("outbox_events", "feed_position", 'database_connections{state="idle"}', "requests_in_flight"):
        assert f"keyaccount_{name} " in answer.text
    assert 'keyaccount_breaker_open{peer="customer"} 0.0' in answer.text
    for series in ('webhooks{state="enabled"}', 'webhook_deliveries{state="dead"}', 'jobs{state="running"}'):
        assert f"keyaccount_{series} 0.0" in answer.text
