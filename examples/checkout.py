"""The CheckOut function: a new client, a monthly fee, and its first payment, in one signed call.

Make a key (``cashbox-service merchant add-key sandbox --dialect checkout``), then::

    python examples/checkout.py KEY SECRET [http://127.0.0.1:8080]
"""

from __future__ import annotations

import hmac
import json
import sys
from datetime import UTC, datetime

import httpx

KEY, SECRET, *rest = sys.argv[1:]
BASE = rest[0] if rest else "http://127.0.0.1:8080"

client = {"FirstName": "Ada", "LastName": "Reader", "Email": "ada@example.org", "City": "Redwood City"}
card = {"CCNumber": "4111111111111111", "CCExp": "1238", "CVV": "200"}
fee = {"Description": "Membership", "Amount": "50.24", "Recurring": True, "Frequency": "Monthly"}

timestamp = datetime.now(UTC).strftime("%Y%m%d %H:%M")
answer = httpx.post(
    f"{BASE}/checkout",
    json={
        "Service": "CheckOut",
        "apikey": KEY,
        "sig": hmac.new(SECRET.encode(), f"{KEY}CheckOut{timestamp}".encode(), "sha256").hexdigest(),
        "timestamp": timestamp,
        "object": json.dumps(client | card | fee | {"AmountPaid": "50.24"}),
    },
)
print(answer.status_code, answer.text)
if answer.json()["message"] != "success":
    raise SystemExit(1)
