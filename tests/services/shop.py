"""A small shop for tests: builders that make one object each through the client, and readers of what became of it.

    bill = shop.subscribe(client, shop.card())          a monthly AutoBill of 10.00, paid by card
    shop.states(client, bill.autobill)                  {"…-00000000": "Paid", "…-00000001": "Open"}

Every builder takes the fields of its CashBox type as further keywords and makes up the ids that are not given.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.soap_client import ServiceClient

Client = Callable[[str], ServiceClient]

CARD = "4111111111111111"
OTHER_CARD = "5454541111111111"
SOFT_DECLINED = "6011555555555553"
HARD_DECLINED = "4555555555555550"
AVS_NO_MATCH = "4916654211627608"
EXPIRY = "203812"

INVOICE_STATES = ("Open", "Due", "Paid", "Overdue", "Written Off", "Closed")

_TOTAL_DUE = re.compile(r"^Total Amount Due:\s+(-?[\d.]+)$", re.MULTILINE)


def new_id(kind: str) -> str:
    """An id nobody used before."""
    return f"{kind}-{secrets.token_hex(5)}"


def product(client: Client, price: str | None = "10.00", *, currency: str = "USD", **fields: Any) -> Any:
    """A product; without ``price`` it costs nothing of its own."""
    given: dict[str, Any] = {
        "merchantProductId": new_id("sku"),
        "descriptions": [{"language": "EN", "description": "Magazine"}],
        "prices": [{"amount": price, "currency": currency}] if price is not None else [],
    }
    return client("Product").update(product=given | fields).product


def month(price: str | None = None, **fields: Any) -> dict[str, Any]:
    """A monthly plan period; without end, and without a price of its own, unless told otherwise."""
    given: dict[str, Any] = {"type": "Month", "quantity": 1, "cycles": 0}
    if price is not None:
        given["prices"] = [{"amount": price, "currency": "USD"}]
    return given | fields


def plan(client: Client, *periods: Mapping[str, Any], **fields: Any) -> Any:
    """A billing plan of these periods; monthly, without end and price, when none is given."""
    given = {
        "merchantBillingPlanId": new_id("plan"),
        "description": "Monthly",
        "periods": [dict(period) for period in periods] or [month()],
    }
    return client("BillingPlan").update(billingPlan=given | fields).billingPlan


def account(client: Client, **fields: Any) -> Any:
    """An account without payment methods."""
    given = {"merchantAccountId": new_id("account"), "name": "Ada Reader", "emailAddress": "ada@example.org"}
    return client("Account").update(account=given | fields).account


def address(country: str = "US", district: str | None = "CA", city: str = "Redwood City") -> dict[str, Any]:
    """Where somebody lives."""
    return {
        "addr1": "303 Twin Dolphin Drive",
        "city": city,
        "district": district,
        "postalCode": "94065",
        "country": country,
    }


def card(number: str = CARD, expiry: str = EXPIRY, **fields: Any) -> dict[str, Any]:
    """A credit card as a payment method that was not stored before."""
    return {"type": "CreditCard", "creditCard": {"account": number, "expirationDate": expiry}} | fields


def bank_account(number: str = "123456789", **fields: Any) -> dict[str, Any]:
    """An electronic cheque; a number that ends in 9999 is returned by the bank."""
    details = {"account": number, "routingNumber": "110000000", "accountType": "ConsumerChecking"}
    return {"type": "ECP", "ecp": details} | fields


def paypal(agreement: str | None = "B-12345", **fields: Any) -> dict[str, Any]:
    """A PayPal account, with the billing agreement that lets it be charged."""
    details = {"paypalEmail": f"{new_id('payer')}@example.org", "referenceId": agreement}
    return {"type": "PayPal", "paypal": details} | fields


def invoiced(**details: Any) -> dict[str, Any]:
    """The payment method of an AutoBill that is paid by hand."""
    return {"type": "MerchantAcceptedPayment", "merchantAcceptedPayment": {"paymentType": "Cheque"} | details}


def cheque(payment_id: str | None = None, *, amount: str | None = None, **fields: Any) -> dict[str, Any]:
    """A cheque that came in: a payment method for one makePayment."""
    payment_id = payment_id or new_id("cheque")
    details = {"paymentType": "Cheque", "paymentId": payment_id, "amount": amount}
    given = {"type": "MerchantAcceptedPayment", "merchantAcceptedPayment": details}
    return given | {"merchantPaymentMethodId": f"pm-{payment_id}"} | fields


def reference(record: Any) -> dict[str, str]:
    """The record as an argument that only names it."""
    return {"VID": record.VID}


def order(client: Client, payment_method: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An AutoBill to be created: one product at 10.00 a month for a new account."""
    given: dict[str, Any] = {"merchantAutoBillId": new_id("bill"), "currency": "USD"}
    if payment_method is not None:
        given["paymentMethod"] = dict(payment_method)
    if "account" not in fields:
        given["account"] = reference(account(client))
    if "billingPlan" not in fields:
        given["billingPlan"] = reference(plan(client))
    if "items" not in fields:
        given["items"] = [{"index": 0, "product": reference(product(client))}]
    return given | fields


