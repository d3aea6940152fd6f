"""The public API as an ordinary client uses it: sign-in, idempotency keys, retries of what is safe to repeat."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
import orjson
import stamina
from httpx_aiohttp import AiohttpTransport

from keyaccount.problems import Unable

_WAIT_AND_REPEAT = frozenset({408, 429, 502, 503, 504})
_CONFLICT = 409
_ATTEMPTS = 8
_LONGEST_SECONDS = 90.0
_SIGNED_OUT = 401
_REFUSED_FROM = 400

TransportOf = Callable[[], httpx.AsyncBaseTransport]
Parameters = Mapping[str, str | int | bool | None]


@dataclass(frozen=True)
class SignIn:
    """What is sent to `/v1/sign-in/token`: a client's or a person's secret."""

    form: Mapping[str, str]

    @classmethod
    def of_client(cls, client_id: str, client_secret: str) -> "SignIn":
        """Sign in as a machine client."""
        return cls({"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret})

    @classmethod
    def of_person(cls, username: str, password: str) -> "SignIn":
        """Sign in as a person."""
        return cls({"grant_type": "password", "username": username, "password": password})

    @classmethod
    def of_imports(cls, secrets_folder: Path) -> "SignIn":
        """Sign in as the client for imports that the first start made."""
        made = first_sign_ins(secrets_folder)["import_client"]
        return cls.of_client(made["client_id"], made["client_secret"])

    @classmethod
    def of_admin(cls, secrets_folder: Path) -> "SignIn":
        """Sign in as the first admin."""
        made = first_sign_ins(secrets_folder)["admin"]
        return cls.of_person(made["username"], made["password"])


def first_sign_ins(secrets_folder: Path) -> dict[str, dict[str, str]]:
    """Return the sign-ins that the first start made."""
    path = secrets_folder / "first-sign-ins.json"
    try:
        found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unable(
            f"{path} cannot be read ({error.strerror}): start the instance with `keyaccount up` first, "
            "or say with KEYACCOUNT_HOME which instance is meant."
        ) from error
    return found


class Refused(Exception):
    """The API answered with a problem."""

    def __init__(self, method: str, path: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{method} {path} was answered {status}: {sentence(problem)}")


def sentence(problem: Mapping[str, Any]) -> str:
    """Return a problem as one line: what it says, then each field it blames."""
    said = str(problem.get("detail") or problem.get("title") or problem.get("code") or "no reason given")
    blamed = [f"{one.get('pointer', '')}: {one.get('message', '')}" for one in problem.get("errors") or ()]
    return " ".join([said, *(f"({each})" for each in blamed if each.strip(": "))])


class _NotNow(Exception):
    """The answer says to come again."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response


def _now(response: httpx.Response) -> httpx.Response:
    asked_to_wait = response.status_code == _CONFLICT and "retry-after" in response.headers
    if asked_to_wait or response.status_code in _WAIT_AND_REPEAT:
        raise _NotNow(response)
    return response


def _may_repeat(error: Exception) -> bool | float:
    if isinstance(error, _NotNow):
        asked = error.response.headers.get("retry-after", "")
        return min(float(asked), 5.0) if asked.isdigit() and int(asked) else True
    return isinstance(error, httpx.TransportError)


class ApiClient:
    """One signed-in caller; every POST carries an idempotency key, so repeating it is safe."""

    def __init__(
        self, base_url: str, sign_in: SignIn, *, transport_of: TransportOf | None = None, patience: float = 30
    ) -> None:
        self.base_url = base_url
        self._transport_of = transport_of or AiohttpTransport
        self._sign_in = sign_in
        self._patience = patience
        self._token: str | None = None
        self._http = httpx.AsyncClient(
            base_url=base_url, transport=self._transport_of(), timeout=httpx.Timeout(_LONGEST_SECONDS)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def another(self, sign_in: SignIn) -> "ApiClient":
        """Return a client of the same instance that is signed in otherwise."""
        return ApiClient(self.base_url, sign_in, transport_of=self._transport_of, patience=self._patience)

    async def get(self, path: str, parameters: Parameters | None = None) -> Any:
        """Return what the API answers to a question."""
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        return (await self.send("GET", path, parameters=given)).body

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Ask for an effect; the same `key` never has it twice."""
        return (await self.send("POST", path, content=orjson.dumps(body or {}), key=key)).body

    async def pages(self, path: str, parameters: Parameters | None = None) -> AsyncIterator[dict[str, Any]]:
        """Yield every item of a list, page by page."""
        asked: dict[str, str | int | bool | None] = {"limit": 500, **(parameters or {})}
        while True:
            page = await self.get(path, asked)
            for item in page["items"]:
                yield item
            if not page["next"]:
                return
            asked["cursor"] = page["next"]

    async def send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Answer":
        """Send one request, repeated while the answer is missing or says to come again."""
        sent = dict(headers or {})
        if content is not None:
            sent["Content-Type"] = "application/json"
        if method == "POST":
            sent["Idempotency-Key"] = key or uuid4().hex
        response = await self._signed(method, path, sent, parameters, content)
        if response.status_code >= _REFUSED_FROM:
            raise Refused(method, path, response.status_code, _problem(response))
        return Answer(orjson.loads(response.content) if response.content else None, response.headers)

    async def _signed(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        parameters: Mapping[str, Any] | None,
        content: bytes | None,
    ) -> httpx.Response:
        response = None
        for _ in range(2):
            self._token = self._token or await self._new_token()
            headers["Authorization"] = f"Bearer {self._token}"
            response = await self._patiently(method, path, headers=headers, params=parameters, content=content)
            if response.status_code != _SIGNED_OUT:
                break
            self._token = None  # an hour has passed, or the keys were changed
        assert response is not None  # noqa: S101 - the loop runs
        return response

    async def _new_token(self) -> str:
        path = "/v1/sign-in/token"
        response = await self._patiently("POST", path, data=dict(self._sign_in.form))
        if response.status_code >= _REFUSED_FROM:
            raise Refused("POST", path, response.status_code, _problem(response))
        return str(orjson.loads(response.content)["access_token"])

    async def _patiently(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            async for attempt in stamina.retry_context(on=_may_repeat, attempts=_ATTEMPTS, timeout=self._patience):
                with attempt:
                    response = await self._http.request(method, path, **request)
                    return _now(response)
        except _NotNow as error:
            return error.response
        except httpx.TransportError as error:
            raise Unable(
                f"{self.base_url} does not answer ({type(error).__name__}): is the instance up? "
                "`keyaccount up` starts it."
            ) from error
        raise AssertionError("retry_context either returns or raises")


@dataclass(frozen=True)
class Answer:
    """A successful answer: its JSON (or nothing) and its headers."""

    body: Any
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """Return the version that was read, for `If-Match`."""
        return self.headers.get("etag", "")


def _problem(response: httpx.Response) -> dict[str, Any]:
    with contextlib.suppress(orjson.JSONDecodeError):
        body = orjson.loads(response.content)
        if isinstance(body, dict):
            return body
    return {"detail": response.reason_phrase or "no body"}


def silence_retries() -> None:
    """Keep retries out of a command's output: what matters is whether the last one succeeded."""
    stamina.instrumentation.set_on_retry_hooks([])
