"""What the gateway answers itself: the merged document, the reference page, health, problems."""

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import fastapi
import httpx
import orjson
import pytest
from openapi_spec_validator import validate

from gateway import assets, errors, reference
from gateway.documents import Documents
from gateway.exchange import problem_body
from gateway.upstreams import DocumentUnavailable, Upstreams
from servicekit.values.errors import PeerUnavailable
from servicekit.web import problems
from tests.gateway.stand_ins import Running, StandIn, gateway_before, json_answer


def documents_of(services: dict[str, StandIn]) -> None:
    paths = {
        "customer": "/v1/customers",
        "opportunity": "/v1/opportunities",
        "forecast": "/v1/forecasts",
        "team": "/v1/people",
    }
    for name, path in paths.items():
        service = fastapi.FastAPI(title=name)

        @service.get(path, tags=[name])
        async def find(search: str = "") -> dict[str, str]:
            """Find some."""
            return {"search": search}

        services[name].answers["/openapi.json"] = json_answer(service.openapi())


async def test_one_document_of_all_services(tmp_path: Path, services: dict[str, StandIn]) -> None:
    documents_of(services)
    urls = {name: service.url for name, service in services.items()}
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        answer = await client.get("/openapi.json")
        whole = answer.json()
        assert set(whole["paths"]) == {"/v1/customers", "/v1/opportunities", "/v1/forecasts", "/v1/people"}
        assert whole["openapi"].startswith("3.1")
        assert whole["info"]["title"] == "Keyaccount"
        assert "x-unavailable" not in whole
        validate(whole)

        again = await client.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.head("/openapi.json")).headers["Content-Length"] == str(len(answer.content))


async def test_a_document_without_the_service_that_is_down(tmp_path: Path, services: dict[str, StandIn]) -> None:
    documents_of(services)
    services["forecast"].answers["/openapi.json"] = json_answer({"detail": "not yet"}, 500)
    services["team"].answers["/openapi.json"] = json_answer({"paths": {"/v1/people": "nonsense"}})
    urls = {name: service.url for name, service in services.items()}
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        whole = (await client.get("/openapi.json")).json()
        assert whole["x-unavailable"] == ["forecast", "team"]
        assert set(whole["paths"]) == {"/v1/customers", "/v1/opportunities"}
        validate(whole)


class Service:
    """One service's document, as the gateway fetches it."""

    def __init__(self, name: str, document: dict[str, Any]) -> None:
        self.name = name
        self.answer: tuple[int, Any] | None = (200, document)

    async def document(self, *_: object) -> tuple[int, Any]:
        if self.answer is None:
            raise DocumentUnavailable(self.name)
        return self.answer


async def test_the_last_known_document_stands_in() -> None:
    responses = {"responses": {"200": {"description": "Fine"}}}
    team = Service("team", {"paths": {"/v1/people": {"get": responses}}})
    customer = Service("customer", {"paths": {"/v1/customers": {"get": responses}}})
    documents = Documents(cast("Upstreams", SimpleNamespace(by_name={"customer": customer, "team": team})))
    before, tag = await documents.current()
    assert await documents.current() == (before, tag)

    team.answer = None
    documents.expire()
    after, other_tag = await documents.current()

    whole = orjson.loads(after)
    assert whole["x-unavailable"] == ["team"]
    assert set(whole["paths"]) == {"/v1/people", "/v1/customers"}
    assert other_tag != tag


async def test_a_large_document_comes_whole(tmp_path: Path, services: dict[str, StandIn]) -> None:
    responses = {"responses": {"200": {"description": "x" * 3_000_000}}}
    services["team"].answers["/openapi.json"] = json_answer({"paths": {"/v1/people": {"get": responses}}})
    urls = {name: service.url for name, service in services.items()}
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        whole = (await client.get("/openapi.json")).json()
    assert len(whole["paths"]["/v1/people"]["get"]["responses"]["200"]["description"]) == 3_000_000


async def test_page_loads_nothing_from_elsewhere(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(loaded) == 5
    assert not re.search(r"<script>|<style|\son\w+=", answer.text), "the policy forbids what is inline"
    for path in loaded:
        if path != "data:,":
            assert path.startswith("/")
            part = await stranger.get(path)
            assert part.status_code == 200
            assert part.content
            assert "http" not in part.headers.get("Location", "")


def test_assets_are_the_ones_their_source_names() -> None:
    folder = Path(assets.__file__).parent
    source = (folder / "SOURCE.md").read_text()
    assert assets.SWAGGER_UI_VERSION in source
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"`{name}` {hashlib.sha256((folder / name).read_bytes()).hexdigest()}" in source
    style = (folder / "swagger-ui.css").read_text()
    assert not re.search(r"@import|url\((?![\"']?data:)", style)


@pytest.mark.parametrize("path", ["../app.py", "..%2fapp.py", "LICENSE-swagger-ui.txt", "", "swagger-ui.css.map"])
async def test_nothing_else_is_served_beside_them(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(reference.ASSETS_PATH + path)).status_code == 404


async def test_root_leads_to_the_page(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/docs")


async def test_health_of_the_house(tmp_path: Path, services: dict[str, StandIn]) -> None:
    ready = json_answer({"status": "ready"})
    services["customer"].answers["/health/ready"] = ready
    services["team"].answers["/health/ready"] = ready
    services["opportunity"].answers["/health/ready"] = json_answer(
        {"status": "not_ready", "lacks": ["migrations"]}, 503
    )
    urls = {name: service.url for name, service in services.items()} | {"forecast": "http://127.0.0.1:9"}
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        answer = await client.get("/health")

    assert answer.status_code == 200
    assert answer.headers["Trace-Id"]
    assert answer.json() == {
        "status": "degraded",
        "gateway": {"status": "ready", "lacks": []},
        "services": {
            "customer": {"status": "ready", "breaker": "closed", "report": {"status": "ready"}},
            "opportunity": {
                "status": "not_ready",
                "breaker": "closed",
                "report": {"status": "not_ready", "lacks": ["migrations"]},
            },
            "forecast": {"status": "unreachable", "breaker": "closed"},
            "team": {"status": "ready", "breaker": "closed", "report": {"status": "ready"}},
        },
        "unavailable": ["forecast"],
    }


def test_problems_look_like_the_services() -> None:
    ours = orjson.loads(problem_body(errors.ServiceDown("team"), "1" * 32))
    theirs = problems.problem_of(PeerUnavailable("team"))
    assert {name: ours[name] for name in ("type", "code", "status", "peer", "errors")} == {
        name: theirs[name] for name in ("type", "code", "status", "peer", "errors")
    }
    assert set(ours) == set(theirs)


async def test_it_drains_and_stops(tmp_path: Path, services: dict[str, StandIn]) -> None:
    urls = {name: service.url for name, service in services.items()}
    async with gateway_before(urls, tmp_path / "log") as running:
        running.process.terminate()
        assert await running.process.wait() in {0, -15}
    assert "Traceback" not in running.log.read_text()


async def test_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="KEYACCOUNT_GATEWAY_PATIENCE has to be a number above 0"):
        async with gateway_before({}, tmp_path / "log", KEYACCOUNT_GATEWAY_PATIENCE="soon") as running:
            assert isinstance(running, Running)
