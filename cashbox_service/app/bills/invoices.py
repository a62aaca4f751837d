"""Invoices as callers see them: their numbers, their text, and giving one up (autobill §6.28 – §6.30)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.bills import rendering
from cashbox_service.app.bills.rendering import Facts, Form, Wish
from cashbox_service.app.collection import settlement
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import projecting, standing
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.domain import ledger
from cashbox_service.domain.errors import IllegalState, InvalidValue, InvoiceNotFound, MissingField
from cashbox_service.domain.invoice import UNPAID, InvoiceEvent, InvoiceState, transition
from cashbox_service.domain.lines import Line, exclusive_tax_of, is_ordinary_charge
from cashbox_service.domain.money import Money
from cashbox_service.domain.statement import (
    Reminder,
    StatementCharge,
    StatementContent,
    StatementEntry,
    Wording,
)
from cashbox_service.store.entities import Account, Allocation, AutoBill, Invoice, Transaction


def numbers(work: Work, reference: Reference, state: str | None) -> list[str]:
    """Invoice ids of the AutoBill, oldest first. Raises MissingField, AutoBillNotFound, InvalidValue."""
    autobill = autobill_lookup.resolve(work, reference)
    wanted = InvoiceState.parse(state).value if state else None
    return [invoice.invoice_id for invoice in work.uow.invoices.of_autobill(autobill.vid, wanted)]


def write_off(work: Work, reference: Reference, invoice_id: str | None) -> None:
    """Give up a debt (autobill §6.30). Raises MissingField, AutoBillNotFound, InvoiceNotFound, IllegalState."""
    found = autobill_lookup.resolve(work, reference)
    with work.writing():
        accounts.lock(work, found.account_vid)
        invoice = _invoice(work, found, invoice_id)
        state = InvoiceState(invoice.state)
        balance = Money.of(invoice.balance, invoice.currency)
        changed = transition(invoice.invoice_id, state, InvoiceEvent.WRITE_OFF, balance=balance)
        if changed is state:
            return
        if not balance.is_positive:
            raise IllegalState("Invoice", invoice.invoice_id, state.value)
        invoice.state = changed.value
        books.post(work, ledger.invoice_written_off(invoice.vid, balance))
        assert invoice.autobill is not None
        standing.after_payment(work, invoice.autobill)


def render(
    work: Work,
    reference: Reference,
    invoice_id: str | None,
    *,
    as_pdf: bool,
    dunning_index: int | None,
    template_id: str | None = None,
    language: str | None = None,
) -> bytes:
    """The invoice as UTF-8 text or PDF (autobill §6.28).

    Raises MissingField, AutoBillNotFound, InvoiceNotFound, InvalidValue for a reminder that was not sent.
    """
    autobill = autobill_lookup.resolve(work, reference)
    invoice = _invoice(work, autobill, invoice_id)
    return document(
        work,
        invoice,
        Form.PDF if as_pdf else Form.TEXT,
        dunning_index=dunning_index,
        template_id=template_id,
        language=language,
    )


def document(
    work: Work,
    invoice: Invoice,
    form: Form,
    *,
    dunning_index: int | None = None,
    template_id: str | None = None,
    language: str | None = None,
) -> bytes:
    """The invoice of an AutoBill in any form, for its customer unless a language is named.

    Raises InvalidValue for a reminder that was not sent.
    """
    autobill = invoice.autobill
    assert autobill is not None
    reminder = None
    if dunning_index:
        _check_reminder(work, invoice, dunning_index)
        reminder = Reminder(dunning_index, Money.of(invoice.balance, invoice.currency))
    ids = (template_id,) if template_id else (autobill.statement_template_id,)
    wish = Wish(form, language or autobill.account.preferred_language, tuple(one for one in ids if one))
    content = _content(work, autobill, invoice, rendering.wording_of(form, wish.language))
    return rendering.document(work, wish, content, _facts(autobill, invoice), reminder)


def _invoice(work: Work, autobill: AutoBill, invoice_id: str | None) -> Invoice:
    if not invoice_id:
        raise MissingField("invoiceId")
    invoice = work.uow.invoices.numbered(autobill.vid, invoice_id)
    if invoice is None:
        raise InvoiceNotFound("invoiceId", invoice_id)
    return invoice


def _check_reminder(work: Work, invoice: Invoice, index: int) -> None:
    """Reminders go out on the merchant's dunning days after the due date while the invoice is unpaid."""
    days = work.settings.dunning_days
    sent = (
        1 <= index <= len(days)
        and InvoiceState(invoice.state) is InvoiceState.OVERDUE
        and (work.today - invoice.due_on).days >= days[index - 1]
    )
    if not sent:
        raise InvalidValue("dunningIndex", index, "names a reminder that has not been sent")


