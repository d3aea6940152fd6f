"""Exceptions as logs may show them: where it happened and of what kind, without the values that messages carry.

The database's messages hold whole rows, pydantic's the input, a KeyError what somebody typed. The messages of
programming errors name types and attributes only, and stay.
"""

import sys
import traceback
from types import TracebackType
from typing import Any

TELLING = (AttributeError, TypeError, NameError, ImportError, NotImplementedError, RecursionError)
FACTS = ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name", "data_type_name")
OUR_PACKAGES = ("servicekit", "services", "orgchart", "gateway", "keyaccount")
LINKS = 5
"""The most causes that are followed."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def described(error: BaseException) -> str:
    """Return the frames of an error and of its causes, the innermost first."""
    parts: list[str] = []
    shown: BaseException | None = error
    while shown is not None and len(parts) < LINKS:
        frames = "".join(traceback.format_list(traceback.extract_tb(shown.__traceback__)))
        parts.append(f"{frames}{headline(shown)}")
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    return "\n\nbecause of this:\n\n".join(parts)


def headline(error: BaseException) -> str:
    """Return the kind of an error, with what of it can be no secret."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    facts = [f"{fact}={value}" for fact in FACTS if isinstance(value := getattr(error, fact, None), str)]
    if isinstance(error, OSError) and error.strerror and type(error.errno) is int:
        facts.append(f"errno={error.errno}")
    ours = kind.__module__.partition(".")[0] in OUR_PACKAGES and isinstance(error, RuntimeError)
    if ours or isinstance(error, TELLING):
        facts.append(str(error))
    if isinstance(error, BaseExceptionGroup):
        facts += [headline(each) for each in error.exceptions[:LINKS]]
    return f"{name}: {', '.join(facts)}" if facts else name


def without_values(_: Any, __: str, event: Any) -> Any:
    """Replace `exc_info` of a log event by what may be shown of it (a processor of structlog's)."""
    given = event.pop("exc_info", None)
    if isinstance(given, BaseException):
        event["exception"] = described(given)
    elif isinstance(given, tuple) and isinstance(given[1], BaseException):
        event["exception"] = described(given[1])
    elif given:
        event["exception"] = _present()
    return event


def _present() -> str:
    error = sys.exc_info()[1]
    return described(error) if error else ""
