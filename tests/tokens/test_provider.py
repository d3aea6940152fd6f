"""Any OpenID Connect provider by configuration: what of it counts, and what does not (RFC 8725)."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from servicekit.run.sign_in import ProviderSettings
from servicekit.tokens.fetched import FetchedKeys
from servicekit.tokens.keys import KeysUnavailable
from servicekit.tokens.provider import Provider, ProviderUnusable, trusted_provider
from servicekit.tokens.verifying import TokenRefused, Verifier
from tests.tokens.issuers import Signer, StandInProvider, unsigned

NOW = int(time.time())


@pytest.fixture
async def provider() -> AsyncIterator[StandInProvider]:
    started = StandInProvider()
    await started.start()
    yield started
    await started.stop()


def verifier_of(provider: StandInProvider, folder: Path) -> Verifier:
    return Verifier([trusted_provider(ProviderSettings(provider.url, "keyaccount"), folder)])


async def refusal(verifier: Verifier, token: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        await verifier.verify(token)
    return str(refused.value)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_each_algorithm_that_we_take(provider: StandInProvider, tmp_path: Path, algorithm: str) -> None:
    provider.signers = [Signer("its", algorithm)]

    verified = await verifier_of(provider, tmp_path).verify(provider.token())

    assert (verified.claims["sub"], verified.is_current) == ("somebody-1", True)


async def test_no_token_chooses_its_algorithm_or_its_key(provider: StandInProvider, tmp_path: Path) -> None:
    rsa, ec, thief = Signer("rsa", "RS256"), Signer("ec", "ES256"), Signer("rsa", "RS256")
    provider.signers = [rsa, ec]
    verifier = verifier_of(provider, tmp_path)
    assert (await verifier.verify(provider.token())).is_current
    claims = provider.claims()
    header, content, signature = rsa.sign({}, claims).split(".")
    forged = {
        "none": unsigned(claims, "rsa"),
        "HS256 by the public key": rsa.by_shared_secret(claims),
        "another kind of key": ec.sign({"kid": "rsa"}, claims),
        "the kind of another key": rsa.sign({"kid": "ec"}, claims),
        "another algorithm of the same key": Signer("rsa", "PS256", rsa.key).sign({}, claims),
        "its algorithm said wrongly": rsa.sign({"alg": "ES256"}, claims),
        "a stolen name": thief.sign({}, claims),
        "a key brought along": thief.sign({"jwk": thief.jwk}, claims),
        "a set of its own": thief.sign({"jku": f"{provider.url}/jwks", "x5u": provider.url}, claims),
        "a certificate brought along": thief.sign({"x5c": ["MIIB"]}, claims),
        "no name of a key": rsa.sign({"kid": None}, claims),
        "a name that is no text": rsa.sign({"kid": 7}, claims),
        "what has to be understood": rsa.sign({"crit": ["exp2"], "exp2": 1}, claims),
        "not encoded": rsa.sign({"b64": False}, claims),
        "other claims": f"{header}.{unsigned(claims | {'sub': 'x'}, 'rsa').split('.')[1]}.{signature}",
        "no signature": f"{header}.{content}.",
        "two parts": f"{header}.{content}",
        "encrypted": f"{header}.{content}.{signature}.{content}.{signature}",
        "too long": rsa.sign({}, claims | {"more": "x" * 9000}),
        "deep": "[" * 5000,
    }

    passed = []
    for name, token in forged.items():
        try:
            await verifier.verify(token)
            passed.append(name)
        except TokenRefused:
            pass

    assert passed == []


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://elsewhere.example"}, "not meant for us"),
        ({"iss": None}, "not meant for us"),
        ({"iss": ["x"]}, "not meant for us"),
        ({"aud": "elsewhere"}, "not meant for us"),
        ({"aud": ["elsewhere", "other"]}, "not meant for us"),
        ({"aud": None}, "not meant for us"),
        ({"sub": None}, "names nobody"),
        ({"sub": ""}, "names nobody"),
        ({"sub": "x" * 300}, "names nobody"),
        ({"exp": NOW - 31}, "expired"),
        ({"exp": None}, "when it counts"),
        ({"exp": "tomorrow"}, "when it counts"),
        ({"exp": True}, "when it counts"),
        ({"exp": 1e300}, "when it counts"),
        ({"iat": None}, "when it counts"),
        ({"iat": NOW + 86_400}, "not count yet"),
        ({"nbf": NOW + 86_400}, "not count yet"),
        ({"nbf": "later"}, "when it counts"),
        ({"typ": "ID"}, "no access token"),
        ({"typ": "Refresh"}, "no access token"),
        ({"at_hash": "x"}, "no access token"),
        ({"events": {}}, "no access token"),
    ],
)
async def test_what_a_token_must_say(
    provider: StandInProvider, tmp_path: Path, claims: dict[str, Any], reason: str
) -> None:
    assert reason in await refusal(verifier_of(provider, tmp_path), provider.token(**claims))


@pytest.mark.parametrize("typ", ["logout+jwt", "secevent+jwt", "dpop+jwt", "oauth-authz-req+jwt", 7])
async def test_other_kinds_of_token(provider: StandInProvider, tmp_path: Path, typ: Any) -> None:
    assert "no access token" in await refusal(verifier_of(provider, tmp_path), provider.token({"typ": typ}))


@pytest.mark.parametrize(
    ("header", "claims", "counts"),
    [
        ({"typ": "JWT"}, {}, False),
        ({"typ": None}, {"nonce": "n", "auth_time": NOW, "azp": "portal"}, False),
        ({"typ": "at+jwt"}, {}, True),
        ({}, {"typ": "Bearer"}, True),
        ({}, {"scope": "openid"}, True),
        ({}, {"scp": ["api"]}, True),
    ],
)
async def test_an_id_token_that_names_us_and_hides_what_it_is(
    provider: StandInProvider, tmp_path: Path, header: dict[str, Any], claims: dict[str, Any], counts: bool
) -> None:
    token = provider.token(header, **({"client_id": None} | claims))

    if counts:
        assert (await verifier_of(provider, tmp_path).verify(token)).is_current
    else:
        assert "no access token" in await refusal(verifier_of(provider, tmp_path), token)


async def test_what_is_fine_passes(provider: StandInProvider, tmp_path: Path) -> None:
    verifier = verifier_of(provider, tmp_path)

    for header, claims in (
        ({"typ": "at+jwt"}, {"aud": ["elsewhere", "keyaccount"]}),
        ({"typ": None, "x5t": "thumb", "nonce": "n"}, {"nbf": NOW + 10, "iat": NOW + 10}),
        ({}, {"exp": int(time.time()) - 5}),  # clocks differ by half a minute at most
    ):
        assert (await verifier.verify(provider.token(header, **claims))).is_current


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"alg": "HS256"},
        {"alg": "RS512"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kid": None},
        {"n": "!!"},
        {"key_ops": ["sign"]},
    ],
)
async def test_keys_that_may_not_verify(provider: StandInProvider, tmp_path: Path, change: dict[str, Any]) -> None:
    token = provider.token()
    provider.extra_keys = [provider.signers[0].jwk | change]
    provider.signers = []

    assert "not known" in await refusal(verifier_of(provider, tmp_path), token)


async def test_it_has_to_be_who_was_configured(provider: StandInProvider, tmp_path: Path) -> None:
    asked = Provider(provider.url, tmp_path / "kept")
    for says, reason in (
        ({"issuer": "https://elsewhere.example"}, "calls itself"),
        ({"jwks_uri": "http://elsewhere.example/keys"}, "no https URL"),
        ({"jwks_uri": "file:///etc/passwd"}, "no https URL"),
        ({"jwks_uri": None}, "no https URL"),
        ({"jwks_uri": f"{provider.url}/nothing"}, "answers 404"),
    ):
        provider.says = says
        with pytest.raises(ProviderUnusable, match=reason):
            await asked.fetch()


async def test_keys_come_and_go_and_made_up_ones_cost_nothing(provider: StandInProvider, tmp_path: Path) -> None:
    now = 1000.0
    keys = FetchedKeys(provider.url, Provider(provider.url, tmp_path / "kept").key_set, now=lambda: now)
    old, new = provider.signers[0], Signer("second", "ES256")
    first = await keys.find(old.kid)
    assert first is not None

    provider.signers = [old, new]
    now += 2
    assert await keys.find(new.kid) is not None
    assert keys.is_current(first), "a key that stays is the same"

    provider.signers = [new]
    now += 301
    assert keys.is_current(first), "nobody waits for the keys to be looked at again"
    await keys.refresh()
    assert not keys.is_current(first)
    before = provider.asked
    now += 2
    assert await keys.find("made-up") is None
    assert provider.asked == before + 1
    await keys.close()


async def test_a_start_does_not_need_the_provider(provider: StandInProvider, tmp_path: Path) -> None:
    token = provider.token()
    provider.down = True
    with pytest.raises(KeysUnavailable):
        await verifier_of(provider, tmp_path).verify(token)
    provider.down = False
    await verifier_of(provider, tmp_path).verify(token)

    provider.down = True
    started_again = verifier_of(provider, tmp_path)
    verified = await started_again.verify(token)

    assert verified.is_current
    with pytest.raises(KeysUnavailable):
        await started_again.verify(Signer("unknown", "ES256").sign({}, provider.claims()))
    provider.down = False
    other = Verifier([trusted_provider(ProviderSettings("https://elsewhere.example", "x"), tmp_path)])
    assert "not meant" in await refusal(other, token)
