"""Programs of other stacks: whether a machine can run them, and what they say.

A program is run as a merchant's would be, in a process of its own with the server's address and a log-in, and prints
one JSON object of what its stack made of the answers.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Servers
from tests.databases import KINDS, Kind
from tests.servers import Server

ALLOWED_SECONDS = 120


def works(*command: str) -> bool:
    """Whether a command is there and ends well, which tells that a library is installed."""
    try:
        return (
            subprocess.run(command, capture_output=True, timeout=ALLOWED_SECONDS, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


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
