"""What money does once it has come: it is allocated to invoices, and what they cannot take becomes credit.

Used by payments, by the janitor and by everything that learns later that a payment succeeded. Runs inside the caller's
write transaction with the account locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cashbox_service.app import books
from cashbox_service.app.bills import issuing
from cashbox_service.app.collection import charging
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import projecting, standing
from cashbox_service.domain import ledger
from cashbox_service.domain.allocation import (
    Disposition,
    Distribution,
    NamedPart,
    PayableInvoice,
    PaymentScope,
    allocate,
    allocate_named,
)
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.credit import CreditOwner, OwnerKind
from cashbox_service.domain.invoice import InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.lines import convenience_fee_of
from cashbox_service.domain.money import Money
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import Account, Allocation, AutoBill, Invoice, Transaction


@dataclass(frozen=True, slots=True)
class Target:
    """What a payment is meant for."""

    account: Account
    invoice: Invoice
    made_on: OwnerKind
    disposition: Disposition


def context_of(invoice: Invoice, made_on: OwnerKind, disposition: Disposition) -> dict[str, Any]:
    """The target as an attempt remembers it."""
    return {"invoice": invoice.vid, "made_on": made_on.name, "disposition": disposition.value}


def payable(invoice: Invoice, balance: Decimal | None = None) -> PayableInvoice:
    """What the allocator needs to know of an invoice; its stored balance where no other is given."""
    owed = invoice.balance if balance is None else balance
    return PayableInvoice(
        key=invoice.vid,
        invoice_id=invoice.invoice_id,
        autobill=invoice.autobill_vid,
        number=invoice.number,
        state=InvoiceState(invoice.state),
        due_on=invoice.due_on,
        made_at=invoice.created_at if invoice.autobill is None else invoice.autobill.created_at,
        balance=Money.of(owed, invoice.currency),
    )


def settle_payment(
    work: Work, transaction_vid: str, request_key: str, result: PaymentResult, *, captured: bool = False
) -> bool:
    """Book the outcome of a payment through a processor, now or after a crash; False when that was done before."""
    transaction = work.uow.transactions.by_vid(transaction_vid)
    attempt = work.uow.transactions.attempt(request_key)
    assert transaction is not None
    assert attempt is not None
    assert transaction.account_vid is not None
    account = accounts.lock(work, transaction.account_vid)
    if not charging.settle(work, request_key, result):
        return False
    charging.log_outcome(work, transaction, result, captured=captured)
    if result.kind is not OutcomeKind.APPROVED:
        if result.kind is OutcomeKind.DECLINED:
            work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
        return True
    invoice = work.uow.invoices.lock(attempt.context["invoice"])
    assert invoice is not None
    target = Target(
        account,
        invoice,
        OwnerKind[attempt.context["made_on"]],
        Disposition(attempt.context["disposition"]),
    )
    apply(work, transaction, Money.of(transaction.amount, transaction.currency), target)
    return True


def apply(
    work: Work,
    transaction: Transaction,
    payment: Money,
    target: Target,
    others: Iterable[Invoice] | None = None,
) -> None:
    """Allocate a payment, grant credit for the rest, post it, and see what it does for the AutoBills it touched.

    ``others`` are the account's invoices that can take a payment, when the caller has loaded them already.
    """
    if others is None:
        others = work.uow.invoices.unpaid_of_account(target.account.vid)
    candidates = {invoice.vid: invoice for invoice in others}
    candidates[target.invoice.vid] = target.invoice
    autobill = target.invoice.autobill
    distribution = allocate(
        payment,
        payable(target.invoice, projecting.balance_now(work, target.invoice)),
        map(payable, candidates.values()),
        target.disposition,
        PaymentScope(
            target.made_on,
            target.account.vid,
            autobill.vid if autobill is not None else None,
            autobill_ended=autobill is not None and autobill.status in ENDED,
        ),
    )
    _book(work, transaction, target.account, autobill, candidates, distribution)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a payment its payer means for an invoice, or for one line of it."""

    invoice: Invoice
    amount: Money
    line: int | None = None


