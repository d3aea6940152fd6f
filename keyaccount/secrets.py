"""What an instance must keep to itself: made at the first start, in files that only its user can read.

| file | holds |
| --- | --- |
| `instance-key.json` | Ed25519 private JWK that signs the tokens between services |
| `issuer-key.json` | Ed25519 private JWK of the built-in issuer |
| `audit-key.json` | Ed25519 private JWK that signs the checkpoints of the audit trail; no database sees it |
| `issuer-keys-before.json` | public keys that signed before it and count for a while still |
| `provider-keys.json` | the public keys of the provider that signs people in, if there is one |
| `cursor-key` | 32 random bytes in hex, for signing cursors |
| `database.json` | per service `owner_url` and `login_url` |
| `first-sign-ins.json` | the first `admin` and the `import_client` |
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from keyaccount.database_urls import password_in
from keyaccount.files import PRIVATE_FOLDER, write_whole
from keyaccount.provisioning import Account, ServiceUrls

INSTANCE_KEY = "instance-key.json"
ISSUER_KEY = "issuer-key.json"
AUDIT_KEY = "audit-key.json"
CURSOR_KEY = "cursor-key"
DATABASE_URLS = "database.json"
FIRST_SIGN_INS = "first-sign-ins.json"


def ensure_secrets(folder: Path) -> bool:
    """Make what is missing in `folder`; what is there stays as it is. Whether the first sign-ins are new."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)
    for name in (INSTANCE_KEY, ISSUER_KEY, AUDIT_KEY):
        if not (folder / name).exists():
            _write(folder / name, signing_key())
    if not (folder / CURSOR_KEY).exists():
        write_whole(folder / CURSOR_KEY, f"{secrets.token_hex(32)}\n")
    if (folder / FIRST_SIGN_INS).exists():
        return False
    _write(folder / FIRST_SIGN_INS, _first_sign_ins())
    return True


def ensure_accounts(folder: Path, services: Iterable[str]) -> dict[str, Account]:
    """Return the database passwords kept in `folder`, and new ones for services that have none yet.

    Provisioning sets them, so nothing is lost when a start ends between making them and `keep_urls`.
    """
    kept = read_urls(folder)
    return {service: _account(kept.get(service, ServiceUrls("", ""))) for service in services}


def read_urls(folder: Path) -> dict[str, ServiceUrls]:
    """Return how each service reached its database at the last start; empty before the first."""
    path = folder / DATABASE_URLS
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {service: ServiceUrls(urls["owner_url"], urls["login_url"]) for service, urls in kept.items()}


def keep_urls(folder: Path, urls: Mapping[str, ServiceUrls]) -> None:
    """Write how each service reaches its database."""
    content = {service: {"owner_url": url.owner, "login_url": url.login} for service, url in urls.items()}
    _write(folder / DATABASE_URLS, content)


def _account(kept: ServiceUrls) -> Account:
    return Account(
        owner_password=password_in(kept.owner) or secrets.token_urlsafe(24),
        login_password=password_in(kept.login) or secrets.token_urlsafe(24),
    )


def signing_key() -> dict[str, Any]:
    """Return a new private key as a JWK."""
    key = OKPKey.generate_key("Ed25519", private=True, auto_kid=True)
    return {**key.as_dict(private=True), "use": "sig", "alg": "Ed25519"}


def _first_sign_ins() -> dict[str, dict[str, str]]:
    return {
        "admin": {"username": "admin", "password": secrets.token_urlsafe(18)},
        "import_client": {"client_id": "import", "client_secret": secrets.token_urlsafe(32)},
    }


def _write(path: Path, content: Mapping[str, object]) -> None:
    write_whole(path, json.dumps(content, indent=2, sort_keys=True) + "\n")
