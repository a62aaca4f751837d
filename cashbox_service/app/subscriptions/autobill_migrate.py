"""AutoBill.migrate: a subscription that another system has billed so far, with its history (autobill §6.36).

Nothing is sent to a processor and nobody is told. What was paid elsewhere is not in the ledger: invoices of migrated
cycles are Paid with what their transactions say. Only what a customer who pays by hand still owes becomes a debt here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from cashbox_service.app import books
from cashbox_service.app.bills import origins
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.engine import entitling, invoicing, projecting, schedule, standing
from cashbox_service.app.engine.collecting import cycle_names
from cashbox_service.app.engine.schedule import paid_by_hand
from cashbox_service.app.offers import products
from cashbox_service.app.sales import migrating, recording
from cashbox_service.app.sales.migration_drafts import MigrationTransactionDraft
from cashbox_service.app.sales.recording import MIGRATED, Told
from cashbox_service.app.subscriptions import activating, autobill_build, autobill_update, cancel_reasons
from cashbox_service.app.subscriptions.drafts import AutoBillDraft
from cashbox_service.app.taxes import taxing
from cashbox_service.domain import autobill_state, ledger
from cashbox_service.domain import invoice as invoice_rules
from cashbox_service.domain import migrated_cycles as rules
from cashbox_service.domain.autobill_state import AutoBillEvent
from cashbox_service.domain.calendar import end_of_day, midnight
from cashbox_service.domain.errors import (
    BillingPlanNotFound,
    Duplicate,
    InvalidRequest,
    InvalidValue,
    MissingField,
    ProductNotFound,
)
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.lines import Line, charges_of, exclusive_tax_of, inclusive_tax_of
from cashbox_service.domain.migrated_cycles import MigratedAttempt
from cashbox_service.domain.money import Money
from cashbox_service.domain.schedule import Cycle
from cashbox_service.ids import new_row_id, new_vid
from cashbox_service.store.entities import AutoBill, Invoice, Transaction

NON_RECURRING: Final = "NonRecurring"


@dataclass(frozen=True, slots=True)
class Migration:
    """A subscription to be taken over. It is over without ``next_period``, and cancelled for a ``reason_code``."""

    autobill: AutoBillDraft | None
    next_period: datetime | None = None
    transactions: tuple[MigrationTransactionDraft, ...] = ()
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class _Past:
    """A stored transaction of the other system, and which cycle it tried to bill; None for one outside of them."""

    transaction: Transaction
    attempt: MigratedAttempt | None


def migrate(work: Work, migration: Migration) -> AutoBill:
    """Take an AutoBill over; of one that is here already only transactions are added.

    Raises MissingField, InvalidRequest and its kinds, NotFound and its kinds.
    """
    draft = migration.autobill
    if draft is None:
        raise MissingField("autobill")
    attempts = [_attempt(one) for one in migration.transactions]
    told = [one for one in attempts if one is not None]
    rules.check_paid_once(told)

    def migrated() -> AutoBill:
        with work.writing(numbers=len(migration.transactions)):
            work.uow.events.mention_nothing()
            existing = autobill_update.find(work, draft)
            if existing is not None:
                accounts.lock(work, existing.account_vid)
                autobill = work.uow.autobills.lock(existing.vid)
                assert autobill is not None
                _check_unpaid_yet(work, autobill, told)
                _put_transactions(work, autobill, migration.transactions, attempts)
            else:
                autobill = _take_over(work, draft, migration, attempts)
            work.uow.events.record_autobill(autobill.vid, "MIGRATION", work.now)
            work.uow.flush()
        return autobill

    return starting_over(migrated)


def _attempt(draft: MigrationTransactionDraft) -> MigratedAttempt | None:
    if draft.type == NON_RECURRING:
        return None
    status = draft.status_log[0].status if draft.status_log else None
    if status is None:
        raise MissingField("migrationTransactions.statusLog")
    return rules.checked(draft.auto_bill_cycle, draft.billing_plan_cycle, status)


def _take_over(
    work: Work, draft: AutoBillDraft, migration: Migration, attempts: Sequence[MigratedAttempt | None]
) -> AutoBill:
    _check_catalog(work, draft)
    reason = cancel_reasons.checked(work, migration.reason_code)
    autobill = autobill_build.rows(work, draft)
    if activating.needs_customer(autobill.payment_method):
        raise InvalidRequest("The payment method has no billing agreement.")
    told = [one for one in attempts if one is not None]
    autobill.plan_cycle_offset = rules.offset(told)
    following = _next_index(work, autobill, migration, told)
    past = _put_transactions(work, autobill, migration.transactions, attempts)
    _put_invoices(work, autobill, past, following)
    _count_items(work, autobill, following)
    if migration.next_period is None:
        _end(work, autobill, reason if migration.reason_code else None)
    else:
        _go_on(work, autobill, following, is_paid=any(one.is_paid for one in told))
    _shorten(work, autobill)
    return autobill


def _check_catalog(work: Work, draft: AutoBillDraft) -> None:
    """Raises BillingPlanNotFound, ProductNotFound: neither is made on the way."""
    plan = draft.billing_plan
    if plan is not None:
        known = (
            work.uow.catalog.plan_by_vid(plan.vid)
            if plan.vid is not None
            else work.uow.catalog.plan_by_merchant_id(plan.merchant_billing_plan_id or "")
        )
        if known is None:
            raise BillingPlanNotFound(
                "merchantBillingPlanId", plan.vid or plan.merchant_billing_plan_id or ""
            )
    for item in draft.items:
        product = item.product
        if product is not None and products.find(work, product) is None:
            raise ProductNotFound("sku", product.merchant_product_id or "")


def _next_index(work: Work, autobill: AutoBill, migration: Migration, told: Sequence[MigratedAttempt]) -> int:
    """The cycle that comes next, and the schedule brought to the day on which it is due."""
    day = migration.next_period.astimezone(work.zone).date() if migration.next_period is not None else None
    if day is not None and day < autobill.start_at.astimezone(work.zone).date():
        raise InvalidValue("nextPeriodStartDate", day.isoformat(), "lies before startTimestamp")
    terms = schedule.terms_of(work, autobill)
    index = rules.next_index(told, terms, day or work.today, by_hand=paid_by_hand(autobill))
    if day is not None:
        move = rules.move_to(terms, index, day)
        autobill.moves = (move,) if move is not None else ()
    return index


def _put_transactions(
    work: Work,
    autobill: AutoBill,
    drafts: Sequence[MigrationTransactionDraft],
    attempts: Sequence[MigratedAttempt | None],
) -> list[_Past]:
    pairs = zip(drafts, attempts, strict=True)
    return [_Past(_put_transaction(work, autobill, draft, attempt), attempt) for draft, attempt in pairs]


def _put_transaction(
    work: Work, autobill: AutoBill, draft: MigrationTransactionDraft, attempt: MigratedAttempt | None
) -> Transaction:
    """A transaction of the AutoBill's account, whatever account it names. Its id must be new."""
    own_id = draft.merchant_transaction_id
    if own_id and work.uow.transactions.by_merchant_id(own_id) is not None:
        raise Duplicate("merchantTransactionId", own_id)
    if attempt is not None and not draft.merchant_billing_plan_id:
        raise MissingField("migrationTransactions.merchantBillingPlanId")
    plan_id = draft.merchant_billing_plan_id
    if plan_id and work.uow.catalog.plan_by_merchant_id(plan_id) is None:
        raise BillingPlanNotFound("merchantBillingPlanId", plan_id)
    migrating.check_type(work, draft)
    sale = migrating.as_sale(replace(draft, account=AccountDraft(vid=autobill.account_vid)))
    transaction = recording.put(
        work,
        Told(
            sale,
            MIGRATED,
            inclusive=bool(draft.tax_inclusive),
            exact=bool(sale.transaction_items),
            sales_tax_address=draft.sales_tax_address,
        ),
    )
    transaction.autobill_vid, transaction.autobill = autobill.vid, autobill
    if attempt is not None:
        transaction.autobill_cycle, transaction.billing_plan_cycle = attempt.cycle, attempt.plan_cycle
        transaction.retry_number = draft.retry_number or 0
    work.uow.flush()
    return transaction