def _facts(autobill: AutoBill, invoice: Invoice) -> Facts:
    return Facts(
        state=invoice.state,
        account_id=autobill.account.merchant_account_id,
        autobill_id=autobill.merchant_autobill_id,
        autobill_name=autobill.customer_autobill_name or "",
        email=autobill.account.email_address or "",
    )


def _content(work: Work, autobill: AutoBill, invoice: Invoice, words: Wording) -> StatementContent:
    account = autobill.account
    lines = projecting.lines_now(work, invoice)
    earlier = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.number < invoice.number]
    return StatementContent(
        company=work.merchant.name,
        invoice_id=invoice.invoice_id,
        date=invoice.invoice_on,
        customer=_customer(account),
        previous_balance=_previous_balance(earlier, invoice),
        payments=tuple(
            StatementEntry(f"{words.payment} {transaction.merchant_transaction_id}", allocation.amount)
            for allocation, transaction in _payments(work, earlier, invoice)
        ),
        charges=tuple(_charge(line) for line in lines if is_ordinary_charge(line)),
        credits=credits_on(work, invoice, words.credit),
        tax=exclusive_tax_of(lines, invoice.currency),
        pay_by=invoice.due_on,
        currency=invoice.currency,
    )


def _previous_balance(earlier: Sequence[Invoice], invoice: Invoice) -> Decimal:
    """What earlier invoices owed on this one's date, or owe now while its date has not come."""
    if invoice.billed_on is not None:
        return invoice.previous_balance
    return sum((one.balance for one in earlier if InvoiceState(one.state) in UNPAID), Decimal(0))


def _payments(
    work: Work, earlier: Sequence[Invoice], invoice: Invoice
) -> list[tuple[Allocation, Transaction]]:
    """Payments on this invoice, and those on earlier ones since it was billed, in order of booking."""
    found = list(settlement.standing_payments(work, invoice))
    mark = invoice.billed_mark
    if mark is not None:
        since = (entry for one in earlier for entry in settlement.standing_payments(work, one))
        found += [(allocation, transaction) for allocation, transaction in since if allocation.row_id > mark]
    return sorted(found, key=lambda entry: entry[0].row_id)


def _charge(line: Line) -> StatementCharge:
    return StatementCharge(
        sku=line.sku or "",
        name=line.name,
        quantity=line.shown_quantity,
        amount=line.net,
    )


def credits_on(work: Work, invoice: Invoice, unnamed: str = "Credit") -> tuple[StatementEntry, ...]:
    """The credit that an invoice used; ``unnamed`` is what credit without reason and description is called."""
    return tuple(
        StatementEntry(part.reason or part.description or unnamed, part.amount)
        for event in work.uow.invoices.credit_events_on(invoice.vid)
        for part in event.parts
        if event.type == "Consumption" and part.amount is not None
    )


def _customer(account: Account) -> tuple[str, ...]:
    """Name and address as they stand on the invoice, one line each."""
    address = account.shipping_address
    lines: Sequence[str | None] = [account.company, account.name]
    if address is not None:
        town = " ".join(part for part in (address.city, address.district, address.postal_code) if part)
        lines = [*lines, address.addr1, address.addr2, address.addr3, town, address.country]
    return tuple(line for line in lines if line)
