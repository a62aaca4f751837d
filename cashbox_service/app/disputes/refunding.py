"""Refund.perform: a refund is accepted, and later carried out by the refund batch (refund-chargeback §3, §4.1).

What is accepted counts at once: the transaction's log says Refunded, credit is back, tokens are gone. Only the money
waits for the processor. A refund of a transaction that is not captured yet waits with its log entry too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.disputes import refund_effects, refunds
from cashbox_service.app.disputes.drafts import RefundDraft, RefundItemDraft
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers.catalog import check_length, too_long
from cashbox_service.app.sales import transactions
from cashbox_service.domain.chargeback import ChargebackStatus, forbids_refund
from cashbox_service.domain.errors import CashboxError, MissingField, RefundRefused
from cashbox_service.domain.money import Money
from cashbox_service.domain.refund import (
    FAILURE,
    Distribution,
    ItemRequest,
    RefundRequest,
    RefundStatus,
    TokenAction,
    distribute,
    parse_strategy,
)
from cashbox_service.domain.refundable import Facts, check_refundable
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Refund, Transaction

MAX_NOTE_BYTES = 32 * 1024
MAX_REFERENCE = 255


@dataclass(frozen=True, slots=True)
class Performed:
    """What became of one refund: ``refund`` as it is stored, or the note that says why there is none."""

    draft: RefundDraft
    refund: Refund | None = None
    transaction: Transaction | None = None
    note: str | None = None


def perform(work: Work, drafts: Sequence[RefundDraft]) -> list[Performed]:
    """Accept refunds, each by itself, in the order given. Raises MissingField when there is none."""
    if not drafts:
        raise MissingField("refunds", "No refunds specified")
    return [_performed(work, draft) for draft in drafts]


def _performed(work: Work, draft: RefundDraft) -> Performed:
    try:
        refund = starting_over(lambda: _accepted(work, draft))
    except CashboxError as error:
        note = FAILURE.format(reason=error)
        return Performed(draft, transaction=transactions.find(work, reference_of(draft)), note=note)
    return Performed(draft, refund, refund.transaction)


def reference_of(draft: RefundDraft) -> Reference:
    """The identifiers of the draft's transaction."""
    given = draft.transaction
    return Reference(given.vid, given.merchant_transaction_id) if given is not None else Reference()


def _accepted(work: Work, draft: RefundDraft) -> Refund:
    """Check and store one refund in a transaction of its own. Raises CashboxError in the words of its note."""
    with work.writing():
        found = transactions.find(work, reference_of(draft))
        if found is None:
            raise RefundRefused("Unable to load transaction")
        transaction = transactions.locked(work, found.vid)
        facts = check(work, transaction)
        earlier = work.uow.refunds.of_transaction(transaction.vid)
        request = _request(draft)
        left = refunds.left(transaction, earlier)
        moved = distribute(request, left)
        if facts.only_as_a_whole and not moved.empties(left):
            raise RefundRefused("Transaction can only be refunded as a whole")
        return enter(work, draft, transaction, request, moved)


def check(work: Work, transaction: Transaction) -> Facts:
    """What is known of a transaction that can be refunded. Raises RefundRefused for any other."""
    facts = _facts(work, transaction)
    check_refundable(facts)
    check_processor(work, transaction)
    return facts


def accept(work: Work, transaction: Transaction, money: Money, credit: Money) -> Refund:
    """A refund that belongs to no line, of so much money and used credit; inside the caller's transaction.

    The caller has locked the account and checked what is left of the transaction.
    """
    request = RefundRequest(amount=money.amount)
    return enter(work, RefundDraft(), transaction, request, Distribution(money, credit))


def enter(
    work: Work, draft: RefundDraft, transaction: Transaction, request: RefundRequest, moved: Distribution
) -> Refund:
    """A refund that was checked, with all it does at once; inside the caller's transaction. Raises InvalidRequest."""
    earlier = work.uow.refunds.of_transaction(transaction.vid)
    refund = store(work, draft, transaction, request, moved, RefundStatus.PROCESSING)
    refund_effects.apply(work, refund, moved.credit, earlier)
    if not _facts(work, transaction).waits:
        log(work, refund)
    announce(work, refund)
    if transaction.autobill_vid is not None:
        work.uow.events.record_autobill(transaction.autobill_vid, "REFUND", work.now)
    return refund


