"""A tiny application on the embedded server, as a process: ``python -m tests.platform.slow_server [PROCESSES]``.

``/slow`` answers after half a second with the number of its process; ``/exit`` ends its process at once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cashbox_service.server import HttpServer, ServerProcesses, bind
from cashbox_service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/exit":
        os._exit(3)
    if environ["PATH_INFO"] == "/slow":
        environ["wsgi.input"].read()
        time.sleep(0.5)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body))), ("Content-Type", "text/plain")])
    return [body]


def run(processes: int) -> None:
    settings = Settings(port=0, workers=processes, threads=4, stop_seconds=10)
    bound = bind(settings)
    print(f"port {bound.getsockname()[1]}", flush=True)
    if processes == 1:
        HttpServer(application, bound, settings).run()
    elif not ServerProcesses(processes, lambda _: HttpServer(application, bound, settings).run(), 10).run():
        sys.exit(1)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
