"""What a process is told about sign-in; every default is documented in docs/configuration.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

BUILT_IN = "keyaccount"
BY_EMAIL = "email"
BY_REFERENCE = "external_reference"
_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """An OpenID Connect provider.

    Attributes:
        issuer: its URL, exactly as it writes it into its tokens.
        audience: what its tokens for us name as their audience.
        claim: the claim that names the person.
        reference_system: the system of the external reference that the claim is; empty where it is an e-mail address.
    """

    issuer: str
    audience: str
    claim: str = BY_EMAIL
    reference_system: str = ""


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """Who signs people in.

    Attributes:
        public_url: where browsers find the gateway; the built-in issuer's name, `keyaccount` where it is not said.
        provider: another provider, if there is one.
        passwords: whether people sign in by password at the built-in issuer.
        browser_clients: redirect URIs by the id of the application in a browser.
    """

    public_url: str = ""
    provider: ProviderSettings | None = None
    passwords: bool = True
    browser_clients: Mapping[str, tuple[str, ...]] | None = None

    @property
    def own_issuer(self) -> str:
        """The built-in issuer's name in its tokens."""
        return self.public_url or BUILT_IN

    @property
    def clients(self) -> Mapping[str, tuple[str, ...]]:
        """The redirect URIs of each application in a browser."""
        return self.browser_clients or {}

    @classmethod
    def from_environment(cls, given: Mapping[str, str]) -> "SignInSettings":
        """Read the settings; `keyaccount doctor` says what is wrong with them."""
        issuer = given.get("KEYACCOUNT_OIDC_ISSUER", "")
        provider = None
        if issuer:
            _, _, system = given.get("KEYACCOUNT_OIDC_PERSON_BY", "").partition(":")
            provider = ProviderSettings(
                issuer=issuer,
                audience=given.get("KEYACCOUNT_OIDC_AUDIENCE") or BUILT_IN,
                claim=given.get("KEYACCOUNT_OIDC_CLAIM") or BY_EMAIL,
                reference_system=system,
            )
        passwords = given.get("KEYACCOUNT_PASSWORD_SIGN_IN") or ("off" if issuer else "on")
        return cls(
            public_url=(given.get("KEYACCOUNT_PUBLIC_URL") or "").rstrip("/"),
            provider=provider,
            passwords=passwords == "on",
            browser_clients=clients_in(given.get("KEYACCOUNT_BROWSER_CLIENTS", "")),
        )


def clients_in(text: str) -> dict[str, tuple[str, ...]]:
    """Return redirect URIs by client from `portal=https://a.example/back,https://b.example/back; other=…`."""
    found = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, _, uris = entry.partition("=")
        found[name.strip()] = tuple(uri.strip() for uri in uris.split(",") if uri.strip())
    return found


def origins_in(text: str) -> frozenset[str]:
    """Return the origins that pages may call from, as `https://a.example, https://b.example:8443`."""
    return frozenset(origin.strip() for origin in text.split(",") if origin.strip())


def is_origin(text: str) -> bool:
    """Whether it is an origin to the letter as a browser sends it: in small letters, no path, no usual port, no `*`."""
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return False
    if scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return False
    shown = f"{scheme}://[{host}]" if ":" in host else f"{scheme}://{host}"
    return text == (shown if port in {None, _DEFAULT_PORTS[scheme]} else f"{shown}:{port}")
