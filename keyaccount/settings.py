"""What the command line is told by its environment. `keyaccount doctor` prints this table with what is in force."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies

from keyaccount.database_urls import with_password
from keyaccount.environment import with_files
from keyaccount.problems import Unable
from keyaccount.provisioning import SERVICES
from servicekit.events.webhooks.addresses import Allowed

PROJECT = Path(__file__).resolve().parents[1]
LAST_PORT = 65535
LAST_FIRST_PORT = LAST_PORT - len(SERVICES) - 1  # services and PostgreSQL come after the gateway's

MOST_WORKERS = 32
WORKER_PORTS = 10
"""The first of several processes of a service alone answers so many ports after the service's, and so on."""


@dataclass(frozen=True)
class Variable:
    """A variable of the environment."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("KEYACCOUNT_HOME", ".data", "folder of data, secrets and logs"),
    Variable("KEYACCOUNT_PORT", "8080", "port of the gateway; the services take the four after it"),
    Variable("KEYACCOUNT_DATABASE_URL", "", "administrator's URL of an own PostgreSQL 18 instead of the embedded one"),
    Variable("KEYACCOUNT_DATABASE_PASSWORD", "", "the administrator's password, if that URL has none"),
    *(
        Variable(f"KEYACCOUNT_{service.upper()}_DATABASE_URL", "", f"the same for {service} alone")
        for service in SERVICES
    ),
    Variable("KEYACCOUNT_HOST", "127.0.0.1", "address that `keyaccount serve` listens on"),
    Variable("KEYACCOUNT_DEMO", "on", "off: start empty instead of with the demo data"),
    Variable("KEYACCOUNT_TIME_ZONE", "UTC", "where the enterprise's business dates are"),
    Variable("KEYACCOUNT_REPORTING_CURRENCY", "USD", "ISO 4217 code in which totals are shown"),
    Variable(
        "KEYACCOUNT_UNCLASSIFIED",
        "warn",
        "`block` refuses opportunities for customers that are not assigned and classified; `warn` marks them",
    ),
    Variable(
        "KEYACCOUNT_WORKERS", "1", "how many processes serve each service: `2`, or by name `opportunity=2,team=1`"
    ),
    Variable("KEYACCOUNT_CONNECTIONS", "10", "the most connections of each process of a service to its database"),
    Variable(
        "KEYACCOUNT_JOBS_AT_ONCE", "1", "how many jobs each process of a service works at; 0 leaves them to others"
    ),
    Variable("KEYACCOUNT_JOB_RESULT_DAYS", "7", "for how many days what a job made is kept"),
    Variable("KEYACCOUNT_JOB_DAYS", "30", "for how many days a job that has ended is kept"),
    Variable(
        "KEYACCOUNT_AGEING_DAYS", "60", "after how many days in a stage an opportunity is ageing, before 20 are won"
    ),
    Variable("KEYACCOUNT_STALLED_DAYS", "30", "after how many days without an activity an opportunity is stalled"),
    Variable(
        "KEYACCOUNT_RESOURCE_LIMITS",
        "",
        "how much each level of superiors approves alone of sales resources, as in 10000,50000; empty: anything",
    ),
    Variable("KEYACCOUNT_ASSESSMENT_DAYS", "90", "after how many days an assessment of an opportunity is outdated"),
    Variable("KEYACCOUNT_DATA_AGE_DAYS", "365", "after how many days data of customers are listed for a check"),
    Variable(
        "KEYACCOUNT_PLAN_TOLD_AGAIN_MINUTES", "60", "after how many minutes an ERP is told of a demand plan again"
    ),
    Variable("KEYACCOUNT_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Variable(
        "KEYACCOUNT_AUDIT_FOLDER", "", "folder of the second record of audit checkpoints; <home>/audit by default"
    ),
    Variable("KEYACCOUNT_AUDIT_SECONDS", "60", "how often the audit trail is signed"),
    Variable("KEYACCOUNT_PUBLIC_URL", "", "where browsers find the gateway; http://127.0.0.1:<port> if not set"),
    Variable("KEYACCOUNT_ALLOWED_ORIGINS", "", "origins whose pages may call the API, separated by commas"),
    Variable("KEYACCOUNT_BROWSER_CLIENTS", "", "applications in browsers: `id=redirect URI,…; id=…`"),
    Variable("KEYACCOUNT_OIDC_ISSUER", "", "issuer URL of an OpenID Connect provider that signs people in"),
    Variable("KEYACCOUNT_OIDC_AUDIENCE", "keyaccount", "what the provider's access tokens name as their audience"),
    Variable("KEYACCOUNT_OIDC_CLAIM", "email", "the claim that names the person"),
    Variable("KEYACCOUNT_OIDC_PERSON_BY", "email", "what the claim is: `email`, or `external_reference:<system>`"),
    Variable("KEYACCOUNT_PASSWORD_SIGN_IN", "", "on or off; if not set, off where a provider is configured"),
    Variable(
        "KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES", "off", "networks that webhooks may reach though they are not public"
    ),
    Variable("KEYACCOUNT_GATEWAY_BODY_LIMIT", "33554432", "bytes a request's body may have"),
    Variable("KEYACCOUNT_GATEWAY_PATIENCE", "30", "seconds a request may stand still"),
    Variable(
        "KEYACCOUNT_GATEWAY_SILENCE", "2", "seconds after which a service that answers nothing is taken for frozen"
    ),
    Variable("KEYACCOUNT_GATEWAY_CONNECT_TIMEOUT", "2", "seconds to reach a service"),
    Variable("KEYACCOUNT_GATEWAY_RATE", "500/5000", "requests of a client: a second, and at once; off for none"),
    Variable("KEYACCOUNT_GATEWAY_ADDRESS_RATE", "100/2000", "requests of an address with tokens not known yet"),
    Variable("KEYACCOUNT_GATEWAY_SIGN_IN_RATE", "10/200", "sign-ins of an address"),
    Variable("KEYACCOUNT_GATEWAY_USERNAME_RATE", "0.1/20", "refused sign-ins by one name"),
    Variable("KEYACCOUNT_GATEWAY_AT_ONCE", "100", "requests of a client under way at once"),
    Variable("KEYACCOUNT_TRUSTED_PROXIES", "", "addresses whose X-Forwarded-For counts, with commas in between"),
    Variable("KEYACCOUNT_METRICS_ALLOW", "127.0.0.1,::1", "networks that may read the gateway's /metrics, or nobody"),
    Variable("OTEL_EXPORTER_OTLP_ENDPOINT", "", "where traces go (OTLP over HTTP); none are made without it"),
    Variable("KEYACCOUNT_GATEWAY_CONNECTIONS", "100", "connections kept to one service"),
)


@dataclass(frozen=True)
class Settings:
    """An instance: where it lives and how it is set up. `database_urls` names services with a server of their own."""

    home: Path
    port: int
    database_url: str
    database_urls: Mapping[str, str]
    demo: bool
    time_zone: str
    reporting_currency: str
    audit: Path
    """The folder of the second record of audit checkpoints."""
    webhook_private_addresses: str = "off"
    unclassified: str = "warn"
    """What becomes of opportunities for customers that are not assigned and classified: `warn` or `block`."""
    workers: Mapping[str, int] = field(default_factory=dict)
    """By how many processes each service is served; by one where nothing is said."""

    @property
    def secrets(self) -> Path:
        """The folder of keys and passwords."""
        return self.home / "secrets"

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.home / "logs"

    @property
    def base_url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_port(self) -> int:
        """The port the embedded PostgreSQL takes when it is free."""
        return self.port + len(SERVICES) + 1

    @property
    def needs_embedded(self) -> bool:
        """Whether some service is left for the embedded server."""
        return not self.database_url and set(self.database_urls) != set(SERVICES)

    def port_of(self, process: str) -> int:
        """Return the port of a service, or of the gateway."""
        return self.port + (SERVICES.index(process) + 1 if process in SERVICES else 0)

    def processes_of(self, served: str) -> dict[str, int]:
        """Return the processes of a service, or of the gateway, each with the port at which it alone answers."""
        port, several = self.port_of(served), self.workers.get(served, 1)
        if several == 1:
            return {served: port}
        return {
            served if number == 1 else f"{served}-{number}": port + WORKER_PORTS * number
            for number in range(1, several + 1)
        }

    def ports(self) -> list[tuple[str, int]]:
        """Return every port that is listened on, with what listens there."""
        served = [(name, self.port_of(name)) for name in (*SERVICES, "gateway")]
        alone = [
            (f"process {number} of {name}", port)
            for name, shared in served
            for number, port in enumerate(self.processes_of(name).values(), start=1)
            if port != shared
        ]
        return served + alone

    def url_of(self, process: str) -> str:
        """Return where a service answers."""
        return f"http://127.0.0.1:{self.port_of(process)}"


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        Unable: a variable has a value that means nothing; the message names it.
    """
    given = with_files(os.environ if environment is None else environment)
    value = {variable.name: given.get(variable.name) or variable.default for variable in VARIABLES}
    own = {service: value[f"KEYACCOUNT_{service.upper()}_DATABASE_URL"] for service in SERVICES}
    home = Path(value["KEYACCOUNT_HOME"]).expanduser().resolve()
    port = _port(value["KEYACCOUNT_PORT"])
    return Settings(
        home=home,
        port=port,
        database_url=with_password(
            _database_url("KEYACCOUNT_DATABASE_URL", value["KEYACCOUNT_DATABASE_URL"]),
            value["KEYACCOUNT_DATABASE_PASSWORD"],
        ),
        database_urls={
            service: _database_url(f"KEYACCOUNT_{service.upper()}_DATABASE_URL", url)
            for service, url in own.items()
            if url
        },
        demo=_switch("KEYACCOUNT_DEMO", value["KEYACCOUNT_DEMO"]),
        time_zone=_time_zone(value["KEYACCOUNT_TIME_ZONE"]),
        reporting_currency=_currency(value["KEYACCOUNT_REPORTING_CURRENCY"]),
        unclassified=_one_of("KEYACCOUNT_UNCLASSIFIED", value["KEYACCOUNT_UNCLASSIFIED"], ("warn", "block")),
        audit=Path(value["KEYACCOUNT_AUDIT_FOLDER"] or home / "audit").expanduser().resolve(),
        webhook_private_addresses=_networks(value["KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES"]),
        workers=_workers(value["KEYACCOUNT_WORKERS"], port),
    )


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return names that look like ours and mean nothing: misspelt ones, mostly."""
    given = os.environ if environment is None else environment
    known = {variable.name for variable in VARIABLES}
    known |= {f"{name}_FILE" for name in known}
    return sorted(name for name in given if name.startswith("KEYACCOUNT_") and name not in known)


def _refuse(name: str, value: str, wanted: str) -> Unable:
    return Unable(f"{name} has to be {wanted}, not {value!r}.")


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= LAST_FIRST_PORT):
        raise _refuse("KEYACCOUNT_PORT", value, f"a port from 1 to {LAST_FIRST_PORT}")
    return int(value)


def _workers(value: str, port: int) -> dict[str, int]:
    """Return by how many processes each service is served."""
    wanted = (
        f"a number from 1 to {MOST_WORKERS}, or numbers by service, such as opportunity=2,team=1, of "
        f"{', '.join(SERVICES)} (the gateway is one process: it counts the limits of each client)"
    )
    named = [part.strip().partition("=") for part in value.split(",")] if "=" in value else []
    given = [(name.strip(), count.strip()) for name, _, count in named] or [(each, value.strip()) for each in SERVICES]
    found = {name: int(count) for name, count in given if count.isascii() and count.isdigit()}
    if len(found) < len(given) or not set(found) <= set(SERVICES):
        raise _refuse("KEYACCOUNT_WORKERS", value, wanted)
    if not all(1 <= count <= MOST_WORKERS for count in found.values()):
        raise _refuse("KEYACCOUNT_WORKERS", value, wanted)
    last = port + len(SERVICES) + WORKER_PORTS * max(found.values())
    if max(found.values()) > 1 and last > LAST_PORT:
        message = (
            f"KEYACCOUNT_WORKERS={value} needs ports up to {last}: set KEYACCOUNT_PORT lower, or KEYACCOUNT_WORKERS."
        )
        raise Unable(message)
    return found


def _database_url(name: str, value: str) -> str:
    if value and urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise Unable(f"{name} has to be a URL that begins with postgresql://.")  # not shown: it holds a password
    return value


def _switch(name: str, value: str) -> bool:
    known = {"on": True, "off": False}
    if value.lower() not in known:
        raise _refuse(name, value, "on or off")
    return known[value.lower()]


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise _refuse(name, value, " or ".join(known))
    return value


def _time_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, LookupError) as failure:
        raise _refuse("KEYACCOUNT_TIME_ZONE", value, "an IANA time zone like Asia/Shanghai") from failure


def _currency(value: str) -> str:
    if value not in list_currencies():
        raise _refuse("KEYACCOUNT_REPORTING_CURRENCY", value, "an ISO 4217 code like EUR")
    return value


def _networks(value: str) -> str:
    try:
        Allowed.from_setting(value)
    except ValueError as failure:
        wanted = "off, or networks such as 10.0.0.0/8 with commas between them"
        raise _refuse("KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES", value, wanted) from failure
    return value
