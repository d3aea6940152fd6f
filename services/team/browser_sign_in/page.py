"""The sign-in page: plain HTML that is readable without style or script."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

PATH = "/v1/sign-in/browser/authorize"
WRONG = "Nobody signs in by this name and password here, or not any longer. Try again."
STALE = "This page was open for too long, or was opened elsewhere. Please sign in again."

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #f5f6f8; --sheet: #fff; --line: #6b7280; --deep: #0b57a4;
  --wrong: #a4161a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --paper: #14171a; --sheet: #1f2327; --line: #8b949e;
  --deep: #7ab7ff; --wrong: #ff9d9d; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; min-height: 100vh; display: grid; place-items: center; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--sheet); border-radius: .5rem;
  box-shadow: 0 1px 4px rgb(0 0 0 / 25%); }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; }
p { margin: 0 0 1.25rem; overflow-wrap: anywhere; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { display: block; width: 100%; margin-bottom: 1.25rem; padding: .6rem .7rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .3rem; }
button { width: 100%; padding: .7rem; font: inherit; font-weight: 600; color: var(--sheet); background: var(--deep);
  border: 0; border-radius: .3rem; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--deep); outline-offset: 2px; }
.wrong { padding: .6rem .8rem; color: var(--wrong); border: 1px solid currentcolor; border-radius: .3rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page(client_id: str, hidden: Mapping[str, str], username: str, message: str = "") -> bytes:
    """Return the page; `hidden` comes back with the form, `message` says why it is shown again."""
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    alert = f'<p class="wrong" role="alert">{escape(message)}</p>\n' if message else ""
    focus = ("", " autofocus") if username else (" autofocus", "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to Keyaccount</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Sign in to Keyaccount</h1>
<p>You go on to <strong>{escape(client_id)}</strong>.</p>
{alert}<form method="post" action="{PATH}">
{fields}
<label for="username">Username</label>
<input id="username" name="username" value="{escape(username)}" autocomplete="username" autocapitalize="none"
 spellcheck="false" maxlength="100" required{focus[0]}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required{focus[1]}>
<button type="submit">Sign in</button>
</form>
</main>
</body>
</html>
""".encode()


def page_headers(redirect_uri: str) -> dict[str, str]:
    """Return what a browser is told about the page: nothing runs in it, nobody frames it, nothing of it is kept.

    Browsers hold the redirect that follows a form to `form-action` too.
    """
    target = urlsplit(redirect_uri)
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "img-src data:",
        f"form-action 'self' {target.scheme}://{target.netloc}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
