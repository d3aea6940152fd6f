"""What a violated constraint means: constraint name to error, declared in each feature's `tables.py`."""

from collections.abc import Callable, Mapping

from asyncpg import exceptions

from servicekit.values.errors import Conflict, DeadlinePassed, KeyaccountError, Malformed

Meaning = Callable[[], KeyaccountError]

_MEANINGS: dict[str, Meaning] = {}


class Busy(Conflict):
    """Somebody else is changing the same thing; the same request may be sent again."""

    code = "busy"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Somebody else is changing this at the same moment: send the same request again.")


class ValueNotKeepable(Malformed):
    """A number, date or text that no column of its type can hold, which no schema had refused before."""

    code = "value_not_keepable"

    def __init__(self) -> None:
        super().__init__("A value is too large, or has a character that cannot be kept, such as NUL.")


_NOT_KEEPABLE = (
    exceptions.NumericValueOutOfRangeError,
    exceptions.DatetimeFieldOverflowError,
    exceptions.CharacterNotInRepertoireError,
    exceptions.UntranslatableCharacterError,
)


def register_violations(meanings: Mapping[str, Meaning]) -> None:
    """Say what the violation of each named constraint means to a caller."""
    for name, meaning in meanings.items():
        if name in _MEANINGS:
            raise ValueError(f"Constraint {name} has a meaning already.")
        _MEANINGS[name] = meaning


def meaning_of(error: exceptions.PostgresError | exceptions.InterfaceError) -> KeyaccountError | None:
    """Return what the refusal of the database, or of its driver, means, or None where it is a bug of ours."""
    if isinstance(
        error,
        exceptions.LockNotAvailableError | exceptions.DeadlockDetectedError | exceptions.SerializationError,
    ):
        return Busy()
    if isinstance(error, exceptions.QueryCanceledError):
        return DeadlinePassed()
    if isinstance(error, _NOT_KEEPABLE) or isinstance(error.__cause__, OverflowError | UnicodeEncodeError):
        return ValueNotKeepable()
    name = getattr(error, "constraint_name", None)
    meaning = _MEANINGS.get(name) if name else None
    return meaning() if meaning else None
