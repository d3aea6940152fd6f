"""Sign-in at a real OpenID Connect provider, with real processes on both sides and nothing but our settings."""

import base64
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from keyaccount.provisioning import SERVICES
from servicekit.values.ids import new_id
from tests.node import with_packages
from tests.provider.browser import PublicClient, challenge_of, verifier
from tests.provider.real import AUDIENCE, BACK, RealProvider, provider_in
from tests.system.instance import Instance, Person, living_in, until
from tests.tokens.issuers import Signer, unsigned

SOURCE = Path(__file__).parent / "oidc_provider"
LOGINS = {
    "anna": {"email": "Anna@example.com", "email_verified": True},
    "left": {"email": "left@example.com", "email_verified": True},
    "unverified": {"email": "anna@example.com", "email_verified": False},
    "nobody": {"email": "nobody@example.com", "email_verified": True},
    "nameless": {},
}
ELSEWHERE = "https://elsewhere.example/api"


@dataclass
class Scene:
    """A provider, an instance of ours that trusts it, and a seller whom both know."""

    provider: RealProvider
    instance: Instance
    http: httpx.Client
    seller_id: str = ""

    def asks(self, token: str, path: str = "/v1/customers") -> httpx.Response:
        """Ask through the gateway, which verifies the token before it passes it on."""
        return self.http.get(path, headers={"authorization": f"Bearer {token}"})

    def asks_a_service(self, token: str, service: str = "customer") -> httpx.Response:
        """Ask a service itself: it trusts nothing that the gateway has looked at."""
        port = self.instance.port + SERVICES.index(service) + 1
        path = {"customer": "/v1/customers", "team": "/v1/sign-in/me"}[service]
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers={"authorization": f"Bearer {token}"})

    def statuses(self, token: str) -> tuple[int, int, int]:
        """Return what gateway and two services make of a token."""
        direct = (self.asks_a_service(token, service).status_code for service in ("customer", "team"))
        return self.asks(token).status_code, *direct  # type: ignore[return-value]

    def refusal(self, token: str) -> str:
        """Return why a token is refused."""
        answer = self.asks(token)
        assert answer.status_code == 401, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return f"{answer.json()['code']}: {answer.json()['detail']}"


@contextmanager
def opened(folder: Path) -> Iterator[Scene]:
    node = with_packages(SOURCE, folder / "provider")
    with provider_in(node, [Signer("one", "RS256")], LOGINS) as provider, living_in(folder / "home") as instance:
        instance.variables = {"KEYACCOUNT_OIDC_ISSUER": provider.issuer, "KEYACCOUNT_OIDC_AUDIENCE": AUDIENCE}
        instance.up()
        with instance.http() as http:
            scene = Scene(provider, instance, http)
            scene.seller_id = listed(instance.first(http, "import_client"))
            yield scene


def listed(operations: Person) -> str:
    """List people as the personnel system would, and return who sells."""
    people = [("anna", {"email": "anna@example.com"}), ("left", {"email": "left@example.com", "left_on": "2026-01-01"})]
    for name, given in people:
        operations.done("PUT", f"/v1/people/by-reference/hr/{name}", {"name": name.capitalize(), **given})
    found = operations.get("/v1/people", params={"search": "Anna"})["items"]
    return str(found[0]["id"])


@pytest.mark.long
@pytest.mark.timeout(900)
def test_people_sign_in_at_a_real_provider() -> None:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as name:
        Path(name).chmod(0o755)
        with opened(Path(name)) as scene:
            who_signs_in_is_who_they_are(scene)
            the_code_needs_its_proof(scene)
            other_people_are_told_so(scene)
            only_access_tokens_for_us_count(scene)
            no_token_chooses_how_it_is_verified(scene)
            clocks_may_differ_by_half_a_minute(scene)
            keys_come_and_go(scene)
            who_is_signed_in_does_not_need_the_provider(scene)