def _check_unpaid_yet(work: Work, autobill: AutoBill, told: Sequence[MigratedAttempt]) -> None:
    """Raises InvalidValue for a cycle that is paid already."""
    known = [
        MigratedAttempt(one.autobill_cycle, one.billing_plan_cycle or 0, one.status)
        for one in work.uow.transactions.of_autobill(autobill.vid)
        if one.autobill_cycle is not None
    ]
    rules.check_paid_once([*known, *told])


def _put_invoices(work: Work, autobill: AutoBill, past: Sequence[_Past], following: int) -> None:
    """A Paid invoice for every paid cycle; where the customer pays by hand, one for every other cycle since."""
    by_hand = paid_by_hand(autobill)
    paid = {one.attempt.cycle: one.transaction for one in past if one.attempt and one.attempt.is_paid}
    first = min((one.attempt.cycle for one in past if one.attempt), default=autobill.plan_cycle_offset)
    planned = {at.index: at for at in rules.past_cycles(schedule.terms_of(work, autobill), first, following)}
    for index in range(first, following):
        at, transaction = planned.get(index), paid.get(index)
        if transaction is not None:
            _paid_invoice(work, autobill, index, at, transaction)
        elif by_hand and at is not None:
            _owed_invoice(work, autobill, at)
    autobill.next_invoice_number = following
    work.uow.flush()


