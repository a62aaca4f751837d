"""The credit history, account by account, AutoBill by AutoBill, or all of it (account §5.3, autobill §6.20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.paging import page, window
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.store.entities import CreditEvent

_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def of_account(
    work: Work,
    reference: Reference | None,
    since: datetime | None,
    until: datetime | None,
    number: int | None,
    size: int | None,
) -> Sequence[CreditEvent]:
    """What happened to credit of the account itself; of all accounts without one.

    Raises InvalidWindow, AccountNotFound.
    """
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since or _BEGINNING, until, work.now)
    vid = accounts.resolve(work, reference).vid if reference is not None else None
    return work.uow.credits.history(lower, upper, wanted.number, wanted.size, account_vid=vid)


def of_autobill(
    work: Work,
    reference: Reference | None,
    since: datetime | None,
    until: datetime | None,
    number: int | None,
    size: int | None,
) -> Sequence[CreditEvent]:
    """What happened to credit of the AutoBill; of all AutoBills without one. Raises InvalidWindow, AutoBillNotFound."""
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since or _BEGINNING, until, work.now)
    vid = autobill_lookup.resolve(work, reference).vid if reference is not None else None
    return work.uow.credits.history(
        lower, upper, wanted.number, wanted.size, autobill_vid=vid, of_autobills=True
    )
