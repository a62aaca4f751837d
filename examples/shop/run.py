"""Start the demo shop, and the billing service if none answers yet.

python examples/shop/run.py            # the shop on http://127.0.0.1:8090, the service on http://127.0.0.1:8080
python examples/shop/run.py --service https://billing.example --login LOGIN --password PASSWORD
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from shop import Billing, create_shop
from waitress import create_server

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30


def answers(url: str) -> bool:
    """Whether a service is there."""
    try:
        with urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def service_at(url: str) -> Iterator[None]:
    """The service, started here and stopped at the end unless it runs already."""
    if answers(url):
        yield
        return
    at = urlsplit(url)
    command = [
        sys.executable,
        str(ROOT / "run_server.py"),
        "--host",
        at.hostname or "",
        "--port",
        str(at.port or 80),
    ]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the billing service did not start at {url}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description="A demo shop that takes cards through the billing service.")
    parser.add_argument(
        "--port", type=int, default=8090, help="where the shop listens on 127.0.0.1, 0 for any port"
    )
    parser.add_argument("--service", default="http://127.0.0.1:8080", help="where the billing service is")
    parser.add_argument("--login", default="sandbox")
    parser.add_argument("--password", default="sandbox")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    with service_at(given.service.rstrip("/")):
        billing = Billing(given.service, given.login, given.password)
        billing.prepare_catalog()
        server = create_server(create_shop(billing), host="127.0.0.1", port=given.port)
        print(f"the shop is open at http://127.0.0.1:{server.effective_port}", flush=True)
        server.run()


if __name__ == "__main__":
    main()
