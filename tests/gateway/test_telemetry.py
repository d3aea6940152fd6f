"""Spans as a receiver of OpenTelemetry gets them, from a gateway process and from calls to a peer."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from joserfc.jwk import OKPKey
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from servicekit.peers.client import Peer
from servicekit.peers.tokens import ServiceTokens
from servicekit.run import telemetry
from tests.conftest import Template
from tests.gateway.stand_ins import ROOT, StandIn, gateway_before, json_answer
from tests.servicekit.conftest import open_walls

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@dataclass
class Receiver:
    """Takes spans as a collector does, and decodes them."""

    url: str = ""
    spans: list[Any] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        self.spans += [
            span for resource in sent.resource_spans for scope in resource.scope_spans for span in scope.spans
        ]
        self.came.set()
        return web.Response(content_type="application/x-protobuf")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    stand_in = StandIn("collector")
    stand_in.answers["/v1/traces"] = made.take
    await stand_in.start()
    made.url = stand_in.url
    yield made
    await stand_in.stop()


async def test_a_request_at_the_gateway(
    tmp_path: Path, services: dict[str, StandIn], authorization: dict[str, str], receiver: Receiver
) -> None:
    urls = {name: service.url for name, service in services.items()}
    services["customer"].answers["/v1/customers/7"] = json_answer({}, 503, {"Matched-Route": "/v1/customers/{id}"})
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    async with (
        gateway_before(urls, tmp_path / "log", **settings) as running,
        httpx.AsyncClient(base_url=running.url, headers=authorization) as client,
    ):
        await client.get("/v1/people", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
        await client.get("/v1/customers/7?q=canary", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        await client.get("/v1/customers")
        async with asyncio.timeout(10):
            while not any(span.name == "GET /v1/customers" for span in receiver.spans):
                receiver.came.clear()
                await receiver.came.wait()

    (span,) = [span for span in receiver.spans if span.trace_id.hex() == TRACE]
    assert (span.name, span.parent_span_id.hex()) == ("GET /v1/customers/{id}", PARENT)
    said = {attribute.key: attribute.value for attribute in span.attributes}
    assert said["http.response.status_code"].int_value == 503
    assert span.status.code == 2
    assert "canary" not in str(span)
    (sent_on,) = services["customer"].seen[-1].all_of("traceparent")
    (last,) = [span for span in receiver.spans if span.name == "GET /v1/customers"]
    assert sent_on.startswith(f"00-{last.trace_id.hex()}-{last.span_id.hex()}-")
    assert int(sent_on[-2:], 16) & 1, "it is sampled"


async def test_a_call_and_its_steps(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    team = StandIn("team")
    await team.start()
    peer = Peer("team", team.url, ServiceTokens("customer", OKPKey.generate_key("Ed25519")))
    telemetry.begin_telemetry("customer")
    try:
        with telemetry.step("apply events", "CONSUMER", peer="team"):
            await peer.get("/v1/people/canary")
    finally:
        await asyncio.to_thread(telemetry.end_telemetry)
        await peer.close()
        await team.stop()
    call, applied = receiver.spans
    assert (call.name, applied.name) == ("GET team", "apply events")
    assert (call.trace_id, call.parent_span_id) == (applied.trace_id, applied.span_id)
    (sent_on,) = team.seen[-1].all_of("traceparent")
    assert sent_on.startswith(f"00-{call.trace_id.hex()}-{call.span_id.hex()}-")
    assert "canary" not in str(receiver.spans)


async def test_a_write_in_a_service_and_its_commit(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, template: Template
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    async with open_walls(template) as walls:
        telemetry.begin_telemetry("wall")
        try:
            given = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
            made = await walls.client.post("/v1/shelves", json={"name": "canary"}, headers=given)
            seen = await walls.client.get("/v1/shelves?canary=1", headers=given)
        finally:
            await asyncio.to_thread(telemetry.end_telemetry)
    assert (made.status_code, seen.status_code) == (201, 400)
    ours = [span for span in receiver.spans if span.trace_id.hex() == TRACE]
    commit, written, refused = ours
    assert (written.name, written.parent_span_id.hex()) == ("POST /v1/shelves", PARENT)
    assert (commit.name, commit.parent_span_id) == ("commit", written.span_id)
    assert (refused.name, refused.parent_span_id.hex()) == ("GET /v1/shelves", PARENT)
    said = [{one.key: one.value for one in span.attributes} for span in (written, refused)]
    assert [one["http.response.status_code"].int_value for one in said] == [201, 400]
    assert "canary" not in str(ours)


def test_nothing_is_loaded_without_a_receiver() -> None:
    loaded = "any(name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter')) for name in sys.modules)"
    code = f"import sys, gateway.app, services.customer.app; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
