"""From the members of MakePayment to the use cases, and back."""

from __future__ import annotations

from cashbox_service.app.bills import documents
from cashbox_service.app.bills.documents import DocumentDraft, Payable
from cashbox_service.app.context import Work
from cashbox_service.app.counter import outside_payments
from cashbox_service.app.counter.outside_payments import OutsidePart, OutsidePayment
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.dialects.makepayment import errors
from cashbox_service.dialects.makepayment.schema import (
    MakePaymentIssue,
    MakePaymentParams,
    PayableTransaction,
    PaymentType,
    PaymentTypes,
    TransactionParams,
    TransactionsResults,
)
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.documents import DocumentKind
from cashbox_service.domain.lines import Charge
from cashbox_service.store.entities import Account

LONGEST = {"AccountNo": 10, "TransactionID": 255, "AuthNumber": 50, "SecurityKey": 50, "VendorTXCode": 50}
"""Most characters of each member that has a limit."""


def too_long(params: MakePaymentParams) -> list[MakePaymentIssue]:
    """An issue for each member that is longer than the text says."""
    given = params.model_dump(by_alias=True)
    return [
        errors.too_long(name, longest)
        for name, longest in LONGEST.items()
        if given[name] is not None and len(given[name]) > longest
    ]


def payment_of(params: MakePaymentParams) -> OutsidePayment:
    """The payment as the use case takes it."""
    given = {
        "TransactionID": params.transaction_id,
        "AuthNumber": params.auth_number,
        "VendorTXCode": params.vendor_tx_code,
    }
    parts = params.pay_transactions.pay_transaction if params.pay_transactions is not None else []
    return OutsidePayment(
        customer_number=params.customer_id,
        merchant_account_id=params.account_no or None,
        payment_type=params.payment_type_id,
        amount=params.amount,
        references={name: text for name, text in given.items() if text},
        security_key=params.security_key,
        parts=tuple(
            OutsidePart(part.type, part.trans_id, part.sub_id or 0, part.amount, f"PayTransaction[{index}]")
            for index, part in enumerate(parts)
        ),
    )


def payment_types(work: Work) -> PaymentTypes:
    names = sorted(work.settings.payment_type_names.items())
    return PaymentTypes(payment_types=[PaymentType(id=number, name=name) for number, name in names])


def check_customer(customer_id: int | None, account_no: str | None) -> None:
    """Raises `Refusal` (400) when neither names a customer."""
    if customer_id is None and not account_no:
        raise Refusal(400, "CustomerID or AccountNo is required.", "CustomerID")


def transactions_of(work: Work, account: Account) -> TransactionsResults:
    """What of the account can be paid."""
    number = public_names.numbers(work, NameKind.CUSTOMER, [account.vid])[account.vid]
    return TransactionsResults(
        customer_id=int(number),
        account_no=account.merchant_account_id,
        transactions=[_payable(found) for found in documents.payable_of(work, account)],
    )


def draft_of(params: TransactionParams, currency: str) -> DocumentDraft:
    """The document to be made. Raises InvalidValue for a kind or an amount that there is not."""
    kind = DocumentKind.parse("Type", params.type)
    for index, line in enumerate(params.lines.line):
        problem = outside_payments.wrong_amount(f"Lines.Line[{index}].Amount", line.amount, currency)
        if problem is not None:
            raise problem
    return DocumentDraft(
        kind,
        currency,
        [Charge(name=line.description, price=line.amount) for line in params.lines.line],
        params.due_date,
    )


def _payable(found: Payable) -> PayableTransaction:
    return PayableTransaction(
        type=found.kind,
        trans_id=found.number,
        sub_id=found.line,
        description=found.name,
        amount=found.amount,
        balance=found.balance,
        currency=found.invoice.currency,
        due_date=found.invoice.due_on,
        invoice_id=found.invoice.invoice_id,
    )
