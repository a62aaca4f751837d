"""One-time sales for tests: what a shop sends to auth and authCapture, and readers of what became of it.

sold = sales.sell(client, sales.order(account))          authCapture of two books at 10.00, by card
sales.later(client, sold)                                the transaction as it is now
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.services import shop
from tests.services.shop import Client


def item(name: str = "Book", price: str = "10.00", quantity: str = "2", **fields: Any) -> dict[str, Any]:
    """A line item; two books at 10.00 unless told otherwise."""
    return {"sku": name.lower(), "name": name, "price": price, "quantity": quantity} | fields


def order(account: Any = None, **fields: Any) -> dict[str, Any]:
    """A transaction to be processed: one item, by card; ``account`` is one, says what one is, or is made up."""
    if account is None:
        account = {"merchantAccountId": shop.new_id("account"), "name": "Ada Reader"}
    given: dict[str, Any] = {
        "account": dict(account) if isinstance(account, Mapping) else shop.reference(account)
    }
    if "sourcePaymentMethod" not in fields:
        given["sourcePaymentMethod"] = shop.card()
    if "transactionItems" not in fields and "amount" not in fields:
        given["transactionItems"] = [item()]
    return given | fields


def paypal_page(**details: Any) -> dict[str, Any]:
    """A PayPal account whose buyer has to agree on PayPal's page first."""
    urls = {"returnUrl": "https://shop.example/back?basket=7", "cancelUrl": "https://shop.example/no"}
    return {"type": "PayPal", "paypal": urls | details}


def skrill() -> dict[str, Any]:
    """A Skrill account whose owner has to agree on Skrill's page."""
    return {"type": "Skrill", "skrill": {"returnUrl": "https://shop.example/back"}}


def hosted_page() -> dict[str, Any]:
    """A page of a provider on which the customer chooses how he pays."""
    page = {"paymentProvider": {"name": "GlobalCollect"}, "countryCode": "NL"}
    return {"type": "HostedPage", "hostedPage": page | {"returnUrl": "https://shop.example/back"}}


def carrier() -> dict[str, Any]:
    """A telephone whose carrier bills its owner."""
    phone = {"areaCode": "650", "localNumber": "5550100"}
    return {
        "type": "CarrierBilling",
        "carrierBilling": {"phoneNumber": phone, "paymentProvider": {"name": "BOKU"}},
    }


def boleto() -> dict[str, Any]:
    """A slip that the customer pays at a bank."""
    return {"type": "Boleto", "boleto": {"fiscalNumber": "52998224725"}}


def sell(
    client: Client, transaction: Mapping[str, Any], *, expecting: int | None = 200, **options: Any
) -> Any:
    """authCapture with the defaults of its options; the whole response."""
    given = {"minChargebackProbability": 100} | options
    return client("Transaction").expecting(expecting).authCapture(transaction=dict(transaction), **given)


def authorize(client: Client, transaction: Mapping[str, Any], *, expecting: int = 200, **options: Any) -> Any:
    """auth with the defaults of its options; the whole response."""
    given = {"minChargebackProbability": 100} | options
    return client("Transaction").expecting(expecting).auth(transaction=dict(transaction), **given)


def later(client: Client, answer: Any) -> Any:
    """The transaction of an answer as it is now."""
    return client("Transaction").fetchByVid(vid=answer.transaction.VID).transaction


def log(client: Client, answer: Any) -> list[str]:
    """The statuses of the transaction of an answer, newest first, as they are now."""
    return shop.log(later(client, answer))


def code(transaction: Any, position: int = 0) -> str | None:
    """The authCode of an entry of a card's log."""
    status = transaction.statusLog[position].creditCardStatus
    return None if status is None else status.authCode


def captured(client: Client, *answers: Any) -> list[int]:
    """Transaction.capture of the transactions of these answers: the code of each."""
    done = client("Transaction").capture(transactions=[shop.reference(one.transaction) for one in answers])
    return [result.returnCode for result in done.results]


def cancelled(client: Client, *answers: Any) -> list[int]:
    """Transaction.cancel of the transactions of these answers: the code of each."""
    done = client("Transaction").cancel(transactions=[shop.reference(one.transaction) for one in answers])
    return [result.returnCode for result in done.results]


def grant(client: Client, account: Any, *amounts: str) -> None:
    """Give the account credit of its own: it pays more than AutoBills of 10.00 owe, one for each amount."""
    for _ in amounts:
        shop.subscribe(client, shop.invoiced(), account=shop.reference(account))
    for amount in amounts:
        client("Account").makePayment(
            account=shop.reference(account),
            paymentMethod=shop.cheque(),
            amount=Decimal(amount) + 10,
            invoiceId="",
            overageDisposition="applytoCredit",
        )


def credit(client: Client, account: Any) -> Decimal:
    """What currency credit the account has."""
    fetched = client("Account").fetchByVid(vid=account.VID).account
    return sum((amount for amount, _ in shop.credit(fetched)), Decimal(0))
