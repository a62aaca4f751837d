"""Refund.report: refunds that were made elsewhere are recorded (refund-chargeback §4.2).

Nobody is asked for anything, and nothing limits the amount. Money of a transaction that was processed here leaves the
books; what was sold and refunded elsewhere never was in them. An open dispute of the transaction counts as won.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cashbox_service.app.checks import check_currency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.disputes import disputing, refund_effects, refund_outcome, refunding, refunds
from cashbox_service.app.disputes.drafts import RefundDraft, RefundItemDraft
from cashbox_service.app.disputes.refunding import reference_of
from cashbox_service.app.drafts import Reference
from cashbox_service.app.sales import stubs, transactions
from cashbox_service.domain.errors import InvalidValue, MissingField, RefundRefused
from cashbox_service.domain.lines import Line
from cashbox_service.domain.money import Money, given
from cashbox_service.domain.refund import (
    Distribution,
    RefundedItem,
    RefundRequest,
    RefundStatus,
    Strategy,
    parse_strategy,
)
from cashbox_service.store.entities import Account, Refund, Transaction

DEFAULT_CURRENCY = "USD"

_IN_THE_BOOKS = frozenset({"recurring", "payment", "one_time"})
_MONEY_TAKEN = frozenset({"Authorized", "Captured", "Refunded", "Settled"})


def report(work: Work, drafts: Sequence[RefundDraft]) -> list[Refund]:
    """Record all of them, or none. Raises MissingField when there is none, InvalidRequest and its kinds."""
    if not drafts:
        raise MissingField("refunds", "No refunds specified")

    def stored() -> list[Refund]:
        with work.writing():
            _lock_accounts(work, drafts)
            return [_reported(work, draft) for draft in drafts]

    return starting_over(stored)


def _lock_accounts(work: Work, drafts: Sequence[RefundDraft]) -> None:
    """In one order, so that two reports do not wait for each other."""
    found = (transactions.find(work, reference_of(draft)) for draft in drafts)
    for vid in sorted({one.account_vid for one in found if one is not None and one.account_vid is not None}):
        accounts.lock(work, vid)


def _reported(work: Work, draft: RefundDraft) -> Refund:
    transaction = _transaction(work, draft)
    if draft.currency and check_currency("currency", draft.currency) != transaction.currency:
        raise InvalidValue(
            "currency", draft.currency, f"is not that of the transaction, {transaction.currency}"
        )
    request = RefundRequest(
        strategy=parse_strategy(draft.refund_distribution_strategy),
        includes_tax=bool(draft.amount_includes_tax),
    )
    items = tuple(_item(item, transaction.lines, transaction.currency) for item in draft.refund_items)
    if request.strategy is not Strategy.SPECIFIED_ITEMS:
        items = ()
    moved = Distribution(
        _amount(work, draft, transaction, request.strategy, items), Money.zero(transaction.currency), items
    )
    refund = refunding.store(work, draft, transaction, request, moved, RefundStatus.REPORTED)
    refund_effects.trace(refund)
    if transaction.kind in _IN_THE_BOOKS and transaction.status in _MONEY_TAKEN:
        refund_outcome.pay_back(work, refund)
    disputing.win_all(work, transaction)
    refunding.announce(work, refund)
    if transaction.autobill_vid is not None:
        work.uow.events.record_autobill(transaction.autobill_vid, "REFUND", work.now)
    work.uow.flush()
    return refund


def _transaction(work: Work, draft: RefundDraft) -> Transaction:
    """The refunded transaction; one that is not known is made up from what was sent."""
    found = transactions.find(work, reference_of(draft))
    if found is not None:
        return transactions.locked(work, found.vid)
    sent = draft.transaction
    if sent is None or sent.vid is not None or sent.merchant_transaction_id is None:
        raise RefundRefused("Unable to load transaction")
    amount = sent.amount if sent.amount is not None else draft.amount
    currency = check_currency("currency", sent.currency or draft.currency or DEFAULT_CURRENCY)
    stub = stubs.create(
        work,
        sent.merchant_transaction_id,
        _positive(amount, currency).amount,
        currency,
        sent.timestamp or draft.timestamp or work.now,
        account=_account(work, draft),
        division_number=sent.division_number or None,
    )
    work.uow.flush()
    return stub


def _account(work: Work, draft: RefundDraft) -> Account | None:
    """The customer, when the transaction that was sent names one that is known."""
    sent = draft.transaction.account if draft.transaction is not None else None
    if sent is None:
        return None
    reference = Reference(sent.vid, sent.merchant_account_id)
    if reference.vid is not None:
        return work.uow.accounts.by_vid(reference.vid)
    return work.uow.accounts.by_merchant_id(reference.merchant_id) if reference.merchant_id else None


def _amount(
    work: Work,
    draft: RefundDraft,
    transaction: Transaction,
    strategy: Strategy,
    items: Sequence[RefundedItem],
) -> Money:
    """What was refunded; where it is not said, what its lines or the rest of the transaction come to."""
    if draft.amount is None and strategy is Strategy.REMAINING_BALANCE:
        earlier = work.uow.refunds.of_transaction(transaction.vid)
        return _positive(refunds.left(transaction, earlier).money.amount, transaction.currency)
    if draft.amount is None and items:
        return _positive(sum((item.amount for item in items), Decimal(0)), transaction.currency)
    return _positive(draft.amount, transaction.currency)


def _positive(amount: Decimal | None, currency: str) -> Money:
    money = Money(given("amount", amount or Decimal(0), currency), currency)
    if not money.is_positive:
        raise RefundRefused("Refund amount must be greater than zero")
    return money


def _item(draft: RefundItemDraft, lines: Sequence[Line], currency: str) -> RefundedItem:
    """A line as the merchant tells of it; which of ours it is, when its number or sku says so. Raises InvalidValue."""
    amount = given("refundItems.amount", draft.amount or Decimal(0), currency)
    if amount < 0:
        raise InvalidValue("refundItems.amount", amount, "must not be negative")
    named = [
        line
        for line in lines
        if line.index_number == draft.transaction_item_index_number
        or (draft.transaction_item_index_number is None and draft.sku and line.sku == draft.sku)
    ]
    line = named[0] if len(named) == 1 else None
    return RefundedItem(
        amount=amount,
        index_number=line.index_number if line is not None else None,
        sku=draft.sku or (line.sku if line is not None else None),
        description=line.name if line is not None else None,
        tax_only=bool(draft.tax_only),
    )
