"""Transactions on the wire, both ways: every payment type has the status object that the contract gives it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cashbox_service.app.sales.drafts import StatusDraft
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.status_details import CardAttributes, CustomerChallenge, StatusDetails
from cashbox_service.soap import records as r
from cashbox_service.soap.wire.transaction_draft import transaction_draft
from cashbox_service.soap.wire.transaction_status import status
from cashbox_service.store.entities import TransactionStatusEntry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARD = StatusDetails(
    auth_approval_code="A1",
    card_attributes=CardAttributes(pinless_debit_card=1, prepaid_card=0, country_of_issuance="USA"),
    funding_source_balance=Decimal("12.50"),
    challenge=CustomerChallenge("https://bank.example/3ds", (NameValue("PaReq", "x"),)),
)
PAGE = "https://pay.example/page"

TOLD = [
    ("CreditCard", "creditCardStatus", {"auth_code": "100", "avs_code": "Y:77", "cvn_code": "M", "details": CARD}),
    ("MilitaryStar", "creditCardStatus", {"auth_code": "100"}),
    ("ECP", "ecpStatus", {"auth_code": "100"}),
    ("DirectDebit", "directDebitStatus", {"auth_code": "100"}),
    ("Amazon", "amazonStatus", {"auth_code": "100"}),
    ("ApplePay", "applePayStatus", {"auth_code": "100"}),
    ("Boleto", "boletoStatus", {"details": StatusDetails(page_url=PAGE)}),
    ("HostedPage", "hostedPageStatus", {"auth_code": "1", "details": StatusDetails(page_url=PAGE)}),
    (
        "PayPal",
        "payPalStatus",
        {
            "auth_code": "000",
            "details": StatusDetails(page_url=PAGE, token="EC-1", payer_id="P1", payer_email="a@b.example"),
        },
    ),
    ("Skrill", "skrillStatus", {"auth_code": "0", "details": StatusDetails(page_url=PAGE, token="S1")}),
    ("CarrierBilling", "carrierBillingStatus", {"auth_code": "0", "details": StatusDetails(page_url=PAGE)}),
]  # fmt: skip
PARTS = sorted({part for _, part, _ in TOLD})


def entry(payment_method_type: str, **told: object) -> TransactionStatusEntry:
    return TransactionStatusEntry(
        status="Authorized", at=NOW, logged_at=NOW, payment_method_type=payment_method_type, **told
    )


@pytest.mark.parametrize(("payment_method_type", "part", "told"), TOLD, ids=[row[0] for row in TOLD])
def test_a_status_comes_back_as_it_was_sent(
    payment_method_type: str, part: str, told: dict[str, object]
) -> None:
    record = status(entry(payment_method_type, vin_avs="FullMatch", **told))

    assert [name for name in PARTS if getattr(record, name) is not None] == [part]
    sent = transaction_draft(r.Transaction(statusLog=(record,)))
    assert sent is not None
    assert sent.status_log == (
        StatusDraft("Authorized", NOW, payment_method_type, vin_avs="FullMatch", **told),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("payment_method_type", [row[0] for row in TOLD])
def test_a_status_without_anything_to_tell_has_no_object(payment_method_type: str) -> None:
    record = status(entry(payment_method_type))
    assert [name for name in PARTS if getattr(record, name) is not None] == []


@pytest.mark.parametrize("payment_method_type", ["Token", "MerchantAcceptedPayment", "ExternalBilling"])
def test_types_without_a_processor_of_their_own_have_no_object(payment_method_type: str) -> None:
    record = status(entry(payment_method_type, auth_code="VIN_900"))
    assert [name for name in PARTS if getattr(record, name) is not None] == []


def test_a_draft_has_everything_that_a_caller_may_say_of_a_transaction() -> None:
    sent = transaction_draft(
        r.Transaction(
            merchantTransactionId="o-1",
            amount=Decimal(3),
            account=r.Account(merchantAccountId="a-1"),
            sourcePaymentMethod=r.PaymentMethod(type="CreditCard"),
            destPaymentMethod=r.PaymentMethod(type="ECP"),
            transactionItems=(
                r.TransactionItem(
                    name="Book",
                    price=Decimal(3),
                    quantity=Decimal(1),
                    tokens=(r.TokenAmount(token=r.Token(merchantTokenId="t"), amount=2),),
                ),
            ),
            mandate=r.Mandate(identifier="M-1"),
        )
    )
    assert sent is not None
    assert (sent.merchant_transaction_id, sent.amount) == ("o-1", Decimal(3))
    assert sent.account is not None
    assert sent.account.merchant_account_id == "a-1"
    assert sent.source_payment_method is not None
    assert sent.source_payment_method.type == "CreditCard"
    assert sent.dest_payment_method is not None
    assert sent.dest_payment_method.type == "ECP"
    assert sent.transaction_items[0].tokens[0].amount == 2
    assert sent.mandate is not None
    assert sent.mandate.identifier == "M-1"
    assert transaction_draft(None) is None