def who_signs_in_is_who_they_are(scene: Scene) -> None:
    told = scene.instance.command("doctor").communicate(timeout=60)[0]
    assert f"provider {scene.provider.issuer}" in told
    assert "1 keys (RS256)" in told

    token = scene.provider.sign_in("anna")["access_token"]

    me = scene.asks(token, "/v1/sign-in/me")
    assert me.is_success, me.text
    assert (me.json()["person_id"], me.json()["roles"]) == (scene.seller_id, [])
    assert scene.statuses(token) == (200, 200, 200)
    seller = Person(scene.http, scene.seller_id, token)
    customer = seller.post("/v1/customers", {"legal_name": "Provider Works", "country": "DE"})
    assert customer["account_manager_id"] == scene.seller_id
    admin = json.loads((scene.instance.home / "secrets" / "first-sign-ins.json").read_text())["admin"]
    by_password = scene.http.post("/v1/sign-in/token", data={"grant_type": "password", **admin})
    assert (by_password.status_code, by_password.json()["code"]) == (409, "passwords_off")
    assert scene.provider.issuer in by_password.json()["detail"]


def the_code_needs_its_proof(scene: Scene) -> None:
    client, secret = PublicClient(scene.provider.issuer, "portal", BACK), verifier()
    assert client.described()["code_challenge_methods_supported"] == ["S256"]
    proof = {"code_challenge": challenge_of(secret), "code_challenge_method": "S256"}
    for wrong in (verifier(), None, challenge_of(secret)):
        code = client.sent_back("anna", **proof)["code"]
        refused = client.redeem(code, wrong)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    code = client.sent_back("anna", **proof)["code"]
    assert client.redeem(code, secret).is_success
    assert client.redeem(code, secret).json()["error"] == "invalid_grant", "a code is redeemed once"
    plain = {"code_challenge": secret, "code_challenge_method": "plain"}
    assert client.sent_back("anna", **plain)["error"] == "invalid_request"
    assert client.sent_back("anna")["error"] == "invalid_request"


def other_people_are_told_so(scene: Scene) -> None:
    reasons = {
        login: scene.refusal(scene.provider.sign_in(login)["access_token"]) for login in LOGINS if login != "anna"
    }
    assert reasons["nobody"].startswith("sign_in_unknown: You are signed in at the provider, but nobody here")
    assert {reasons[login].partition(":")[0] for login in ("unverified", "nameless")} == {"sign_in_invalid"}
    assert reasons["left"].partition(":")[0] in {"sign_in_unknown", "sign_in_invalid"}


def only_access_tokens_for_us_count(scene: Scene) -> None:
    provider = scene.provider
    assert "not meant for us" in scene.refusal(provider.sign_in("anna")["id_token"])
    # A client that is called as our audience is: its ID tokens name us, too, and may say nothing that gives them away.
    ours = provider.sign_in("anna", AUDIENCE)
    assert scene.statuses(ours["access_token"]) == (200, 200, 200)
    for id_token in (ours["id_token"], provider.sign_in("anna", AUDIENCE, nonce="n-1")["id_token"]):
        assert content_of(id_token)["aud"] == AUDIENCE
        assert "no access token" in scene.refusal(id_token)
        assert scene.statuses(id_token) == (401, 401, 401)
    for_others = provider.sign_in("anna", resource=ELSEWHERE)["access_token"]
    assert content_of(for_others)["aud"] == ELSEWHERE
    assert scene.statuses(for_others) == (401, 401, 401)
    with provider_in(provider.folder, provider.keys, LOGINS) as other:
        assert scene.statuses(other.sign_in("anna")["access_token"]) == (401, 401, 401)


def no_token_chooses_how_it_is_verified(scene: Scene) -> None:
    (one,) = scene.provider.keys
    claims, typed = content_of(scene.provider.sign_in("anna")["access_token"]), {"typ": "at+jwt"}
    assert scene.statuses(one.sign(typed, claims)) == (200, 200, 200), "what is forged below is good but for one thing"
    thief = Signer("one", "RS256")
    forged = {
        "unsigned": unsigned(claims, "one"),
        "the public key as a shared secret": one.by_shared_secret(claims),
        "said to be ES256": one.sign(typed | {"alg": "ES256"}, claims),
        "said to be PS256": one.sign(typed | {"alg": "PS256"}, claims),
        "signed by PS256": Signer("one", "PS256", one.key).sign(typed, claims),
        "signed by ES256 in its name": Signer("one", "ES256").sign(typed, claims),
        "a stolen name": thief.sign(typed, claims),
        "a key brought along": thief.sign(typed | {"jwk": thief.jwk}, claims),
        "keys said to be elsewhere": thief.sign(typed | {"jku": f"{scene.provider.issuer}/jwks"}, claims),
        "a key without a name": one.sign(typed | {"kid": None}, claims),
        "a key that is not there": Signer("other", "RS256").sign(typed, claims),
        "another issuer": one.sign(typed, claims | {"iss": "https://elsewhere.example"}),
        "the issuer but for a stroke": one.sign(typed, claims | {"iss": f"{claims['iss']}/"}),
        "another audience": one.sign(typed, claims | {"aud": ["elsewhere"]}),
        "the built-in issuer's name": one.sign(typed, claims | {"iss": "keyaccount", "sub": scene.seller_id}),
        "a logout token": one.sign({"typ": "logout+jwt"}, claims),
    }
    assert {name: scene.statuses(token) for name, token in forged.items()} == dict.fromkeys(forged, (401, 401, 401))


