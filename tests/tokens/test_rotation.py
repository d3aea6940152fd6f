"""A new key signs the built-in issuer's tokens, and nobody is signed out."""

import json
import shutil
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keyaccount.main import application
from keyaccount.rotation import rotate_issuer_key
from keyaccount.secrets import ensure_secrets
from servicekit.tokens.own import KEYS_BEFORE, OwnKeys
from servicekit.tokens.verifying import TokenRefused, TrustedIssuer, Verifier
from services.team.sign_in.issuer import Issuer


def claims() -> dict[str, object]:
    now = int(time.time())
    return {"aud": "keyaccount", "sub": "somebody", "iat": now, "exp": now + 60}


def verifier_of(folder: Path) -> Verifier:
    return Verifier([TrustedIssuer("keyaccount", "keyaccount", OwnKeys(folder))])


async def test_tokens_of_before_and_after_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets"
    ensure_secrets(secrets)
    issuer, verifier = Issuer("keyaccount", secrets), verifier_of(secrets)
    before = issuer.sign(claims())
    remembered = await verifier.verify(before)
    monkeypatch.setenv("KEYACCOUNT_HOME", str(tmp_path))

    told = CliRunner().invoke(application, ["keys", "rotate"])

    assert told.exit_code == 0, told.output
    after = issuer.sign(claims())
    assert after.split(".")[0] != before.split(".")[0]
    assert [key["kid"] in told.output for key in issuer.public_keys()] == [True, False]
    assert all("d" not in key for key in issuer.public_keys())
    for token in (after, before):
        assert (await verifier.verify(token)).is_current
        assert (await verifier_of(secrets).verify(token)).is_current
    assert remembered.is_current
    assert (secrets / KEYS_BEFORE).stat().st_mode & 0o777 == 0o600
    assert '"d"' not in (secrets / KEYS_BEFORE).read_text()


async def test_a_former_key_ends(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    issuer = Issuer("keyaccount", tmp_path)
    token = issuer.sign(claims())
    rotate_issuer_key(tmp_path, at_once=False)
    kept = json.loads((tmp_path / KEYS_BEFORE).read_text())
    assert 3600 < kept["keys"][0]["until"] - time.time() < 3700

    kept["keys"][0]["until"] = time.time() - 1
    (tmp_path / KEYS_BEFORE).write_text(json.dumps(kept))

    with pytest.raises(TokenRefused):
        await verifier_of(tmp_path).verify(token)
    assert len(issuer.public_keys()) == 1


async def test_a_key_that_is_known_to_others_ends_at_once(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    token = Issuer("keyaccount", tmp_path).sign(claims())
    stolen = tmp_path / "stolen"
    shutil.copytree(tmp_path, stolen)

    rotate_issuer_key(tmp_path, at_once=True)

    for forged in (token, Issuer("keyaccount", stolen).sign(claims())):
        with pytest.raises(TokenRefused):
            await verifier_of(tmp_path).verify(forged)
