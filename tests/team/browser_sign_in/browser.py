"""A browser, as far as signing in needs one: a page, a form, a cookie, and a client that knows PKCE."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from services.team.browser_sign_in.rules import challenge_of
from tests.house import BROWSER_CLIENTS, House

AUTHORIZE = "/v1/sign-in/browser/authorize"
TOKEN = "/v1/sign-in/browser/token"
REVOKE = "/v1/sign-in/browser/revoke"


class Page(HTMLParser):
    """The elements of a page: name and attributes of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def hidden(self) -> dict[str, str]:
        """What the form sends back unseen."""
        return {str(each["name"]): str(each["value"]) for each in self.all("input") if each.get("type") == "hidden"}


@dataclass
class Browser:
    """A browser at a browser client."""

    http: httpx.AsyncClient
    client_id: str = "portal"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def redirect_uri(self) -> str:
        return BROWSER_CLIENTS[self.client_id][0]

    def asked(self, **given: Any) -> dict[str, str]:
        """Return what the client asks for; what is given as None is left out."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": "a state & more",
            "nonce": "a nonce",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | given
        return {name: value for name, value in asked.items() if value is not None}

    async def show(self, **given: Any) -> httpx.Response:
        return await self.http.get(AUTHORIZE, params=self.asked(**given))

    async def fill_in(self, credentials: dict[str, str], **given: Any) -> httpx.Response:
        """Open the page and send its form."""
        hidden = Page((await self.show()).text).hidden
        return await self.http.post(AUTHORIZE, data=hidden | credentials | given)

    async def code(self, credentials: dict[str, str]) -> str:
        return told(await self.fill_in(credentials))["code"]

    async def redeem(self, code: str, **given: Any) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code": code,
            "code_verifier": self.verifier,
        } | given
        return await self.http.post(TOKEN, data=form)

    async def refresh(self, token: str, **given: Any) -> httpx.Response:
        form = {"grant_type": "refresh_token", "client_id": self.client_id, "refresh_token": token} | given
        return await self.http.post(TOKEN, data=form)

    async def sign_in(self, credentials: dict[str, str]) -> dict[str, Any]:
        """Return the tokens of somebody who signs in."""
        answer = await self.redeem(await self.code(credentials))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def sign_out(self, token: str, **given: Any) -> httpx.Response:
        return await self.http.post(REVOKE, data={"client_id": self.client_id, "token": token} | given)


def told(answer: httpx.Response) -> dict[str, str]:
    """Return what the client is told at its redirect address."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@asynccontextmanager
async def browser_at(house: House, client_id: str = "portal") -> AsyncIterator[Browser]:
    """Open a browser with cookies of its own."""
    transport = httpx.ASGITransport(house.apps["team"], raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://team.test", timeout=30) as http:
        yield Browser(http, client_id)
