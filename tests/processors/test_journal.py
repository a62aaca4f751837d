"""What is written down of a result comes back as it was."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.money import Money
from cashbox_service.domain.status_details import CardAttributes, CustomerChallenge
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.journal import result_document, result_of
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult

CHALLENGE = CustomerChallenge("https://bank.test/3ds", (NameValue("PaReq", "abc"), NameValue("MD", "1")))


@pytest.mark.parametrize(
    "result",
    [
        PaymentResult.approved("T00", Money.of(Decimal("5.00"), "USD")),
        PaymentResult.declined("502"),
        PaymentResult.unknown(),
        PaymentResult.pending(
            TransactionStatusType.AUTHORIZATION_PENDING, None, "https://x.test/?token=1", "1"
        ),
        PaymentResult(
            OutcomeKind.PENDING,
            pending_status=TransactionStatusType.AUTHORIZATION_PENDING,
            challenge=CHALLENGE,
        ),
        PaymentResult(
            OutcomeKind.APPROVED,
            "000",
            auth_approval_code="A1B2C3",
            card_attributes=CardAttributes(credit_card=1, prepaid_card=0, country_of_issuance="USA"),
            funding_balance=Money.of(Decimal("12.34"), "USD"),
        ),
    ],
    ids=["partial", "declined", "unknown", "page", "challenge", "card"],
)
def test_a_result_survives_the_journal(result: PaymentResult) -> None:
    assert result_of(json.loads(json.dumps(result_document(result)))) == result
