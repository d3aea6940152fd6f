"""The front door, assembled: what is answered here, who may pass, where it goes.

No framework: each layer between a request and its service costs every request. Its server speaks ASGI's lifespan only.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from starlette.types import Receive, Scope, Send

from gateway import figures, reference
from gateway.access_log import AccessLog
from gateway.bodies import ClientGone
from gateway.documents import Documents
from gateway.errors import Fault, GatewayError, MethodUnknown, PathUnknown, SignInRefused
from gateway.exchange import Exchange
from gateway.health import HealthReport
from gateway.limits import Limits, check_query
from gateway.origins import Origins
from gateway.relay import AnswerCut, relay
from gateway.routes import FAMILIES, METHODS, PUBLIC_FAMILIES, WELL_KNOWN, family_of, nearest_family
from gateway.settings import Settings
from gateway.sign_in import SignIn
from gateway.signing_keys import keys_from
from gateway.turn import Turn
from gateway.upstreams import Upstreams
from servicekit.run import metrics, telemetry
from servicekit.run.sign_in import BUILT_IN as AUDIENCE
from servicekit.tokens.fetched import FetchedKeys
from servicekit.tokens.provider import trusted_provider
from servicekit.tokens.verifying import TrustedIssuer

log = structlog.get_logger()


@dataclass(frozen=True)
class House:
    """What is open while the gateway runs."""

    upstreams: Upstreams
    keys: FetchedKeys
    trusted: Sequence[TrustedIssuer]
    sign_in: SignIn
    documents: Documents
    health: HealthReport
    limits: Limits

    @classmethod
    def opened(cls, settings: Settings) -> "House":
        """Open it; connections are made when they are needed."""
        upstreams = Upstreams(settings)
        keys = keys_from(upstreams.by_name["team"])
        trusted = [TrustedIssuer(settings.sign_in.own_issuer, AUDIENCE, keys)]
        if settings.sign_in.provider is not None:
            trusted.append(trusted_provider(settings.sign_in.provider, settings.secrets))
        sign_in = SignIn(trusted)
        health = HealthReport(upstreams, keys)
        return cls(upstreams, keys, trusted, sign_in, Documents(upstreams), health, Limits(settings))

    async def close(self) -> None:
        """Close all connections."""
        for issuer in self.trusted:
            if isinstance(issuer.keys, FetchedKeys):
                await issuer.keys.close()
        await self.upstreams.close()


class Gateway:
    """The ASGI application; it needs its server's lifespan events."""

    _house: House

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._origins = Origins(settings.allowed_origins)
        self._lines = AccessLog("gateway")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follow the server's start and end; requests come to `answer`.

        Raises:
            RuntimeError: it is served by another protocol than `GatewayProtocol`.
        """
        if scope["type"] != "lifespan":
            raise RuntimeError("The gateway needs its own protocol.")
        await receive()
        telemetry.begin_telemetry("gateway")
        self._house = House.opened(self._settings)
        for issuer in self._house.trusted:
            if isinstance(issuer.keys, FetchedKeys):
                issuer.keys.prefetch()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._house.close()
        self._lines.flush()
        await asyncio.to_thread(telemetry.end_telemetry)
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, turn: Turn) -> None:
        """Answer a request."""
        exchange = Exchange(turn)
        exchange.told = self._origins.told(exchange)
        outcome = "answered"
        metrics.requests.in_flight += 1
        try:
            try:
                await self._dispatch(exchange)
            except GatewayError as refusal:
                outcome = refusal.code
                await exchange.refuse(refusal)
        except ClientGone:
            outcome = "client_gone"
        except AnswerCut:
            outcome = "answer_cut"  # returning without the end makes the server cut the connection
        except Exception:
            outcome = "internal_error"
            log.exception("bug", trace_id=exchange.trace.trace_id)
            if not exchange.status:
                await exchange.refuse(Fault())
        finally:
            self._house.limits.leave(exchange)
            self._log(exchange, outcome)

    async def _dispatch(self, exchange: Exchange) -> None:
        path = exchange.raw_path
        if self._origins.is_preflight(exchange):
            await self._origins.answer_preflight(exchange)
            return
        if not path.startswith(b"/v1/"):
            await self._answer_own(exchange)
            return
        check_query(exchange.query)
        family = family_of(path)
        if exchange.method not in METHODS:
            raise MethodUnknown(exchange.method, ", ".join(sorted(METHODS)))
        exchange.upstream, exchange.route = FAMILIES[family], f"/v1/{family}"
        if family not in PUBLIC_FAMILIES:
            await self._let_in(exchange)
        self._house.limits.enter(exchange)
        await relay(exchange, _target(exchange), FAMILIES[family], self._house.upstreams, self._settings)

    async def _let_in(self, exchange: Exchange) -> None:
        given = [value for name, value in exchange.headers if name == b"authorization"]
        if len(given) != 1:
            message = (
                "Sign in first: POST /v1/sign-in/token gives an access token to send as 'Authorization: Bearer …'."
            )
            raise SignInRefused(message if not given else "Send one Authorization header, not several.")
        signed_in = self._house.sign_in.remembered(given[0])
        if signed_in is None:
            self._house.limits.before_verifying(exchange)
            signed_in = await self._house.sign_in.verify(given[0])
        exchange.caller = signed_in.subject

    async def _answer_own(self, exchange: Exchange) -> None:
        path = exchange.raw_path.decode("ascii", "replace")
        answer = {
            "/health": self._answer_house,
            "/health/live": _answer_live,
            "/health/ready": self._answer_ready,
            "/openapi.json": self._answer_document,
            "/docs": _answer_page,
            "/docs/": _answer_page,
            "/": _answer_root,
            **dict.fromkeys(WELL_KNOWN, self._answer_well_known),
            figures.PATH: self._answer_figures if figures.may_see(exchange, self._settings.metrics_allow) else None,
        }.get(path)
        exchange.route = path if answer is not None else None
        asset = reference.asset(path) if path.startswith(reference.ASSETS_PATH) else None
        if answer is None and asset is None:
            raise PathUnknown(path, nearest_family(path))
        if exchange.method not in {"GET", "HEAD"}:
            raise MethodUnknown(exchange.method, "GET, HEAD")
        if answer is not None:
            await answer(exchange)
        elif asset is not None:
            await exchange.answer(200, *asset, *reference.ASSET_HEADERS)

    async def _answer_well_known(self, exchange: Exchange) -> None:
        """Pass on what the built-in issuer says of itself."""
        path = WELL_KNOWN[exchange.raw_path.decode()].encode()
        exchange.upstream = FAMILIES[family_of(path)]
        self._house.limits.enter(exchange)
        await relay(exchange, path, exchange.upstream, self._house.upstreams, self._settings)

    async def _answer_figures(self, exchange: Exchange) -> None:
        await figures.answer(exchange, self._house.limits, self._house.upstreams)

    async def _answer_ready(self, exchange: Exchange) -> None:
        await exchange.answer_json(*await self._house.health.ready())

    async def _answer_house(self, exchange: Exchange) -> None:
        await exchange.answer_json(*await self._house.health.house())

    async def _answer_document(self, exchange: Exchange) -> None:
        document, tag = await self._house.documents.current()
        headers = ((b"etag", tag), (b"cache-control", b"no-cache"))
        if any(name == b"if-none-match" and tag in value for name, value in exchange.headers):
            exchange.start(304, list(headers))
            await exchange.turn.write(b"", more=False)
        else:
            await exchange.answer(200, b"application/json", document, *headers)

    def _log(self, exchange: Exchange, outcome: str) -> None:
        seconds = time.perf_counter() - exchange.began
        metrics.requests.in_flight -= 1
        metrics.requests.count(exchange.method, exchange.route or metrics.NO_ROUTE, exchange.status, seconds)
        if exchange.span is not None and telemetry.spans is not None:
            route = exchange.route or metrics.NO_ROUTE
            attributes = telemetry.request_attributes(exchange.method, route, exchange.status)
            failed = exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            telemetry.spans.end(exchange.span, attributes, f"{exchange.method} {route}", failed=failed)
        self._lines.note(
            method=exchange.method,
            route=exchange.route,
            caller=exchange.caller,
            upstream=exchange.upstream,
            status=exchange.status,
            outcome=outcome,
            ms=round(seconds * 1000, 2),
            trace_id=exchange.trace.trace_id,
        )


def _target(exchange: Exchange) -> bytes:
    """Return path and query for the next hop, as they came."""
    return b"%b?%b" % (exchange.raw_path, exchange.query) if exchange.query else exchange.raw_path


async def _answer_live(exchange: Exchange) -> None:
    await exchange.answer_json(200, {"status": "live"})


async def _answer_page(exchange: Exchange) -> None:
    await exchange.answer(200, reference.PAGE_TYPE, reference.PAGE, *reference.PAGE_HEADERS)


async def _answer_root(exchange: Exchange) -> None:
    await exchange.answer(307, b"text/plain", b"", (b"location", b"/docs"))
