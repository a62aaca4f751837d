"""The billing run: does what is due for AutoBills, oldest day first (billing-engine §1).

AutoBills are worked off in groups. What a group has to do is one transaction: every cycle in it is keyed by
(AutoBill, autoBillCycle), which the database keeps unique, and stands there complete, with the intent to charge it, or
not at all. Then processors are asked, outside of any transaction; then the outcomes are one more transaction. Accounts
are locked while a group is written; those that somebody else has locked are left to the end. So a second run, another
worker, or a crash in between never bills a cycle twice. A group that cannot be written is done again one AutoBill at a
time; one that still cannot be billed is parked, and the run goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cashbox_service.app.collection import charging
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.engine import billing_steps, collecting, parking, replay
from cashbox_service.app.engine.collecting import Asking
from cashbox_service.app.engine.replay import Report
from cashbox_service.app.environment import Environment
from cashbox_service.faults import FaultPoint
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import MAX_CALL_SECONDS, PaymentResult
from cashbox_service.store.entities import AutoBill
from cashbox_service.store.held import SIZE, KnownCatalog

log = get_logger(__name__)

LISTED = 20_000
"""AutoBills whose identifiers are read at a time; each reading looks at all that are due on the day."""

GROUP = SIZE
"""AutoBills that share a transaction: while it is written their accounts are locked, and on SQLite all writers wait."""

MAX_ROUNDS = 100
"""Most steps of one AutoBill on one day; a limit against states that lead nowhere."""

_TICK = timedelta(microseconds=1)
"""What lies between two steps of a run at least, so that their transactions sort in the order they were made."""

_Answer = tuple[Asking, PaymentResult | None]
"""What a processor said to an attempt; None where it was not asked."""

Progress = Callable[[date, int], None]
"""Told after every group: the day that is worked off, and how many steps were done so far."""


def run(env: Environment, merchant: MerchantContext, until: datetime | None = None) -> Report:
    """Do everything that is due by ``until`` (the merchant's present when absent); what was done, in order."""
    report = Report()
    run_due(replay.reported(env, report), merchant, until)
    return report


def run_due(
    env: Environment,
    merchant: MerchantContext,
    until: datetime | None = None,
    progress: Progress | None = None,
) -> int:
    """The same without a report, however much there is to do; how many steps were done."""
    return _Run(env, merchant, until, progress).all_days()


def run_all(env: Environment, progress: Progress | None = None) -> int:
    """One run for every merchant; how many steps were done."""
    return sum(run_due(env, merchant, progress=progress) for merchant in env.merchants())


@dataclass(slots=True)
class _Begun:
    """What was stored of a step of some AutoBills.

    ``askings`` still have to be put to processors, ``more`` of them have more to do on the day, ``left`` says that some
    were not touched because somebody else had them locked.
    """

    askings: list[Asking] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    left: bool = False

    def add(self, other: _Begun) -> None:
        self.askings += other.askings
        self.more += other.more
        self.left |= other.left


@dataclass(slots=True)
class _Run:
    """One run for one merchant. With ``until`` it sees a later present than the clock's."""

    env: Environment
    merchant: MerchantContext
    until: datetime | None
    progress: Progress | None
    steps: int = 0
    _ticked: timedelta = timedelta(0)
    _known: KnownCatalog = field(default_factory=KnownCatalog)

    def all_days(self) -> int:
        """Every day on which something is due, oldest first; how many steps were done.

        What was missed happens now: money is asked for at the present, and retry days that went by unused are made up
        by one attempt (billing-engine §9.2). Only the service dates are those of the schedule.
        """
        day: date | None = None
        while (day := self._next_day(day)) is not None:
            if self._work_off(day, wait=False):
                self._work_off(day, wait=True)
        return self.steps

    def _next_day(self, after: date | None) -> date | None:
        with self._opened() as work:
            return work.uow.autobills.earliest_due(work.today, work.now, after=after)

    def _work_off(self, day: date, *, wait: bool) -> bool:
        """Do what is due on a day; whether some are left, which somebody else had locked."""
        after, left = "", False
        while vids := self._listed(day, after):
            after = vids[-1]
            for start in range(0, len(vids), GROUP):
                left |= self._group(vids[start : start + GROUP], day, wait=wait)
        return left

    def _listed(self, day: date, after: str) -> Sequence[str]:
        with self._opened() as work:
            return work.uow.autobills.due(day, work.now, after=after, limit=LISTED)

    def _group(self, vids: Sequence[str], day: date, *, wait: bool) -> bool:
        """Everything that some AutoBills have to do on a day; whether some were left."""
        left = False
        for number in range(MAX_ROUNDS):
            begun = self._begin(vids, day, wait=wait, again=number > 0)
            more = self._settle(self._answers(begun.askings), day)
            left |= begun.left
            vids = [*begun.more, *more]
            if self.progress is not None:
                self.progress(day, self.steps)
            if not vids:
                break
        else:
            log.warning("billing stopped at its limit", autobills=len(vids), steps=MAX_ROUNDS)
        return left

    def _begin(self, vids: Sequence[str], day: date, *, wait: bool, again: bool, held: bool = True) -> _Begun:
        """Store the next step of each; one by one, and with nothing held in memory, where that fails."""
        try:
            return self._stored(vids, day, wait=wait, again=again, held=held)
        except Exception as error:
            if not held:
                parking.after_failure(self.env, self.merchant, vids[0], error)
                return _Begun()
            log.info("group is billed one by one", autobills=len(vids), reason=type(error).__name__)
        begun = _Begun()
        for vid in vids:
            begun.add(self._begin([vid], day, wait=True, again=again, held=False))
        return begun

    def _stored(self, vids: Sequence[str], day: date, *, wait: bool, again: bool, held: bool) -> _Begun:
        begun = _Begun()
        with self._opened() as work, self._locked(work, vids, wait=wait, held=held) as autobills:
            for autobill in autobills:
                taken = billing_steps.take(work, autobill, day, again=again)
                self.steps += taken is not None
                if isinstance(taken, Asking):
                    begun.askings.append(taken)
                elif taken is not None and billing_steps.has_more(work, autobill, day):
                    begun.more.append(autobill.vid)
                self._tick(work)
            begun.left = len(autobills) < len(vids)
        return begun

    @contextmanager
    def _locked(
        self,
        work: Work,
        vids: Sequence[str],
        request_keys: Sequence[str] = (),
        *,
        wait: bool,
        held: bool,
    ) -> Iterator[Sequence[AutoBill]]:
        """A write transaction over the AutoBills, read and locked with their accounts."""
        if not held:
            with work.writing():
                yield work.uow.autobills.claim(vids, wait=wait)
            return
        with work.holding(vids, self._known, wait=wait) as group:
            group.with_attempts(request_keys)
            yield list(group.autobills.values())

    def _answers(self, askings: Sequence[Asking]) -> list[_Answer]:
        """What processors say. One that fails has not answered: the janitor asks what became of the request.

        None where nobody was asked: by then the janitor might take the attempt for abandoned.
        """
        answers: list[_Answer] = []
        last = time.monotonic() + MAX_CALL_SECONDS
        with self._opened() as work:
            for asking in askings:
                asked = time.monotonic() < last
                answers.append((asking, _answer(work, asking) if asked else None))
        return answers

    def _settle(self, answers: Sequence[_Answer], day: date, *, held: bool = True) -> list[str]:
        """Book the outcomes, one by one where that fails; which AutoBills have more to do on the day."""
        if not answers:
            return []
        try:
            return self._book(answers, day, held=held)
        except Exception as error:
            if not held:
                parking.after_failure(self.env, self.merchant, answers[0][0].autobill_vid, error)
                return []
            log.info("group is booked one by one", autobills=len(answers), reason=type(error).__name__)
        return [vid for answer in answers for vid in self._settle([answer], day, held=False)]

    def _book(self, answers: Sequence[_Answer], day: date, *, held: bool) -> list[str]:
        late = []
        vids = [asking.autobill_vid for asking, _ in answers]
        keys = [asking.intent.request_key for asking, _ in answers]
        with self._opened() as work:
            with self._locked(work, vids, keys, wait=True, held=held) as autobills:
                for key, (_, result) in zip(keys, answers, strict=True):
                    if result is None:
                        collecting.withdraw(work, key)
                    elif not collecting.settle(work, key, result):
                        late.append((key, result))
                    self._tick(work)
                more = [one.vid for one in autobills if billing_steps.has_more(work, one, day)]
                work.reach(FaultPoint.OUTCOME_WRITTEN)
            work.reach(FaultPoint.OUTCOME_COMMITTED)
            for key, answer in late:
                charging.return_late(work, key, answer)
        return more

    @contextmanager
    def _opened(self) -> Iterator[Work]:
        work = self.env.open(self.merchant)
        if self.until is not None:
            work.now = self.until + self._ticked
        try:
            yield work
        finally:
            work.close()

    def _tick(self, work: Work) -> None:
        self._ticked += _TICK
        work.now += _TICK


def _answer(work: Work, asking: Asking) -> PaymentResult:
    try:
        return charging.ask(work, asking.intent)
    except Exception as error:
        key = asking.intent.request_key
        log.exception("processor failed", request_key=key, reason=type(error).__name__)
        return PaymentResult.unknown()
