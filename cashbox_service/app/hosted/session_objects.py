"""What the call of a WebSession has made, for services that fetch it by the session (websession §7)."""

from __future__ import annotations

from typing import TypeVar

from cashbox_service.app.context import Work
from cashbox_service.app.hosted.web_sessions import by_vid
from cashbox_service.domain.errors import (
    AccountNotFound,
    AutoBillNotFound,
    NotFound,
    PaymentMethodNotFound,
    TransactionNotFound,
)
from cashbox_service.store.entities import Account, AutoBill, PaymentMethod, Transaction

T = TypeVar("T")


def account_of(work: Work, vid: str | None) -> Account:
    """Raises MissingField, WebSessionNotFound, AccountNotFound."""
    made = work.uow.accounts.by_vid(by_vid(work, vid).account_vid or "")
    return _required(made, AccountNotFound("WebSession", vid or ""))


def autobill_of(work: Work, vid: str | None) -> AutoBill:
    """Raises MissingField, WebSessionNotFound, AutoBillNotFound."""
    made = work.uow.autobills.by_vid(by_vid(work, vid).autobill_vid or "")
    return _required(made, AutoBillNotFound("WebSession", vid or ""))


def payment_method_of(work: Work, vid: str | None) -> PaymentMethod:
    """Raises MissingField, WebSessionNotFound, PaymentMethodNotFound."""
    made = work.uow.payment_methods.by_vid(by_vid(work, vid).payment_method_vid or "")
    return _required(made, PaymentMethodNotFound("WebSession", vid or ""))


def transaction_of(work: Work, vid: str | None) -> Transaction:
    """Raises MissingField, WebSessionNotFound, TransactionNotFound."""
    made = work.uow.transactions.by_vid(by_vid(work, vid).transaction_vid or "")
    return _required(made, TransactionNotFound("WebSession", vid or ""))


def _required(made: T | None, missing: NotFound) -> T:
    if made is None:
        raise missing
    return made
