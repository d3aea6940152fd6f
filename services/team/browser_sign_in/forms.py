"""Form tokens: a form is taken only from the browser that we showed it to, with what it asked for then (CSRF).

The token is sealed with the instance's key over the browser's cookie and all that was asked; nothing is kept, so that
any process answers.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import orjson

from servicekit.data.sealing import Sealing, Unreadable

PURPOSE = "sign-in form"
LIFETIME = timedelta(minutes=30)
BROWSER = re.compile(r"[A-Za-z0-9_-]{32}")


def new_browser() -> str:
    """Return what a browser is known by while it signs in: 192 random bits."""
    return secrets.token_urlsafe(24)


def is_browser(given: str | None) -> bool:
    """Whether a cookie is one of ours in form."""
    return given is not None and BROWSER.fullmatch(given) is not None


def form_token(sealing: Sealing, browser: str, asked: Mapping[str, str], now: datetime) -> str:
    """Return the token of a form that is shown to a browser now."""
    until = str(int((now + LIFETIME).timestamp())).encode()
    return base64.urlsafe_b64encode(sealing.seal(until, _context(browser, asked))).decode()


def is_ours(sealing: Sealing, given: str, browser: str, asked: Mapping[str, str], now: datetime) -> bool:
    """Whether a form came from the page that we showed to this browser, and not too long ago."""
    try:
        until = int(sealing.open(base64.urlsafe_b64decode(given), _context(browser, asked)))
    except (Unreadable, ValueError):
        return False
    return now.timestamp() < until


def _context(browser: str, asked: Mapping[str, str]) -> bytes:
    return orjson.dumps([browser, dict(asked)], option=orjson.OPT_SORT_KEYS)
