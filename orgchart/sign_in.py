"""Authentication: from the token to the viewer. The token says who; the chart says what they may."""

import json
import time
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from orgchart.chart import Chart, Member
from orgchart.viewer import MACHINE, NOT_CONVEYED, NOWHERE, Viewer
from servicekit.peers.tokens import ServiceTokens, TokenInvalid
from servicekit.values.errors import Malformed, NotAllowed, NotSignedIn, PeerUnavailable
from servicekit.values.scopes import narrowed
from servicekit.web.service import Service

ISSUER = "keyaccount"
AUDIENCE = "keyaccount"
ALGORITHM = "Ed25519"
CLOCK_SKEW_SECONDS = 30
REMEMBERED_TOKENS = 20_000


class SignInMissing(NotSignedIn):
    """No token came with the request."""

    code = "sign_in_missing"

    def __init__(self) -> None:
        super().__init__("Send a token from POST /v1/sign-in/token as `Authorization: Bearer …`.")


class SignInInvalid(NotSignedIn):
    """The token is not valid, or no longer."""

    code = "sign_in_invalid"

    def __init__(self) -> None:
        super().__init__("The token is not valid or has expired: sign in again.")


class StandInNotValid(NotAllowed):
    """The caller does not stand in for that person today."""

    code = "stand_in_not_valid"

    def __init__(self) -> None:
        super().__init__("You do not stand in for that person today.")


class OnBehalfOfMalformed(Malformed):
    """The header names nobody."""

    code = "on_behalf_of_malformed"

    def __init__(self) -> None:
        super().__init__("On-Behalf-Of takes the id of the person you stand in for.", field="header:On-Behalf-Of")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified token says; `asked` are the scopes it is to be narrowed to, if it names any."""

    person_id: UUID | None
    on_behalf_of: UUID | None
    service: str
    chart_version: int
    expires_at: float
    asked: tuple[str, ...] = ()


class SignIn:
    """Authenticates the requests of one service."""

    def __init__(self, service: Service, chart: Chart) -> None:
        self._service = service
        self.chart = chart
        self._tokens: ServiceTokens = service.tokens
        self._issuer_key = _public_key(service)
        self._remembered: dict[str, Identity] = {}

    async def __call__(self, request: Request) -> Viewer:
        """Return who asks.

        Raises:
            NotSignedIn: no token, or none that is valid for this service.
            StandInNotValid: they name somebody for whom they do not stand in.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SignInMissing
        identity = self._identity(token)
        await self._catch_up(identity, request.headers.get("org-chart-version", ""))
        if identity.person_id is None:
            return Viewer(None, frozenset(), NOWHERE, service=identity.service)
        return self._viewer(identity, request.headers.get("on-behalf-of"))

    def _identity(self, token: str) -> Identity:
        found = self._remembered.get(token)
        if found is None:
            found = self._verified(token)
            if len(self._remembered) >= REMEMBERED_TOKENS:
                self._remembered.clear()
            self._remembered[token] = found
        if found.expires_at <= time.time():
            raise SignInInvalid
        return found

    def _verified(self, token: str) -> Identity:
        try:
            claims = jwt.decode(token, self._issuer_key, algorithms=[ALGORITHM]).claims
            if (
                claims["iss"] == ISSUER
                and claims["aud"] == AUDIENCE
                and claims["iat"] <= time.time() + CLOCK_SKEW_SECONDS
            ):
                asked = tuple(str(claims.get("scope") or "").split())
                version, ends = int(claims["chart_version"]), float(claims["exp"])
                return Identity(UUID(claims["sub"]), None, "", version, ends, asked)
        except (JoseError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
            pass  # it may be a token of another service
        try:
            passed_on = self._tokens.verify(token)
            if passed_on.subject == passed_on.caller:
                return Identity(None, None, passed_on.caller, 0, passed_on.expires_at)
            person_id, _, behalf = passed_on.subject.partition("~")
            represented = UUID(behalf) if behalf else None
            return Identity(UUID(person_id), represented, passed_on.caller, 0, passed_on.expires_at)
        except (TokenInvalid, ValueError, RecursionError) as error:
            raise SignInInvalid from error

    async def _catch_up(self, identity: Identity, hint: str) -> None:
        if self._service.name == "team":
            await self.chart.reload()
            return
        hinted = int(hint) if hint.isascii() and hint.isdigit() and len(hint) < 16 else 0  # noqa: PLR2004
        await self.chart.ensure(max(identity.chart_version, hinted))
        if identity.person_id is not None:
            await self.chart.ensure_knows(identity.person_id)

    def _viewer(self, identity: Identity, behalf: str | None) -> Viewer:
        person_id = identity.person_id
        member = self.chart.member(person_id) if person_id else None
        if member is None and self.chart.is_cut_off:
            raise PeerUnavailable("team")
        if member is None or not member.active:
            raise SignInInvalid
        represented = identity.on_behalf_of or _named(behalf)
        if represented is None or represented == person_id:
            return Viewer(
                person_id,
                member.roles,
                member.path,
                service=identity.service,
                is_machine=member.kind == MACHINE,
                scopes=_scopes(member, identity),
            )
        other = self.chart.member(represented)
        if other is None or not other.active or not self.chart.stands_in(member.id, represented, self._service.today()):
            raise StandInNotValid
        scopes = _scopes(member, identity)
        return Viewer(person_id, other.roles - NOT_CONVEYED, other.path, represented, identity.service, scopes=scopes)


def _scopes(member: Member, identity: Identity) -> frozenset[str] | None:
    if member.scopes is None or identity.service:
        return None
    return narrowed(member.scopes, identity.asked) if identity.asked else member.scopes


def _named(behalf: str | None) -> UUID | None:
    if behalf is None:
        return None
    try:
        return UUID(behalf)
    except ValueError as error:
        raise OnBehalfOfMalformed from error


def _public_key(service: Service) -> OKPKey:
    jwk = json.loads((service.settings.secrets / "issuer-key.json").read_text())
    return OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x")})
