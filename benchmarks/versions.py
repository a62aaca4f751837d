"""What older versions cost: a call of each in process, and what each adds to a process that speaks it.

A call is AutoBill.makePayment: its bytes into the model's request, the model's answer into bytes. A process is measured
from its start until the services AutoBill, Account and Transaction of the versions are built and described: its
processor time, since other programs may run beside it, and its resident memory.

Run: ``python -m benchmarks.versions [--rounds 20] [--milliseconds 30] [--compare TREE]``, where TREE is another
checkout of the project, whose processes are measured beside those of this one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lxml import etree

from benchmarks.codec import PARSER, microseconds, response_record
from benchmarks.figures import machine, median, table
from benchmarks.messages import ANSWER_FILE, OPERATION, ROOT, SERVICE, VERSION, request_body
from cashbox_service import contract
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.projection import Answering, projection_of

VERSIONS = ("22.0", "20.0", "8.0", "4.3")
"""Those that have the operation."""

PROCESSES = ((), ("22.0",), ("22.0", "20.0"), ("22.0", "8.0"), ("22.0", "3.6"), contract.versions())
ZONE = ZoneInfo("America/Los_Angeles")
KEY = (SERVICE, OPERATION)

_PROGRAM = """
import sys, time
from cashbox_service.soap.envelope import Limits
from cashbox_service.soap.registry import HANDLERS
from cashbox_service.soap.services import Services
HANDLERS.load()
services = Services(None, HANDLERS, "https://bench.example/soap.pl", Limits())
for version in sys.argv[1:]:
    for name in ("AutoBill", "Account", "Transaction"):
        assert services.find(f"http://soap.vindicia.com/v{version.replace('.', '_')}/{name}").wsdl()
seconds = time.process_time()
resident = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS:"))
print(seconds * 1000, int(resident) / 1000)
"""


def speaker(version: str) -> Callable[[], bytes]:
    """One call of the version."""
    facts = contract.load(version)
    projection = projection_of(facts)
    codec = Codec(facts, ZONE, projection=projection)
    old, new = (f"v{number.replace('.', '_')}".encode() for number in (VERSION, version))
    body = request_body("bench-000001", "payment-00000001").replace(old, new)
    answer = response_record(ANSWER_FILE.read_bytes())
    answering = Answering(ZONE, lambda: datetime.now(UTC), failed=False)

    def call() -> bytes:
        (element,) = etree.fromstring(body, PARSER)
        request = codec.read_request(*KEY, element[0])
        if projection is None:
            return codec.write_response(*KEY, answer)
        projection.request(KEY, KEY, request, ZONE)
        return codec.write_response(*KEY, projection.response(KEY, KEY, answer, request, answering))

    return call


def process(tree: Path, versions: Sequence[str]) -> tuple[float, float]:
    """Milliseconds and megabytes of a new process that speaks these versions."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *versions], cwd=tree, capture_output=True, text=True, check=True
    )
    milliseconds, megabytes = map(float, done.stdout.split())
    return milliseconds, megabytes


def calls_table(rounds: int, milliseconds: float) -> str:
    speakers = {version: speaker(version) for version in VERSIONS}
    sizes = {version: len(call()) for version, call in speakers.items()}
    timings: dict[str, list[float]] = {version: [] for version in VERSIONS}
    for _ in range(rounds):
        for version, call in speakers.items():
            timings[version].append(microseconds(call, milliseconds))
    rows = [
        [
            version,
            f"{median(found):.0f}",
            f"{median(mine / base for mine, base in zip(found, timings[VERSION], strict=True)):.2f}",
            str(sizes[version]),
        ]
        for version, found in timings.items()
    ]
    return table(["version", "µs a call", "x 22.0", "answer bytes"], rows)


def processes_table(trees: Sequence[Path], rounds: int) -> str:
    rows = []
    for versions in PROCESSES:
        measured: dict[Path, list[tuple[float, float]]] = {tree: [] for tree in trees}
        for _ in range(rounds):
            for tree in trees[: 1 if set(versions) - {VERSION} else None]:
                measured[tree].append(process(tree, versions))
        for tree, found in measured.items():
            if found:
                ready, resident = (median(each[column] for each in found) for column in (0, 1))
                rows.append([", ".join(versions) or "none", tree.name, f"{ready:.0f}", f"{resident:.1f}"])
    return table(["versions", "tree", "ms of processor", "MB resident"], rows)


def main() -> None:
    options = argparse.ArgumentParser(description="What older versions cost.")
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--milliseconds", type=float, default=30, help="per version and round")
    options.add_argument("--compare", type=Path, action="append", default=[], help="another checkout")
    chosen = options.parse_args()
    print(f"{machine()}\n")
    print(calls_table(chosen.rounds, chosen.milliseconds), end="\n\n")
    print(processes_table([ROOT, *chosen.compare], max(3, chosen.rounds // 4)))


if __name__ == "__main__":
    main()
