"""Chargebacks as they come in: stored, matched to their transactions, and what follows (refund-chargeback §6, §7).

The transaction, its invoices, credit and entitlements stay as they are; the disputed amount is booked as lost, and back
when it is won. The merchant's policy may cancel the AutoBill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cashbox_service.app import books, name_values
from cashbox_service.app.bills import owing
from cashbox_service.app.checks import MAX_ID, check_currency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.disputes.drafts import ChargebackDraft
from cashbox_service.app.engine import ending
from cashbox_service.app.offers.catalog import check_length
from cashbox_service.app.sales import stubs, transactions
from cashbox_service.domain import chargeback as rules
from cashbox_service.domain import ledger
from cashbox_service.domain.cancel_reason import CHARGED_BACK
from cashbox_service.domain.chargeback import ChargebackStatus
from cashbox_service.domain.errors import ChargebackNotFound, InvalidValue, MissingField
from cashbox_service.domain.money import Money, given
from cashbox_service.ids import new_vid
from cashbox_service.logging import get_logger
from cashbox_service.store.entities import Chargeback, Transaction

log = get_logger(__name__)

DEFAULT_CURRENCY = "USD"

_NO_AMOUNT = "Chargeback must have an amount"

_TEXTS = ("division_number", "reason_code", "merchant_number", "merchant_user_id", "note")
_KEYS = ("case_number", "reference_number")


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored chargeback and whether this call created it."""

    chargeback: Chargeback
    created: bool


def update(work: Work, draft: ChargebackDraft | None) -> Stored:
    """Create a chargeback or change one. Raises MissingField without an amount, ChargebackNotFound, InvalidRequest."""
    if draft is None:
        raise MissingField("chargeback", _NO_AMOUNT)

    def stored() -> Stored:
        with work.writing():
            return _put(work, draft)

    return starting_over(stored)


def report(work: Work, drafts: Sequence[ChargebackDraft]) -> None:
    """Several at once, all of them or none. Raises as `update`, and MissingField when there is none."""
    if not drafts:
        raise MissingField("chargebacks", "No chargebacks specified")

    def stored() -> None:
        with work.writing():
            _lock_accounts(work, drafts)
            for draft in drafts:
                _put(work, draft)
                work.uow.flush()

    starting_over(stored)


def win_all(work: Work, transaction: Transaction) -> None:
    """A refund that was made elsewhere ends every open dispute of the transaction in the merchant's favour."""
    for chargeback in work.uow.chargebacks.of_transaction(transaction.vid):
        status = ChargebackStatus(chargeback.status)
        if rules.is_undecided(status):
            _move(work, chargeback, ChargebackStatus.WON, status)
            _book_loss(work, chargeback)


def _lock_accounts(work: Work, drafts: Sequence[ChargebackDraft]) -> None:
    """In one order, so that two reports do not wait for each other."""
    found = [transaction for draft in drafts if (transaction := _disputed(work, draft)) is not None]
    for vid in sorted(
        {transaction.account_vid for transaction in found if transaction.account_vid is not None}
    ):
        accounts.lock(work, vid)


def _disputed(work: Work, draft: ChargebackDraft) -> Transaction | None:
    """The transaction that a chargeback is about, as far as it is known."""
    if draft.vid is not None:
        stored = work.uow.chargebacks.by_vid(draft.vid)
        if stored is not None and stored.transaction is not None:
            return stored.transaction
    if draft.merchant_transaction_id is None:
        return None
    return work.uow.transactions.by_merchant_id(draft.merchant_transaction_id)


def _put(work: Work, draft: ChargebackDraft) -> Stored:
    if draft.vid is not None and work.uow.chargebacks.by_vid(draft.vid) is None:
        raise ChargebackNotFound("VID", draft.vid)
    transaction = _disputed(work, draft)
    if transaction is not None:
        transaction = transactions.locked(work, transaction.vid)
    chargeback = _existing(work, draft, transaction)
    created = chargeback is None
    if chargeback is None:
        chargeback = _new(work, draft)
    previous = None if created else ChargebackStatus(chargeback.status)
    _merge(work, chargeback, draft)
    _link(work, chargeback, draft, transaction)
    status = ChargebackStatus(draft.status or (previous or ChargebackStatus.NEW))
    _move(work, chargeback, status, previous, at=draft.status_changed_timestamp if created else None)
    if created:
        work.uow.chargebacks.add(chargeback)
    _book_loss(work, chargeback)
    _follow(work, chargeback, previous, status)
    return Stored(chargeback, created)


def _existing(work: Work, draft: ChargebackDraft, transaction: Transaction | None) -> Chargeback | None:
    """By VID, else the same case of the bank about the same transaction."""
    if draft.vid is not None:
        return work.uow.chargebacks.lock(draft.vid)
    if not draft.case_number or transaction is None:
        return None
    same = work.uow.chargebacks.with_case_number(draft.case_number, transaction.vid)
    return work.uow.chargebacks.lock(same[0].vid) if same else None


def _new(work: Work, draft: ChargebackDraft) -> Chargeback:
    if draft.amount is None:
        raise MissingField("amount", _NO_AMOUNT)
    return Chargeback(
        vid=new_vid(),
        amount=Decimal(0),
        currency=DEFAULT_CURRENCY,
        presentment_currency=DEFAULT_CURRENCY,
        reason_code="",
        received_at=work.now,
        posted_at=work.now,
        loss=Decimal(0),
        loss_currency=DEFAULT_CURRENCY,
        loss_processor="",
        policy_done=False,
        name_values=(),
        created_at=work.now,
    )


