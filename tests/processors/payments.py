"""Requests that the tests of processors send."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cashbox_service.conformance.suite import new_key, usd
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.protocol import (
    CardDetails,
    DepositDetails,
    Instrument,
    OutcomeKind,
    PaymentRequest,
)

APPROVED, DECLINED = OutcomeKind.APPROVED, OutcomeKind.DECLINED
PENDING, UNKNOWN = OutcomeKind.PENDING, OutcomeKind.UNKNOWN
SHOP, OTHER_SHOP = "a" * 40, "b" * 40
PAGE = "https://cashbox.test/sandbox/paypal"
TODAY = date(2026, 1, 15)


def card(number: str = "4111111111111111", expires: str | None = "203012") -> CardDetails:
    return CardDetails(Secret(number), expires)


def deposit(account: str = "12345678", routing: str | None = "021000021") -> DepositDetails:
    return DepositDetails("ECP", Secret(account), routing)


def payment(instrument: Instrument | None = None, **changes: Any) -> PaymentRequest:
    request = PaymentRequest(
        key=new_key(),
        merchant=SHOP,
        reference="INT00000001",
        amount=usd("20.00"),
        instrument=instrument or card(),
        today=TODAY,
    )
    return replace(request, **changes)
