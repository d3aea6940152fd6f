"""Sealing: what a service must be able to read again, and a dump of its database must not reveal.

AES-256-GCM under a key that is derived (HKDF, RFC 5869) from the instance's key file, one for each purpose. The
context is authenticated too: what is sealed for one row cannot be put into another.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORM = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(ValueError):
    """It was sealed with another key or for another place, or was altered."""


class Sealing:
    """Seals and opens for one purpose."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"keyaccount: {purpose}".encode()).derive(secret)
        self._cipher = AESGCM(derived)

    def seal(self, content: bytes, context: bytes) -> bytes:
        """Return the content as only the holder of the key reads it, in this context."""
        nonce = os.urandom(NONCE_BYTES)
        return FORM + nonce + self._cipher.encrypt(nonce, content, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            Unreadable: another key or context, or it was altered.
        """
        form, nonce, content = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if form != FORM:
                raise Unreadable
            return self._cipher.decrypt(nonce, content, context)
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error
