"""AutoBills whose customer has to act first: he is sent to a page, and his agreement begins the AutoBill.

A transaction waits for him: the first bill in full where one is due, else an authorization that only proves that he
agreed. Until then the AutoBill is Pending Activation and nothing is billed; a new attempt takes the place of the one
before. Everything runs inside the caller's write transaction. Source: autobill §3.3, §5.2, §6.22 – §6.24.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cashbox_service.app.collection import charging, instructing
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import collecting, invoicing, postponing
from cashbox_service.app.sales import transaction_order, transaction_outcome, transactions
from cashbox_service.app.wallet import validating
from cashbox_service.domain.autobill_state import AutoBillStatus
from cashbox_service.domain.calendar import add_days, midnight
from cashbox_service.domain.instruments import PaymentMethodType, agreement_of
from cashbox_service.domain.lines import validation_lines, with_settlements
from cashbox_service.domain.money import Money
from cashbox_service.domain.status_details import StatusDetails
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.ids import new_vid
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, PaymentMethod, Transaction

PURPOSE = "activation"
KIND = "activation"

PATIENCE_DAYS: Final = 30
"""After so many days nobody waits for the customer any more (autobill §3.3)."""

_WITH_PAGES: Final = frozenset(
    {
        PaymentMethodType.PAYPAL,
        PaymentMethodType.SKRILL,
        PaymentMethodType.HOSTED_PAGE,
        PaymentMethodType.CARRIER_BILLING,
    }
)


@dataclass(frozen=True, slots=True)
class Settled:
    """``first``: this outcome was recorded, nobody had been before. ``gives_back``: its money is not kept."""

    first: bool
    gives_back: bool = False


def needs_customer(method: PaymentMethod | None) -> bool:
    """Whether the owner has to agree on a page before anything can be charged."""
    return method is not None and method.type in _WITH_PAGES and not agreement_of(method.details)


def plan(work: Work, method: PaymentMethod, owed: Money) -> validating.Plan:
    """The request that sends the customer to a page, for ``owed``, or for 1.00 where nothing is.

    Raises InvalidRequest for a PayPal payment that has nowhere to come back to.
    """
    vid, key, reference = new_vid(), new_vid(), work.next_transaction_id()
    amount = owed if owed.is_positive else Money.of(Decimal(1), owed.currency)
    visit = transaction_order.page_of(method, vid)
    request = instructing.prepare(work, key, method, amount, reference, visit=visit)
    processor = work.env.processors.for_type(method.type).name
    return validating.Plan(key, processor, request, method.type, vid, reference)


def waits(result: PaymentResult) -> bool:
    """Whether the customer is next; a deposit only waits for its bank."""
    return (
        result.kind is OutcomeKind.PENDING
        and result.pending_status is not TransactionStatusType.AUTHORIZED_PENDING
    )


def begin(
    work: Work, autobill: AutoBill, prepared: validating.Plan, result: PaymentResult, owed: Money
) -> Transaction:
    """Store the transaction that waits for the customer, and let the AutoBill wait for it.

    ``owed`` is what the first bill asks for; nothing where it only has to be proven that he agreed.
    """
    call_off(work, autobill)
    invoice = work.uow.invoices.open_of(autobill.vid)
    method = autobill.payment_method
    assert method is not None
    amount, uses = prepared.request.amount, list[crediting.Use]()
    lines = validation_lines(amount)
    if owed.is_positive:
        assert invoice is not None
        uses = crediting.planned(work, autobill, Money.of(invoice.balance, invoice.currency))
        credit = [crediting.used_credit(use) for use in uses]
        lines = with_settlements(invoice.lines, invoice.currency, (), credit)
    transaction = transactions.create(
        work,
        transactions.Outline(
            kind=KIND,
            vid=prepared.transaction_vid,
            merchant_transaction_id=prepared.merchant_transaction_id,
            account=autobill.account,
            payment_method=method,
            payment_method_type=method.type,
            currency=amount.currency,
            amount=amount.amount,
            lines=lines,
            processor=work.env.processors.for_type(method.type).wire_name,
            autobill=autobill,
            statement_identifier=collecting.statement_identifier(work, autobill),
            details=transactions.OrderDetails(
                source_ip=autobill.source_ip,
                sales_tax_address=invoice.sales_tax_address if invoice is not None else None,
            ),
        ),
    )
    attempt = work.uow.transactions.attempt(prepared.key)
    assert attempt is not None
    attempt.context = {"credits": crediting.reserve(uses), "bills": owed.is_positive}
    autobill.awaits_customer, autobill.next_billing_on = True, None
    autobill.closes_on = add_days(work.today, PATIENCE_DAYS)
    work.uow.flush()
    settle(work, prepared.key, result)
    return transaction


def settle(work: Work, request_key: str, result: PaymentResult) -> Settled:
    """Book what the customer made of it, now, after a crash, or when his provider has told."""
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = transactions.locked(work, attempt.transaction_vid)
    assert transaction.autobill_vid is not None
    autobill = work.uow.autobills.lock(transaction.autobill_vid)
    assert autobill is not None
    if not charging.settle(work, request_key, result):
        return Settled(first=False)
    uses = crediting.reserved(work, attempt.context.get("credits", []))
    if result.kind is OutcomeKind.PENDING:
        charging.log_outcome(work, transaction, result)
        transaction_outcome.wait(work, transaction)
    elif result.kind is OutcomeKind.DECLINED:
        crediting.release(uses)
        charging.log_outcome(work, transaction, result)
        work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
    elif result.kind is OutcomeKind.APPROVED:
        return _agreed(work, autobill, transaction, request_key, result, uses, bills=attempt.context["bills"])
    return Settled(first=True)


def call_off(work: Work, autobill: AutoBill) -> None:
    """Nobody waits for the customer any more; the janitor ends what his provider still waits for."""
    for transaction in work.uow.transactions.of_autobill(autobill.vid):
        if transaction.kind == KIND and transaction.status in (
            TransactionStatusType.AUTHORIZATION_PENDING,
            TransactionStatusType.PENDING,
        ):
            transaction_outcome.cancel(work, transaction)
    autobill.awaits_customer = False


def _agreed(
    work: Work,
    autobill: AutoBill,
    transaction: Transaction,
    request_key: str,
    result: PaymentResult,
    uses: Sequence[crediting.Use],
    *,
    bills: bool,
) -> Settled:
    if autobill.status != AutoBillStatus.PENDING_ACTIVATION:
        crediting.release(uses)
        transactions.move(work, transaction, TransactionStatusType.CANCELLED, auth_code=result.auth_code)
        charging.mark_for_return(work, request_key)
        return Settled(first=True, gives_back=True)
    autobill.awaits_customer, autobill.closes_on = False, None
    invoicing.refresh_open(work, autobill)
    if bills:
        charging.log_outcome(work, transaction, result)
        _learn_agreement(transaction, result)
        _bill(work, autobill, transaction, uses)
        return Settled(first=True)
    details = StatusDetails(token=result.token, payer_id=result.payer_id, payer_email=result.payer_email)
    validated = TransactionStatusType.AUTHORIZED_FOR_VALIDATION
    transactions.move(work, transaction, validated, auth_code=result.auth_code, details=details)
    _learn_agreement(transaction, result)
    charging.mark_for_return(work, request_key)
    _bill_for_nothing(work, autobill)
    return Settled(first=True, gives_back=True)


def _bill(work: Work, autobill: AutoBill, transaction: Transaction, uses: Sequence[crediting.Use]) -> None:
    """The first cycle is billed, and the transaction is the one that pays it."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    assert invoice is not None
    invoicing.bill(work, autobill, invoice)
    transaction.kind = collecting.PURPOSE
    transaction.invoice_vid = invoice.vid
    transaction.autobill_cycle, transaction.billing_plan_cycle = invoice.cycle, invoice.plan_cycle
    transaction.retry_number, invoice.attempts = invoice.attempts, invoice.attempts + 1
    if invoice.service_start is not None:
        transaction.original_activity_at = midnight(invoice.service_start, work.zone)
    transaction.name_values = (
        *transaction.name_values,
        *collecting.cycle_names(autobill, invoice, transaction.retry_number),
    )
    collecting.book_success(work, autobill, invoice, transaction, list(uses))
    work.uow.events.record_autobill(autobill.vid, "TRANSACTION", work.now)


