"""What the gateway is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from servicekit.run.settings import SERVICES
from servicekit.run.sign_in import SignInSettings, is_origin, origins_in


class SettingInvalid(Exception):
    """A variable of the environment cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Where the services are and what a request may cost.

    `patience` are the seconds that a request may stand still: no byte of it from the client, no byte of
    its answer from the service. `silence` are those after which a service that answers nothing at all is taken for
    frozen. `body_limit` is in bytes, `connections` are those kept to one service. A rate is how many a second, and how
    many at once after a pause: of a client, of an address whose tokens are not known, of sign-ins of an address, of
    refused sign-ins by a name.
    In `secrets` a provider's keys are kept. Pages of `allowed_origins` may call from browsers.
    """

    urls: Mapping[str, str]
    body_limit: int = 32 * 1024 * 1024
    patience: float = 30.0
    connect_timeout: float = 2.0
    connections: int = 100
    silence: float = 2.0
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    secrets: Path = Path()
    rate: tuple[float, float] | None = (500.0, 5000.0)
    address_rate: tuple[float, float] | None = (100.0, 2000.0)
    sign_in_rate: tuple[float, float] | None = (10.0, 200.0)
    username_rate: tuple[float, float] | None = (0.1, 20.0)
    at_once: int = 100
    trusted_proxies: frozenset[str] = frozenset()
    allowed_origins: frozenset[str] = frozenset()
    metrics_allow: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.1"), ip_network("::1"))


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; a service without a URL of its own is behind the gateway's port, in order."""
    given = os.environ if environment is None else environment
    port = int(_number(given, "KEYACCOUNT_PORT", 8080))
    urls = {
        service: given.get(f"KEYACCOUNT_{service.upper()}_URL") or f"http://127.0.0.1:{port + place}"
        for place, service in enumerate(SERVICES, start=1)
    }
    for service, url in urls.items():
        if not url.startswith(("http://", "https://")):
            message = f"KEYACCOUNT_{service.upper()}_URL has to be an http(s) URL."
            raise SettingInvalid(message)
    return Settings(
        urls={service: url.rstrip("/") for service, url in urls.items()},
        body_limit=int(_number(given, "KEYACCOUNT_GATEWAY_BODY_LIMIT", Settings.body_limit)),
        patience=_number(given, "KEYACCOUNT_GATEWAY_PATIENCE", Settings.patience),
        connect_timeout=_number(given, "KEYACCOUNT_GATEWAY_CONNECT_TIMEOUT", Settings.connect_timeout),
        silence=_number(given, "KEYACCOUNT_GATEWAY_SILENCE", Settings.silence),
        rate=_rate(given, "KEYACCOUNT_GATEWAY_RATE", Settings.rate),
        address_rate=_rate(given, "KEYACCOUNT_GATEWAY_ADDRESS_RATE", Settings.address_rate),
        sign_in_rate=_rate(given, "KEYACCOUNT_GATEWAY_SIGN_IN_RATE", Settings.sign_in_rate),
        username_rate=_rate(given, "KEYACCOUNT_GATEWAY_USERNAME_RATE", Settings.username_rate),
        at_once=int(_number(given, "KEYACCOUNT_GATEWAY_AT_ONCE", Settings.at_once)),
        trusted_proxies=frozenset(_listed(given.get("KEYACCOUNT_TRUSTED_PROXIES", ""))),
        allowed_origins=_origins(given),
        metrics_allow=_networks(given, "KEYACCOUNT_METRICS_ALLOW", Settings.metrics_allow),
        connections=int(_number(given, "KEYACCOUNT_GATEWAY_CONNECTIONS", Settings.connections)),
        sign_in=SignInSettings.from_environment(given),
        secrets=Path(given.get("KEYACCOUNT_SECRETS") or given.get("KEYACCOUNT_HOME") or "."),
    )


def _rate(given: Mapping[str, str], name: str, default: tuple[float, float] | None) -> tuple[float, float] | None:
    text = given.get(name)
    if not text:
        return default
    if text == "off":
        return None
    try:
        per_second, burst = (float(part) for part in text.split("/"))
    except ValueError:
        per_second = burst = 0.0
    if not (0 < per_second < float("inf") and 1 <= burst < float("inf")):
        message = f"{name} has to be off, or how many a second and at once like 500/5000, not {text!r}."
        raise SettingInvalid(message)
    return per_second, burst


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origins(given: Mapping[str, str]) -> frozenset[str]:
    origins = origins_in(given.get("KEYACCOUNT_ALLOWED_ORIGINS", ""))
    wrong = sorted(origin for origin in origins if not is_origin(origin))
    if wrong:
        message = (
            f"KEYACCOUNT_ALLOWED_ORIGINS has to be origins like https://portal.example.com with commas in between, "
            f"as a browser writes them (no path, no *), not {', '.join(map(repr, wrong))}."
        )
        raise SettingInvalid(message)
    return origins


def _networks(
    given: Mapping[str, str], name: str, default: tuple[IPv4Network | IPv6Network, ...]
) -> tuple[IPv4Network | IPv6Network, ...]:
    text = given.get(name)
    if not text:
        return default
    try:
        return tuple(ip_network(part) for part in _listed(text) if part != "nobody")
    except ValueError:
        message = f"{name} has to be addresses or networks with commas in between, or nobody, not {text!r}."
        raise SettingInvalid(message) from None


def _number(given: Mapping[str, str], name: str, default: float) -> float:
    text = given.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        message = f"{name} has to be a number above 0, not {text!r}."
        raise SettingInvalid(message)
    return value
