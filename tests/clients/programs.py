"""Programs of other stacks: whether a machine can run them, and what they say.

A program is run as a merchant's would be, in a process of its own with the server's address and a log-in, and prints
one JSON object of what its stack made of the answers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Servers, _new_merchant
from tests.databases import KINDS, Kind
from tests.servers import Server
from tests.soap_client import Login, ServiceClient

ALLOWED_SECONDS = 120


def works(*command: str) -> bool:
    """Whether a command is there and ends well, which tells that a library is installed."""
    try:
        return (
            subprocess.run(command, capture_output=True, timeout=ALLOWED_SECONDS, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


def lacking(*commands: str) -> str:
    """The commands that this machine does not have, for the reason of a skipped test."""
    return ", ".join(command for command in commands if shutil.which(command) is None)


def only_server(servers: Servers, config: pytest.Config) -> Server:
    """One running server, whatever number of databases the tests run over: clients see no database."""
    chosen: Kind | str = config.getoption("--database")
    return servers(next(kind for kind in KINDS if chosen in (kind, "both")))


def run(*command: str | Path, folder: Path | None = None) -> str:
    """What a command printed; fails the test with all that it said when it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=ALLOWED_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def told(command: Sequence[str | Path], server: Server, *options: str, folder: Path | None = None) -> Any:
    """The JSON that a program prints, run as a new merchant with a product ``magazine`` and a plan ``monthly``."""
    login = _new_merchant(server)
    _stock(server, login)
    return json.loads(run(*command, server.url, login.login, login.password, *options, folder=folder))


def _stock(server: Server, login: Login) -> None:
    price = {"amount": "10.00", "currency": "USD"}
    ServiceClient(server, login, "Product").update(
        product={"merchantProductId": "magazine", "prices": [price]}
    )
    period = {"type": "Month", "quantity": 1, "cycles": 0}
    plan = {"merchantBillingPlanId": "monthly", "description": "Monthly", "periods": [period]}
    ServiceClient(server, login, "BillingPlan").update(billingPlan=plan)
