"""Processes of the service that are forked from one which has imported it already: they start at once.

For tests that need a process of its own, to be killed or to run beside another, and do not care how it starts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

_PRELOADED = ("tests.warmed", "cashbox_service.cli", "cashbox_service.server")

Job = Callable[[Sequence[str]], None]
"""What a process does with its arguments: a function of a module that it can import."""


def command(arguments: Sequence[str]) -> None:
    """``cashbox-service`` with these arguments."""
    from cashbox_service.cli import main

    main(list(arguments), prog_name="cashbox-service")


class Forked:
    """A process that does a job, in the words of ``subprocess.Popen``; what it prints goes to files."""

    def __init__(
        self,
        job: Job,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        errors: Path | None = None,
    ) -> None:
        self._process: ForkServerProcess = _context().Process(
            target=_run, args=(job, list(arguments), dict(environment), str(output), str(errors or output))
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        ended = self._process.exitcode
        if ended is None:
            raise subprocess.TimeoutExpired("cashbox-service", timeout or 0)
        return ended

    def send_signal(self, sent: int) -> None:
        with suppress(ProcessLookupError):  # it has ended, and that will be told in a moment
            os.kill(self.pid, sent)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run_forked(
    job: Job, arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Do a job to its end; what it printed as text."""
    with tempfile.TemporaryDirectory(prefix="cashbox-command-") as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        ended = Forked(job, arguments, environment, output, errors).wait(timeout=120)
        return subprocess.CompletedProcess(list(arguments), ended, output.read_text(), errors.read_text())


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def _run(job: Job, arguments: list[str], environment: dict[str, str], output: str, errors: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((output, 1), (errors, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # as a text file it can be
    job(arguments)
