"""Figures for Prometheus: how many calls, with which outcome, how long they took.

Label values are names of the contract and closed lists, never anything a client made up. With several server
processes (``PROMETHEUS_MULTIPROC_DIR`` is set before this module is imported) the figures of all of them are added up.
"""

from __future__ import annotations

import os
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from cashbox_service.calls import FinishedCall

CONTENT_TYPE = CONTENT_TYPE_LATEST
PROCESSES_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable: where the processes of one server keep their figures."""

_UNDISPATCHED = "fault"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

CALLS = Counter(
    "cashbox_calls_total",
    "SOAP calls by return code; fault: not dispatched",
    ["service", "operation", "code"],
)
CALL_SECONDS = Histogram(
    "cashbox_call_seconds", "Time from the request to the answer", ["service", "operation"], buckets=_BUCKETS
)
RUNS = Counter("cashbox_worker_runs_total", "Runs of the worker's jobs", ["job", "outcome"])

PUSHES = Counter(
    "cashbox_push_attempts_total", "Attempts to deliver push messages, and those given up", ["outcome"]
)


def count_call(call: FinishedCall) -> None:
    """Observe a finished call."""
    count, seconds = _figures_of(call.service, call.operation, call.return_code)
    count.inc()
    seconds.observe(call.seconds)


@cache
def _figures_of(service: str, operation: str, code: int | None) -> tuple[Counter, Histogram]:
    """The figures with these labels, which the library would look up anew each time."""
    label = _UNDISPATCHED if code is None else str(code)
    return CALLS.labels(service, operation, label), CALL_SECONDS.labels(service, operation)


def count_run(job: str, succeeded: bool) -> None:
    """Observe a run of a job of the worker."""
    RUNS.labels(job, "done" if succeeded else "failed").inc()


def count_push(outcome: str) -> None:
    """Observe an attempt to deliver a push message: delivered, refused, unreachable; or that it was given up."""
    PUSHES.labels(outcome).inc()


def exposition() -> bytes:
    """The figures in Prometheus' text format."""
    if PROCESSES_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_process(pid: int) -> None:
    """A server process has ended: its gauges no longer count; its counters still do."""
    if PROCESSES_FOLDER in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
