"""Structured logs: one line per event, as JSON or for a person's eyes, with secrets removed.

Both our own events (`get_logger`) and those of libraries go through the standard library's logging and leave through
one formatter. What is secret is decided in :mod:`cashbox_service.redaction`.
"""

from __future__ import annotations

import json as json_text
import logging
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

from cashbox_service.redaction import is_harmless, redact_fields, redact_text

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

_EVENT_WIDTH = 30
_NEEDS_QUOTES = frozenset("= '\"")
_ENCODER = json_text.JSONEncoder(default=repr)

Render = Callable[[dict[str, Any]], str]


def configure(stream: TextIO | None = None, *, json: bool = False, level: str = "info") -> None:
    """Route every log event of this process to ``stream`` (standard error). Call it once, first of all."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(_Formatter(_ENCODER.encode if json else _for_eyes))
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


def get_logger(name: str) -> EventLogger:
    """A logger for events of the named module: ``log.info("call", service="Account", code=200)``."""
    return EventLogger(name)


class EventLogger:
    """Logs events with named fields. ``exception`` adds the exception that is given, else the one being handled."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **fields: Any) -> None:
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: Any) -> None:
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: Any) -> None:
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: Any) -> None:
        self._log(logging.ERROR, event, fields)

    def exception(self, event: str, /, *, exc_info: BaseException | None = None, **fields: Any) -> None:
        self._log(logging.ERROR, event, fields, exc_info or sys.exception())

    def _log(
        self, level: int, event: str, fields: Mapping[str, Any], exc_info: BaseException | None = None
    ) -> None:
        logger = self._logger
        if logger.isEnabledFor(level):
            logger.handle(_Event(logger.name, level, event, fields, exc_info))


class _Event(logging.LogRecord):
    """One event on its way; where in the code it was logged is not looked up: the logger's name says enough."""

    def __init__(
        self, name: str, level: int, event: str, fields: Mapping[str, Any], exc_info: BaseException | None
    ) -> None:
        if exc_info is not None:
            cause = (type(exc_info), exc_info, exc_info.__traceback__)
            super().__init__(name, level, "", 0, event, None, cause)
        else:  # what the standard library would find out costs as much as writing the line
            self.__dict__.update(_NOT_LOOKED_UP)
            self.name, self.msg, self.levelno, self.created = name, event, level, time.time()
            self.levelname = logging.getLevelName(level)
            self.msecs = self.created % 1 * 1000
        self.fields = fields


_NOT_LOOKED_UP = vars(logging.LogRecord("", logging.INFO, "", 0, "", None, None))


class _Formatter(logging.Formatter):
    """Makes the line: fields with a telling name first lose their value, then the finished line is searched once more,
    since exceptions and messages of libraries carry values in their text. Most events are told at a glance to have
    nothing that could be found there."""

    def __init__(self, render: Render) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "timestamp": _utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if isinstance(record, _Event):
            event |= redact_fields(record.fields)
            if (
                not record.exc_info
                and is_harmless(record.msg)
                and all(map(is_harmless, record.fields.values()))
            ):
                return self._render(event)
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return redact_text(self._render(event))


def _utc(seconds: float) -> str:
    second, fraction = divmod(int(seconds * 1_000_000), 1_000_000)
    return f"{_second(second)}.{fraction:06d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """Up to the second, since many events happen in each."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").removesuffix("+00:00")


def _for_eyes(event: dict[str, Any]) -> str:
    """Aligned columns, then the fields, and an exception on lines of its own."""
    exception = event.pop("exception", None)
    moment, level, logger, text = (event.pop(name) for name in ("timestamp", "level", "logger", "event"))
    words = [f"{moment} [{level:<9}] {text:<{_EVENT_WIDTH}} [{logger}]"]
    words += [f"{name}={_word(value)}" for name, value in event.items()]
    line = " ".join(words)
    return line if exception is None else f"{line}\n{exception}"


def _word(value: Any) -> str:
    """A value as one word on one line."""
    text = str(value)
    if isinstance(value, str) and (not text.isprintable() or _NEEDS_QUOTES.intersection(text)):
        return repr(value)
    return text
