"""Chargebacks: reading them (refund-chargeback §7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.lookup import named
from cashbox_service.app.paging import page, window
from cashbox_service.domain.errors import ChargebackNotFound, MissingField, NothingFound
from cashbox_service.store.entities import Chargeback


def by_vid(work: Work, vid: str | None) -> Chargeback:
    """Raises MissingField, ChargebackNotFound."""
    return named("vid", vid, work.uow.chargebacks.by_vid, ChargebackNotFound, "VID")


def of_account(work: Work, reference: Reference, include_children: bool) -> Sequence[Chargeback]:
    """In the order in which they were posted. Raises MissingField, AccountNotFound, NothingFound."""
    account = accounts.resolve(work, reference)
    owners = accounts.with_children(work, account, include_children)
    found = work.uow.chargebacks.of_accounts(owners)
    if not found:
        raise NothingFound("No chargebacks found for account.")
    return found


def with_case_number(work: Work, case_number: str | None) -> Sequence[Chargeback]:
    """Raises MissingField, ChargebackNotFound when there is none."""
    if not case_number:
        raise MissingField("caseNumber")
    return _some(work.uow.chargebacks.with_case_number(case_number), "caseNumber", case_number)


def with_reference_number(work: Work, reference_number: str | None) -> Sequence[Chargeback]:
    """Raises MissingField, ChargebackNotFound when there is none."""
    if not reference_number:
        raise MissingField("referenceNumber")
    found = work.uow.chargebacks.with_reference_number(reference_number)
    return _some(found, "referenceNumber", reference_number)


def of_transaction(work: Work, merchant_transaction_id: str | None) -> Sequence[Chargeback]:
    """Raises MissingField, ChargebackNotFound when there is none."""
    if not merchant_transaction_id:
        raise MissingField("merchantTransactionId")
    transaction = work.uow.transactions.by_merchant_id(merchant_transaction_id)
    found = work.uow.chargebacks.of_transaction(transaction.vid) if transaction is not None else ()
    return _some(found, "merchantTransactionId", merchant_transaction_id)


def _some(found: Sequence[Chargeback], key: str, value: str) -> Sequence[Chargeback]:
    if not found:
        raise ChargebackNotFound(key, value)
    return found


def with_status(work: Work, status: str | None, number: int | None, size: int | None) -> Sequence[Chargeback]:
    """In the order in which they came to have it; none is no error. Raises MissingField, InvalidWindow."""
    if status is None:
        raise MissingField("status")
    wanted = page(number, size, work.settings.max_page_size)
    return work.uow.chargebacks.with_status(status, wanted.number, wanted.size)


def with_status_since(
    work: Work, status: str | None, since: datetime | None, number: int | None, size: int | None
) -> Sequence[Chargeback]:
    """Those that have had the status since then; none is no error. Raises MissingField, InvalidWindow."""
    if status is None:
        raise MissingField("status")
    if since is None:
        raise MissingField("timestamp")
    wanted = page(number, size, work.settings.max_page_size)
    return work.uow.chargebacks.with_status(status, wanted.number, wanted.size, since)


def changed_between(
    work: Work, since: datetime | None, until: datetime | None, number: int | None, size: int | None
) -> Sequence[Chargeback]:
    """New, or with another status since; none is no error. Raises MissingField, InvalidWindow."""
    if since is None:
        raise MissingField("timestamp")
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since, until, work.now)
    return work.uow.chargebacks.with_changes_between(lower, upper, wanted.number, wanted.size)


def next_batch(work: Work, size: int | None) -> Sequence[Chargeback]:
    """What has changed since this log-in asked last, at most ``size``; nothing once it has read everything.

    Raises InvalidWindow.
    """
    wanted = page(None, size, work.settings.max_page_size)
    with work.writing():
        cursor = work.uow.chargebacks.record_cursor(work.merchant.login)
        found = work.uow.chargebacks.after_change(cursor.read_to, wanted.size)
        if found:
            cursor.read_to = found[-1].change_number
    return found