def _bill_for_nothing(work: Work, autobill: AutoBill) -> None:
    """A first cycle whose day has come begins at once if it is put off or asks for nothing; else with the next run."""
    invoice = work.uow.invoices.open_of(autobill.vid)
    if invoice is None or invoice.invoice_on > work.today or autobill.start_at > work.now:
        return
    if postponing.begin_free_time(work, autobill):
        return
    uses = crediting.planned(work, autobill, Money.of(invoice.balance, invoice.currency))
    if (Money.of(invoice.balance, invoice.currency) - crediting.total(uses, invoice.currency)).is_positive:
        return
    invoicing.bill(work, autobill, invoice)
    collecting.settle_without_money(work, autobill, invoice, uses)


def _learn_agreement(transaction: Transaction, result: PaymentResult) -> None:
    """Who agreed, and the standing permission to charge; a provider without one is charged by its own number."""
    method = transaction.payment_method
    assert method is not None
    if method.type not in _WITH_PAGES:
        return
    agreement = result.agreement or result.processor_transaction_id or transaction.merchant_transaction_id
    told = {"payer_id": result.payer_id, "paypal_email": result.payer_email}
    name = "reference_id" if method.type == PaymentMethodType.PAYPAL else "billing_agreement_id"
    told[name] = agreement
    method.details = method.details | {key: text for key, text in told.items() if text is not None}
