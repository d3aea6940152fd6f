"""Reads what is wanted and a history on each further line; writes what is suggested of it, a line for a line."""

import os
import resource
import sys

import orjson

from services.forecast.suggestion.rules.suggesting import suggest
from services.forecast.suggestion.rules.wire import Wanted, history_of, told_suggested

MOST_SECONDS = 600
NICENESS = 10
"""Whoever waits for an answer comes first."""


def main() -> None:
    """Forecast every history on the standard input."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    os.nice(NICENESS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from services.forecast.suggestion.forecasting.models import said_by_models  # noqa: PLC0415 (within the limits)

    lines = iter(sys.stdin.buffer)
    wanted = Wanted(**orjson.loads(next(lines)))
    for line in lines:
        history = history_of(orjson.loads(line))
        months = [
            told_suggested(suggest(history.amounts, ahead, wanted.scale, said_by_models)) for ahead in wanted.ahead
        ]
        sys.stdout.buffer.write(orjson.dumps({"person": history.person, "months": months}) + b"\n")


if __name__ == "__main__":
    main()
