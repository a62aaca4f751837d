"""Delivery of push messages to listeners that fail, are slow, or are served by workers that die."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from cashbox_service.app.environment import Environment
from cashbox_service.app.pushing.delivering import Deliverer
from cashbox_service.clock import MerchantClock, SystemClock
from cashbox_service.settings import Settings
from cashbox_service.wsgi import build_environment
from tests.conftest import Client
from tests.listener import Listener, Received, listening
from tests.servers import ROOT, VAULT_KEY, Server
from tests.services import shop
from tests.services.pushing import Push
from tests.services.sandbox import Sandbox

PAUSE = 300
"""Seconds between two attempts, as is usual."""


class Worker:
    """What delivers, inside the test process, with a clock that can be moved."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._clock = MerchantClock(SystemClock())
        env.clock = self._clock
        self._deliverer = Deliverer(env)

    def run(self) -> None:
        self._deliverer.run(until_done=True)

    def later(self, seconds: float = PAUSE + 1) -> None:
        """Let so much time go by, and deliver what is due then."""
        self._clock.offset += timedelta(seconds=seconds)
        self.run()

    def close(self) -> None:
        self._deliverer.close()
        self._env.close()


@contextmanager
def worker_over(server: Server, timeout_seconds: int = 1) -> Iterator[Worker]:
    settings = Settings(
        database_url=server.database_url,
        vault_key=VAULT_KEY,
        push_allowed_networks="127.0.0.1",  # type: ignore[arg-type]  # read as text from the environment too
        push_timeout_seconds=timeout_seconds,
    )
    with closing(Worker(build_environment(settings))) as worker:
        yield worker


@pytest.fixture
def worker(server: Server) -> Iterator[Worker]:
    with worker_over(server) as made:
        yield made


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


@pytest.fixture
def push(sandbox: Sandbox, listener: Listener) -> Push:
    made = Push(sandbox, listener)
    made.make_key()
    return made


def rename(client: Client, account: Any, name: str) -> None:
    client("Account").update(account={"VID": account.VID, "name": name})


def name_in(received: Received) -> str:
    content = received.content
    name: str = content.get("account", content)["name"]
    return name


def attempts(push: Push, status: str) -> list[list[int | None]]:
    return [[one["status"] for one in each["attempts"]] for each in push.deliveries(status)]


def test_a_message_is_sent_again_the_very_same_until_it_is_given_up(
    client: Client, push: Push, listener: Listener, worker: Worker, sandbox: Sandbox
) -> None:
    push.subscribe("accounts", retryCount=2, errorEmail="ops@shop.example")
    statuses = iter([500, 410, 302, 404, 404, 404, 202])
    listener.answers = lambda _: next(statuses)
    shop.account(client)
    worker.run()
    worker.run()
    assert len(listener.received) == 1
    worker.later()
    worker.later()
    worker.later()
    assert attempts(push, "failed") == [[500, 410, 302]]
    assert [one.path for one in listener.received] == ["/", "/", "/"]
    message_id = push.deliveries("failed")[0]["messageId"]
    assert push.ask("POST", f"/deliveries/{message_id}/redeliver")[0] == 200
    for _ in range(3):
        worker.later()
    assert attempts(push, "failed") == [[500, 410, 302, 404, 404, 404]]
    push.ask("POST", f"/deliveries/{message_id}/redeliver")
    worker.run()
    assert attempts(push, "delivered") == [[500, 410, 302, 404, 404, 404, 202]]
    assert len({one.text for one in listener.received}) == 1
    assert all(one.is_signed for one in listener.received)
    (mail,) = sandbox.ask("GET", "/sandbox/mails?kind=operator")[1]["mails"]
    assert mail["to"] == "ops@shop.example"
    assert message_id in sandbox.ask("GET", f"/sandbox/mails/{mail['id']}")[1]["mail"]["text"]


