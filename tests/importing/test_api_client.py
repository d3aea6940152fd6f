"""The client that commands use: signed in, patient, never doubling."""

from collections.abc import Callable

import httpx
import pytest

from keyaccount.api_client import ApiClient, Refused, SignIn, sentence
from keyaccount.problems import Unable

Handler = Callable[[httpx.Request], httpx.Response]


def client_of(handler: Handler) -> ApiClient:
    def signing(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/sign-in/token":
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
        return handler(request)

    sign_in = SignIn.of_person("ann", "secret")
    return ApiClient("http://gateway", sign_in, transport_of=lambda: httpx.MockTransport(signing))


async def test_an_unavailable_service_is_asked_again_with_the_same_key() -> None:
    keys = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < 3:
            return httpx.Response(503, headers={"Retry-After": "0"})
        return httpx.Response(201, json={"id": 1})

    async with client_of(handler) as client:
        assert await client.post("/v1/customers", {"name": "x"}) == {"id": 1}
    assert len(set(keys)) == 1 < len(keys)


async def test_what_stays_unavailable_is_told() -> None:
    async with client_of(lambda _: httpx.Response(503, json={"detail": "The service 'team' is down."})) as client:
        with pytest.raises(Refused, match=r"GET /v1/people was answered 503: The service 'team' is down\."):
            await client.get("/v1/people")


async def test_nobody_answers() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with client_of(handler) as client:
        with pytest.raises(Unable, match=r"http://gateway does not answer .*`keyaccount up` starts it"):
            await client.get("/v1/people")


async def test_an_expired_token_is_replaced_once() -> None:
    asked = []

    def handler(_: httpx.Request) -> httpx.Response:
        asked.append(1)
        if len(asked) == 1:
            return httpx.Response(401, json={})
        return httpx.Response(200, json={"items": [], "next": None})

    async with client_of(handler) as client:
        assert await client.get("/v1/people") == {"items": [], "next": None}
    assert len(asked) == 2


async def test_a_refusal_is_not_repeated() -> None:
    asked = []

    def handler(_: httpx.Request) -> httpx.Response:
        asked.append(1)
        return httpx.Response(422, json={"detail": "No.", "errors": [{"pointer": "/name", "message": "too long"}]})

    async with client_of(handler) as client:
        with pytest.raises(Refused, match=r"422: No\. \(/name: too long\)") as refused:
            await client.post("/v1/customers", {})
    assert refused.value.status == 422
    assert len(asked) == 1


async def test_pages_are_followed() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("cursor", 0))
        assert request.url.params["limit"] == "500"
        assert request.url.params["stage"] == "close"
        return httpx.Response(200, json={"items": [{"page": page}], "next": str(page + 1) if page < 2 else None})

    async with client_of(handler) as client:
        assert [item async for item in client.pages("/v1/opportunities", {"stage": "close"})] == [
            {"page": page} for page in range(3)
        ]


def test_a_problem_as_a_sentence() -> None:
    assert sentence({"title": "Conflict", "detail": "It exists."}) == "It exists."
    assert sentence({"code": "stale"}) == "stale"
    assert sentence({}) == "no reason given"