def checked(work: Work, transaction: Transaction) -> Facts:
    """What decides about refunds of a transaction that can have any. Raises RefundRefused."""
    facts = _facts(work, transaction)
    check_refundable(facts)
    check_processor(work, transaction)
    return facts


def _facts(work: Work, transaction: Transaction) -> Facts:
    return Facts(
        kind=transaction.kind,
        status=TransactionStatusType(transaction.status),
        payment_method_type=transaction.payment_method_type,
        auth_code=last_code(transaction),
        processor=transaction.payment_processor,
        ecp_transaction_type=transaction.ecp_transaction_type,
        has_chargeback=any(
            forbids_refund(ChargebackStatus(one.status))
            for one in work.uow.chargebacks.of_transaction(transaction.vid)
        ),
    )


def last_code(transaction: Transaction) -> str | None:
    """What the processor answered last."""
    codes = (entry.auth_code for entry in transaction.status_log)
    return next((code for code in codes if code is not None), None)


def check_processor(work: Work, transaction: Transaction) -> None:
    """Whether somebody can be asked to give the money back. Raises RefundRefused."""
    if not transaction.amount or work.uow.transactions.attempt_of(transaction.vid) is not None:
        return
    known = work.env.processors.with_wire_name(transaction.payment_processor or "")
    if known is None or transaction.processor_transaction_id is None:
        raise RefundRefused("Transaction is not in a refundable state")


def _request(draft: RefundDraft) -> RefundRequest:
    return RefundRequest(
        strategy=parse_strategy(draft.refund_distribution_strategy),
        amount=draft.amount,
        includes_tax=bool(draft.amount_includes_tax),
        items=tuple(_item(item) for item in draft.refund_items),
    )


def _item(draft: RefundItemDraft) -> ItemRequest:
    return ItemRequest(
        index_number=draft.transaction_item_index_number,
        sku=draft.sku or None,
        amount=draft.amount,
        tax_only=bool(draft.tax_only),
    )


def store(
    work: Work,
    draft: RefundDraft,
    transaction: Transaction,
    request: RefundRequest,
    moved: Distribution,
    status: RefundStatus,
) -> Refund:
    """The row of a refund; an id is made up for one that is performed. Raises InvalidRequest."""
    own_id = _checked_id(work, draft)
    check_length("referenceString", draft.reference_string, MAX_REFERENCE)
    performed = status is RefundStatus.PROCESSING
    return work.uow.refunds.add(
        Refund(
            vid=new_vid(),
            merchant_refund_id=own_id or (work.next_transaction_id() if performed else None),
            transaction_vid=transaction.vid,
            transaction=transaction,
            status=status.value,
            strategy=request.strategy.value,
            token_action=draft.token_action or TokenAction.NONE.value,
            amount=moved.money.amount,
            currency=transaction.currency,
            amount_includes_tax=request.includes_tax,
            items=moved.items,
            credits=(),
            tokens=(),
            name_values=name_values.merged(work, "Refund", (), draft.name_values),
            reference_string=None if performed else draft.reference_string or None,
            note=_checked_note(draft.note),
            happened_at=work.now if performed else draft.timestamp or work.now,
            changed_at=work.now,
            created_at=work.now,
        )
    )


def _checked_id(work: Work, draft: RefundDraft) -> str | None:
    """The merchant's own id, free to be used. Raises InvalidRequest."""
    own_id = draft.merchant_refund_id
    if own_id is None:
        return None
    check_merchant_id("merchantRefundId", own_id)
    if work.uow.refunds.by_merchant_id(own_id) is not None:
        raise RefundRefused("merchantRefundId already used")
    return own_id


def _checked_note(note: str | None) -> str | None:
    if note is not None and len(note.encode()) > MAX_NOTE_BYTES:
        raise too_long("note", note, MAX_NOTE_BYTES, "bytes")
    return note or None


def log(work: Work, refund: Refund) -> None:
    """The entry Refunded in the transaction's log, one for each refund."""
    transaction = refund.transaction
    transactions.move(
        work, transaction, TransactionStatusType.REFUNDED, auth_code=transaction.status_log[0].auth_code
    )
    refund.is_logged = True


def announce(work: Work, refund: Refund) -> None:
    """Tell the merchant that a refund was accepted or has another status (notifications §2)."""
    work.uow.events.enqueue("adjustments", "refund", refund.vid, work.now, status=refund.status)
