"""Authentication: from the token to the viewer. The token says who; the chart says what they may."""

import time
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import Request

from orgchart.chart import Chart, Member
from orgchart.viewer import MACHINE, NOT_CONVEYED, NOWHERE, Viewer
from servicekit.peers.tokens import ServiceTokens, TokenInvalid
from servicekit.run.sign_in import BUILT_IN, ProviderSettings
from servicekit.tokens.keys import KeysUnavailable
from servicekit.tokens.own import OwnKeys
from servicekit.tokens.provider import trusted_provider
from servicekit.tokens.verifying import TokenRefused, TrustedIssuer, VerifiedToken, Verifier
from servicekit.values.errors import Malformed, NotAllowed, NotSignedIn, PeerUnavailable
from servicekit.values.scopes import narrowed
from servicekit.web.service import Service

ISSUER = BUILT_IN
AUDIENCE = BUILT_IN
ALGORITHM = "Ed25519"
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


class SignInUnknown(NotSignedIn):
    """The provider vouches for somebody whom the org chart does not know, or knows twice."""

    code = "sign_in_unknown"

    def __init__(self) -> None:
        super().__init__(
            "You are signed in at the provider, but nobody here, or more than one, is known by what it calls you: "
            "an administrator has to enter it."
        )


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
    """What a verified token says.

    `asked` are the scopes it is to be narrowed to, if it names any; `named` is by what a provider names the person:
    the system of a reference and the id in it, or nothing and an address.
    """

    person_id: UUID | None
    on_behalf_of: UUID | None
    service: str
    chart_version: int
    expires_at: float
    asked: tuple[str, ...] = ()
    named: tuple[str, str] | None = None
    verified: VerifiedToken | None = None


class SignIn:
    """Authenticates the requests of one service."""

    def __init__(self, service: Service, chart: Chart) -> None:
        self._service = service
        self.chart = chart
        self._tokens: ServiceTokens = service.tokens
        self._provider = service.settings.sign_in.provider
        self._verifier = _verifier(service)
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
        identity = await self._identity(token)
        await self._catch_up(identity, request.headers.get("org-chart-version", ""))
        if identity.named is not None:
            identity = replace(identity, person_id=await self._person_named(*identity.named))
        if identity.person_id is None:
            return Viewer(None, frozenset(), NOWHERE, service=identity.service)
        return self._viewer(identity, request.headers.get("on-behalf-of"))

    async def _identity(self, token: str) -> Identity:
        found = self._remembered.get(token)
        if found is None:
            found = await self._verified(token)
            if len(self._remembered) >= REMEMBERED_TOKENS:
                self._remembered.clear()
            self._remembered[token] = found
        if found.expires_at <= time.time() or not (found.verified is None or found.verified.is_current):
            del self._remembered[token]
            raise SignInInvalid
        return found

    async def _verified(self, token: str) -> Identity:
        try:
            return _identity_of(await self._verifier.verify(token), self._provider)
        except KeysUnavailable as error:
            raise PeerUnavailable(error.issuer) from error
        except (TokenRefused, ValueError, KeyError, TypeError):
            return self._passed_on(token)  # it may be a token of another service

    def _passed_on(self, token: str) -> Identity:
        try:
            passed_on = self._tokens.verify(token)
            if passed_on.subject == passed_on.caller:
                return Identity(None, None, passed_on.caller, 0, passed_on.expires_at)
            person_id, _, behalf = passed_on.subject.partition("~")
            represented = UUID(behalf) if behalf else None
            return Identity(UUID(person_id), represented, passed_on.caller, 0, passed_on.expires_at)
        except (TokenInvalid, ValueError, RecursionError) as error:
            raise SignInInvalid from error

    async def _person_named(self, system: str, name: str) -> UUID:
        """Return who it is whom a provider's token names: that is looked up every time, for people come and go."""
        person_id = self.chart.named(system, name)
        if person_id is None:
            await self.chart.catch_up()
            person_id = self.chart.named(system, name)
        if person_id is None and self.chart.is_cut_off:
            raise PeerUnavailable("team")
        if person_id is None:
            raise SignInUnknown
        return person_id

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


def _identity_of(verified: VerifiedToken, provider: ProviderSettings | None) -> Identity:
    """Return whom a token speaks for: the built-in issuer names the person, a provider names them its own way.

    Raises:
        TokenRefused: it names nobody that could be known here.
    """
    claims = verified.claims
    scope = claims.get("scope")
    asked = tuple(scope.split()) if isinstance(scope, str) else ()
    version = claims.get("chart_version", 0)
    if provider is None or verified.issuer.name != provider.issuer:
        return Identity(UUID(claims["sub"]), None, "", int(version), verified.expires, asked, None, verified)
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not name:
        raise TokenRefused("names nobody")
    if not provider.reference_system and claims.get("email_verified") is False:
        raise TokenRefused("names somebody by an address that nobody has verified")
    named = (provider.reference_system, name if provider.reference_system else name.lower())
    return Identity(None, None, "", 0, verified.expires, asked, named, verified)


def _verifier(service: Service) -> Verifier:
    settings, folder = service.settings.sign_in, service.settings.secrets
    issuers = [TrustedIssuer(settings.own_issuer, AUDIENCE, OwnKeys(folder))]
    if settings.provider is not None:
        issuers.append(trusted_provider(settings.provider, folder))
    return Verifier(issuers)
