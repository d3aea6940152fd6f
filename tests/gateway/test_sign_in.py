import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.stand_ins import Running, StandIn, gateway_before, json_answer
from tests.gateway.tokens import Signer, encoded, unsigned

KEYS = "/v1/sign-in/keys"


async def refused(client: httpx.AsyncClient, token: str) -> httpx.Response:
    answer = await client.get("/v1/customers", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.json()["code"] == "not_signed_in"
    assert answer.json()["trace_id"] == answer.headers["Trace-Id"]
    return answer


async def test_a_good_token_passes_and_goes_on_untouched(
    client: httpx.AsyncClient, services: dict[str, StandIn]
) -> None:
    answer = await client.get("/v1/customers")

    assert answer.status_code == 200
    assert services["customer"].seen[0].all_of("Authorization") == [client.headers["Authorization"]]


async def test_no_token(stranger: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    answer = await stranger.get("/v1/customers")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="keyaccount"'
    assert "/v1/sign-in/token" in answer.json()["detail"]
    assert services["customer"].seen == []


async def test_sign_in_asks_for_none(stranger: httpx.AsyncClient, services: dict[str, StandIn]) -> None:
    answer = await stranger.post("/v1/sign-in/token", data={"grant_type": "client_credentials"})

    assert answer.status_code == 200
    assert services["team"].seen[-1].target == "/v1/sign-in/token"


@pytest.mark.parametrize(
    "header",
    ["Basic YTpi", "Bearer", "token", "Bearer a.b", "Bearer a.b.c", "Bearer ....", "Bearer " + "a" * 9000],
)
async def test_what_is_no_token(stranger: httpx.AsyncClient, header: str) -> None:
    answer = await stranger.get("/v1/customers", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


async def test_two_tokens_are_none(stranger: httpx.AsyncClient, signer: Signer) -> None:
    headers = [("Authorization", f"Bearer {signer.token()}"), ("Authorization", f"Bearer {signer.token()}")]
    answer = await stranger.get("/v1/customers", headers=headers)
    assert answer.status_code == 401


async def test_algorithm_none(stranger: httpx.AsyncClient, signer: Signer) -> None:
    await refused(stranger, unsigned({"alg": "none", "kid": signer.kid}) + ".")
    await refused(stranger, unsigned({"alg": "none", "kid": signer.kid}) + "." + encoded(b"x"))


async def test_public_key_as_shared_secret(stranger: httpx.AsyncClient, signer: Signer) -> None:
    await refused(stranger, signer.token_by_shared_secret())


async def test_a_key_that_the_token_brings_along(stranger: httpx.AsyncClient, signer: Signer) -> None:
    thief = Signer(signer.kid)
    await refused(stranger, thief.token())
    await refused(stranger, thief.token({"jwk": thief.jwk}))
    await refused(stranger, thief.token({"jku": "http://127.0.0.1:9/keys"}))


async def test_a_changed_claim(stranger: httpx.AsyncClient, signer: Signer) -> None:
    header, _, signature = signer.token().split(".")
    content = unsigned({"alg": "EdDSA"}, sub="somebody else").split(".")[1]
    await refused(stranger, f"{header}.{content}.{signature}")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"aud": "service:customer"},
        {"aud": ["elsewhere"]},
        {"aud": None},
        {"iss": "keyaccount-instance"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"nbf": int(time.time()) + 86_400},
        {"iat": int(time.time()) + 86_400},
    ],
    ids=lambda claims: next(iter(claims)),
)
async def test_claims_that_are_not_good(stranger: httpx.AsyncClient, signer: Signer, claims: dict[str, Any]) -> None:
    await refused(stranger, signer.token(**claims))


async def test_critical_header_that_nobody_knows(stranger: httpx.AsyncClient, signer: Signer) -> None:
    await refused(stranger, signer.token({"crit": ["exp2"], "exp2": 1}))


