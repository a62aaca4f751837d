"""MakePayment: an order and an invoice of a customer, and one payment for both.

The customer is an account that exists (``Account.update`` makes one). Make a key
(``cashbox-service merchant add-key sandbox --dialect makepayment``), then::

    python examples/makepayment.py KEY ACCOUNT_NO [http://127.0.0.1:8080]
"""

from __future__ import annotations

import sys
import uuid

import httpx

KEY, ACCOUNT, *rest = sys.argv[1:]
API = f"{rest[0] if rest else 'http://127.0.0.1:8080'}/api/v1"

for kind, amount in (("Order", "120.00"), ("Invoice", "30.00")):
    lines = {"Line": [{"Description": f"Chairs ({kind.lower()})", "Amount": amount}]}
    made = {"apiKey": KEY, "AccountNo": ACCOUNT, "Type": kind, "Currency": "USD", "Lines": lines}
    httpx.post(f"{API}/Transactions", json=made).raise_for_status()

query = {"apiKey": KEY, "AccountNo": ACCOUNT}
payable = httpx.get(f"{API}/Transactions", params=query).raise_for_status().json()["Transactions"]
wholes = [one for one in payable if one["SubID"] == 0]
for one in wholes:
    print(f"{one['Type']:<9} {one['TransID']:>4}  {one['Balance']:>8} {one['Currency']}  {one['InvoiceId']}")

parts = [
    {"TransID": one["TransID"], "SubID": 0, "Type": one["Type"], "Amount": one["Balance"]} for one in wholes
]
payment = {
    "apiKey": KEY,
    "AccountNo": ACCOUNT,
    "PaymentTypeID": 2,
    "Amount": sum(one["Balance"] for one in wholes),
    "TransactionID": f"cheque-{uuid.uuid4()}",
    "PayTransactions": {"PayTransaction": parts},
}
answer = httpx.post(f"{API}/MakePayment", json=payment)
print(answer.status_code, answer.text)
if not answer.json()["MakePaymentDataData"]["OK"]:
    raise SystemExit(1)
