"""How far a long command is, on standard error: on a terminal, or when asked for with a flag."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

progress_option: Callable[[Command], Command] = click.option(
    "--progress/--no-progress",
    default=None,
    help="Show on standard error how far it is; when not given, only on a terminal.",
)

_SECONDS_BETWEEN = 0.5


class ProgressLine:
    """One line that is written over: the day that is worked off, steps done, steps a second."""

    def __init__(self, wanted: bool | None) -> None:
        self._shown = sys.stderr.isatty() if wanted is None else wanted
        self._started = self._written = time.monotonic()
        self._width = 0

    def __call__(self, day: date, steps: int) -> None:
        """What a run tells while it goes on."""
        now = time.monotonic()
        if not self._shown or now - self._written < _SECONDS_BETWEEN:
            return
        self._written = now
        self._write(f"{day.isoformat()}  {steps:,} steps  {steps / (now - self._started):,.0f} a second")

    def clear(self) -> None:
        """Make room for other output."""
        if self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)
            self._width = 0

    def _write(self, text: str) -> None:
        click.echo("\r" + text.ljust(self._width), nl=False, err=True)
        self._width = len(text)