def apply_parts(
    work: Work,
    transaction: Transaction,
    account: Account,
    parts: Sequence[Part],
    disposition: Disposition,
    unpaid: Iterable[Invoice] | None = None,
) -> None:
    """As `apply`, for a payment on the account whose payer named any number of invoices (dialects §2).

    What a part cannot take any more, and what nobody named, goes by the disposition. ``unpaid`` are the account's
    invoices that are, when the caller has loaded them already.
    """
    if unpaid is None:
        unpaid = work.uow.invoices.unpaid_of_account(account.vid)
    candidates = {invoice.vid: invoice for invoice in unpaid}
    candidates |= {part.invoice.vid: part.invoice for part in parts}
    named = [
        NamedPart(payable(part.invoice, projecting.balance_now(work, part.invoice)), part.amount, part.line)
        for part in parts
    ]
    distribution = allocate_named(
        towards_invoices(transaction),
        named,
        [payable(invoice) for invoice in candidates.values()],
        disposition,
        PaymentScope(OwnerKind.ACCOUNT, account.vid, None),
    )
    _book(work, transaction, account, None, candidates, distribution)


def towards_invoices(transaction: Transaction) -> Money:
    """What of a payment goes to invoices and credit: all but the fee for paying so."""
    return Money.of(transaction.amount - fee_in(transaction), transaction.currency)


def fee_in(transaction: Transaction) -> Decimal:
    """The fee for paying so as far as it was collected: of an approval in part it comes first."""
    return min(convenience_fee_of(transaction.lines, transaction.currency), transaction.amount)


def _book(
    work: Work,
    transaction: Transaction,
    account: Account,
    autobill: AutoBill | None,
    candidates: dict[str, Invoice],
    distribution: Distribution,
) -> None:
    before = {part.key: candidates[part.key].state for part in distribution.allocations}
    touched = _allocate(work, transaction, candidates, distribution)
    _grant_remainder(work, transaction, account, autobill, distribution)
    books.post(work, _entry(transaction, distribution), transaction)
    _name_invoices(transaction, touched)
    if autobill is not None:
        work.uow.events.record_autobill(autobill.vid, "NON_RECURRING_TRANSACTION", work.now)
    work.uow.events.enqueue("transactions", "attempt succeeded", transaction.vid, work.now)
    healed = (invoice.autobill_vid for invoice in touched if _may_heal(invoice, before[invoice.vid]))
    _recover(work, {vid for vid in healed if vid is not None})


def _may_heal(invoice: Invoice, was: str) -> bool:
    """Whether its AutoBill may be in good standing again, now that the invoice is paid in full."""
    autobill = invoice.autobill
    if invoice.state != InvoiceState.PAID or autobill is None:
        return False
    return not standing.stands_as_before(autobill, invoice, was)


def _recover(work: Work, autobill_vids: Iterable[str]) -> None:
    """See how the AutoBills stand now."""
    for vid in autobill_vids:
        work.uow.flush()
        autobill = work.uow.autobills.lock(vid)
        assert autobill is not None
        standing.after_payment(work, autobill)


def mark_paid(invoice: Invoice) -> None:
    """The invoice after money or credit was put on it: Paid once nothing is left, otherwise as it was."""
    state = InvoiceState(invoice.state)
    if state in (InvoiceState.OPEN, InvoiceState.PAID):
        return
    invoice.state = transition(
        invoice.invoice_id, state, InvoiceEvent.PAYMENT, balance=Money.of(invoice.balance, invoice.currency)
    ).value