def update(
    client: Client, autobill: Mapping[str, Any], *, expecting: int | None = 200, **options: Any
) -> Any:
    """AutoBill.update with the defaults of its options; the whole response. ``expecting`` None takes any code."""
    given: dict[str, Any] = {
        "immediateAuthFailurePolicy": "doNotSaveAutoBill",
        "validateForFuturePayment": False,
        "minChargebackProbability": 100,
    }
    return client("AutoBill").expecting(expecting).update(autobill=dict(autobill), **(given | options))


def subscribe(client: Client, payment_method: Mapping[str, Any] | None = None, **fields: Any) -> Any:
    """A new AutoBill with its first billing, by card unless told otherwise; the whole response."""
    return update(client, order(client, card() if payment_method is None else payment_method, **fields))


def fetched(client: Client, autobill: Any) -> Any:
    """The AutoBill as it is now."""
    return client("AutoBill").fetchByVid(vid=autobill.VID).autobill


def pay(
    client: Client, autobill: Any, amount: str, method: Mapping[str, Any] | None = None, **rest: Any
) -> Any:
    """AutoBill.makePayment, by a new cheque unless told otherwise; the whole response."""
    paying = dict(cheque() if method is None else method)
    return client("AutoBill").makePayment(
        autobill=reference(autobill), paymentMethod=paying, amount=Decimal(amount), **rest
    )


def invoices(client: Client, autobill: Any, state: str | None = None) -> list[str]:
    """The ids of its invoices, oldest first."""
    return list(
        client("AutoBill").fetchInvoiceNumbers(autobill=reference(autobill), invoicestate=state).invoicenum
    )


def states(client: Client, autobill: Any) -> dict[str, str]:
    """The state of each invoice by its id, oldest first."""
    by_id = {number: state for state in INVOICE_STATES for number in invoices(client, autobill, state)}
    return {number: by_id[number] for number in invoices(client, autobill)}


def invoice_text(client: Client, autobill: Any, invoice_id: str, **rest: Any) -> str:
    """The invoice as its customer reads it."""
    answer = client("AutoBill").fetchInvoice(
        autobill=reference(autobill), invoiceId=invoice_id, **({"asPDF": False} | rest)
    )
    text: bytes = answer.invoice
    return text.decode()


def due(client: Client, autobill: Any, invoice_id: str) -> Decimal:
    """What a program reads from the line ``Total Amount Due:``."""
    found = _TOTAL_DUE.search(invoice_text(client, autobill, invoice_id))
    assert found is not None
    return Decimal(found[1])


def transactions(client: Client, autobill: Any) -> list[Any]:
    """Its transactions, oldest first."""
    return list(client("Transaction").fetchByAutobill(autobill=reference(autobill)).transactions)


def log(transaction: Any) -> list[str]:
    """The statuses a transaction went through, newest first."""
    return [entry.status for entry in transaction.statusLog]


def names(record: Any) -> dict[str, str]:
    """Its name-value pairs."""
    return {pair.name: pair.value for pair in record.nameValues}


def text(answer: Any) -> str:
    """The return string of an answer, also of one that consists of its Return alone."""
    returned = answer if "returnCode" in answer else answer["return"]
    said: str = returned.returnString
    return said


def standing(autobill: Any) -> tuple[str, str]:
    """Status and billing state."""
    return autobill.status, autobill.billingState


def credit(record: Any) -> list[tuple[Decimal, str]]:
    """The currency credit of an account or AutoBill: amount and currency of each grant."""
    if record.credit is None:
        return []
    return [(part.amount, part.currency) for part in record.credit.currencyAmounts]
