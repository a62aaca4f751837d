"""What is logged inside a block, before anything is redacted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Event = dict[str, Any]
"""``event``, ``log_level``, the fields, and ``exception`` where there is one."""


@contextmanager
def captured_events(logger: str = "cashbox_service") -> Iterator[list[Event]]:
    """The events of ``logger`` and those below it ("": of all libraries too); nothing is written anywhere."""
    root, capture = logging.getLogger(), _Capture()
    capture.addFilter(logging.Filter(logger))
    handlers, before = list(root.handlers), root.level
    root.handlers[:] = [capture]
    root.setLevel(logging.DEBUG)
    try:
        yield capture.events
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)


class _Capture(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def emit(self, record: logging.LogRecord) -> None:
        event: Event = {"event": record.getMessage(), "log_level": record.levelname.lower()}
        event |= getattr(record, "fields", {})
        if record.exc_info:
            event["exception"] = logging.Formatter().formatException(record.exc_info)
        self.events.append(event)
