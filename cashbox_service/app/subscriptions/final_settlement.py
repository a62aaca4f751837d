"""What is left to be settled when an AutoBill ends: worked out, and carried out (autobill §6.5, §6.40).

Everything runs inside the caller's write transaction with the account and the AutoBill locked; only `carry_on` asks a
processor, and outside of any transaction. What an AutoBill that has ended owes outside of its invoices is its
subscription balance: a charge that is not paid stays there, and money pays it off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.bills import owing
from cashbox_service.app.collection import charging, settlement
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import (
    collecting,
    forecasting,
    projecting,
    schedule,
    standing,
)
from cashbox_service.app.engine.schedule import paid_by_hand
from cashbox_service.app.sales import transactions
from cashbox_service.app.subscriptions import paid_ahead
from cashbox_service.app.taxes import taxing
from cashbox_service.app.usage import rated_items
from cashbox_service.domain import final_settlement as rules
from cashbox_service.domain import invoice as invoice_rules
from cashbox_service.domain import ledger
from cashbox_service.domain.instruments import chargeable_alone
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.lines import (
    Charge,
    Line,
    amount_of,
    charged_line,
    charges_of,
    exclusive_tax_of,
    inclusive_tax_of,
    numbered,
    tax_summary,
    with_settlements,
)
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, Invoice, Refund, Transaction

PURPOSE = "settlement"
KIND = "settlement"
FEE = "Early cancellation fee"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is owed beyond the invoices, and what is taken back of them."""

    currency: str
    charges: tuple[Line, ...]
    paid: tuple[paid_ahead.PaidInvoice, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*self.charges, *(line for one in self.paid for line in one.lines))

    @property
    def net(self) -> Money:
        """What the customer owes in the end; negative when he gets something back."""
        return Money.of(amount_of(self.lines, self.currency), self.currency)


@dataclass(slots=True)
class Settled:
    """What was done about it. ``intent``: a processor is still to be asked for the charge."""

    transactions: list[Transaction] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    intent: charging.Intent | None = None


def work_out(work: Work, autobill: AutoBill, *, ends_now: bool) -> Settlement:
    """What a cancellation would leave to settle; unless it ``ends_now``, everything paid will be used.

    To be called before the AutoBill ends: an AutoBill that only waits for its end has no charges left.
    """
    currency = autobill.currency
    charges = () if standing.of(autobill).has_ended else _charges(work, autobill)
    return Settlement(currency, charges, tuple(paid_ahead.of(work, autobill)) if ends_now else ())


def leave_open(work: Work, autobill: AutoBill, owed: Settlement) -> None:
    """Not settled: charges and the AutoBill's own credit are summed up in its subscription balance."""
    owing.owe(work, autobill, owed.charges)
    rated_items.mark_settled(work, autobill)
    for grant in work.uow.credits.available_to_autobill(autobill.vid):
        if grant.kind == "currency" and grant.currency == autobill.currency:
            _count(work, autobill, crediting.Use(grant, grant.remaining))


def settle(work: Work, autobill: AutoBill, found: Settlement) -> Settled:
    """One net result: a refund, or one charge."""
    done = Settled()
    net = found.net
    if net.is_positive:
        _charge(work, autobill, found, done)
    elif found.charges:
        # Of what is taken back only so much pays for the charges; the rest is refunded.
        owed = Money.of(amount_of(found.charges, found.currency), found.currency)
        taken_back = [line for one in found.paid for line in one.lines]
        owing.owe(work, autobill, (*found.charges, *rules.at_most(taken_back, owed)))
        done.transactions.append(_without_money(work, autobill, _closed(autobill, found.lines)))
    rated_items.mark_settled(work, autobill)
    if net.is_negative:
        done.refunds += paid_ahead.give_back(work, autobill, found.paid, -net)
    return done


def carry_on(work: Work, settled: Settled) -> None:
    """Ask for the charge and book the outcome. A declined one stays owed. No transaction may be open."""
    if settled.intent is None:
        return
    key = settled.intent.request_key
    result = charging.ask(work, settled.intent)
    with work.writing():
        first = book(work, key, result)
        work.reach(FaultPoint.OUTCOME_WRITTEN)
    work.reach(FaultPoint.OUTCOME_COMMITTED)
    if not first:
        charging.return_late(work, key, result)


