"""Durable payments per second through each payment dialect, over HTTP, on one connection.

Starts the service (one process, a SQLite file with synchronous=FULL), makes a key per dialect, prepares what is paid
outside of the measured time, and sends one payment after the other. Prints a row per dialect: calls, median and 99th
percentile of the latency; and what the dialects cost a server that is asked for them: its memory before and after.

Run: ``python -m benchmarks.dialects [--seconds 5]``.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.figures import machine, median, percentile, table
from benchmarks.messages import ROOT
from benchmarks.servers import RunningServer, running

WARM_UP = 20
RESOURCES = "/fscmRestApi/resources/11.13.18.05/publicSectorCheckouts"
CARD = {"CCNumber": "4111111111111111", "CCExp": "1238", "CVV": "200"}

Pay = Callable[[], None]


class Caller:
    """One connection that is kept, and the key of a dialect."""

    def __init__(self, server: RunningServer, key: Mapping[str, str]) -> None:
        self._connection = HTTPConnection(server.host, server.port, timeout=30)
        self.key = key["key"]
        self.secret = key.get("secret", "")

    def get(self, path: str) -> bytes:
        """The answer to a request that reads."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a payment; anything but 200 and 201 ends the run."""
        headers = {"Content-Type": "application/json", "X-Api-Key": self.key}
        self._connection.request("POST", path, json.dumps(body).encode(), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit(f"{path}: {answer.status} {text.decode()}")
        return json.loads(text)


def check_out(caller: Caller) -> Pay:
    """A new client with a card, an invoice, a fee and a payment."""

    def pay() -> None:
        timestamp = datetime.now(UTC).strftime("%Y%m%d %H:%M")
        signed = f"{caller.key}CheckOut{timestamp}".encode()
        order = CARD | {"LastName": "Reader", "Description": secrets.token_hex(8), "AmountPaid": "50.24"}
        answer = caller.post(
            "/checkout",
            {
                "Service": "CheckOut",
                "apikey": caller.key,
                "sig": hmac.new(caller.secret.encode(), signed, "sha256").hexdigest(),
                "timestamp": timestamp,
                "object": json.dumps(order),
            },
        )
        assert answer["message"] == "success", answer

    return pay


def make_payment(caller: Caller, account: str) -> Pay:
    """A payment with a reference on the oldest invoice."""
    lines = {"Line": [{"Description": "Everything", "Amount": "900000000.00"}]}
    made = {"apiKey": caller.key, "AccountNo": account, "Type": "Invoice", "Lines": lines}
    caller.post("/api/v1/Transactions", made)

    def pay() -> None:
        body = {
            "apiKey": caller.key,
            "AccountNo": account,
            "PaymentTypeID": 1,
            "Amount": "1.00",
            "TransactionID": secrets.token_hex(12),
        }
        answer = caller.post("/api/v1/MakePayment", body)
        assert answer["MakePaymentDataData"]["OK"], answer

    return pay


def create_payment(caller: Caller, count: int) -> Pay:
    """A card payment on an attempt that nobody paid yet."""
    attempts = [caller.post("/collectionattempts", {"amount": "100.00"})["id"] for _ in range(count)]

    def pay() -> None:
        body = {
            "paymentToken": "sbx-4111111111111111",
            "paymentAmount": "25.00",
            "payor": {"firstName": "Ada", "lastName": "Reader"},
            "cardType": "visa",
            "lastFour": "1111",
            "fingerprint": secrets.token_hex(12),
            "isFeePayment": False,
        }
        answer = caller.post(f"/collectionattempts/{attempts.pop()}/payments", body)
        assert answer["result"]["isSuccessful"], answer

    return pay


def checkout_payment(caller: Caller, count: int) -> Pay:
    """A cash payment of a checkout that nobody paid yet."""
    checkouts = [caller.post(RESOURCES, {"Amount": "80.00"})["CheckoutId"] for _ in range(count)]

    def pay() -> None:
        body = {"PaymentMethodCode": "CASH", "TotalTendAmount": "100.00", "SessionId": "S-1"}
        caller.post(f"{RESOURCES}/{checkouts.pop()}/child/CheckoutPmt", body)

    return pay


def measured(pay: Pay, seconds: float, most: int) -> tuple[float, list[float]]:
    """Calls per second, and the latency of each call in milliseconds."""
    for _ in range(WARM_UP):
        pay()
    latencies: list[float] = []
    started = time.perf_counter()
    while time.perf_counter() - started < seconds and len(latencies) < most:
        before = time.perf_counter()
        pay()
        latencies.append((time.perf_counter() - before) * 1000)
    return len(latencies) / (time.perf_counter() - started), latencies


def new_key(dialect: str, environment: Mapping[str, str]) -> dict[str, str]:
    """A key as the command makes it: ``key`` and, for CheckOut, ``secret``."""
    command = ["-m", "cashbox_service.cli", "merchant", "add-key", "sandbox", "--dialect", dialect]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    words = [line.split() for line in done.stdout.splitlines()]
    return {line[0]: line[1] for line in words if len(line) == 2 and line[0] in ("key", "secret")}


def new_account(server: RunningServer) -> str:
    """The id of an account, made through SOAP."""
    from benchmarks.shop import Shop

    Shop(server.host, server.port).call(
        "Account", "update", "<account><merchantAccountId>bench-1</merchantAccountId></account>"
    )
    return "bench-1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--folder", type=Path, default=ROOT / "var")
    options = parser.parse_args()
    most = int(options.seconds * 100)
    options.folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        own = {
            "CASHBOX_DATABASE_URL": f"sqlite:///{folder / 'dialects.db'}",
            "CASHBOX_VAULT_KEY_FILE": str(folder / "dialects.key"),
            "CASHBOX_DIALECT_CALLS_PER_MINUTE": "1000000",
            "CASHBOX_LOG_LEVEL": "warning",
        }
        arguments = ["run_server.py", "--port", "0", "--mode", "sandbox"]
        with running(arguments, folder / "server.log", "/healthz", own) as server:
            before = server.resident_megabytes()
            environment = os.environ | own
            callers = {
                dialect: Caller(server, new_key(dialect, environment))
                for dialect in ("checkout", "makepayment", "createpayment", "checkoutpmt")
            }
            first = time.perf_counter()
            callers["makepayment"].get("/docs/openapi.json")
            first_seconds = time.perf_counter() - first
            after = server.resident_megabytes()
            account = new_account(server)
            makers: dict[str, Callable[[], Pay]] = {
                "CheckOut": lambda: check_out(callers["checkout"]),
                "MakePayment": lambda: make_payment(callers["makepayment"], account),
                "CreatePayment": lambda: create_payment(callers["createpayment"], most + WARM_UP),
                "Checkout payments": lambda: checkout_payment(callers["checkoutpmt"], most + WARM_UP),
            }
            rows = []
            for dialect, make in makers.items():
                rate, latencies = measured(make(), options.seconds, most)
                shown = (median(latencies), percentile(latencies, 0.99))
                rows.append([dialect, f"{rate:.0f}", *(f"{value:.2f}" for value in shown)])
            at_end = server.resident_megabytes()
            print(machine())
            print(table(["dialect", "calls/s", "p50 ms", "p99 ms"], rows))
            print(
                f"Ready after {server.ready_seconds:.2f} s with {before:.0f} MB; the first request of a dialect took "
                f"{first_seconds:.2f} s and brought it to {after:.0f} MB, {at_end:.0f} MB at the end."
            )


if __name__ == "__main__":
    main()
