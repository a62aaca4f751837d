"""A second thread that does something while the first waits for the disk.

To commit is to leave the interpreter for as long as the disk takes; what an answer looks like can be written down
meanwhile. Nothing else may depend on what is done aside: whoever asked for it does it himself where it was not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Job = Callable[[], None]


class Aside:
    """Does one job at a time; for several at once there is no second processor to win."""

    def __init__(self) -> None:
        self._free = threading.Lock()
        # Each is released by one side and acquired by the other, in turn.
        self._wanted, self._done = threading.Lock(), threading.Lock()
        self._wanted.acquire()
        self._done.acquire()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None

    def begin(self, job: Job) -> bool:
        """Do ``job`` from now on; whoever is told so calls `end`. False when there is no thread free for it."""
        if not self._free.acquire(blocking=False):
            return False
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="aside", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads: it goes without one
                self._free.release()
                return False
            self._thread = thread
        self._job = job
        self._wanted.release()
        return True

    def end(self) -> None:
        """Wait until the job is over. What it raised is lost: it has not been done then."""
        self._done.acquire()
        self._free.release()

    def close(self) -> None:
        """End the thread."""
        with self._free:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._job = None
                self._wanted.release()
                thread.join()

    def _run(self) -> None:
        while True:
            self._wanted.acquire()
            job, self._job = self._job, None
            if job is None:
                return
            try:
                job()
            except BaseException:  # noqa: S110  it is done again by whoever needs it, where it can be seen
                pass
            finally:
                del job
                self._done.release()
