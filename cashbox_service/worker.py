"""The worker: does what is due, again and again, until it is told to stop.

Its jobs are use cases that may be run by any number of workers at once; a job that fails is logged, counted and run
again after the pause. In the embedded default a worker is a thread of the server process; elsewhere it is
``cashbox-service worker``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from cashbox_service.app.environment import Environment
from cashbox_service.logging import get_logger
from cashbox_service.metrics import count_push, count_run

if TYPE_CHECKING:
    from cashbox_service.app.engine.billing import Progress
    from cashbox_service.app.mail.card_expiry import CardReminders
    from cashbox_service.app.pushing.delivering import Deliverer

log = get_logger(__name__)

Job = Callable[[], object]


class Worker:
    """Runs the named jobs in turn with a pause after each round, and ``beside`` in a thread of its own.

    ``at_end`` is called when the work is over.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        pause_seconds: float,
        *,
        beside: Worker | None = None,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self._jobs = jobs
        self._pause_seconds = pause_seconds
        self._beside = beside
        self._at_end = at_end
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until `stop`. The round that has begun is stopped between two jobs."""
        companion = nullcontext() if self._beside is None else embedded(self._beside, None)
        with companion:
            self._work()
        if self._at_end is not None:
            self._at_end()

    def _work(self) -> None:
        while not self._stop.is_set():
            for name, job in self._jobs.items():
                if self._stop.is_set():
                    return
                self._do(name, job)
            self._stop.wait(self._pause_seconds)

    def stop(self) -> None:
        """Safe in a signal handler and from another thread."""
        self._stop.set()
        if self._beside is not None:
            self._beside.stop()

    def _do(self, name: str, job: Job) -> None:
        started = time.monotonic()
        try:
            report = job()
        except Exception:
            count_run(name, succeeded=False)
            log.exception("job failed", job=name)
            return
        count_run(name, succeeded=True)
        log.debug("job done", job=name, report=report, seconds=round(time.monotonic() - started, 3))


@contextmanager
def embedded(worker: Worker, stop_seconds: float | None) -> Iterator[None]:
    """Runs the worker as a thread beside what the block does, and waits for it at the end, so long at most."""
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(stop_seconds)


def billing_worker(env: Environment, progress: Progress | None = None) -> Worker:
    """The worker of the service: settles, captures, refunds, bills, mails; for every merchant, at its own time.

    Beside it push messages are delivered.

    The use cases are imported when their turn comes, so that a server need not wait for its worker.
    """

    def settle() -> object:
        from cashbox_service.app.collection import janitor

        return janitor.run_all(env)

    def capture() -> object:
        from cashbox_service.app.collection import capturing

        return capturing.run_all(env)

    def refund() -> object:
        from cashbox_service.app.disputes import refund_batch

        return refund_batch.run_all(env)

    def bill() -> object:
        from cashbox_service.app.engine import billing

        return billing.run_all(env, progress)

    def expire() -> object:
        from cashbox_service.app.pushing import expiring

        return expiring.run_all(env)

    card_reminders: list[CardReminders] = []

    def mail() -> object:
        from cashbox_service.app.mail import letters, sending
        from cashbox_service.app.mail.card_expiry import CardReminders

        if not card_reminders:
            card_reminders.append(CardReminders(env))
        return card_reminders[0].run(), letters.write_all(env), sending.send_all(env)

    jobs = {
        "settle": settle,
        "capture": capture,
        "refund": refund,
        "bill": bill,
        "expire": expire,
        "mail": mail,
    }
    return Worker(jobs, env.settings.worker_seconds, beside=push_worker(env))


def push_worker(env: Environment) -> Worker:
    """Delivers push messages, in real time for every merchant; a long billing run keeps none of them waiting.

    Where nobody listens, nothing of it is imported: it takes four megabytes.
    """
    deliverers: list[Deliverer] = []

    def deliver() -> object:
        from cashbox_service.store import push_queue

        if not deliverers:
            if push_queue.is_empty(env.database):
                return 0
            from cashbox_service.app.pushing.delivering import Deliverer

            deliverers.append(Deliverer(env, count_push))
        return deliverers[0].run()

    def close() -> None:
        for one in deliverers:
            one.close()

    return Worker({"push": deliver}, env.settings.push_seconds, at_end=close)