def _merge(work: Work, chargeback: Chargeback, draft: ChargebackDraft) -> None:
    """Absent fields stay, empty texts are cleared (conventions §5.3)."""
    if draft.currency:
        chargeback.currency = check_currency("currency", draft.currency)
    if draft.presentment_currency:
        chargeback.presentment_currency = check_currency("presentmentCurrency", draft.presentment_currency)
    amount = chargeback.amount if draft.amount is None else draft.amount
    chargeback.amount = _amount("amount", amount, chargeback.currency)
    shown = chargeback.presentment_amount if draft.presentment_amount is None else draft.presentment_amount
    if shown is not None:
        chargeback.presentment_amount = _amount("presentmentAmount", shown, chargeback.presentment_currency)
    for name in _TEXTS:
        text = getattr(draft, name)
        if text is not None:
            setattr(chargeback, name, text or ("" if name == "reason_code" else None))
    for name, wire in zip(_KEYS, ("caseNumber", "referenceNumber"), strict=True):
        key = getattr(draft, name)
        check_length(wire, key, MAX_ID)
        if key:
            setattr(chargeback, name, key)
    chargeback.merchant_transaction_at = (
        draft.merchant_transaction_timestamp or chargeback.merchant_transaction_at
    )
    chargeback.received_at = draft.processor_received_timestamp or chargeback.received_at
    chargeback.posted_at = draft.posted_timestamp or chargeback.posted_at
    chargeback.name_values = name_values.merged(work, "Chargeback", chargeback.name_values, draft.name_values)


def _amount(field: str, amount: Decimal, currency: str) -> Decimal:
    money = given(field, amount, currency)
    if money < 0:
        raise InvalidValue(field, amount, "must not be negative")
    return money


def _link(
    work: Work, chargeback: Chargeback, draft: ChargebackDraft, transaction: Transaction | None
) -> None:
    """Match the transaction by its id; one that is not known is made up as a stub (transaction §1)."""
    own_id = draft.merchant_transaction_id
    if chargeback.transaction is not None:
        if own_id is not None and own_id != chargeback.transaction.merchant_transaction_id:
            raise InvalidValue("merchantTransactionId", own_id[:40], "is not the one the chargeback is about")
        return
    if transaction is None and own_id is not None:
        happened = chargeback.merchant_transaction_at or chargeback.received_at
        transaction = stubs.create(
            work,
            own_id,
            chargeback.amount,
            chargeback.currency,
            happened,
            division_number=chargeback.division_number,
        )
        work.uow.flush()
    if transaction is not None:
        chargeback.transaction_vid = transaction.vid
        chargeback.transaction = transaction


def _move(
    work: Work,
    chargeback: Chargeback,
    status: ChargebackStatus,
    previous: ChargebackStatus | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Take on a status; a change is counted, so that nobody who reads changes misses it."""
    if status is previous:
        return
    if not rules.is_usual(previous, status):
        log.info("chargeback took an unusual step", chargeback=chargeback.vid, status=status.value)
    chargeback.status = status.value
    chargeback.status_changed_at = at or work.now
    chargeback.changed_at = work.now
    chargeback.change_number = work.uow.chargebacks.record_change()
    work.uow.events.enqueue("adjustments", "chargeback", chargeback.vid, work.now, status=status.value)


def _book_loss(work: Work, chargeback: Chargeback) -> None:
    """Bring the ledger to what counts as lost now; what stood there in another currency or place is taken out."""
    lost = rules.loss(ChargebackStatus(chargeback.status), Money.of(chargeback.amount, chargeback.currency))
    transaction = chargeback.transaction
    processor = (transaction.payment_processor if transaction is not None else None) or ""
    booked = Money.of(chargeback.loss, chargeback.loss_currency)
    if (lost.currency, processor) != (booked.currency, chargeback.loss_processor):
        _post(work, chargeback, -booked)
        booked, chargeback.loss_processor = Money.zero(lost.currency), processor
    _post(work, chargeback, lost - booked)
    chargeback.loss, chargeback.loss_currency = lost.amount, lost.currency


def _post(work: Work, chargeback: Chargeback, change: Money) -> None:
    processor = chargeback.loss_processor
    entry = (
        ledger.chargeback_recovered(processor, -change)
        if change.is_negative
        else ledger.payment_charged_back(processor, change)
    )
    books.post(work, entry, chargeback.transaction)


def _follow(
    work: Work, chargeback: Chargeback, previous: ChargebackStatus | None, status: ChargebackStatus
) -> None:
    """What a chargeback does beside the money: the card is remembered, the AutoBill hears of it, policy acts."""
    transaction = chargeback.transaction
    if transaction is None:
        return
    autobill = transaction.autobill_vid
    if rules.is_received(status) and not rules.is_received(previous):
        method = transaction.payment_method
        if method is not None and method.fingerprint is not None:
            work.uow.risk.add_disputed(method.fingerprint, work.now)
        if autobill is not None:
            work.uow.events.record_autobill(autobill, "CHARGEBACK", work.now)
    if rules.begins(previous, status) and not chargeback.policy_done:
        chargeback.policy_done = True
        if work.settings.chargeback_cancels_autobill and autobill is not None:
            _cancel(work, autobill)


def _cancel(work: Work, autobill_vid: str) -> None:
    autobill = work.uow.autobills.lock(autobill_vid)
    assert autobill is not None
    ending.cancel_at_once(work, autobill, CHARGED_BACK)
    owing.owe_usage(work, autobill)
