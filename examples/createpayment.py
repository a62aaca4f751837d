"""CreatePayment: a collection attempt with fees, paid by card in two payments, the second one repeated by mistake.

Make a key (``cashbox-service merchant add-key sandbox --dialect createpayment``), then::

    python examples/createpayment.py KEY [http://127.0.0.1:8080]
"""

from __future__ import annotations

import sys
import uuid

import httpx

KEY, *rest = sys.argv[1:]
BASE = rest[0] if rest else "http://127.0.0.1:8080"
api = httpx.Client(base_url=BASE, headers={"X-Api-Key": KEY})

attempt = api.post("/collectionattempts", json={"amount": "100.00", "currency": "USD", "fees": "10.00"})
attempt_id = attempt.raise_for_status().json()["id"]


def pay(amount: str, *, fees: bool, key: str) -> None:
    """A payment; the same key again moves no money."""
    body = {
        "paymentToken": "sbx-4111111111111111",
        "paymentAmount": amount,
        "convenienceFee": "1.50",
        "payor": {"firstName": "Ada", "lastName": "Reader", "email": "ada@example.org"},
        "cardType": "visa",
        "lastFour": "1111",
        "fingerprint": "e3cef43464fc832f6e04f187df25af497994",
        "isFeePayment": fees,
    }
    path = f"/collectionattempts/{attempt_id}/payments"
    print(api.post(path, json=body, headers={"Idempotency-Key": key}).raise_for_status().text)


pay("10.00", fees=True, key=str(uuid.uuid4()))
again = str(uuid.uuid4())
pay("100.00", fees=False, key=again)
pay("100.00", fees=False, key=again)
shown = api.get(f"/collectionattempts/{attempt_id}").json()
print(f"{shown['status']}, balance {shown['balance']} {shown['currency']}")
if shown["status"] != "Paid":
    raise SystemExit(1)
