"""Logs as JSON lines with the trace id; nothing from bodies or credentials is ever given to them."""

import logging
import sys
from typing import Any

import orjson
import structlog

from servicekit.run.failures import without_values
from servicekit.run.tracing import current_trace_id


def _add_trace(_: Any, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    trace_id = current_trace_id()
    if trace_id:
        event["trace_id"] = trace_id
    return event


class ToStructlog(logging.Handler):
    """Writes what libraries log as lines of ours: what they say of an error is left out as everywhere."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        said = record.getMessage() if record.exc_info is None else str(record.msg).partition("\n")[0]
        log = structlog.get_logger()
        log.log(record.levelno, said, logger=record.name, exc_info=record.exc_info)


def take_over_logging() -> None:
    """Have every library of this process write through us; servers have set up handlers of their own."""
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.basicConfig(level=logging.WARNING, handlers=[ToStructlog()], force=True)
    logging.captureWarnings(capture=True)


shows_details = False
"""Whether what is written at the level DEBUG is seen: who would write much looks here first."""

shows_requests = True
"""Whether what is written at the level INFO is seen."""


def configure_logs(service: str, level: str = "INFO") -> None:
    """Write every log line of this process as JSON to standard output, named after the service."""
    global shows_details, shows_requests  # noqa: PLW0603 (as structlog's configuration: one per process)
    shows_requests = logging.getLevelNamesMapping()[level] <= logging.INFO
    shows_details = logging.getLevelNamesMapping()[level] <= logging.DEBUG

    def add_service(_: Any, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        event["service"] = service
        return event

    structlog.configure(
        processors=[
            add_service,
            _add_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_values,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
