"""Structured logs: one line per event, as JSON or for a person's eyes, with secrets removed.

Both our own events (`get_logger`) and those of libraries, which use the standard library's logging, go through the
same processors and leave through one stream. What is secret is decided in :mod:`cashbox_service.redaction`.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cashbox_service.redaction import redact_fields, redact_text

LEAKING_LOGGERS = (
    "spyne.protocol.xml.invalid",
    "spyne.protocol.soap.soap11.invalid",
    "spyne.protocol.soap.soap12.invalid",
)
"""Spyne writes whole request bodies to these when a message is invalid, card numbers included."""

_QUIET = {
    "alembic": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "waitress.queue": logging.ERROR,
}


def configure(stream: TextIO | None = None, *, json: bool = False, level: str = "info") -> None:
    """Route every log event of this process to ``stream`` (standard error). Call it once, first of all."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    target = sys.stderr if stream is None else stream
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(_RedactingFormatter(foreign_pre_chain=_shared(), processors=_rendering(json)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(lowest)
    logging.captureWarnings(True)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(quiet, lowest))
    silence_leaking_loggers()


def silence_leaking_loggers() -> None:
    """Stop the loggers that write whole request bodies."""
    for name in LEAKING_LOGGERS:
        logger = logging.getLogger(name)
        logger.disabled = True
        logger.propagate = False


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger for events of the named module: ``log.info("call", service="Account", code=200)``."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(name))


def redacting(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Structlog processor: secrets in named fields are replaced before anything is rendered."""
    return cast("EventDict", redact_fields(event))


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Searches the finished line once more: exceptions and foreign messages carry values in their text."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_text(super().format(record))


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redacting,
    ]


def _rendering(json: bool) -> list[Processor]:
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=False, sort_keys=False)
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        renderer,
    ]
