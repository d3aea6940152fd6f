"""What `keyaccount doctor` finds of sign-in: addresses that make no sense, a provider that is not there."""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from servicekit.run.sign_in import SignInSettings, clients_in, is_origin, origins_in
from servicekit.tokens.browser_clients import registration_faults
from servicekit.tokens.keys import keys_of
from servicekit.tokens.provider import Provider, ProviderUnusable, is_safe_url

Found = tuple[str, str, str]
"""Subject, state, and the remedy where something is wrong."""

PERSON_BY = re.compile(r"email|external_reference:[a-z0-9][a-z0-9_.-]{0,59}")


def sign_in_findings(given: Mapping[str, str] | None = None) -> Iterator[Found]:
    """Yield what is found of the settings of sign-in."""
    environment = os.environ if given is None else given
    settings = SignInSettings.from_environment(environment)
    yield from _addresses(environment)
    if environment.get("KEYACCOUNT_PASSWORD_SIGN_IN", "") not in {"", "on", "off"}:
        yield "KEYACCOUNT_PASSWORD_SIGN_IN", "not understood", "It takes on or off."
    if settings.provider is None:
        yield "sign-in", "by the built-in issuer", ""
        return
    person_by = environment.get("KEYACCOUNT_OIDC_PERSON_BY") or "email"
    if not PERSON_BY.fullmatch(person_by):
        remedy = "It takes email or external_reference:<system>."
        yield "KEYACCOUNT_OIDC_PERSON_BY", f"{person_by!r} is not understood", remedy
    yield _provider(settings.provider.issuer)
    yield "passwords of the built-in issuer", "on" if settings.passwords else "off", ""


def _addresses(environment: Mapping[str, str]) -> Iterator[Found]:
    public = environment.get("KEYACCOUNT_PUBLIC_URL", "")
    if public and not (is_safe_url(public) and urlsplit(public).path in {"", "/"}):
        yield "KEYACCOUNT_PUBLIC_URL", f"{public!r} is no origin", "It takes https://host[:port], without a path."
    for origin in sorted(origins_in(environment.get("KEYACCOUNT_ALLOWED_ORIGINS", ""))):
        if not is_origin(origin):
            remedy = "An origin is scheme://host[:port] as a browser sends it: no path, no usual port; * is not taken."
            yield "KEYACCOUNT_ALLOWED_ORIGINS", f"{origin!r} is no origin", remedy
    for client, fault in registration_faults(clients_in(environment.get("KEYACCOUNT_BROWSER_CLIENTS", ""))):
        remedy = "Write `id=https://host/path,…; id=…`: redirect URIs are compared as they are."
        yield "KEYACCOUNT_BROWSER_CLIENTS", f"{client}: {fault}", remedy


def _provider(issuer: str) -> Found:
    subject = f"provider {issuer}"
    if not is_safe_url(issuer):
        return subject, "is no https URL", "KEYACCOUNT_OIDC_ISSUER takes the issuer's https URL."
    try:
        usable = keys_of(asyncio.run(Provider(issuer, Path()).fetch()), {})
    except ProviderUnusable as failure:
        return subject, "cannot be used", f"{failure}; see docs/signing-in.md."
    names = sorted({name for key in usable.values() for name in key.algorithms})
    if not usable:
        return subject, "has no key that we take", "It has to sign with RS256, PS256, ES256 or Ed25519."
    return subject, f"{len(usable)} keys ({', '.join(names)})", ""