def clocks_may_differ_by_half_a_minute(scene: Scene) -> None:
    """The provider's clock is ahead or behind; a token of 300 s is made then and used now."""
    for clock, taken in ((20, True), (-290, True), (-305, True), (900, False), (-360, False)):
        scene.provider.start(clock=clock)
        token = scene.provider.sign_in("anna")["access_token"]
        assert scene.statuses(token) == ((200, 200, 200) if taken else (401, 401, 401)), clock
        if not taken:
            assert ("expired" if clock < 0 else "does not count yet") in scene.refusal(token)
    scene.provider.start()


def keys_come_and_go(scene: Scene) -> None:
    """A new key counts at once, beside the old one or in its place; one that is gone, once keys are looked at anew."""
    provider = scene.provider
    (one,) = provider.keys
    first = provider.sign_in("anna")["access_token"]
    provider.keys = [Signer("two", "RS256"), one]
    provider.start()
    second = provider.sign_in("anna")["access_token"]
    assert (header_of(first)["kid"], header_of(second)["kid"]) == ("one", "two")
    assert scene.statuses(second) == (200, 200, 200)
    assert scene.statuses(first) == (200, 200, 200)

    provider.keys = [Signer("three", "ES256"), provider.keys[0]]
    provider.start()
    third = provider.sign_in("anna")["access_token"]
    assert header_of(third) | {"kid": "three"} == header_of(third) | {"alg": "ES256"}
    assert scene.statuses(third) == (200, 200, 200)
    assert scene.statuses(second) == (200, 200, 200)
    assert scene.statuses(first) == (401, 401, 401)
    assert "key that is not known (any longer)" in scene.refusal(first)


def who_is_signed_in_does_not_need_the_provider(scene: Scene) -> None:
    provider = scene.provider
    token = provider.sign_in("anna")["access_token"]
    assert scene.statuses(token) == (200, 200, 200)
    kept = json.loads((scene.instance.home / "secrets" / "provider-keys.json").read_text())
    assert {key["kid"] for key in kept["key_set"]["keys"]} == {"two", "three"}
    assert not any("d" in key for key in kept["key_set"]["keys"])
    provider.stop()

    assert scene.statuses(token) == (200, 200, 200)
    for name in ("gateway", "team", "customer"):
        pid = scene.instance.pids()[name]
        os.kill(pid, signal.SIGKILL)
        until(partial(replaced, scene.instance, name, pid), scene.instance.said)
    until(lambda: all_taken(scene, token), scene.instance.said)
    unknown = Signer("made-up", "RS256").sign({"typ": "at+jwt"}, content_of(token) | {"jti": str(new_id())})
    away = scene.asks(unknown)
    assert (away.status_code, away.json()["peer"]) == (503, provider.issuer)
    assert away.headers["retry-after"]

    provider.start()
    assert scene.refusal(unknown)
    assert scene.statuses(provider.sign_in("anna")["access_token"]) == (200, 200, 200)


def replaced(instance: Instance, name: str, pid: int) -> bool:
    return instance.pids().get(name, pid) != pid


def all_taken(scene: Scene, token: str) -> bool:
    """Whether the token is taken by processes that were started while the provider was away."""
    try:
        return scene.statuses(token) == (200, 200, 200)
    except httpx.TransportError:
        return False


def part_of(token: str, place: int) -> dict[str, Any]:
    part = token.split(".")[place]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return content


def header_of(token: str) -> dict[str, Any]:
    return part_of(token, 0)


def content_of(token: str) -> dict[str, Any]:
    return part_of(token, 1)
