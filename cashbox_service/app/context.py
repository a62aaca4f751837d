"""What every use case is given: the environment of the process, the merchant, and the work of one call."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_vid
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.store.held import Held, KnownCatalog
from cashbox_service.store.numbers import RESERVE
from cashbox_service.store.repositories.events import Heard
from cashbox_service.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from cashbox_service.app.environment import Environment
    from cashbox_service.app.idempotency import RequestKey
    from cashbox_service.app.views import AccountView


@dataclass(frozen=True, slots=True)
class MerchantContext:
    """The merchant a call is made for, as it was when the call was let in."""

    vid: str
    login: str
    name: str
    settings: MerchantSettings
    clock_offset_microseconds: int = 0
    tax_revision: str | None = None
    push_classes: frozenset[str] = frozenset()


class _Rehearsed(Exception):
    """Ends a rehearsal; never seen outside of this module."""


class Work:
    """One merchant's work within one call.

    ``uow`` gives the repositories, ``now`` is the one moment at which everything in the call happens (the merchant's
    clock), ``today`` its date in the business zone. ``tax_was_assumed``: the tax engine did not answer, and the call
    went on without it. ``request_key`` is the idempotency key that came with the call. ``author_id`` stands for
    the call, or the run, in the messages that tell of what it did.
    """

    def __init__(self, env: Environment, merchant: MerchantContext) -> None:
        self.env = env
        self.merchant = merchant
        self.settings = merchant.settings
        self.zone: ZoneInfo = merchant.settings.zone
        self.uow = UnitOfWork(
            env.database,
            merchant.vid,
            self._hear if env.listener is not None else None,
            self._tell if merchant.push_classes else None,
        )
        self.now: datetime = env.now(merchant)
        self.views: dict[str, AccountView] = {}
        self.tax_was_assumed = False
        self.request_key: RequestKey | None = None
        self.author_id: str = new_vid()

    def _tell(self, told: Sequence[Heard]) -> None:
        """Write down what the merchant wants to be told of, in the transaction that it happens in."""
        from cashbox_service.app.pushing import recording  # it works with what it is given: this

        recording.record(self, told)

    def apart(self, uow: UnitOfWork) -> Work:
        """The same work at the same moment, seen through another unit of work."""
        other = copy.copy(self)
        other.uow = uow
        other.views = {}
        return other

    def _hear(self, heard: Sequence[Heard]) -> None:
        """Hand on what was committed; read apart from this call, whose entities stay as they are."""
        assert self.env.listener is not None
        with UnitOfWork(self.env.database, self.merchant.vid) as reading:
            self.env.listener(reading, self.zone, heard)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def writing(self, *, batched: bool = False, numbers: int = 0) -> AbstractContextManager[None]:
        """One atomic change, which may take so many ``numbers`` beside a usual one's; see UnitOfWork.writing."""
        self.env.numbers.top_up(self.merchant.vid, at_least=RESERVE + numbers)
        return self.uow.writing(batched=batched)

    @contextmanager
    def holding(self, vids: Sequence[str], known: KnownCatalog, *, wait: bool = True) -> Iterator[Held]:
        """One atomic change of a group of AutoBills, each of which may take a number; see UnitOfWork.holding."""
        self.env.numbers.top_up(self.merchant.vid, at_least=RESERVE + len(vids))
        with self.uow.holding(vids, known, wait=wait) as held:
            yield held

    @contextmanager
    def rehearsing(self) -> Iterator[set[str]]:
        """A change that is computed in full and then rolled back: dry runs, and pricing before a charge.

        What was built may be read until the next transaction begins. The VIDs of what would be new are collected in
        the set given: they name nothing afterwards.
        """
        self.env.numbers.top_up(self.merchant.vid)
        try:
            with self.uow.writing(), self.uow.noting_new() as made:
                yield made
                self.uow.session.flush()
                raise _Rehearsed
        except _Rehearsed:
            self.uow.session.expunge_all()

    def reach(self, point: FaultPoint) -> None:
        """A place at which a test may end the process, see cashbox_service.faults."""
        if self.env.faults.armed is not point:
            return
        if self.uow.is_writing:
            self.uow.flush()
        self.env.faults.reach(point)

    def next_transaction_id(self) -> str:
        """A generated merchantTransactionId: the merchant's prefix and eight digits (transaction §2, field 6)."""
        number = self.env.numbers.next(self.merchant.vid)
        return f"{self.settings.transaction_id_prefix}{number:08d}"

    def close(self) -> None:
        self.views.clear()  # each of them leads back here: nothing is to wait for the collector
        self.uow.close()