def _allocate(
    work: Work, transaction: Transaction, candidates: dict[str, Invoice], distribution: Distribution
) -> list[Invoice]:
    touched = []
    for position, part in enumerate(distribution.allocations):
        invoice = candidates[part.key]
        if issuing.is_to_be_issued(invoice):
            issuing.issue(work, invoice)
        books.allocate(work, transaction, invoice, part.amount.amount, position, part.line)
        mark_paid(invoice)
        if invoice not in touched:
            touched.append(invoice)
    return touched


def _grant_remainder(
    work: Work,
    transaction: Transaction,
    account: Account,
    autobill: AutoBill | None,
    distribution: Distribution,
) -> None:
    if not distribution.remainder.is_positive:
        return
    owner = autobill if distribution.remainder_to.kind is OwnerKind.AUTOBILL else None
    crediting.grant_overpayment(work, account, owner, distribution.remainder, transaction)


def grant_unneeded(work: Work, autobill: AutoBill, amount: Money, transaction: Transaction) -> CreditOwner:
    """Credit for money of an attempt that its invoice cannot take: the AutoBill's, unless it has ended."""
    ended = autobill.status in ENDED
    if amount.is_positive:
        crediting.grant_overpayment(work, autobill.account, None if ended else autobill, amount, transaction)
    return CreditOwner.account(autobill.account_vid) if ended else CreditOwner.autobill(autobill.vid)


def _entry(transaction: Transaction, distribution: Distribution) -> ledger.Entry:
    return ledger.payment_received(
        processor=books.cash_subject(transaction),
        allocations=[(part.key, part.amount) for part in distribution.allocations],
        remainder=distribution.remainder,
        remainder_to=distribution.remainder_to,
        fee=Money.of(fee_in(transaction), transaction.currency),
    )


def _name_invoices(transaction: Transaction, touched: list[Invoice]) -> None:
    """``vin:InvoiceId``: the invoices in order of allocation (autobill §6.26, transaction content)."""
    if touched:
        ids = ",".join(invoice.invoice_id for invoice in touched)
        transaction.name_values = (*transaction.name_values, NameValue("vin:InvoiceId", ids))


def release_excess(work: Work, invoice: Invoice) -> None:
    """Payments booked ahead that exceed the final total become credit of the AutoBill (billing-engine §7)."""
    excess = Money.of(-invoice.balance, invoice.currency)
    if excess.is_positive:
        _to_credit(work, invoice, excess, invoice.autobill)


def release_closed(work: Work, invoice: Invoice) -> None:
    """Payments booked on an invoice that will never be billed become credit of the account (billing-engine §6)."""
    booked = Money.of(invoice.allocated, invoice.currency)
    if booked.is_positive:
        _to_credit(work, invoice, booked, None)


def _to_credit(work: Work, invoice: Invoice, amount: Money, autobill: AutoBill | None) -> None:
    """Move money from an invoice to credit, newest payments first, each linked to the payment it came from."""
    account = invoice.account
    left = amount
    for allocation, transaction in reversed(standing_payments(work, invoice)):
        if left.is_zero:
            return
        part = left.min(Money.of(allocation.amount, invoice.currency))
        books.take_back(work, allocation, invoice)
        kept = Money.of(allocation.amount, invoice.currency) - part
        if kept.is_positive:
            books.allocate(work, transaction, invoice, kept.amount, allocation.position)
        grant = crediting.grant_overpayment(work, account, autobill, part, transaction)
        books.post(
            work, ledger.prepayment_released(invoice.vid, crediting.owner_of(grant), part), transaction
        )
        left = left - part


def standing_payments(work: Work, invoice: Invoice) -> list[tuple[Allocation, Transaction]]:
    """Allocations on an invoice that were not taken back, with their transactions, in order of booking."""
    if not invoice.allocated:
        return []
    gone = {row.reverses_id for row in work.uow.invoices.allocations_of(invoice.vid) if row.reverses_id}
    return [
        (allocation, transaction)
        for allocation, transaction in work.uow.invoices.payments_on(invoice.vid)
        if allocation.row_id not in gone
    ]
