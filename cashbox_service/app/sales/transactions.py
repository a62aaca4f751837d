"""Transactions: reading them, and writing their rows and status logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.lookup import named
from cashbox_service.app.paging import page
from cashbox_service.app.sales.drafts import StatusDraft
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.app.wallet import payment_method_search
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import NothingFound, TransactionNotFound
from cashbox_service.domain.lines import Line
from cashbox_service.domain.mandate import Mandate
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.domain.status_details import StatusDetails
from cashbox_service.domain.transaction_state import TransactionStatusType, advance
from cashbox_service.ids import new_vid
from cashbox_service.store.direct import fresh
from cashbox_service.store.entities import (
    Account,
    AutoBill,
    Invoice,
    PaymentMethod,
    Transaction,
    TransactionStatusEntry,
)


def by_vid(work: Work, vid: str | None) -> Transaction:
    """Raises MissingField, TransactionNotFound."""
    return named("vid", vid, work.uow.transactions.by_vid, TransactionNotFound, "VID")


def by_merchant_id(work: Work, merchant_transaction_id: str | None) -> Transaction:
    """Raises MissingField, TransactionNotFound."""
    return named(
        "merchantTransactionId",
        merchant_transaction_id,
        work.uow.transactions.by_merchant_id,
        TransactionNotFound,
        "merchantTransactionId",
    )


def of_account(
    work: Work, reference: Reference, include_children: bool, number: int | None, size: int | None
) -> Sequence[Transaction]:
    """Oldest first. Raises MissingField, AccountNotFound, InvalidWindow, NothingFound."""
    wanted = page(number, size, work.settings.max_page_size)
    account = accounts.resolve(work, reference)
    owners = accounts.with_children(work, account, include_children)
    found = work.uow.transactions.of_accounts(owners, wanted.number, wanted.size)
    if not found:
        raise NothingFound("No transactions found for account.")
    return found


def of_autobill(work: Work, reference: Reference) -> Sequence[Transaction]:
    """All but validations, oldest first; none is no error. Raises MissingField, AutoBillNotFound."""
    autobill = autobill_lookup.resolve(work, reference)
    return work.uow.transactions.of_autobill(autobill.vid)


def of_payment_method(
    work: Work, pattern: PaymentMethodDraft | None, number: int | None, size: int | None
) -> Sequence[Transaction]:
    """Oldest first. Raises InvalidWindow, NothingFound when no payment method matches, InvalidRequest."""
    wanted = page(number, size, work.settings.max_page_size)
    methods = payment_method_search.matching(work, pattern)
    if not methods:
        raise NothingFound("No match found for payment method.")
    vids = [method.vid for method in methods]
    return work.uow.transactions.of_payment_methods(vids, wanted.number, wanted.size)


def find(work: Work, reference: Reference) -> Transaction | None:
    """The transaction that an argument refers to; the VID wins (conventions §4.2)."""
    if reference.vid is not None:
        return work.uow.transactions.by_vid(reference.vid)
    if reference.merchant_id is not None:
        return work.uow.transactions.by_merchant_id(reference.merchant_id)
    return None


def locked(work: Work, vid: str) -> Transaction:
    """A stored transaction, its account locked before it."""
    _, account_vid = work.uow.transactions.owners_of(vid)
    if account_vid is not None:
        accounts.lock(work, account_vid)
    transaction = work.uow.transactions.lock(vid)
    assert transaction is not None
    return transaction


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What a merchant says of a one-time sale beside what it sells; the fields are columns of Transaction."""

    division_number: str | None = None
    dest_payment_method_vid: str | None = None
    ecp_transaction_type: str | None = None
    previous_merchant_transaction_id: str | None = None
    email_when_captured: bool = False
    shipping_address: PostalAddress | None = None
    merchant_affiliate_id: str | None = None
    merchant_affiliate_sub_id: str | None = None
    user_agent: str | None = None
    preferred_notification_language: str | None = None
    source_phone_number: str | None = None
    source_mac_address: str | None = None
    source_ip: str | None = None
    tax_exemptions: tuple[TaxExemption, ...] = ()
    sales_tax_address: PostalAddress | None = None
    verification_code: str | None = None
    mandate: Mandate | None = None


_DETAILS = tuple(field.name for field in fields(OrderDetails))


def details_of(transaction: Transaction) -> OrderDetails:
    """What a stored transaction says of its order."""
    return OrderDetails(**{name: getattr(transaction, name) for name in _DETAILS})


@dataclass(slots=True)
class Outline:
    """What a new transaction is about; the rest follows from it."""

    kind: str
    account: Account | None
    payment_method: PaymentMethod | None
    payment_method_type: str
    currency: str
    amount: Decimal
    lines: tuple[Line, ...]
    processor: str | None
    autobill: AutoBill | None = None
    invoice: Invoice | None = None
    vid: str | None = None
    merchant_transaction_id: str | None = None
    payment_id: str | None = None
    note: str | None = None
    name_values: tuple[NameValue, ...] = ()
    statement_identifier: str | None = None
    autobill_cycle: int | None = None
    billing_plan_cycle: int | None = None
    original_activity_at: datetime | None = None
    retry_number: int | None = None
    replaces_vid: str | None = None
    happened_at: datetime | None = None
    instrument_key: str | None = None
    cashier_session: str | None = None
    particulars: dict[str, Any] | None = None
    details: OrderDetails = OrderDetails()


def create(work: Work, outline: Outline) -> Transaction:
    """A transaction with its first log entry, New, inside the caller's transaction."""
    transaction = enter(work, outline)
    _log(work, transaction, TransactionStatusType.NEW)
    return transaction


