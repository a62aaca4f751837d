"""Cycles a second of the billing run: due AutoBills on SQLite and PostgreSQL, by one worker process and by two.

Fills a database with monthly AutoBills that are due (``due.py``), starts worker processes that bill them all, and reads
how long it took and how much memory the largest of them had. Each cycle is written whole: invoice, next invoice,
transaction and its log, ledger, events, the intent to charge before the sandbox processor is asked and the outcome
after it. Afterwards every AutoBill must have been billed once, and the audit of the smallest run must be clean.

``--year`` measures something else: how long the sandbox clock takes over a year with 100 monthly subscriptions.

Run: ``python -m benchmarks.billing_run [--autobills 1000 10000] [--workers 1 2] [--postgres] [--year]``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from benchmarks import due
from benchmarks.figures import machine, table
from benchmarks.messages import ROOT
from cashbox_service.app.engine import billing
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import audit, sandbox
from cashbox_service.collector import settled_down
from cashbox_service.logging import configure
from cashbox_service.settings import Settings
from cashbox_service.store import schema
from cashbox_service.wsgi import build_environment

DUE_AT = "2024-02-15T06:00:00-08:00"
AUDITED = 1000
YEAR_AUTOBILLS = 100
BARS = (
    "bars: 300 cycles a second by one worker on SQLite; memory within 10 % between 10,000 and 100,000; "
    "a year of 100 subscriptions in less than 8 s"
)


@dataclass(frozen=True, slots=True)
class Worked:
    """What one worker process did."""

    steps: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


@contextmanager
def environment(url: str) -> Iterator[Environment]:
    """The use cases over a database, as a worker has them."""
    configure(json=False, level="error")
    env = build_environment(Settings(database_url=url))
    try:
        yield env
    finally:
        env.close()


def work(url: str) -> Worked:
    """Bill everything that is due, in this process."""
    with environment(url) as env:
        merchant = env.merchant(due.LOGIN)
        settled_down()
        started, cpu = time.perf_counter(), time.process_time()
        steps = billing.run_due(env, merchant, datetime.fromisoformat(DUE_AT))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Worked(steps, seconds, cpu, peak_megabytes())


def peak_megabytes() -> float:
    """The most memory that this process had; what getrusage says would count the parent before the exec, too."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6


def measured(url: str, workers: int) -> list[Worked]:
    """So many worker processes at once."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.billing_run", "--work", url]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(workers)
    ]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("a worker failed")
    return [Worked(**json.loads(output)) for output in outputs]


def run(kind: str, url: str, autobills: int, workers: int) -> list[str]:
    """One row of the table."""
    with environment(url) as env:
        schema.upgrade(env.database)
        due.fill(env, autobills)
    done = measured(url, workers)
    with environment(url) as env:
        check(env, autobills)
    seconds = max(one.seconds for one in done)
    return [
        f"{kind}, {workers} worker{'s' if workers > 1 else ''}",
        f"{autobills:,}",
        f"{seconds:.1f}",
        f"{autobills / seconds:.0f}",
        f"{sum(one.cpu_seconds for one in done) / autobills * 1000:.2f}",
        f"{max(one.peak_megabytes for one in done):.0f}",
    ]


def check(env: Environment, autobills: int) -> None:
    """Every AutoBill was billed once more, by whichever worker."""
    merchant = env.merchant(due.LOGIN)
    with closing(env.open(merchant)) as opened:
        billed = opened.uow.invoices.count("Paid")
    if billed != 2 * autobills:
        raise SystemExit(f"{billed} invoices are paid instead of {2 * autobills}")
    if autobills <= AUDITED and (findings := audit.run(env, merchant)):
        raise SystemExit(f"the books are wrong: {findings[:3]}")


def year(url: str) -> list[str]:
    """The row of a clock that is moved by a year."""
    with environment(url) as env:
        schema.upgrade(env.database)
        due.fill(env, YEAR_AUTOBILLS)
        started = time.perf_counter()
        report = sandbox.advance_clock(env, env.merchant(due.LOGIN), 366)
        seconds = time.perf_counter() - started
        if findings := audit.run(env, env.merchant(due.LOGIN)):
            raise SystemExit(f"the books are wrong: {findings[:3]}")
    return [f"{YEAR_AUTOBILLS}", f"{report.counts['billed']:,}", f"{seconds:.1f}"]


@contextmanager
def databases(folder: Path, postgres: bool) -> Iterator[list[tuple[str, str]]]:
    """Empty databases by kind."""
    with ExitStack() as stack:
        made = [("SQLite", f"sqlite:///{folder / 'billing.db'}")]
        if postgres:
            from tests.databases import Databases

            made.append(("PostgreSQL", stack.enter_context(Databases(folder)).new("postgresql")))
        yield made


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Cycles a second of the billing run.")
    parser.add_argument("--autobills", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--postgres", action="store_true", help="also over PostgreSQL, commits not waited for"
    )
    parser.add_argument("--year", action="store_true", help="a year of the sandbox clock instead")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "var", help="where databases lie; not in memory"
    )
    parser.add_argument("--work", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.work:
        print(json.dumps(asdict(work(given.work))))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}; load average {os.getloadavg()[0]:.1f} of {os.cpu_count()} at the start")
    jobs = [(count, workers) for count in given.autobills for workers in given.workers]
    rows: list[list[str]] = []
    for count, workers in [(0, 0)] if given.year else jobs:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            os.environ["CASHBOX_VAULT_KEY_FILE"] = str(Path(folder) / "key")
            with databases(Path(folder), given.postgres) as made:
                for kind, url in made:
                    rows.append([kind, *year(url)] if given.year else run(kind, url, count, workers))
    if given.year:
        print(table(["a year", "subscriptions", "cycles", "seconds"], rows))
    else:
        header = ["", "AutoBills", "seconds", "cycles/s", "CPU ms a cycle", "peak MB"]
        print(table(header, rows))
    print(BARS)


if __name__ == "__main__":
    main()
