"""`keyaccount keys rotate`: a new key signs the built-in issuer's tokens, without anybody being signed out."""

import json
import time
from pathlib import Path
from typing import Any

from keyaccount.files import write_whole
from keyaccount.problems import Unable
from keyaccount.secrets import ISSUER_KEY, signing_key
from servicekit.tokens.own import KEYS_BEFORE, PUBLIC

COUNTS_FOR_SECONDS = 3600 + 60
"""As long as the longest token that the former key has signed, and a minute for clocks."""


def rotate_issuer_key(folder: Path, *, at_once: bool) -> str:
    """Have a new key sign; return its name. The former one verifies until its last token has ended, or not at all.

    Gateway and services notice by themselves: they look for a key that they do not know.

    Raises:
        Unable: there is no instance in the folder.
    """
    path = folder / ISSUER_KEY
    if not path.exists():
        message = f"There is no key in {folder}: start the instance first, or set KEYACCOUNT_HOME."
        raise Unable(message)
    former = json.loads(path.read_text(encoding="utf-8"))
    now = time.time()
    before = [] if at_once else [*_still_counting(folder / KEYS_BEFORE, now), _retired(former, now)]
    made = signing_key()
    # The former key is written down first: in between, it is there twice, and never missing.
    write_whole(folder / KEYS_BEFORE, json.dumps({"keys": before}, indent=2) + "\n")
    write_whole(path, json.dumps(made, indent=2, sort_keys=True) + "\n")
    return str(made["kid"])


def _still_counting(path: Path, now: float) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["keys"] if path.exists() else []
    return [key for key in kept if now < key["until"]]


def _retired(former: dict[str, Any], now: float) -> dict[str, Any]:
    return {**{name: former[name] for name in PUBLIC if name in former}, "until": now + COUNTS_FOR_SECONDS}
