"""A sale that was made elsewhere as it is put on record, new or told of anew (transaction §7.7, §7.8).

No processor is asked, and no money is booked: it never went through here. What is told again replaces what was told
before; what is left out stays. Runs inside the caller's write transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from cashbox_service.app import name_values
from cashbox_service.app.context import Work
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.drafts import AddressDraft
from cashbox_service.app.offers.catalog import check_length, has_content
from cashbox_service.app.sales import (
    reported_lines,
    reported_log,
    reported_parties,
    transaction_order,
    transactions,
)
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.transaction_order import MAX_ID, Order
from cashbox_service.app.sales.transaction_parties import Parties
from cashbox_service.app.sales.transaction_pricing import address_of, currency_of
from cashbox_service.app.sales.transactions import OrderDetails, Outline
from cashbox_service.app.taxes.taxing import Assessment
from cashbox_service.app.wallet import payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import InvalidValue, MissingField, TransactionNotFound
from cashbox_service.domain.lines import Line, amount_of
from cashbox_service.domain.money import Money, given
from cashbox_service.domain.reserved_names import is_for_the_service_to_set
from cashbox_service.domain.tax import TaxAssessor
from cashbox_service.store.entities import PaymentMethod, Transaction

REPORTED: Final = "reported"
MIGRATED: Final = "migrated"

MAX_PROCESSOR = 40

_MADE_ELSEWHERE: Final = frozenset({REPORTED, MIGRATED, "stub"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a sale. Its log is checked already.

    ``existing`` is the record that its ids name. ``inclusive``: whether its prices contain their tax, None where that
    is to be seen from the amounts. ``exact``: the amount has to be what the items come to.
    """

    draft: TransactionDraft
    kind: str
    existing: Transaction | None = None
    inclusive: bool | None = None
    exact: bool = False
    sales_tax_address: AddressDraft | None = None


def check_can_be_told(work: Work, existing: Transaction) -> None:
    """Raises Duplicate for a sale that is processed here."""
    if existing.kind not in _MADE_ELSEWHERE:
        transaction_order.check_unprocessed(work, existing)


def put(work: Work, told: Told) -> Transaction:
    """The sale on record. Raises InvalidRequest and its kinds, NotFound and its kinds."""
    existing, draft = told.existing, _referring(work, told.draft, told.existing)
    _check_texts(draft)
    parties = reported_parties.find_or_record(work, draft, paid=True)
    outline = _outline(work, told, draft, parties)
    if existing is None:
        transaction = transactions.enter(work, outline)
        transaction.processor_transaction_id = None
    else:
        transaction_order.lock(work, existing)
        check_can_be_told(work, existing)
        transactions.rewrite(work, existing, _completed(work, outline, existing, draft))
        transaction = existing
    if draft.payment_processor_transaction_id:
        transaction.processor_transaction_id = draft.payment_processor_transaction_id
    if draft.dest_payment_method is not None and has_content(draft.dest_payment_method):
        transaction.dest_payment_method = _destination(work, draft.dest_payment_method)
    reported_log.extend(work, transaction, draft.status_log)
    return transaction


def _referring(work: Work, draft: TransactionDraft, existing: Transaction | None) -> TransactionDraft:
    """The draft with the parties that it leaves out: those of an earlier sale that it names, or told before."""
    known = existing
    if draft.previous_merchant_transaction_id:
        own_id = draft.previous_merchant_transaction_id
        known = work.uow.transactions.by_merchant_id(own_id)
        if known is None:
            raise TransactionNotFound("previousMerchantTransactionId", own_id)
    if known is None:
        return draft
    account, method = draft.account, draft.source_payment_method
    if (account is None or not has_content(account)) and known.account_vid is not None:
        account = AccountDraft(vid=known.account_vid)
    if (method is None or not has_content(method)) and known.payment_method_vid is not None:
        method = PaymentMethodDraft(vid=known.payment_method_vid)
    return replace(draft, account=account, source_payment_method=method)


