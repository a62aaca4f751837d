"""Proves the stored figures of a merchant from its ledger and its histories.

Recomputes every invoice balance, every credit and subscription balance, what was refunded and charged back, and the
trial balance, and looks for what must never be: an AutoBill parked, an illegal pair of states, an invoice whose state
contradicts its balance, one that nobody will ever ask for, usage that is on no line, more refunded than was paid, or a
campaign code that was redeemed too often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.counter import cashier_sessions
from cashbox_service.app.disputes import refunds
from cashbox_service.app.engine import standing
from cashbox_service.app.engine.schedule import paid_by_hand
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import campaign_audit, credit_audit
from cashbox_service.app.usage import rated_items
from cashbox_service.domain import audit as rules
from cashbox_service.domain import invoice as invoice_rules
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.ledger import LedgerAccount, cash
from cashbox_service.domain.money import Money
from cashbox_service.domain.refund import RefundStatus
from cashbox_service.store.entities import AutoBill, Invoice, Refund

_COLLECTING = ("Good Standing", "Free/Trial", "In Retry")
"""Billing states in which an unpaid invoice is asked for; in the others a new payment method is waited for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the audit does not confirm."""

    merchant: str
    subject: str
    problem: str


def run_all(env: Environment) -> list[Finding]:
    """Audit every merchant."""
    return [finding for merchant in env.merchants() for finding in run(env, merchant)]


def run(env: Environment, merchant: MerchantContext) -> list[Finding]:
    """Audit one merchant; an empty list is a clean audit."""
    work = env.open(merchant)
    try:
        return [Finding(merchant.login, subject, problem) for subject, problem in _problems(work)]
    finally:
        work.close()


def _problems(work: Work) -> Iterator[tuple[str, str]]:
    entries = []
    for row in work.uow.ledger.everything():
        try:
            entries.append(books.entry_of(row))
        except ValueError as error:
            yield f"ledger entry {row.row_id}", str(error)
    trial = rules.trial_balance(entries)
    for currency, amount in rules.currency_totals(trial).items():
        yield "ledger", f"accounts add up to {amount} {currency} instead of nothing"
    invoices = work.uow.invoices.everything()
    yield from _wrong_invoices(work, trial, invoices)
    yield from credit_audit.problems(work, trial)
    yield from _wrong_refunds(work, trial)
    yield from _wrong_chargebacks(work, trial)
    yield from _wrong_autobills(work, trial)
    yield from _wrong_usage(work, invoices)
    yield from campaign_audit.problems(work)
    yield from _wrong_sessions(work, trial)
    yield from _forgotten(work, invoices)


def _wrong_invoices(
    work: Work, trial: rules.TrialBalance, invoices: Sequence[Invoice]
) -> Iterator[tuple[str, str]]:
    names = {invoice.vid: invoice.invoice_id for invoice in invoices}
    stored = {invoice.vid: Money.of(_posted_balance(invoice), invoice.currency) for invoice in invoices}
    given_up = [invoice.vid for invoice in invoices if invoice.state == "Written Off"]
    for found in rules.check_invoices(trial, stored, given_up):
        name = names.get(found.account.subject, found.account.subject)
        yield f"invoice {name}", f"stored balance {found.stored}, ledger {found.posted} {found.currency}"
    allocated = work.uow.invoices.allocated_totals()
    for invoice in invoices:
        total = allocated.get(invoice.vid, Decimal(0))
        if total != invoice.allocated:
            yield f"invoice {invoice.invoice_id}", f"allocated {invoice.allocated}, rows add up to {total}"
        if invoice.state == "Paid" and invoice.balance > 0:
            yield f"invoice {invoice.invoice_id}", f"Paid with a balance of {invoice.balance}"
        if invoice.state in ("Due", "Overdue") and invoice.balance <= 0:
            yield f"invoice {invoice.invoice_id}", f"{invoice.state} with a balance of {invoice.balance}"


def _posted_balance(invoice: Invoice) -> Decimal:
    """Before its day an invoice stands in the ledger with minus what is booked on it."""
    return invoice.balance if invoice.billed_on is not None else -invoice.allocated


def _wrong_refunds(work: Work, trial: rules.TrialBalance) -> Iterator[tuple[str, str]]:
    made = work.uow.refunds.everything()
    for found in rules.check_given_back(trial, [_given_back(refund) for refund in made]):
        yield (
            f"refunds by {found.account.subject}",
            f"stored {found.stored}, ledger {found.posted} {found.currency}",
        )
    performed: dict[str, list[Refund]] = {}
    for refund in refunds.standing(made):
        if refund.status != RefundStatus.REPORTED:
            performed.setdefault(refund.transaction_vid, []).append(refund)
    for of_one in performed.values():
        transaction, total = of_one[0].transaction, sum(refund.amount for refund in of_one)
        if total > transaction.amount:
            name = transaction.merchant_transaction_id or transaction.vid
            yield f"transaction {name}", f"refunded {total} of {transaction.amount}"


def _given_back(refund: Refund) -> tuple[str, Money]:
    """Money that has left, and credit that its owner got back and kept."""
    credit = sum((restored.standing for restored in refund.credits), Decimal(0))
    return refund.transaction.payment_processor or "", Money.of(refund.paid_back + credit, refund.currency)


def _wrong_chargebacks(work: Work, trial: rules.TrialBalance) -> Iterator[tuple[str, str]]:
    lost = [
        (one.loss_processor, Money.of(one.loss, one.loss_currency))
        for one in work.uow.chargebacks.everything()
    ]
    for found in rules.check_losses(trial, lost):
        yield (
            f"chargebacks by {found.account.subject}",
            f"stored loss {found.stored}, ledger {found.posted} {found.currency}",
        )


def _wrong_autobills(work: Work, trial: rules.TrialBalance) -> Iterator[tuple[str, str]]:
    autobills = work.uow.autobills.everything()
    owed = {
        autobill.vid: Money.of(autobill.subscription_balance, autobill.currency)
        for autobill in autobills
        if autobill.subscription_balance
    }
    for found in rules.check_subscription_balances(trial, owed):
        yield (
            f"autobill {found.account.subject}",
            f"subscription balance {found.stored}, ledger {found.posted}",
        )
    for autobill in autobills:
        if autobill.parked_reason is not None:
            yield f"autobill {autobill.merchant_autobill_id}", f"parked: {autobill.parked_reason}"
        pair = standing.of(autobill)
        if not pair.is_legal:
            problem = f"{pair.status.value} does not go with {pair.billing_state.value}"
            yield f"autobill {autobill.merchant_autobill_id}", problem


def _wrong_usage(work: Work, invoices: Sequence[Invoice]) -> Iterator[tuple[str, str]]:
    """Every unit that an invoice charges is one of an event that stands on it, and the other way round."""
    counted = work.uow.usage.all_billed()
    for invoice in invoices:
        shown = rated_items.usage_on(invoice) if invoice.billed_on is not None else {}
        for item_vid, units in shown.items():
            found = counted.pop((invoice.vid, item_vid), Decimal(0))
            if found != units:
                yield f"invoice {invoice.invoice_id}", f"charges {units} units, events add up to {found}"
    for (invoice_vid, _), units in counted.items():
        yield f"invoice {invoice_vid}", f"events of {units} units stand on it, but no line charges them"


def _wrong_sessions(work: Work, trial: rules.TrialBalance) -> Iterator[tuple[str, str]]:
    """Sessions of cash drawers whose payments are not what the ledger has under them."""
    kept: dict[tuple[LedgerAccount, str], Decimal] = {}
    for one in work.uow.transactions.of_any_session():
        key = (cash(books.cash_subject(one)), one.currency)
        amount = one.amount if cashier_sessions.is_kept(work, one) else Decimal(0)
        kept[key] = kept.get(key, Decimal(0)) + amount
    for (account, currency), total in kept.items():
        posted = trial.get((account, currency), Decimal(0))
        if posted != total:
            yield f"session {account.subject}", f"payments {total}, ledger {posted} {currency}"


def _forgotten(work: Work, invoices: Sequence[Invoice]) -> Iterator[tuple[str, str]]:
    """Unpaid invoices that nobody will ever ask for: no attempt is coming, and no money is on its way."""
    unpaid: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        if invoice.state in invoice_rules.UNPAID and not invoice.by_hand and invoice.autobill_vid is not None:
            unpaid.setdefault(invoice.autobill_vid, []).append(invoice)
    for owed in unpaid.values():
        autobill = owed[0].autobill
        assert autobill is not None
        if _nobody_asks(autobill) and not any(
            work.uow.transactions.unsettled_on(invoice.vid) for invoice in owed
        ):
            yield f"invoice {owed[0].invoice_id}", "unpaid, and nobody will ask for the money"


def _nobody_asks(autobill: AutoBill) -> bool:
    """Whether no attempt is coming where one should; a customer who pays by hand now is waited for."""
    collects = autobill.billing_state in _COLLECTING and autobill.status not in ENDED
    waits = autobill.retry_on is not None or autobill.parked_reason is not None or paid_by_hand(autobill)
    return collects and not waits
