"""A public client and its user's browser: the whole code flow with PKCE, page by page (RFC 7636, RFC 8252)."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

MOST_PAGES = 12


def verifier() -> str:
    """Return a secret that only this flow knows."""
    return secrets.token_urlsafe(48)


def challenge_of(secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).rstrip(b"=").decode()


class Form(HTMLParser):
    """The first form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = given.get("action", "")
        if tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")


@dataclass
class PublicClient:
    """An application without a secret, known to a provider by its id and where it is sent back to."""

    issuer: str
    client_id: str = "portal"
    redirect_uri: str = "http://127.0.0.1:9/back"
    asked: dict[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        described: dict[str, Any] = httpx.get(f"{self.issuer}/.well-known/openid-configuration").json()
        return described

    def sent_back(self, login: str, **changes: str | None) -> dict[str, str]:
        """Follow the provider's pages as the browser of somebody, and return with what they come back."""
        question = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid email",
            "state": secrets.token_urlsafe(12),
            **changes,
        }
        query = {name: value for name, value in question.items() if value is not None}
        with httpx.Client(timeout=30) as browser:
            answer = browser.get(self.described()["authorization_endpoint"], params=query)
            for _ in range(MOST_PAGES):
                if answer.is_redirect:
                    target = urljoin(str(answer.url), answer.headers["location"])
                    if target.startswith(self.redirect_uri):
                        return self._checked(target, query)
                    answer = browser.get(target)
                    continue
                assert answer.status_code == 200, f"{answer.url}: {answer.status_code} {answer.text}"
                form = Form(answer.text)
                filled = form.fields | ({"login": login, "password": "any"} if "login" in form.fields else {})
                answer = browser.post(urljoin(str(answer.url), form.action), data=filled)
        raise AssertionError(f"the provider has more pages than {MOST_PAGES}")

    def _checked(self, target: str, query: dict[str, str]) -> dict[str, str]:
        parts = urlsplit(target)
        back = dict(parse_qsl(parts.query or parts.fragment))
        assert back.pop("state") == query["state"]
        assert back.pop("iss") == self.issuer
        return back

    def redeem(self, code: str, secret: str | None) -> httpx.Response:
        """Ask for the tokens of a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        form |= {"client_id": self.client_id} | ({"code_verifier": secret} if secret else {})
        return httpx.post(self.described()["token_endpoint"], data=form)

    def sign_in(self, login: str, **changes: str | None) -> dict[str, str]:
        """Sign somebody in and return their tokens."""
        secret = verifier()
        proof = {"code_challenge": challenge_of(secret), "code_challenge_method": "S256"}
        back = self.sent_back(login, **proof, **changes)
        answer = self.redeem(back["code"], secret)
        assert answer.is_success, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens
