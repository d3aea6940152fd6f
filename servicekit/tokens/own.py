"""The built-in issuer's keys, as they lie in the folder of secrets: one that signs, and those that signed before.

| file | holds |
| --- | --- |
| `issuer-key.json` | the private key that signs |
| `issuer-keys-before.json` | `{"keys": […]}`: public keys, each counting `until` then (seconds since 1970) |
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from servicekit.tokens.keys import VerificationKey, keys_of

SIGNING_KEY = "issuer-key.json"
KEYS_BEFORE = "issuer-keys-before.json"
LOOKED_AT_EVERY_SECONDS = 1.0
PUBLIC = ("kty", "crv", "x", "kid", "use", "alg")


def key_set_in(folder: Path, now: float) -> list[dict[str, Any]]:
    """Return the public keys that count, the signing one first."""
    signing = orjson.loads((folder / SIGNING_KEY).read_bytes())
    path = folder / KEYS_BEFORE
    before = orjson.loads(path.read_bytes())["keys"] if path.exists() else []
    counting = [key for key in before if now < key["until"] and key["kid"] != signing["kid"]]
    return [{name: key[name] for name in PUBLIC if name in key} for key in (signing, *counting)]


class OwnKeys:
    """The keys in the folder; looked at again every second while they are asked for, so that a rotation counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._look_at = 0.0
        self._signing = ""
        self._keys: Mapping[str, VerificationKey] = {}
        self._look()

    def is_current(self, key: VerificationKey) -> bool:
        """Whether the key still counts."""
        if time.monotonic() >= self._look_at:
            self._look()
        return self._keys.get(key.kid) is key

    async def find(self, kid: str | None) -> VerificationKey | None:
        """Return the key of this name; without a name, the one that signs."""
        if kid not in self._keys or time.monotonic() >= self._look_at:
            self._look()  # costs less than the signature that a made-up name would be followed by
        return self._keys.get(kid or self._signing)

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOKED_AT_EVERY_SECONDS
        try:
            given = key_set_in(self._folder, time.time())
        except (OSError, ValueError, KeyError, TypeError):
            if not self._keys:
                raise
            return  # it is being written, or gone: what is known goes on counting
        self._signing = given[0]["kid"]
        self._keys = keys_of({"keys": given}, self._keys)
