"""Checkout payments: a permit of 80.00 is paid in cash at the counter, and the cashier's session is counted.

Make a key (``cashbox-service merchant add-key sandbox --dialect checkoutpmt``), then::

    python examples/checkoutpmt.py KEY [http://127.0.0.1:8080]
"""

from __future__ import annotations

import sys
import uuid

import httpx

KEY, *rest = sys.argv[1:]
ROOT = f"{rest[0] if rest else 'http://127.0.0.1:8080'}/fscmRestApi/resources/11.13.18.05"
api = httpx.Client(headers={"Authorization": f"Bearer {KEY}", "REST-Framework-Version": "9"})
session = f"S-{uuid.uuid4().hex[:8]}"

permit = {"Amount": "80.00", "Currency": "USD", "Description": "Building permit"}
checkout = api.post(f"{ROOT}/publicSectorCheckouts", json=permit).raise_for_status().json()
payments = next(link["href"] for link in checkout["links"] if link["rel"] == "child")

cash = {
    "PaymentMethodCode": "CASH",
    "TotalTendAmount": "100.00",
    "PayerName": "Ada Reader",
    "CashierId": "C-7",
    "DrawerId": "D-1",
    "SessionId": session,
}
payment = api.post(payments, json=cash).raise_for_status()
print(f"{payment.status_code}: change {payment.json()['ChangeAmount']}, ETag {payment.headers['etag']}")

corrected = {
    "CheckoutPmtId": payment.json()["CheckoutPmtId"],
    "PaymentMethodCode": "CASH",
    "Comments": "paid in coins",
}
again = api.post(payments, json=corrected, headers={"Upsert-Mode": "true"}).raise_for_status()
print(f"{again.status_code}: {again.json()['Comments']}")

print(api.get(f"{ROOT}/cashierSessions/{session}").raise_for_status().text)
if api.get(f"{ROOT}/publicSectorCheckouts/{checkout['CheckoutId']}").json()["Status"] != "Paid":
    raise SystemExit(1)