def _paid_invoice(
    work: Work, autobill: AutoBill, index: int, at: Cycle | None, transaction: Transaction
) -> None:
    day = at.service_start if at is not None else transaction.happened_at.astimezone(work.zone).date()
    if at is not None:
        transaction.lines = tuple([_served(line, at) for line in transaction.lines])
    invoice = _invoice(autobill, index, at, transaction.lines)
    invoice.state, invoice.currency = InvoiceState.PAID.value, transaction.currency
    invoice.invoice_on = invoice.due_on = invoice.billed_on = day
    invoice.created_at, invoice.billed_mark, invoice.attempts = work.now, new_row_id(), 1
    tax = exclusive_tax_of(transaction.lines, transaction.currency)
    invoice.exclusive_tax, invoice.charges = tax, transaction.amount - tax
    work.uow.invoices.add(invoice)
    work.uow.flush()
    books.allocate(work, transaction, invoice, transaction.amount, 0)
    transaction.invoice_vid = invoice.vid
    transaction.original_activity_at = midnight(day, work.zone)
    names = cycle_names(autobill, invoice, transaction.retry_number or 0)
    transaction.name_values = (*transaction.name_values, *names)


def _served(line: Line, at: Cycle) -> Line:
    """A line without days of its own serves those of its cycle."""
    return replace(
        line,
        service_start=line.service_start or at.service_start,
        service_end=line.service_end or at.service_end,
    )


def _owed_invoice(work: Work, autobill: AutoBill, at: Cycle) -> None:
    """A period that nobody paid: owed from now on in our books as well, by the prices of today.

    A code that is redeemed now reduces the bills to come.
    """
    assessor = taxing.of_autobill(work, autobill).assessor
    lines = projecting.charges(work, autobill, at, assessor, added=(), discounts=())
    invoice, currency = _invoice(autobill, at.index, at, lines), autobill.currency
    tax, total = exclusive_tax_of(lines, currency), charges_of(lines, currency)
    invoice.currency, invoice.exclusive_tax, invoice.charges = currency, tax, total - tax
    invoice.origin = origins.of_cycle(work, autobill, at, lines)
    invoice.invoice_on = invoice.billed_on = at.billing_date
    invoice.due_on = invoice_rules.due_on(at.billing_date, paid_by_hand=True, terms=autobill.invoice_terms)
    invoice.overdue_on = invoice_rules.overdue_from(invoice.due_on, paid_by_hand=True, first_failure_on=None)
    invoice.created_at, invoice.billed_mark, invoice.attempts = work.now, new_row_id(), 0
    balance = Money.of(invoice.charges + tax, currency)
    state = invoice_rules.state_on(
        work.today, invoice_on=invoice.invoice_on, overdue_on=invoice.overdue_on, balance=balance
    )
    invoice.state = state.value
    work.uow.invoices.add(invoice)
    contained = Money.of(inclusive_tax_of(lines, currency), currency)
    charges, added = Money.of(invoice.charges, currency), Money.of(tax, currency)
    books.post(work, ledger.invoice_billed(invoice.vid, charges, added, contained))