def enter(work: Work, outline: Outline) -> Transaction:
    """A transaction whose log the caller has to write."""
    merchant_id = outline.merchant_transaction_id or work.next_transaction_id()
    transaction = fresh(
        Transaction,
        vid=outline.vid or new_vid(),
        merchant_transaction_id=merchant_id,
        status=TransactionStatusType.NEW.value,
        processor_transaction_id=merchant_id,
        original_amount=None,
        credit_uses=(),
        capture_at=None,
        lapses_at=None,
        lapsed_at=None,
        created_at=work.now,
        **_columns(work, outline),
        related={
            "account": outline.account,
            "autobill": outline.autobill,
            "payment_method": outline.payment_method,
            "dest_payment_method": None,
            "status_log": [],
        },
    )
    work.uow.transactions.add(transaction)
    work.uow.events.register_names("Transaction", [pair.name for pair in outline.name_values])
    return transaction


def take_over(work: Work, transaction: Transaction, outline: Outline) -> Transaction:
    """Make a transaction that is only recorded the one of the outline: scored before, or a stub (transaction §6.2)."""
    rewrite(work, transaction, outline)
    transaction.processor_transaction_id = transaction.merchant_transaction_id
    transaction.status_log[-1].payment_method_type = outline.payment_method_type
    return transaction


def rewrite(work: Work, transaction: Transaction, outline: Outline) -> None:
    """Make all of a stored transaction but its log what the outline says."""
    for name, value in _columns(work, outline).items():
        setattr(transaction, name, value)
    transaction.account, transaction.payment_method = outline.account, outline.payment_method
    work.uow.events.register_names("Transaction", [pair.name for pair in outline.name_values])


def _columns(work: Work, outline: Outline) -> dict[str, Any]:
    account, autobill, details = outline.account, outline.autobill, outline.details
    columns = {name: getattr(details, name) for name in _DETAILS}
    if details.shipping_address is None:
        columns["shipping_address"] = _shipping_address(account)
    if autobill is not None:
        columns["merchant_affiliate_id"] = autobill.merchant_affiliate_id
        columns["merchant_affiliate_sub_id"] = autobill.merchant_affiliate_sub_id
    return columns | {
        "kind": outline.kind,
        "account_vid": account.vid if account is not None else None,
        "autobill_vid": autobill.vid if autobill is not None else None,
        "invoice_vid": outline.invoice.vid if outline.invoice is not None else None,
        "payment_method_vid": outline.payment_method.vid if outline.payment_method is not None else None,
        "payment_method_type": outline.payment_method_type,
        "payment_id": outline.payment_id,
        "amount": outline.amount,
        "currency": outline.currency,
        "payment_processor": outline.processor,
        "name_values": outline.name_values,
        "lines": outline.lines,
        "note": outline.note or None,
        "billing_statement_identifier": outline.statement_identifier,
        "autobill_cycle": outline.autobill_cycle,
        "billing_plan_cycle": outline.billing_plan_cycle,
        "original_activity_at": outline.original_activity_at,
        "retry_number": outline.retry_number,
        "replaces_vid": outline.replaces_vid,
        "instrument_key": outline.instrument_key,
        "cashier_session": outline.cashier_session,
        "particulars": outline.particulars,
        "happened_at": outline.happened_at or work.now,
    }


def _shipping_address(account: Account | None) -> PostalAddress | None:
    """The account's address is copied onto the transaction (transaction §2, field 17)."""
    if account is None or account.shipping_address is None:
        return None
    return account.shipping_address.snapshot()


def move(
    work: Work,
    transaction: Transaction,
    status: TransactionStatusType,
    *,
    auth_code: str | None = None,
    avs_code: str | None = None,
    cvn_code: str | None = None,
    vin_avs: str | None = None,
    details: StatusDetails | None = None,
    at: datetime | None = None,
) -> None:
    """The next status of a transaction, logged. Raises IllegalState for a step the machine forbids.

    The bottom entry New carries the final code of the payment type as well (transaction §6.3). Nothing is waited for
    in the new status until the caller says so.
    """
    advance(TransactionStatusType(transaction.status), status, key=transaction.merchant_transaction_id)
    transaction.status = status.value
    transaction.capture_at = transaction.lapses_at = None
    first = transaction.status_log[-1]
    if first.auth_code is None:
        first.auth_code = auth_code
    _log(
        work,
        transaction,
        status,
        auth_code=auth_code,
        avs_code=avs_code,
        cvn_code=cvn_code,
        vin_avs=vin_avs,
        details=details,
        at=at,
    )
    if status is TransactionStatusType.CAPTURED:
        work.uow.events.record_told("transactions", "captured", transaction.vid, work.now)


def note(work: Work, transaction: Transaction, entry: StatusDraft) -> None:
    """A status as somebody else logged it, who need not keep to the machine (transaction §6.1)."""
    assert entry.status is not None
    transaction.status = entry.status
    _log(
        work,
        transaction,
        TransactionStatusType(entry.status),
        payment_method_type=entry.payment_method_type,
        auth_code=entry.auth_code,
        avs_code=entry.avs_code,
        cvn_code=entry.cvn_code,
        vin_avs=entry.vin_avs,
        details=entry.details,
        at=entry.timestamp,
    )


def _log(
    work: Work,
    transaction: Transaction,
    status: TransactionStatusType,
    at: datetime | None = None,
    payment_method_type: str | None = None,
    **codes: Any,
) -> None:
    entry = fresh(
        TransactionStatusEntry,
        transaction_vid=transaction.vid,
        position=len(transaction.status_log),
        status=status.value,
        at=at or work.now,
        logged_at=work.now,
        payment_method_type=payment_method_type or transaction.payment_method_type,
        merchant_vid=work.merchant.vid,
        **codes,
    )
    transaction.status_log.insert(0, entry)
    work.uow.transactions.add_status(entry)
