"""What a violated constraint means: constraint name to error, declared in each feature's `tables.py`."""

from collections.abc import Callable, Mapping

from asyncpg import exceptions

from servicekit.values.errors import Conflict, KeyaccountError

Meaning = Callable[[], KeyaccountError]

_MEANINGS: dict[str, Meaning] = {}


class Busy(Conflict):
    """Somebody else is changing the same thing; the same request may be sent again."""

    code = "busy"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Somebody else is changing this at the same moment: send the same request again.")


def register_violations(meanings: Mapping[str, Meaning]) -> None:
    """Say what the violation of each named constraint means to a caller."""
    for name, meaning in meanings.items():
        if name in _MEANINGS:
            raise ValueError(f"Constraint {name} has a meaning already.")
        _MEANINGS[name] = meaning


def meaning_of(error: exceptions.PostgresError) -> KeyaccountError | None:
    """Return what the database's refusal means, or None where it is a bug of ours."""
    if isinstance(
        error,
        exceptions.LockNotAvailableError | exceptions.DeadlockDetectedError | exceptions.SerializationError,
    ):
        return Busy()
    name = getattr(error, "constraint_name", None)
    meaning = _MEANINGS.get(name) if name else None
    return meaning() if meaning else None
