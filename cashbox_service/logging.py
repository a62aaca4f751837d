"""Structured logs: one line per event, as JSON or for a person's eyes, with secrets removed.

Both our own events (`get_logger`) and those of libraries, which use the standard library's logging, go through the
same processors and leave through one stream. What is secret is decided in :mod:`cashbox_service.redaction`.
"""

from __future__ import annotations

import logging
import sys
import threading
from functools import partial
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cashbox_service.redaction import redact_fields, redact_text

_WRITING = threading.Lock()
"""Held while a line is written."""

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
    "pgserver": logging.WARNING,
    "spyne": logging.WARNING,
    "waitress.queue": logging.ERROR,
}


def configure(stream: TextIO | None = None, *, json: bool = False, level: str = "info") -> None:
    """Route every log event of this process to ``stream`` (standard error). Call it once, first of all."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    target = sys.stderr if stream is None else stream
    structlog.configure(
        # Our own events are written without a detour through the standard library: every call is one.
        processors=[*_shared(), *_rendering(json), _redacted_line],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=partial(_Lines, target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(_foreign_formatter(json))
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


class _Lines:
    """Writes finished lines, each at once, so that threads do not mix theirs."""

    def __init__(self, stream: TextIO, name: str = "") -> None:
        self.name = name
        self._stream = stream

    def write(self, line: str) -> None:
        with _WRITING:
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = write


def redacting(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Structlog processor: secrets in named fields are replaced before anything is rendered."""
    return cast("EventDict", redact_fields(event))


def _redacted_line(_logger: WrappedLogger, _method: str, line: Any) -> str:
    """Structlog processor: the finished line is searched once more, for exceptions quote values in their text."""
    return redact_text(line)


def _foreign_formatter(json: bool) -> logging.Formatter:
    """Makes lines of what libraries log."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_rendering(json),
            _redacted_line,
        ],
    )


def _shared() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redacting,
    ]


def _rendering(json: bool) -> list[Any]:
    if json:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.ConsoleRenderer(
        colors=False, sort_keys=False, exception_formatter=structlog.dev.plain_traceback
    )
    return [plain]
