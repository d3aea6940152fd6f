import json
import stat
from pathlib import Path

from joserfc.jwk import OKPKey

from keyaccount.provisioning import service_urls
from keyaccount.secrets import ensure_accounts, ensure_secrets, keep_urls


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_first_start_makes_all_and_the_second_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    ensure_secrets(folder)
    first = contents(folder)
    ensure_secrets(folder)

    assert contents(folder) == first
    assert set(first) == {"instance-key.json", "issuer-key.json", "audit-key.json", "cursor-key", "first-sign-ins.json"}
    assert len(bytes.fromhex(first["cursor-key"].strip())) == 32
    sign_ins = json.loads(first["first-sign-ins.json"])
    assert sign_ins["admin"]["username"] == "admin"
    assert sign_ins["import_client"]["client_id"] == "import"


def test_only_the_user_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)

    ensure_secrets(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_keys_are_private_ed25519_keys_with_an_id(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)

    keys = [
        OKPKey.import_key(json.loads((tmp_path / f"{name}-key.json").read_text())) for name in ("instance", "issuer")
    ]

    assert all(key.is_private and key.kid and key.curve_name == "Ed25519" for key in keys)
    assert keys[0].kid != keys[1].kid


def test_database_passwords_stay_when_the_server_moves(tmp_path: Path) -> None:
    first = ensure_accounts(tmp_path, ["team", "customer"])
    keep_urls(tmp_path, {name: service_urls("postgresql://a:b@/x?host=/s", "k", name, first[name]) for name in first})

    second = ensure_accounts(tmp_path, ["team", "customer", "forecast"])

    assert {name: second[name] for name in first} == first
    assert second["forecast"].login_password
    assert stat.S_IMODE((tmp_path / "database.json").stat().st_mode) == 0o600
