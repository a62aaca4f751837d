"""A payment end to end, with nothing but zeep: product, plan, account, AutoBill, makePayment, and what became of it.

Start the server (``make run``), then::

    python examples/make_payment.py                    # http://127.0.0.1:8080, login sandbox, password sandbox
    python examples/make_payment.py https://my.host LOGIN PASSWORD
"""

from __future__ import annotations

import sys
import uuid
from decimal import Decimal
from typing import Any

from zeep import Client

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
LOGIN, PASSWORD = (sys.argv[2], sys.argv[3]) if len(sys.argv) > 3 else ("sandbox", "sandbox")
AUTH = {"version": "22.0", "login": LOGIN, "password": PASSWORD}
RUN = uuid.uuid4().hex[:8]


def service(name: str) -> Any:
    """The operations of one CashBox service."""
    return Client(f"{BASE}/22.0/{name}.wsdl").service


def check(answer: Any, what: str) -> Any:
    """The answer, if the call succeeded."""
    outcome = answer["return"]
    print(f"{what:<58} {outcome.returnCode} {outcome.returnString}")
    if int(outcome.returnCode) != 200:
        raise SystemExit(f"stopped: soapId {outcome.soapId}")
    return answer


def pay(autobill: Any, amount: str, what: str, **more: Any) -> Any:
    """Record a cheque against an invoice of the AutoBill; every payment needs an id of its own."""
    number = uuid.uuid4().hex[:10]
    cheque = {
        "type": "MerchantAcceptedPayment",
        "merchantPaymentMethodId": f"cheque-{number}",
        "merchantAcceptedPayment": {"paymentType": "Check", "paymentId": f"no-{number}"},
    }
    arguments = {"currency": "USD", "note": f"cheque {number}", **more}
    answer = check(
        autobill.makePayment(
            auth=AUTH,
            srd="",
            autobill={"merchantAutoBillId": f"sub-{RUN}"},
            paymentMethod=cheque,
            amount=Decimal(amount),
            **arguments,
        ),
        what,
    )
    transaction = answer.transaction
    print(
        f"  {answer.summary}: {transaction.amount} {transaction.currency} as {transaction.merchantTransactionId}"
    )
    return answer


def invoices(autobill: Any, state: str | None = None) -> list[str]:
    answer = autobill.fetchInvoiceNumbers(
        auth=AUTH, srd="", autobill={"merchantAutoBillId": f"sub-{RUN}"}, invoicestate=state
    )
    return list(answer.invoicenum or [])


def main() -> None:
    product, plan, account, autobill = (
        service(name) for name in ("Product", "BillingPlan", "Account", "AutoBill")
    )
    check(
        product.update(
            auth=AUTH,
            srd="",
            product={
                "merchantProductId": f"basic-{RUN}",
                "descriptions": [{"language": "EN", "description": "Basic access"}],
                "prices": [{"amount": Decimal("20.00"), "currency": "USD"}],
            },
        ),
        "Product.update",
    )
    check(
        plan.update(
            auth=AUTH,
            srd="",
            billingPlan={
                "merchantBillingPlanId": f"monthly-{RUN}",
                "description": "Monthly",
                "periods": [{"type": "Month", "quantity": 1, "cycles": 0}],
            },
        ),
        "BillingPlan.update",
    )
    check(
        account.update(
            auth=AUTH,
            srd="",
            account={
                "merchantAccountId": f"customer-{RUN}",
                "name": "Ada Example",
                "emailAddress": "ada@example.com",
            },
        ),
        "Account.update",
    )
    check(
        autobill.update(
            auth=AUTH,
            srd="",
            autobill={
                "merchantAutoBillId": f"sub-{RUN}",
                "account": {"merchantAccountId": f"customer-{RUN}"},
                "billingPlan": {"merchantBillingPlanId": f"monthly-{RUN}"},
                "items": [{"product": {"merchantProductId": f"basic-{RUN}"}}],
                "currency": "USD",
                "paymentMethod": {
                    "type": "MerchantAcceptedPayment",
                    "merchantPaymentMethodId": f"invoice-me-{RUN}",
                    "merchantAcceptedPayment": {"paymentType": "Invoice"},
                },
            },
        ),
        "AutoBill.update (the customer pays by invoice)",
    )
    due = invoices(autobill, "Due")[0]
    print(f"  due: {due}; coming: {', '.join(invoices(autobill, 'Open'))}")
    pay(autobill, "12.50", "AutoBill.makePayment, part of it", invoiceId=due)
    pay(autobill, "10.00", "AutoBill.makePayment, too much", overageDisposition="applytoCredit")
    print(f"  paid: {', '.join(invoices(autobill, 'Paid'))}")
    answer = check(
        autobill.fetchByMerchantAutoBillId(auth=AUTH, srd="", merchantAutoBillId=f"sub-{RUN}"),
        "AutoBill.fetchByMerchantAutoBillId",
    )
    for credit in answer.autobill.credit.currencyAmounts:
        print(f"  credit: {credit.amount} {credit.currency} ({credit.description})")
    text = autobill.fetchInvoice(
        auth=AUTH, srd="", autobill={"merchantAutoBillId": f"sub-{RUN}"}, invoiceId=due
    ).invoice
    print(text.decode())


if __name__ == "__main__":
    main()
