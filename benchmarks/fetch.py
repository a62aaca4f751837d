"""What fetching costs as a merchant's data grows: calls of SOAP through the whole service in process, over SQLite.

For each size a database is filled with that many AutoBills (``due.py``), each with an account, a card, a transaction,
two invoices, two entitlements and what belongs to them, all made a second apart. Then each fetch is asked again and
again for another customer, or for another window of time with a hundred changes in it. Two figures are shown of a call:
steps of SQLite's machine, which do not depend on who else uses the computer, and the processor time of the whole call.

Run: ``python -m benchmarks.fetch [--sizes 1000 10000 100000] [--calls 60]``.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks import due
from benchmarks.figures import machine, median, table
from benchmarks.messages import ROOT
from benchmarks.shop import NAMESPACE, RETURN_CODE, envelope
from cashbox_service.logging import configure
from cashbox_service.settings import Settings
from cashbox_service.store import schema
from cashbox_service.wsgi import Service, build_environment

COUNTED = 50
"""Steps of SQLite's machine between two looks at how many there were."""

WINDOW = timedelta(seconds=100)
PAGE = "<page>0</page><pageSize>20</pageSize>"
ALONE = "<includeChildren>0</includeChildren>"

SPREAD = (
    ("accounts", "created_at"),
    ("autobill_events", "at"),
    ("entitlements", "changed_at"),
    ("transaction_statuses", "logged_at"),
)
"""Moments that a window of time is searched by; copies all have the same ones."""

Arguments = Callable[[int, datetime], str]


def _account(number: int) -> str:
    return f"<account><merchantAccountId>payer-{number}</merchantAccountId></account>"


def _autobill(number: int) -> str:
    return f"<autobill><merchantAutoBillId>bill-{number}</merchantAutoBillId></autobill>"


def _card(number: int) -> str:
    identifier = f"<merchantPaymentMethodId>payer-{number}-card</merchantPaymentMethodId>"
    return f"<paymentMethod>{identifier}</paymentMethod>"


def _since(moment: datetime) -> str:
    return f"<timestamp>{moment.isoformat()}</timestamp>"


def _until(moment: datetime) -> str:
    return f"<endTimestamp>{(moment + WINDOW).isoformat()}</endTimestamp>"


FETCHES: Mapping[tuple[str, str], Arguments] = {
    ("Account", "fetchByMerchantAccountId"): lambda number, _: (
        f"<merchantAccountId>payer-{number}</merchantAccountId>"
    ),
    ("Account", "fetchByPaymentMethod"): lambda number, _: _card(number) + PAGE,
    ("Account", "fetchCreatedSince"): lambda _, moment: _since(moment) + _until(moment) + PAGE,
    ("AutoBill", "fetchByMerchantAutoBillId"): lambda number, _: (
        f"<merchantAutoBillId>bill-{number}</merchantAutoBillId>"
    ),
    ("AutoBill", "fetchByAccount"): lambda number, _: _account(number) + ALONE + PAGE,
    ("AutoBill", "fetchByAccountAndProduct"): lambda number, _: (
        f"{_account(number)}<product><merchantProductId>magazine</merchantProductId></product>{ALONE}"
    ),
    ("AutoBill", "fetchInvoiceNumbers"): lambda number, _: (
        f"{_autobill(number)}<invoicestate>Paid</invoicestate>"
    ),
    ("AutoBill", "fetchInvoice"): lambda number, _: (
        f"{_autobill(number)}<invoiceId>bill-{number}-00000001</invoiceId><asPDF>0</asPDF>"
    ),
    ("AutoBill", "fetchFutureRebills"): lambda number, _: f"{_autobill(number)}<quantity>3</quantity>",
    ("AutoBill", "fetchBillingItemHistory"): lambda number, _: _autobill(number),
    ("AutoBill", "fetchDeltaSince"): lambda _, moment: _since(moment) + PAGE + _until(moment),
    ("Transaction", "fetchByMerchantTransactionId"): lambda number, _: (
        f"<merchantTransactionId>COPY{number}-00000001</merchantTransactionId>"
    ),
    ("Transaction", "fetchByAccount"): lambda number, _: _account(number) + ALONE + PAGE,
    ("Transaction", "fetchByAutobill"): lambda number, _: _autobill(number),
    ("Transaction", "fetchByPaymentMethod"): lambda number, _: _card(number) + PAGE,
    ("Transaction", "fetchDeltaSince"): lambda _, moment: _since(moment) + _until(moment) + PAGE,
    ("PaymentMethod", "fetchByMerchantPaymentMethodId"): lambda number, _: (
        f"<paymentMethodId>payer-{number}-card</paymentMethodId>"
    ),
    ("PaymentMethod", "fetchByAccount"): lambda number, _: _account(number) + ALONE,
    ("Entitlement", "fetchByAccount"): lambda number, _: f"{_account(number)}<showAll>0</showAll>{ALONE}",
    ("Entitlement", "fetchByEntitlementIdAndAccount"): lambda number, _: (
        f"<entitlementId>read-magazine</entitlementId>{_account(number)}<showAll>0</showAll>{ALONE}"
    ),
    ("Entitlement", "fetchDeltaSince"): lambda _, moment: _since(moment) + PAGE + _until(moment),
    ("Product", "fetchByAccount"): lambda number, _: _account(number) + ALONE,
}