async def test_no_kid(stranger: httpx.AsyncClient, signer: Signer) -> None:
    await refused(stranger, signer.token({"kid": None}))
    await refused(stranger, signer.token({"kid": 7}))


async def test_several_audiences(stranger: httpx.AsyncClient, signer: Signer) -> None:
    token = signer.token(aud=["elsewhere", "keyaccount"])
    answer = await stranger.get("/v1/customers", headers={"Authorization": f"bearer {token}"})
    assert answer.status_code == 200


async def test_a_remembered_token_expires(stranger: httpx.AsyncClient, signer: Signer) -> None:
    token = signer.token(exp=int(time.time()) - 3)  # two seconds of the leeway are left
    headers = {"Authorization": f"Bearer {token}"}
    first = await stranger.get("/v1/customers", headers=headers)
    assert first.status_code == 200
    await asyncio.sleep(3)
    assert (await stranger.get("/v1/customers", headers=headers)).status_code == 401


async def test_keys_rotate(tmp_path: Path, services: dict[str, StandIn]) -> None:
    old, new, thief = Signer("old"), Signer("new"), Signer("made-up")
    fetches = 0

    def keys(*signers: Signer) -> None:
        answer = json_answer({"keys": [{"kty": "RSA", "kid": "other"}, "?", *(signer.jwk for signer in signers)]})

        async def counted(request: object) -> object:
            nonlocal fetches
            fetches += 1
            return await answer(request)  # type: ignore[arg-type]

        services["team"].answers[KEYS] = counted  # type: ignore[assignment]

    async def status(signer: Signer) -> int:
        headers = {"Authorization": f"Bearer {signer.token()}"}
        return (await client.get("/v1/customers", headers=headers)).status_code

    keys(old)
    urls = {name: service.url for name, service in services.items()}
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        remembered = {"Authorization": f"Bearer {old.token()}"}
        assert (await client.get("/v1/customers", headers=remembered)).status_code == 200
        assert await status(new) == 401
        keys(old, new)
        assert await status(new) == 200
        assert await status(old) == 200

        keys(new)
        before = fetches
        statuses = await asyncio.gather(*(status(thief) for _ in range(40)))
        assert set(statuses) == {401}
        assert fetches - before <= 2, "made-up keys must not make the gateway ask for each"
        assert await status(old) == 401
        assert (await client.get("/v1/customers", headers=remembered)).status_code == 401
        assert await status(new) == 200


async def test_team_down(tmp_path: Path, services: dict[str, StandIn], signer: Signer) -> None:
    urls = {name: service.url for name, service in services.items()}
    services["team"].answers[KEYS] = json_answer({}, status=503)
    async with gateway_before(urls, tmp_path / "log") as running, httpx.AsyncClient(base_url=running.url) as client:
        headers = {"Authorization": f"Bearer {signer.token()}"}
        answer = await client.get("/v1/customers", headers=headers)
        assert answer.status_code == 503
        assert answer.json()["peer"] == "team"
        assert answer.headers["Retry-After"]
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["lacks"]) == (503, ["signing_keys"])

        services["team"].answers[KEYS] = json_answer({"keys": [signer.jwk]})
        assert (await client.get("/v1/customers", headers=headers)).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200

        services["team"].answers[KEYS] = json_answer({}, status=503)
        fresh = {"Authorization": f"Bearer {signer.token(jti='2')}"}
        assert (await client.get("/v1/customers", headers=fresh)).status_code == 200, "known keys outlive team"


async def test_no_token_is_ever_logged(client: httpx.AsyncClient, gateway: Running) -> None:
    answer = await client.get("/v1/customers?search=secret-of-a-person")
    log = await gateway.written(answer.headers["Trace-Id"])
    assert '"route":"/v1/customers"' in log
    assert "secret-of-a-person" not in log
    assert "Bearer" not in log
    assert client.headers["Authorization"].split()[1][:40] not in log
