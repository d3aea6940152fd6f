"""Passwords are hashed with argon2id, in threads of their own: 20 to 50 ms each, on purpose."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

MEMORY_KIB = 19_456
ROUNDS = 2
AT_ONCE = 4

_hasher = PasswordHash((Argon2Hasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1),))
_threads = ThreadPoolExecutor(AT_ONCE, "hashing")
_nobody = _hasher.hash("a password that nobody has")


async def hash_password(password: str) -> str:
    """Return what is kept of a password (OWASP's parameters: 19 MiB, two rounds)."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one kept; without one it takes as long and is false."""
    verifying = asyncio.get_running_loop().run_in_executor(_threads, _hasher.verify, password, password_hash or _nobody)
    return await verifying and password_hash is not None