def book(work: Work, request_key: str, result: PaymentResult) -> bool:
    """Book the outcome of a charge, now, after a crash, or when the bank has answered; False if that was done."""
    attempt = work.uow.transactions.attempt(request_key)
    assert attempt is not None
    assert attempt.transaction_vid is not None
    transaction = transactions.locked(work, attempt.transaction_vid)
    assert transaction.autobill_vid is not None
    autobill = work.uow.autobills.lock(transaction.autobill_vid)
    assert autobill is not None
    if not charging.settle(work, request_key, result):
        return False
    charging.log_outcome(work, transaction, result, captured=True)
    if result.kind is OutcomeKind.APPROVED:
        paid = Money.of(transaction.amount, transaction.currency)
        autobill.subscription_balance -= paid.amount
        entry = ledger.balance_paid(transaction.payment_processor or "", autobill.vid, paid)
        books.post(work, entry, transaction)
        work.uow.events.enqueue("transactions", "attempt succeeded", transaction.vid, work.now)
    elif result.kind is OutcomeKind.DECLINED:
        work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
    work.uow.events.record_autobill(autobill.vid, "NON_RECURRING_TRANSACTION", work.now)
    return True


def _charges(work: Work, autobill: AutoBill) -> tuple[Line, ...]:
    """Charges and usage that were to go on the next bill, and the fee for leaving early; taxed like a bill."""
    assessor = taxing.of_autobill(work, autobill).assessor
    unbilled = (*projecting.added_charges(work, autobill), *projecting.unbilled_usage(work, autobill))
    charges = [charged_line(charge, assessor) for charge in unbilled]
    fee = _fee(work, autobill)
    if fee.is_positive:
        plan = autobill.billing_plan
        primary = projecting.primary_product(autobill, work.today)
        tax_class = plan.tax_classification or (primary.tax_classification if primary else None)
        charges.append(charged_line(Charge(FEE, fee.amount, tax_classification=tax_class), assessor))
    return tuple(charges)


def _fee(work: Work, autobill: AutoBill) -> Money:
    """By the merchant's cancelFeePolicy: all that the cycles still owed would charge, or the part of it by days."""
    currency, wanted = autobill.currency, autobill.minimum_commitment
    policy = work.settings.cancel_fee_policy
    if policy == rules.WAIVE or not wanted or completed_cycles(work, autobill) >= wanted:
        return Money.zero(currency)
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if _is_billed_cycle(one)]
    owed, last = Decimal(0), work.today
    for _, forecast in zip(range(wanted - len(billed)), forecasting.coming(work, autobill), strict=False):
        owed += sum((line.net for line in forecast.lines if _is_recurring(line)), Decimal(0))
        last = forecast.cycle.service_end
    begun = min((one.service_start for one in billed if one.service_start), default=None)
    first = begun or autobill.start_at.astimezone(work.zone).date()
    return rules.cancellation_fee(policy, Money.of(owed, currency), (first, last), work.today)


def _is_recurring(line: Line) -> bool:
    """Whether the line charges for the cycle itself: neither something added nor what was used."""
    return line.service_start is not None and line.units_used is None


def completed_cycles(work: Work, autobill: AutoBill) -> int:
    """How many cycles were billed and paid (billing-engine §13)."""
    billed = work.uow.invoices.of_autobill(autobill.vid, InvoiceState.PAID.value)
    return sum(1 for one in billed if _is_billed_cycle(one))


def _is_billed_cycle(invoice: Invoice) -> bool:
    return invoice.cycle is not None and invoice.billed_on is not None


