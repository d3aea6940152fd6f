"""What a machine client may be given, and how many secrets it has at once."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated
from servicekit.values.scopes import SCOPES

MOST_SECRETS = 5
SECRET_PREFIX = "kas_"  # noqa: S105 (by this, searchers for leaked secrets know ours)
SECRET_BYTES = 32
USE_NOTED_EVERY = timedelta(minutes=1)
READING_ROLES = frozenset({"admin", "auditor"})


class ReadingClientsNotAllowed(NotAllowed):
    """Machine clients and their secrets' ages are for administrators and auditors."""

    code = "reading_clients_not_allowed"

    def __init__(self) -> None:
        super().__init__("Machine clients are shown to the roles admin and auditor.")


class UnknownScope(RuleViolated):
    """There is no such scope."""

    code = "unknown_scope"

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(
            f"There is no scope {', '.join(sorted(names))}: there are {', '.join(SCOPES)}.", field="/scopes"
        )


class TooManySecrets(Conflict):
    """The machine client has as many secrets as one may have."""

    code = "too_many_secrets"

    def __init__(self) -> None:
        super().__init__(f"A machine client has at most {MOST_SECRETS} secrets: remove one that is used no longer.")


class SecretEndsBefore(RuleViolated):
    """The secret would not count for a moment."""

    code = "secret_ends_before"

    def __init__(self) -> None:
        super().__init__("A secret ends in the future.", field="/expires_at")


class StatusUnchanged(Conflict):
    """It is disabled already, or was not."""

    code = "status_unchanged"

    def __init__(self, *, disabled: bool) -> None:
        super().__init__(f"The machine client is {'disabled' if disabled else 'enabled'} already.", field="/disabled")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of a machine client: what is kept of it, and how long it counts."""

    id: UUID
    person_id: UUID
    secret_hash: str
    expires_at: datetime | None
    created_at: datetime
    last_used_at: datetime | None


def check_reads(roles: Collection[str]) -> None:
    """Refuse whoever is neither administrator nor auditor."""
    if READING_ROLES.isdisjoint(roles):
        raise ReadingClientsNotAllowed


def check_scopes(scopes: Collection[str]) -> list[str]:
    """Return the scopes, each once, in alphabetical order; refuse what is none."""
    unknown = set(scopes) - SCOPES.keys()
    if unknown:
        raise UnknownScope(unknown)
    return sorted(set(scopes))


def check_secret(expires_at: datetime | None, present: Sequence[Secret], now: datetime) -> None:
    """Refuse a secret too many, or one that would never count; `present` are those that are not removed."""
    if expires_at is not None and expires_at <= now:
        raise SecretEndsBefore
    if len([secret for secret in present if counts(secret, now)]) >= MOST_SECRETS:
        raise TooManySecrets


def counts(secret: Secret, now: datetime) -> bool:
    """Whether a secret has not expired."""
    return secret.expires_at is None or now < secret.expires_at


def is_use_noted(secret: Secret, now: datetime) -> bool:
    """Whether a use within the last minute is written down already."""
    return secret.last_used_at is not None and now - secret.last_used_at < USE_NOTED_EVERY


def hash_of(secret: str) -> str:
    """Return what is kept of a secret: 256 random bits need no slow hash, for nobody guesses them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_secret(given: str, present: Sequence[Secret], now: datetime) -> Secret | None:
    """Return the secret that was given, if it counts; each is compared, in constant time."""
    given_hash = hash_of(given)
    fitting = [secret for secret in present if hmac.compare_digest(secret.secret_hash, given_hash)]
    return next((secret for secret in fitting if counts(secret, now)), None)
