"""What a service process is told by its environment; every default is documented in docs/configuration.md."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from servicekit.run.sign_in import SignInSettings

SERVICES = ("customer", "opportunity", "forecast", "team")


class SettingMissing(RuntimeError):
    """The environment lacks something that has no default."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Set {name}; `keyaccount up` does so for the processes that it starts.")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process.

    Attributes:
        service: its own name.
        login_url: where its database is, as its login role.
        secrets: the folder of keys.
        peer_urls: base URL of each service.
        time_zone: where the enterprise's business dates are.
        reporting_currency: ISO 4217 code in which totals are shown.
        connections: the most connections it opens to its database.
        audit_folder: where the second record of audit checkpoints is kept, if it is.
        checkpoint_seconds: how often the audit trail is signed.
        webhook_private_addresses: networks that events may be sent to although they are not public; `off` for none.
        jobs_at_once: how many jobs the process works at; 0 leaves them to others.
        job_result_days: for how many days what a job made is kept after its end.
        job_days: for how many days a job itself is kept after its end.
        blocks_unclassified: whether opportunities are refused for customers that are not assigned and classified.
        ageing_days: after how many days in a stage an opportunity is ageing, while fewer than 20 have been won.
        stalled_days: after how many days without an activity an opportunity is stalled.
        assessment_days: after how many days the value assessment of an opportunity is outdated.
        resource_limits: how much each level up the reporting line decides on alone when sales resources are asked for,
            in the reporting currency, the first superior's first; empty: the first superior decides on anything.
        data_age_days: after how many days data that nobody has confirmed are listed for a check.
        plan_told_again: after how long an ERP that has not answered a demand plan is told again, at first.
        process: a name that no other process has at the same time; who starts with it takes over what the one before
            held. Empty where nobody gives such names.
    """

    service: str
    login_url: str
    secrets: Path
    peer_urls: Mapping[str, str]
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    reporting_currency: str = "USD"
    connections: int = 10
    log_level: str = "INFO"
    audit_folder: Path | None = None
    checkpoint_seconds: float = 60.0
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    webhook_private_addresses: str = "off"
    jobs_at_once: int = 1
    job_result_days: int = 7
    job_days: int = 30
    blocks_unclassified: bool = False
    ageing_days: int = 60
    stalled_days: int = 30
    assessment_days: int = 90
    resource_limits: tuple[Decimal, ...] = ()
    data_age_days: int = 365
    plan_told_again: timedelta = timedelta(hours=1)
    process: str = ""

    @classmethod
    def from_environment(cls, service: str, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings of a service.

        Raises:
            SettingMissing: no database or no secrets folder is named.
        """
        given = os.environ if environment is None else environment

        def required(name: str) -> str:
            if not given.get(name):
                raise SettingMissing(name)
            return given[name]

        return cls(
            service=service,
            login_url=required("KEYACCOUNT_LOGIN_URL"),
            secrets=Path(required("KEYACCOUNT_SECRETS")),
            peer_urls={name: given.get(f"KEYACCOUNT_{name.upper()}_URL", "") for name in SERVICES},
            time_zone=ZoneInfo(given.get("KEYACCOUNT_TIME_ZONE", "UTC")),
            reporting_currency=given.get("KEYACCOUNT_REPORTING_CURRENCY", "USD"),
            connections=int(given.get("KEYACCOUNT_CONNECTIONS", "10")),
            log_level=given.get("KEYACCOUNT_LOG_LEVEL", "INFO"),
            audit_folder=Path(folder) if (folder := given.get("KEYACCOUNT_AUDIT_FOLDER")) else None,
            checkpoint_seconds=float(given.get("KEYACCOUNT_AUDIT_SECONDS", "60")),
            sign_in=SignInSettings.from_environment(given),
            webhook_private_addresses=given.get("KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES", "off"),
            jobs_at_once=int(given.get("KEYACCOUNT_JOBS_AT_ONCE", "1")),
            job_result_days=int(given.get("KEYACCOUNT_JOB_RESULT_DAYS", "7")),
            job_days=int(given.get("KEYACCOUNT_JOB_DAYS", "30")),
            blocks_unclassified=given.get("KEYACCOUNT_UNCLASSIFIED", "warn") == "block",
            ageing_days=int(given.get("KEYACCOUNT_AGEING_DAYS", "60")),
            stalled_days=int(given.get("KEYACCOUNT_STALLED_DAYS", "30")),
            assessment_days=int(given.get("KEYACCOUNT_ASSESSMENT_DAYS", "90")),
            resource_limits=tuple(
                Decimal(limit) for limit in given.get("KEYACCOUNT_RESOURCE_LIMITS", "").split(",") if limit.strip()
            ),
            data_age_days=int(given.get("KEYACCOUNT_DATA_AGE_DAYS", "365")),
            plan_told_again=timedelta(minutes=int(given.get("KEYACCOUNT_PLAN_TOLD_AGAIN_MINUTES", "60"))),
            process=given.get("KEYACCOUNT_PROCESS", ""),
        )