def _invoice(autobill: AutoBill, index: int, at: Cycle | None, lines: Sequence[Line]) -> Invoice:
    return Invoice(
        vid=new_vid(),
        account_vid=autobill.account_vid,
        autobill_vid=autobill.vid,
        number=index,
        invoice_id=invoice_rules.invoice_id(autobill.merchant_autobill_id, index),
        cycle=index,
        plan_cycle=at.plan_cycle if at is not None else None,
        free=at.free if at is not None else False,
        by_hand=paid_by_hand(autobill),
        service_start=at.service_start if at is not None else None,
        service_end=at.service_end if at is not None else None,
        lines=tuple(lines),
        credits_used=Decimal(0),
        allocated=Decimal(0),
        previous_balance=Decimal(0),
        autobill=autobill,
    )


def _count_items(work: Work, autobill: AutoBill, following: int) -> None:
    """Items that are billed a number of times were billed with the cycles that are over."""
    past = rules.past_cycles(schedule.terms_of(work, autobill), 0, following)
    for item in autobill.items:
        timing = projecting.timing(work, autobill, item)
        for at in past:
            if timing.is_billed(at.service_start):
                timing = timing.after_billing(at.service_end)
        item.cycles_billed, item.removed_on = timing.cycles_billed, timing.removed_on


def _go_on(work: Work, autobill: AutoBill, following: int, *, is_paid: bool) -> None:
    """It is billed here from now on; where nothing was ever paid, it waits for its first billing."""
    invoicing.open_invoice(work, autobill, following)
    work.uow.flush()
    owes = bool(work.uow.invoices.unpaid_of_autobill(autobill.vid))
    if not (is_paid or owes):
        return
    before = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on is not None]
    good = autobill_state.after_billing(standing.of(autobill), free=bool(before) and before[-1].free)
    if standing.overdue_by_hand(work, autobill):
        good = autobill_state.after(good, AutoBillEvent.INVOICE_OVERDUE)
    standing.change(work, autobill, good)
    standing.expect_end(work, autobill)
    entitling.refresh(work, autobill)


def _end(work: Work, autobill: AutoBill, reason_code: str | None) -> None:
    """It is over: cancelled for a reason, or expired with the last period that was paid."""
    was = standing.of(autobill)
    if reason_code is not None:
        standing.change(work, autobill, autobill_state.after(was, AutoBillEvent.CANCELLED_AT_ONCE))
        autobill.cancel_reason_code = reason_code
    else:
        billed = autobill_state.after(was, AutoBillEvent.BILLED)
        standing.change(work, autobill, autobill_state.after(billed, AutoBillEvent.PLAN_ENDED))
    served = [
        end
        for one in work.uow.invoices.of_autobill(autobill.vid, InvoiceState.PAID.value)
        if (end := schedule.service_end(work, autobill, one)) is not None
    ]
    last = max(served, default=autobill.start_at.astimezone(work.zone).date())
    autobill.disentitled_at = min(end_of_day(last, work.zone), work.now)
    autobill.next_cycle = autobill.next_billing_on = None
    for item in autobill.items:
        item.removed_on = min(item.removed_on or work.today, work.today)
    entitling.refresh(work, autobill)


def _shorten(work: Work, autobill: AutoBill) -> None:
    """Entitlements run from the last period that was paid: what lies before it was another system's."""
    paid = work.uow.invoices.of_autobill(autobill.vid, InvoiceState.PAID.value)
    begins = paid[-1].service_start if paid else None
    if begins is None:
        return
    work.uow.flush()
    for entry in work.uow.entitlements.of_autobill(autobill.vid):
        entry.start_at = max(entry.start_at, midnight(begins, work.zone))
