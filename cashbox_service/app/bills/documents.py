"""Making what is owed beside all AutoBills, and listing what of an account can be paid (dialects §2, §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cashbox_service.app.bills import issuing
from cashbox_service.app.context import Work
from cashbox_service.app.engine import projecting
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.domain.documents import DocumentKind, document_id, line_balance
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.lines import Charge, Line, charges_of, document_lines, is_ordinary_charge
from cashbox_service.domain.money import quantise
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, Invoice

_SERIES = "document id"


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """What is to be owed. Without charges it is a header that gets them later (CheckOut makes them one by one)."""

    kind: DocumentKind
    currency: str
    charges: Sequence[Charge] = ()
    due_on: date | None = None
    particulars: Mapping[str, Any] = field(default_factory=dict)


def prepare(work: Work) -> None:
    """Have a number at hand; to be called before the transaction that makes a document."""
    work.env.numbers.top_up(work.merchant.vid, _SERIES, at_least=1)
    public_names.prepare(work, NameKind.DOCUMENT)


def make(work: Work, account: Account, draft: DocumentDraft) -> Invoice:
    """A new document of the account, which the caller has locked; an invoice with charges is due at once."""
    number = work.env.numbers.next(work.merchant.vid, _SERIES)
    invoice = Invoice(
        vid=new_vid(),
        account_vid=account.vid,
        account=account,
        autobill_vid=None,
        autobill=None,
        document=draft.kind.value,
        number=number,
        invoice_id=document_id(draft.kind, number),
        state=InvoiceState.OPEN.value,
        by_hand=True,
        currency=draft.currency,
        charges=Decimal(0),
        exclusive_tax=Decimal(0),
        credits_used=Decimal(0),
        allocated=Decimal(0),
        invoice_on=work.today,
        due_on=draft.due_on or work.today,
        lines=(),
        previous_balance=Decimal(0),
        particulars=dict(draft.particulars),
        created_at=work.now,
    )
    work.uow.invoices.add(invoice)
    if draft.charges:
        charge(work, invoice, draft.charges)
    return invoice


def charge(work: Work, invoice: Invoice, charges: Sequence[Charge]) -> None:
    """Put charges on an Open document; an invoice is due from then on."""
    assert invoice.state == InvoiceState.OPEN
    invoice.lines = document_lines(charges, invoice.currency)
    invoice.charges = charges_of(invoice.lines, invoice.currency)
    assert invoice.document is not None
    if DocumentKind(invoice.document).is_due_at_once:
        issuing.issue(work, invoice)


@dataclass(frozen=True, slots=True)
class Payable:
    """Something that can be paid: a document or an AutoBill's invoice as a whole, or (``line`` > 0) a line of it."""

    kind: DocumentKind
    number: int
    line: int
    name: str
    amount: Decimal
    balance: Decimal
    invoice: Invoice


def kind_of(invoice: Invoice) -> DocumentKind:
    """An AutoBill's invoice for a coming cycle announces what will be charged, as a proforma does."""
    if invoice.document is not None:
        return DocumentKind(invoice.document)
    return DocumentKind.PROFORMA if invoice.state == InvoiceState.OPEN else DocumentKind.INVOICE


def payable_of(work: Work, account: Account) -> list[Payable]:
    """What of the account can be paid, oldest first, each as a whole and then by its lines."""
    invoices = [one for one in work.uow.invoices.accepting(account.vid) if total_of(work, one)]
    numbers = public_names.numbers(work, NameKind.DOCUMENT, [invoice.vid for invoice in invoices])
    return [found for one in invoices for found in _payable(work, one, int(numbers[one.vid]))]


def total_of(work: Work, invoice: Invoice) -> Decimal:
    """What it charges in all; of a coming cycle by the prices of today."""
    return charges_of(projecting.lines_now(work, invoice), invoice.currency)


def balance_of_line(work: Work, invoice: Invoice, line: Line) -> Decimal:
    """What of a line is still to be paid."""
    assert line.index_number is not None
    paid = work.uow.invoices.paid_on_line(invoice.vid, line.index_number)
    left = line_balance(line.total, paid, projecting.balance_now(work, invoice))
    return quantise(left, invoice.currency)


def line_numbered(work: Work, invoice: Invoice, number: int) -> Line | None:
    """The line of that number that charges something."""
    lines = projecting.lines_now(work, invoice)
    return next((one for one in lines if one.index_number == number and is_ordinary_charge(one)), None)


def _payable(work: Work, invoice: Invoice, number: int) -> list[Payable]:
    kind = kind_of(invoice)
    whole = Payable(
        kind,
        number,
        0,
        invoice.invoice_id,
        total_of(work, invoice),
        quantise(projecting.balance_now(work, invoice), invoice.currency),
        invoice,
    )
    lines = [
        line for line in projecting.lines_now(work, invoice) if is_ordinary_charge(line) and line.total > 0
    ]
    return [
        whole,
        *(
            Payable(
                kind,
                number,
                line.index_number or 0,
                line.name,
                quantise(line.total, invoice.currency),
                balance_of_line(work, invoice, line),
                invoice,
            )
            for line in lines
        ),
    ]
