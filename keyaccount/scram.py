"""Passwords as PostgreSQL keeps them, so that the plain one appears in no statement, log or statistic."""

import base64
import hashlib
import hmac
import os

_ITERATIONS = 4096  # PostgreSQL's own default; our passwords are random, so more would only slow every connection


def verifier(password: str) -> str:
    """Return the SCRAM-SHA-256 verifier (RFC 5803) of an ASCII password."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
