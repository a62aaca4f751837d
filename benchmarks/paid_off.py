"""makePayment of a part of an invoice, and of all of it: what it costs that the invoice is paid off.

Starts the service over a SQLite file and pays by SOAP, one call after the other. Every AutoBill of the second kind is
paid once, in time, by the very same request: its invoice is as large as the payment. Both kinds take turns.

Run: ``python -m benchmarks.paid_off [--autobills 300]``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.figures import machine, percentile, table
from benchmarks.messages import CALLS, OPERATION, PAID, ROOT
from benchmarks.servers import running
from benchmarks.shop import Shop

WARM_UP = 50
"""So many payments of each kind are not counted."""


def measured(shop: Shop, kinds: dict[str, list[str]]) -> dict[str, list[float]]:
    """Milliseconds of each payment by kind."""
    call, times = CALLS[OPERATION], {kind: list[float]() for kind in kinds}
    for number in range(min(map(len, kinds.values()))):
        for kind, autobills in kinds.items():
            started = time.perf_counter()
            answer = shop.answer_to(call, autobills[number], f"{kind[:4]}-{number:013d}")
            times[kind].append((time.perf_counter() - started) * 1000)
            if call.success not in answer:
                raise SystemExit(f"not paid: {answer[:2000].decode(errors='replace')}")
    return {kind: values[WARM_UP:] for kind, values in times.items()}


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--autobills", type=int, default=300, help="of each kind")
    count = options.parse_args().autobills
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=ROOT / "var") as name:
        folder = Path(name)
        arguments = ["run_server.py", "--port", "0", "--database-url", f"sqlite:///{folder}/cashbox.db"]
        environment = {"CASHBOX_VAULT_KEY_FILE": str(folder / "vault.key")}
        with running(arguments, folder / "server.log", "/healthz", environment) as server:
            shop = Shop(server.host, server.port)
            kinds = {
                "a part": shop.open_for_business(count),
                "all of it": shop.open_for_business(count, price=PAID, prefix="owing"),
            }
            times = measured(shop, kinds)
    rows = [
        [kind, f"{percentile(values, 0.5):.2f}", f"{percentile(values, 0.99):.2f}"]
        for kind, values in times.items()
    ]
    print(f"{machine()}\n{table(['paid of the invoice', 'p50 ms', 'p99 ms'], rows)}")


if __name__ == "__main__":
    main()