class Client:
    """Calls the service in process, and counts the steps that SQLite takes meanwhile."""

    def __init__(self, service: Service, engine: Any) -> None:
        self._service = service
        self.steps = 0
        event.listen(engine, "connect", self._watch)

    def _watch(self, connection: Any, _record: Any) -> None:
        connection.set_progress_handler(self._count, COUNTED)

    def _count(self) -> int:
        self.steps += COUNTED
        return 0

    def call(self, service: str, operation: str, arguments: str) -> str:
        """The return code of a call."""
        body = envelope(service, operation, arguments, due.LOGIN)
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/soap.pl",
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_SOAPACTION": f'"{NAMESPACE}{service}#{operation}"',
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        answer = b"".join(self._service(environ, lambda *_: lambda _: None))
        code = RETURN_CODE.search(answer)
        return code[1].decode() if code is not None else "none"


@contextmanager
def client(path: Path, size: int) -> Iterator[Client]:
    """A service over a database of that size."""
    configure(json=False, level="error")
    settings = Settings(database_url=f"sqlite:///{path}")
    env = build_environment(settings)
    schema.upgrade(env.database)
    due.fill(env, size)
    _spread(env.database.engine)
    env.close()
    env = build_environment(settings)
    service = Service(env, settings.base_url())
    try:
        yield Client(service, env.database.engine)
    finally:
        service.close()


def _spread(engine: Any) -> None:
    """Let what was copied have happened a second apart."""
    with engine.begin() as connection:
        for name, column in SPREAD:
            later = f"strftime('%Y-%m-%d %H:%M:%f000', julianday({column}) + rowid / 86400.0)"
            connection.exec_driver_sql(f"UPDATE {name} SET {column} = {later}")


def measured(path: Path, size: int, calls: int) -> dict[tuple[str, str], tuple[float, float, str]]:
    """Median steps and milliseconds of each fetch, and the return code that it mostly had."""
    chance = random.Random(size)
    began = datetime.fromisoformat(due.MADE_AT)
    found = {}
    with client(path, size) as caller:
        for (service, operation), arguments in FETCHES.items():
            steps, milliseconds, codes = [], [], []
            for number in range(calls + 1):
                given = arguments(
                    chance.randrange(1, size), began + timedelta(seconds=chance.randrange(size - 100))
                )
                before, started = caller.steps, time.process_time()
                codes.append(caller.call(service, operation, given))
                if number > 0:  # the first one compiles
                    milliseconds.append((time.process_time() - started) * 1000)
                    steps.append(float(caller.steps - before))
            found[service, operation] = (
                median(steps),
                median(milliseconds),
                max(set(codes), key=codes.count),
            )
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What fetching costs as data grows.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--calls", type=int, default=60, help="of each fetch and size")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where databases lie")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}; load average {os.getloadavg()[0]:.1f} of {os.cpu_count()} at the start")
    by_size = {}
    for size in given.sizes:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            os.environ["CASHBOX_VAULT_KEY_FILE"] = str(Path(folder) / "key")
            by_size[size] = measured(Path(folder) / "fetch.db", size, given.calls)
    header = ["", "code", *(f"steps {size:,}" for size in by_size), *(f"ms {size:,}" for size in by_size)]
    rows = [
        [
            ".".join(fetch),
            by_size[given.sizes[0]][fetch][2],
            *(f"{found[fetch][0]:,.0f}" for found in by_size.values()),
            *(f"{found[fetch][1]:.1f}" for found in by_size.values()),
        ]
        for fetch in FETCHES
    ]
    print(table(header, rows))
    print("bar: the same cost at every size")


if __name__ == "__main__":
    main()
