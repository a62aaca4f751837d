"""What MakePayment is asked and answers; members as its text names and orders them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from cashbox_service.dialects.body import Amount, Body, Day, Model, Number, Text, Whole64
from cashbox_service.domain.documents import DocumentKind


def _as_list(given: Any) -> Any:
    """In XML a list of one is that one."""
    return [given] if isinstance(given, dict) else given


class PayTransaction(Body):
    """What is paid: an order, proforma or invoice, or one line of it."""

    trans_id: Whole64 = Field(alias="TransID", description="Number of the order, proforma or invoice")
    sub_id: Whole64 | None = Field(None, alias="SubID", description="A line of it; 0 or absent: the whole")
    type: Text = Field(alias="Type", description="Order, Proforma or Invoice")
    amount: Number = Field(alias="Amount", description="What of the payment goes there")


class PayTransactions(Body):
    """What is paid, in this order."""

    pay_transaction: Annotated[list[PayTransaction], BeforeValidator(_as_list), Field(max_length=500)] = (
        Field(default_factory=list, alias="PayTransaction")
    )


class MakePaymentParams(Body):
    """A payment of a customer."""

    secrets: ClassVar[frozenset[str]] = frozenset({"apiKey", "SecurityKey"})

    api_key: Text = Field(alias="apiKey", description="The key of the merchant for this dialect")
    customer_id: Whole64 | None = Field(
        None, alias="CustomerID", description="Must be supplied if AccountNo is omitted"
    )
    account_no: Text | None = Field(
        None,
        alias="AccountNo",
        description="Must be supplied if CustomerID is omitted. Max length: 10",
        json_schema_extra={"maxLength": 10},
    )
    payment_type_id: Whole64 = Field(alias="PaymentTypeID", description="One of GET /api/v1/PaymentTypes")
    amount: Number = Field(alias="Amount", description="Amount paid by above method")
    transaction_id: Text | None = Field(
        None,
        alias="TransactionID",
        description="Unique transaction reference returned from payment provider. Max length: 255",
        json_schema_extra={"maxLength": 255},
    )
    auth_number: Text | None = Field(
        None,
        alias="AuthNumber",
        description="Payment authorisation number. Max length: 50",
        json_schema_extra={"maxLength": 50},
    )
    security_key: Text | None = Field(
        None,
        alias="SecurityKey",
        description="Payment security key. Max length: 50",
        json_schema_extra={"maxLength": 50},
    )
    vendor_tx_code: Text | None = Field(
        None,
        alias="VendorTXCode",
        description="Unique vendor transaction code of the payment. Max length: 50",
        json_schema_extra={"maxLength": 50},
    )
    pay_transactions: PayTransactions | None = Field(None, alias="PayTransactions")


class MakePaymentIssue(Model):
    """Something that is wrong with a payment."""

    id: int = Field(alias="ID")
    message: str = Field(alias="Message")
    extra_data: str = Field(alias="ExtraData")


class MakePaymentData(Model):
    """Whether the payment was booked, and why not."""

    ok: bool = Field(alias="OK")
    issues: list[MakePaymentIssue] = Field(default_factory=list, alias="MakePaymentIssues")


class MakePaymentResults(Model):
    """The answer of MakePayment."""

    data: MakePaymentData = Field(alias="MakePaymentDataData")


class KeyQuery(Body):
    """Who asks."""

    api_key: Text | None = Field(None, alias="apiKey")


class CustomerQuery(KeyQuery):
    """Who asks for which customer."""

    customer_id: Whole64 | None = Field(None, alias="CustomerID")
    account_no: Text | None = Field(None, alias="AccountNo")


class PaymentType(Model):
    """A way in which money is taken outside."""

    id: int = Field(alias="PaymentTypeID")
    name: str = Field(alias="Name")


class PaymentTypes(Model):
    """All payment types of the merchant."""

    payment_types: list[PaymentType] = Field(alias="PaymentTypes")


class DocumentLine(Body):
    """A line of a new order, proforma or invoice."""

    description: Text = Field(alias="Description", max_length=255)
    amount: Number = Field(alias="Amount")


class DocumentLines(Body):
    """The lines, in this order."""

    line: Annotated[list[DocumentLine], BeforeValidator(_as_list), Field(min_length=1, max_length=100)] = (
        Field(alias="Line")
    )


class TransactionParams(Body):
    """A new order, proforma or invoice of a customer."""

    secrets: ClassVar[frozenset[str]] = frozenset({"apiKey"})

    api_key: Text = Field(alias="apiKey")
    customer_id: Whole64 | None = Field(None, alias="CustomerID")
    account_no: Text | None = Field(None, alias="AccountNo")
    type: Text = Field(alias="Type")
    currency: Text | None = Field(None, alias="Currency")
    due_date: Day | None = Field(None, alias="DueDate")
    lines: DocumentLines = Field(alias="Lines")


class PayableTransaction(Model):
    """Something that can be paid, as a whole (SubID 0) or a line of it."""

    type: DocumentKind = Field(alias="Type")
    trans_id: int = Field(alias="TransID")
    sub_id: int = Field(alias="SubID")
    description: str = Field(alias="Description")
    amount: Amount = Field(alias="Amount")
    balance: Amount = Field(alias="Balance")
    currency: str = Field(alias="Currency")
    due_date: date = Field(alias="DueDate")
    invoice_id: str = Field(alias="InvoiceId")


class TransactionsResults(Model):
    """What of a customer can be paid, oldest first."""

    customer_id: int = Field(alias="CustomerID")
    account_no: str = Field(alias="AccountNo")
    transactions: list[PayableTransaction] = Field(alias="Transactions")


class Failure(Model):
    """Why a request was not understood."""

    message: str = Field(alias="Message")