def _outline(work: Work, told: Told, draft: TransactionDraft, parties: Parties) -> Outline:
    currency = _currency(work, draft, parties, told.existing)
    amount, lines = _sold(work, told, currency)
    order = Order(
        draft=draft,
        parties=parties,
        amount=amount,
        lines=lines,
        uses=(),
        assessment=Assessment(TaxAssessor(currency)),
        shipping_address=address_of(work, draft.shipping_address),
        existing=told.existing,
        kind=told.kind,
        processed=False,
    )
    outline = transaction_order.outline_of(work, order)
    if parties.method is None:
        types = (entry.payment_method_type for entry in draft.status_log)
        outline.payment_method_type = next(filter(None, types), parties.method_type)
    outline.happened_at = draft.timestamp or reported_log.happened_at(draft.status_log)
    outline.details = replace(
        outline.details,
        sales_tax_address=address_of(work, told.sales_tax_address),
        previous_merchant_transaction_id=draft.previous_merchant_transaction_id or None,
    )
    return outline


def _currency(work: Work, draft: TransactionDraft, parties: Parties, existing: Transaction | None) -> str:
    if existing is None:
        return currency_of(work, draft, parties.account)
    if not draft.currency or draft.currency == existing.currency:
        return existing.currency
    if draft.amount is None and not draft.transaction_items:
        raise InvalidValue("currency", draft.currency, f"is not {existing.currency}, which the amount is in")
    return currency_of(work, draft, parties.account)


def _sold(work: Work, told: Told, currency: str) -> tuple[Money, tuple[Line, ...]]:
    """The amount as it is told and the lines, or those that were told before; one may be told without the other."""
    draft, existing = told.draft, told.existing
    lines = reported_lines.lines_of(work, draft, currency, inclusive=told.inclusive)
    if draft.transaction_items and draft.amount is None:
        return Money.of(amount_of(lines, currency), currency), lines
    if draft.amount is None:
        if existing is None:
            raise MissingField("amount")
        return Money.of(existing.amount, currency), existing.lines
    amount = given("amount", draft.amount, currency)
    if amount < 0:
        raise InvalidValue("amount", amount, "is negative")
    total = amount_of(lines, currency)
    if told.exact and amount != total:
        raise InvalidValue("amount", amount, f"is not {total}, which the items come to")
    if not draft.transaction_items and existing is not None and existing.lines:
        lines = existing.lines
    return Money(amount, currency), lines


def _completed(work: Work, outline: Outline, existing: Transaction, draft: TransactionDraft) -> Outline:
    """The outline with what was told before and is left out now."""
    before = transactions.details_of(existing)
    kept = {
        field.name: getattr(outline.details, field.name) or getattr(before, field.name)
        for field in fields(OrderDetails)
    }
    pairs = [pair for pair in draft.name_values if not is_for_the_service_to_set(pair.name or "")]
    return replace(
        outline,
        details=OrderDetails(**kept),
        processor=outline.processor or existing.payment_processor,
        note=existing.note if draft.note is None else draft.note,
        statement_identifier=outline.statement_identifier or existing.billing_statement_identifier,
        happened_at=draft.timestamp or existing.happened_at,
        name_values=name_values.merged(work, "Transaction", existing.name_values, pairs),
    )


def _destination(work: Work, draft: PaymentMethodDraft) -> PaymentMethod:
    """The payment method that money went to: it is nobody's here."""
    return reported_parties.record(work, None, payment_methods.find(work, draft), draft)


def _check_texts(draft: TransactionDraft) -> None:
    transaction_order.check_texts(draft)
    check_length("paymentProcessor", draft.payment_processor, MAX_PROCESSOR)
    check_length("paymentProcessorTransactionId", draft.payment_processor_transaction_id, MAX_ID)
    check_length("previousMerchantTransactionId", draft.previous_merchant_transaction_id, MAX_ID)