def _closed(autobill: AutoBill, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines of a transaction or an invoice, with the summary of their taxes."""
    return numbered([*lines, tax_summary(lines, autobill.currency)])


def _count(work: Work, autobill: AutoBill, use: crediting.Use) -> None:
    """Credit is counted against the subscription balance."""
    use.grant.remaining -= use.amount
    owner = autobill if use.grant.autobill_vid is not None else None
    part = books.currency_part(use.grant, use.amount)
    books.log_credit(work, "Consumption", autobill.account, owner, [part])
    work.uow.events.record_autobill(autobill.vid, "CREDIT_OPERATION", work.now)
    amount = Money(use.amount, autobill.currency)
    books.post(work, ledger.credit_settled(autobill.vid, crediting.owner_of(use.grant), amount))
    autobill.subscription_balance -= use.amount


def _charge(work: Work, autobill: AutoBill, found: Settlement, done: Settled) -> None:
    """Ask for the net: a last invoice where the customer pays by hand, else credit and the payment method."""
    lines = _closed(autobill, found.lines)
    uses = crediting.planned(work, autobill, found.net)
    if paid_by_hand(autobill):
        _last_invoice(work, autobill, lines, uses)
        return
    owing.owe(work, autobill, lines)
    for use in uses:
        _count(work, autobill, use)
    owed = found.net - crediting.total(uses, found.currency)
    lines = with_settlements(lines, found.currency, (), [crediting.used_credit(use) for use in uses])
    method = autobill.payment_method
    if owed.is_zero:
        done.transactions.append(_without_money(work, autobill, lines))
    elif method is not None and chargeable_alone(method.type, method.details):
        processor = work.env.processors.for_type(method.type)
        transaction = _transaction(work, autobill, lines, owed, processor.wire_name)
        done.transactions.append(transaction)
        work.uow.flush()
        done.intent = charging.intend(
            work,
            purpose=PURPOSE,
            operation="authorize",
            method=method,
            amount=owed,
            transaction_vid=transaction.vid,
            reference=transaction.merchant_transaction_id,
            statement_identifier=transaction.billing_statement_identifier,
            capture=True,
            unattended=True,
        )


def _without_money(work: Work, autobill: AutoBill, lines: tuple[Line, ...]) -> Transaction:
    """A transaction of nothing that carries the lines (billing-engine §4.4)."""
    nothing = Money.zero(autobill.currency)
    transaction = _transaction(work, autobill, lines, nothing, collecting.INTERNAL)
    transactions.move(work, transaction, TransactionStatusType.CAPTURED, auth_code=collecting.ZERO_CODE)
    work.uow.events.record_autobill(autobill.vid, "NON_RECURRING_TRANSACTION", work.now)
    return transaction


def _transaction(
    work: Work, autobill: AutoBill, lines: tuple[Line, ...], amount: Money, processor: str
) -> Transaction:
    """A charge outside of the schedule: it repeats the latest billingPlanCycle (billing-engine §2)."""
    method = autobill.payment_method
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if _is_billed_cycle(one)]
    return transactions.create(
        work,
        transactions.Outline(
            kind=KIND,
            account=autobill.account,
            payment_method=method,
            payment_method_type=method.type if method is not None else schedule.MERCHANT_ACCEPTED,
            currency=amount.currency,
            amount=amount.amount,
            lines=lines,
            processor=processor,
            autobill=autobill,
            statement_identifier=collecting.statement_identifier(work, autobill),
            billing_plan_cycle=billed[-1].plan_cycle if billed else None,
            details=transactions.OrderDetails(source_ip=autobill.source_ip),
        ),
    )


def _last_invoice(
    work: Work, autobill: AutoBill, lines: tuple[Line, ...], uses: Sequence[crediting.Use]
) -> Invoice:
    """The customer who pays by hand gets the net as an invoice of its own, due at the usual terms."""
    currency = autobill.currency
    tax = exclusive_tax_of(lines, currency)
    number = autobill.next_invoice_number
    autobill.next_invoice_number = number + 1
    due = invoice_rules.due_on(work.today, paid_by_hand=True, terms=autobill.invoice_terms)
    invoice = Invoice(
        vid=new_vid(),
        account_vid=autobill.account_vid,
        autobill_vid=autobill.vid,
        number=number,
        invoice_id=invoice_rules.invoice_id(autobill.merchant_autobill_id, number),
        state=InvoiceState.DUE.value,
        by_hand=True,
        currency=currency,
        charges=charges_of(lines, currency) - tax,
        exclusive_tax=tax,
        credits_used=Decimal(0),
        allocated=Decimal(0),
        invoice_on=work.today,
        due_on=due,
        overdue_on=invoice_rules.overdue_from(due, paid_by_hand=True, first_failure_on=None),
        lines=lines,
        previous_balance=sum(
            (one.balance for one in work.uow.invoices.unpaid_of_autobill(autobill.vid)), Decimal(0)
        ),
        billed_on=work.today,
        billed_mark=new_row_id(),
        attempts=0,
        created_at=work.now,
        autobill=autobill,
    )
    work.uow.invoices.add(invoice)
    work.uow.flush()
    rated_items.mark_billed(work, invoice)
    contained = Money.of(inclusive_tax_of(lines, currency), currency)
    charges, added = Money.of(invoice.charges, currency), Money.of(tax, currency)
    books.post(work, ledger.invoice_billed(invoice.vid, charges, added, contained))
    crediting.reserve(uses)
    crediting.consume(work, autobill.account, autobill, invoice, uses)
    settlement.mark_paid(invoice)
    return invoice
