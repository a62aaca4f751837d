"""Transactions whose status changed: in a window of time, or since a log-in asked last (transaction §7.13).

A change becomes visible when its call commits, some time after the moment that it is logged under. `since_last` looks
back a little behind what it has read, therefore, and remembers what it gave out from there: nothing is missed, and
nothing is given twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.paging import page, window
from cashbox_service.app.wallet import payment_method_search
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.processors.protocol import MAX_CALL_SECONDS
from cashbox_service.store.entities import DeltaCursor, Transaction
from cashbox_service.store.repositories.deltas import Change

LATENESS = timedelta(seconds=4 * MAX_CALL_SECONDS)
"""How long after its moment a change may become visible: longer than any call takes."""

AT_ONCE = 500
"""Changes that are read together."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Where a log-in begins that never asked."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A batch of changed transactions, and the time between whose ends their changes were read."""

    transactions: Sequence[Transaction]
    start: datetime
    end: datetime


def between(
    work: Work,
    since: datetime | None,
    until: datetime | None,
    number: int | None,
    size: int | None,
    pattern: PaymentMethodDraft | None,
) -> Sequence[Transaction]:
    """Those whose status changed in the window, by their first change in it; an empty page is no error.

    Raises InvalidWindow, InvalidRequest for a payment method that cannot be searched for.
    """
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since, until, work.now)
    methods = None
    if pattern is not None:
        methods = [method.vid for method in payment_method_search.matching(work, pattern)]
    vids = work.uow.deltas.changed_between(lower, upper, methods, wanted.number, wanted.size)
    return work.uow.transactions.by_vids(vids)


def since_last(work: Work, size: int | None) -> Delta:
    """The next batch for the log-in of the call; an empty one when there is nothing new. Raises InvalidWindow."""
    wanted = page(None, size, work.settings.max_page_size)
    return starting_over(lambda: _next(work, wanted.size))


def _next(work: Work, size: int) -> Delta:
    login = work.merchant.login
    with work.writing():
        cursor = work.uow.deltas.lock_cursor(login)
        if cursor is None:
            cursor = work.uow.deltas.add(DeltaCursor(login=login, read_until=BEGINNING))
        start = cursor.read_until
        changes, is_last = _read(work, login, min(start, work.now) - LATENESS, size)
        vids = list(dict.fromkeys(change.transaction_vid for change in changes))
        found = work.uow.transactions.by_vids(vids)
        read = max((change.logged_at for change in changes), default=start)
        cursor.read_until = max(start, work.now if is_last else read)
        work.uow.deltas.record_given(login, found, cursor.read_until - LATENESS)
        return Delta(found, start, cursor.read_until)


def _read(work: Work, login: str, since: datetime, size: int) -> tuple[list[Change], bool]:
    """The oldest changes not given out yet, of at most ``size`` transactions, and whether there are no others."""
    kept: list[Change] = []
    seen: set[str] = set()
    while True:
        changes = work.uow.deltas.not_delivered(login, since, len(kept), AT_ONCE)
        for change in changes:
            if change.transaction_vid not in seen and len(seen) == size:
                return kept, False
            seen.add(change.transaction_vid)
            kept.append(change)
        if len(changes) < AT_ONCE:
            return kept, True
