"""Durable calls per second over HTTP, makePayment or authCapture, against a stock Spyne server that stores nothing.

Starts the service (one process, a SQLite file with synchronous=FULL; with ``--postgres`` also one over
PostgreSQL) and the stock server, prepares AutoBills with a Due invoice, then loads all of them in turn,
round by round, with the same request. Prints medians, the ratio to the stock server, the store's floor,
ready time and memory.

Run: ``python -m benchmarks.makepayment [--operation authCapture] [--postgres] [--rounds 8] [--seconds 1.5]``.
"""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from operator import truediv
from pathlib import Path

from benchmarks.figures import machine, median, table
from benchmarks.load import Job, Outcome
from benchmarks.messages import ANSWER_FILE, CALLS, OPERATION, ROOT, Call, leaves, read_answer
from benchmarks.servers import RunningServer, running
from benchmarks.shop import Shop
from benchmarks.store_floor import Footprint, Growth, StoreFloor

STOCK = "stock Spyne, no store"
SIZE_TOLERANCE = 0.02
WARM_UP_SECONDS = 1.0
BARS = "bars: 1.5 x stock on SQLite; ready in less than 2 s; resident less than 120 MB"


@dataclass(frozen=True, slots=True)
class Contender:
    """One server under load."""

    name: str
    server: RunningServer
    autobills: list[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """One job's outcome and whose it is."""

    name: str
    connections: int
    outcome: Outcome


@contextmanager
def service(name: str, folder: Path, database_url: str, autobills: int) -> Iterator[Contender]:
    """Our server over an empty database, with AutoBills ready to be paid."""
    arguments = ["run_server.py", "--port", "0", "--database-url", database_url, "--mode", "sandbox"]
    environment = {"CASHBOX_VAULT_KEY_FILE": str(folder / f"{name}.key")}
    with running(arguments, folder / f"{name}.log", "/healthz", environment) as server:
        yield Contender(name, server, Shop(server.host, server.port).open_for_business(autobills))


@contextmanager
def stock(folder: Path, call: Call, answer: bytes, threads: int, autobills: list[str]) -> Iterator[Contender]:
    """The stock server, answering with the parts of ``answer`` in as many bytes."""
    document = folder / "answer.xml"
    document.write_bytes(answer)
    arguments = ["-m", "benchmarks.stock_spyne", "--threads", str(threads), "--answer", str(document)]
    arguments += ["--operation", call.operation, "--answer-bytes", str(len(answer))]
    with running(arguments, folder / "stock.log", "/") as server:
        yield Contender(STOCK, server, autobills)


@contextmanager
def postgres_url(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own in ``folder``; its commits are durable by default."""
    from pgserver.postgres_server import get_server

    database = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield database.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        database.cleanup()


def load(contender: Contender, call: Call, connections: int, seconds: float) -> Outcome:
    """Runs the load generator as a process of its own; a refused call ends the benchmark."""
    job = Job(
        host=contender.server.host,
        port=contender.server.port,
        connections=connections,
        seconds=seconds,
        autobills=contender.autobills,
        payment_prefix=secrets.token_hex(5),
        operation=call.operation,
    )
    command = [sys.executable, "-m", "benchmarks.load"]
    finished = subprocess.run(
        command, check=False, input=json.dumps(asdict(job)), capture_output=True, cwd=ROOT, text=True
    )
    if finished.returncode:
        raise SystemExit(f"{contender.name}: {finished.stderr}\n{contender.server.complaints()}")
    outcome = Outcome(**json.loads(finished.stdout))
    if outcome.refused:
        raise SystemExit(
            f"{contender.name}: {outcome.refused} calls refused\n{outcome.first_refusal}\n"
            f"{contender.server.complaints()}"
        )
    return outcome


def one_round(
    contenders: Sequence[Contender], call: Call, connections: Sequence[int], seconds: float
) -> Iterator[Measured]:
    """Every contender has its turn at every number of connections."""
    for count in connections:
        for contender in contenders:
            yield Measured(contender.name, count, load(contender, call, count, seconds))


def footprint_of(call: Call, contender: Contender, file: Path) -> Footprint:
    """What one call writes, seen over a second of calls that also warm the server up."""
    growth = Growth(file)
    return growth.footprint(load(contender, call, 1, WARM_UP_SECONDS).calls)


def mean_sizes(measured: Sequence[Measured]) -> dict[str, float]:
    """Mean answer bytes by contender; the comparison is void when they differ by more than 2 %."""
    sizes: dict[str, list[float]] = {}
    for one in measured:
        sizes.setdefault(one.name, []).append(one.outcome.answer_bytes)
    means = {name: sum(values) / len(values) for name, values in sizes.items()}
    if max(means.values()) > min(means.values()) * (1 + SIZE_TOLERANCE):
        raise SystemExit(f"answers differ in size, nothing can be compared: {means}")
    return means


def rate_table(measured: Sequence[Measured]) -> str:
    """Medians over the rounds, one row per contender and number of connections.

    "to stock" is the median of the rounds' ratios, since a machine's speed may drift between rounds.
    """
    groups: dict[tuple[str, int], list[Outcome]] = {}
    for one in measured:
        groups.setdefault((one.name, one.connections), []).append(one.outcome)
    rates = {key: [outcome.per_second for outcome in outcomes] for key, outcomes in groups.items()}
    rows = [
        [
            name,
            str(count),
            f"{median(rates[name, count]):.0f}",
            f"{median(map(truediv, rates[name, count], rates[STOCK, count])):.2f}",
            f"{median(o.p50 for o in outcomes):.2f}",
            f"{median(o.p99 for o in outcomes):.2f}",
        ]
        for (name, count), outcomes in groups.items()
    ]
    return table(["server", "connections", "calls/s", "to stock", "p50 ms", "p99 ms"], rows)


def server_table(contenders: Sequence[Contender]) -> str:
    rows = [
        [c.name, f"{c.server.ready_seconds:.2f}", f"{c.server.resident_megabytes():.0f}"] for c in contenders
    ]
    return table(["server", "ready after s", "resident MB after the run"], rows)


def arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--operation", choices=CALLS, default=OPERATION)
    options.add_argument("--rounds", type=int, default=8)
    options.add_argument("--seconds", type=float, default=1.5, help="of load per server and connection count")
    options.add_argument("--connections", type=int, nargs="+", default=[1, 4, 8])
    options.add_argument("--autobills", type=int, default=200, help="payments are spread over as many")
    options.add_argument("--threads", type=int, default=4, help="HTTP threads of the stock server, as ours")
    options.add_argument("--postgres", action="store_true", help="measure the service over PostgreSQL too")
    options.add_argument(
        "--capture", action="store_true", help=f"keep one answer of {OPERATION} as {ANSWER_FILE.name}"
    )
    options.add_argument("--folder", type=Path, default=ROOT / "var", help="databases lie on its disk")
    return options.parse_args()


def start(
    stack: ExitStack, folder: Path, file: Path, options: argparse.Namespace
) -> tuple[list[Contender], bytes]:
    """All servers, stock first, and one answer of ours that the stock server repeats."""
    call = CALLS[options.operation]
    ours = stack.enter_context(service("SQLite", folder, f"sqlite:///{file}", options.autobills))
    contenders = [ours]
    if options.postgres:
        url = stack.enter_context(postgres_url(folder))
        contenders.append(stack.enter_context(service("PostgreSQL", folder, url, options.autobills)))
    answer = Shop(ours.server.host, ours.server.port).answer_to(
        call, ours.autobills[0], secrets.token_hex(10)
    )
    contenders.insert(0, stack.enter_context(stock(folder, call, answer, options.threads, ours.autobills)))
    return contenders, answer


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measures and prints."""
    with ExitStack() as stack:
        file = folder / "cashbox.db"
        contenders, answer = start(stack, folder, file, options)
        call = CALLS[options.operation]
        if options.capture and call.operation == OPERATION:
            ANSWER_FILE.write_bytes(answer)
        footprint = footprint_of(call, contenders[1], file)
        floor = StoreFloor(folder / "floor.db", footprint)
        stack.callback(floor.close)
        measured: list[Measured] = []
        commits: list[float] = []
        list(one_round(contenders, call, [max(options.connections)], WARM_UP_SECONDS))
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            measured += one_round(contenders, call, options.connections, options.seconds)
            commits.append(floor.commits_per_second(options.seconds))
        sizes = ", ".join(f"{name} {size:.0f}" for name, size in mean_sizes(measured).items())
        print(f"{call.service}.{call.operation}; {machine()}")
        print(f"answer: {len(list(leaves(read_answer(answer))))} leaves; bytes: {sizes}")
        print(f"\n{rate_table(measured)}\n\n{server_table(contenders)}\n")
        print(
            f"store's floor: {median(commits):.0f} commits/s of plain sqlite3, one connection, each commit "
            f"{footprint.rows} rows of {footprint.row_bytes} bytes\n{BARS}"
        )


def main() -> None:
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=options.folder) as folder:
        run(options, Path(folder))


if __name__ == "__main__":
    main()