def test_what_belongs_together_comes_in_order_and_holds_up_nothing_else(
    client: Client, push: Push, listener: Listener, worker: Worker
) -> None:
    first, other = shop.account(client, name="A"), shop.account(client, name="B")
    push.subscribe("accounts", retryCount=1)
    for name in ("A1", "A2", "A3"):
        rename(client, first, name)
    rename(client, other, "B1")
    listener.answers = lambda received: 500 if name_in(received) in ("A1", "A2") else None
    worker.run()
    assert [name_in(one) for one in listener.received] == ["A1", "B1"]
    worker.later()  # the last attempt of A1; those behind it go on once it is given up
    worker.later()
    assert [name_in(one) for one in listener.received] == ["A1", "B1", "A1", "A2", "A2", "A3"]


def test_a_slow_listener_keeps_nobody_waiting(
    client: Client, push: Push, listener: Listener, server: Server
) -> None:
    over = threading.Event()
    with listening() as slow, worker_over(server, timeout_seconds=3) as worker:
        slow.answers = lambda _: over.wait(30) and None
        push.subscribe("accounts")
        push.listener = slow
        push.subscribe("accounts", path="/slow")
        for _ in range(3):
            shop.account(client)
        worker.run()
        ended = time.monotonic()
        (first,) = slow.received  # it had its turn, and the rest waits for the next one
        assert len(listener.received) == 3
        # The slow one was waited for, and the others came while it was: on a busy machine as well.
        assert max(one.at for one in listener.received) - first.at < 3 <= ended - first.at + 0.5
        over.set()
    (late,) = [one for one in push.deliveries("waiting") if one["attempts"]]
    assert late["attempts"][0]["error"] == "No answer within 3 seconds."


def test_a_listener_that_is_down_gets_everything_once_it_is_back(
    client: Client, push: Push, worker: Worker
) -> None:
    with listening() as gone:
        push.subscribe("accounts", endpoint=gone.url)
    for _ in range(3):
        shop.account(client)
    worker.run()
    (tried,) = [one for one in push.deliveries("waiting") if one["attempts"]]
    assert tried["attempts"][0]["error"].startswith("ConnectError")
    with listening(gone.port) as back:
        worker.later()
        assert len(back.received) == 3
    assert push.deliveries("waiting") == []


def test_two_workers_deliver_each_message_once(
    client: Client, push: Push, listener: Listener, worker: Worker, server: Server
) -> None:
    push.subscribe("accounts")
    for _ in range(12):
        shop.account(client)
    listener.answers = lambda _: time.sleep(0.01)
    with worker_over(server) as other:
        threads = [threading.Thread(target=one.run) for one in (worker, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(one.header["message_id"] for one in listener.received).most_common(1)[0][1] == 1
    assert len(listener.received) == 12


def test_no_message_is_lost_when_the_worker_is_killed(
    client: Client, push: Push, listener: Listener, server: Server, worker: Worker
) -> None:
    push.subscribe("accounts")
    names = [shop.account(client, name=f"N{number}").name for number in range(12)]
    process = subprocess.Popen(
        [sys.executable, "-m", "cashbox_service.cli", "worker"],
        cwd=ROOT,
        env=server.environment | {"CASHBOX_PUSH_SECONDS": "1"},
    )

    def kill(_: Received) -> None:
        if len(listener.received) == 4:
            process.send_signal(signal.SIGKILL)
            process.wait()

    listener.answers = kill
    try:
        assert process.wait(60) == -signal.SIGKILL
    finally:
        process.kill()
    worker.run()
    assert push.deliveries("waiting")  # somebody else's, until that one's time is over
    worker.later(60)
    assert {name_in(one) for one in listener.received} == set(names)
    assert push.deliveries("waiting") == []
    by_id: dict[str, set[bytes]] = {}
    for one in listener.received:
        by_id.setdefault(one.header["message_id"], set()).add(one.text)
    assert all(len(texts) == 1 for texts in by_id.values())
    assert len(listener.received) > len(by_id) == 12
